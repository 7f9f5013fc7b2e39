/* SPDX-License-Identifier: GPL-2.0-only */
/* The decision about a new connection, without skbs and namespaces. */
#ifndef IPMASQ_VERDICT_H
#define IPMASQ_VERDICT_H

#include <linux/in6.h>
#include <linux/types.h>
#include <linux/ipmasq.h>

struct ipmasq_cidr_table;
struct ipmasq_entry;
struct ipmasq_policy;
struct ipmasq_pool;

/**
 * struct ipmasq_flow - what the decision looks at
 * @ipv6: which of the addresses are valid
 * @local: the destination is one of the node's own addresses
 * @interface: name of the output interface, borrowed
 * @source4: network order
 * @destination4: network order
 * @source6: borrowed, of the packet
 * @destination6: borrowed, of the packet
 */
struct ipmasq_flow {
	bool ipv6;
	bool local;
	const char *interface;
	union {
		__be32 source4;
		const struct in6_addr *source6;
	};
	union {
		__be32 destination4;
		const struct in6_addr *destination6;
	};
};

/**
 * struct ipmasq_decision - what a verdict rests on
 * @match: of the entry that decided, see ipmasq_match(); 0 where none did
 * @pool: for IPMASQ_VERDICT_SNAT, and only then written: addresses of the
 *	connection's family, the policy's
 */
struct ipmasq_decision {
	u32 match;
	const struct ipmasq_pool *pool;
};

bool ipmasq_flow_entry(const struct ipmasq_flow *flow, const struct ipmasq_cidr_table *table,
		       struct ipmasq_entry *entry);
enum ipmasq_verdict ipmasq_decide_pool(const struct ipmasq_flow *flow, bool own, bool broadcast);
enum ipmasq_verdict ipmasq_decide(const struct ipmasq_policy *policy,
				  const struct ipmasq_flow *flow,
				  struct ipmasq_decision *decision);

#endif
