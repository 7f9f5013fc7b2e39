/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_MIGRATE_H
#define IPMASQCTL_MIGRATE_H

#include <sys/types.h>

#include "ipmasqctl.h"
#include "migrate_rules.h"

/* The tables of backends[]. */
#define TABLES 4

/**
 * struct node - what was found in this network namespace
 * @chain: name of the agent's chain; borrowed
 * @tables: as backends[]
 * @chains: how many of them have the agent's chain
 * @agent: a process of the agent that was seen, 0 for none
 * @generation: of the policy in force; 0 without one, or while it is disabled
 * @switched_off: there is a policy, which is disabled
 * @priority: of ipmasq's hook
 * @differences: what the policy says otherwise than the agent's rules
 * @differences_text: a line for each of the first ones, owned
 * @nft: json, the base chains of type nat in postrouting that iptables did not
 *	make; owned
 */
struct node {
	const char *chain;
	struct nat_table tables[TABLES];
	size_t chains;
	pid_t agent;
	uint64_t generation;
	bool switched_off;
	int32_t priority;
	size_t differences;
	char *differences_text;
	json_t *nft;
	bool incomplete;
};

int node_look(const struct invocation *invocation, const char *chain, struct node *node);
void node_clear(struct node *node);
int node_print(const struct invocation *invocation, const struct node *node);

#endif
