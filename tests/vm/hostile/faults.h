/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands in which allocations fail; faults.c runs them, fault_cases.c has them. */
#ifndef HOSTILE_FAULTS_H
#define HOSTILE_FAULTS_H

#include "hostile.h"

/* More allocations than this and something is wrong with the counting. */
#define ALLOCATIONS_MAX 20000

#define ORIGIN_CONFIG U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_CONFIG)
#define PORTS(first, last) NEST(IPMASQ_A_PORT_RANGE, U16(IPMASQ_A_PORT_RANGE_FIRST, first), \
				U16(IPMASQ_A_PORT_RANGE_LAST, last))
#define IPV6_ON FLAGS(IPMASQ_FLAG_IPV6, IPMASQ_FLAG_IPV6)

enum place { IN_POLICY, IN_EMPTY };

/* What else must be true behind the command. */
enum follow { NOTHING_MORE, BEGIN_IS_FREE, COMMIT_IS_FREE, ADDED_ALL_OR_NOTHING };

/**
 * struct fault_case - a command, and how far everything is when it comes
 * @name: in words, behind the command's name
 * @place: whether there is a policy
 * @begun: a transaction of one entry is open
 * @before: appends to that transaction
 * @command: the command
 * @flags: NLM_F_DUMP or 0
 * @attributes: of it
 * @build: appends to them
 * @error: how it ends when nothing fails
 * @changes: whether it then changes the policy
 * @follow: what else must be true
 */
struct fault_case {
	const char *name;
	enum place place;
	bool begun;
	void (*before)(struct message *message);
	uint8_t command;
	uint16_t flags;
	const struct attribute *attributes;
	void (*build)(struct message *message);
	int error;
	bool changes;
	enum follow follow;
};

extern const struct fault_case fault_cases[];
extern const size_t fault_cases_count;

int fault_counter_open(void);
void fault_arm(int counter, unsigned long allocation);
unsigned long fault_disarm(int counter);

#endif
