/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_DECISION_H
#define IPMASQ_DECISION_H

#include "connections.h"
#include "policy.h"

/**
 * struct decision - a policy, ready to be asked about connections
 * @policy: borrowed, sorted
 * @lengths: whether there is a prefix of that length, IPv4 and IPv6
 */
struct decision {
	const struct policy *policy;
	bool lengths[2][129];
};

/**
 * struct decision_flow - a connection to decide about
 * @source: host prefix
 * @destination: host prefix
 * @local: the destination is this node
 * @interface: through which it leaves, NULL where that was not found out
 */
struct decision_flow {
	const struct cidr *source;
	const struct cidr *destination;
	bool local;
	const char *interface;
};

enum decision_kind {
	DECISION_LEAVE,		/* the source address stays */
	DECISION_MASQUERADE,	/* it becomes the interface's own */
	DECISION_POOL,		/* it becomes one of a pool */
	DECISION_INTERFACE,	/* the interface decides */
};

/**
 * struct decided - what would become of it
 * @kind: what
 * @addresses: the pool, of both families; borrowed from the policy
 * @address_count: of @addresses
 * @entry: that decided, of the policy; NULL for none
 */
struct decided {
	enum decision_kind kind;
	const struct cidr *addresses;
	size_t address_count;
	const struct policy_entry *entry;
};

void decision_init(struct decision *decision, const struct policy *policy);
void decision_make(const struct decision *decision, const struct decision_flow *flow,
		   struct decided *decided);
bool decision_name_matches(const char *name, const char *pattern);
bool decision_source_listed(const struct policy_settings *settings, const struct cidr *source);
bool decided_agrees(const struct decided *decided, const struct connection *connection);

#endif
