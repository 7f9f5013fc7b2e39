/* SPDX-License-Identifier: GPL-2.0-only */
/* What would be decided for a connection that nobody has made. */
#ifndef IPMASQ_EXPLAIN_H
#define IPMASQ_EXPLAIN_H

#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

#include "cidr_table.h"
#include "verdict.h"

struct ipmasq_policy;
struct net;

/**
 * struct ipmasq_question - a connection to explain
 * @ipv6: family
 * @source: IPv4 in the first word, network order
 * @destination: as @source
 * @output_interface: index, 0 for the routing table's choice
 * @protocol: IPPROTO_*
 * @source_port: host order, 0 for not given
 */
struct ipmasq_question {
	bool ipv6;
	struct in6_addr source;
	struct in6_addr destination;
	u32 output_interface;
	u8 protocol;
	u16 source_port;
};

/**
 * struct ipmasq_answer - the explanation
 * @verdict: what would be decided
 * @has_entry: an entry decided
 * @entry: that entry
 * @output_interface: index of the interface that it would leave through
 * @interface: its name
 * @has_address: it would be translated, to @address
 * @address: as ipmasq_question.source
 * @has_ports: it would be translated, and its protocol has ports
 * @first: lowest source port the kernel would choose from, host order; where the
 *	policy has port ranges, they are what it would choose from instead
 * @last: highest source port
 */
struct ipmasq_answer {
	enum ipmasq_verdict verdict;
	bool has_entry;
	struct ipmasq_entry entry;
	u32 output_interface;
	char interface[IFNAMSIZ];
	bool has_address;
	struct in6_addr address;
	bool has_ports;
	u16 first;
	u16 last;
};

/**
 * ipmasq_protocol_has_ports() - does a protocol have source ports to choose from?
 * @protocol: IPPROTO_*
 *
 * Return: whether nf_nat_l4proto_unique_tuple() chooses one.
 */
static inline bool ipmasq_protocol_has_ports(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return true;
	default:
		return false;
	}
}

int ipmasq_explain(struct net *net, const struct ipmasq_policy *policy,
		   const struct ipmasq_question *question, struct ipmasq_answer *answer);

#endif
