/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IPMASQ_TRACE_ADDRESS
#define IPMASQ_TRACE_ADDRESS

#include <linux/in6.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "cidr_table.h"
#include "verdict.h"

/* The header is read many times over, this part once. */
static inline void ipmasq_trace_address(u8 *to, bool ipv6, __be32 address4,
					const struct in6_addr *address6)
{
	struct in6_addr mapped;

	if (!ipv6) {
		ipv6_addr_set_v4mapped(address4, &mapped);
		address6 = &mapped;
	}
	memcpy(to, address6, sizeof(*address6));
}

/* The entry that decided, without a family where none did. */
static inline struct ipmasq_entry ipmasq_trace_decider(const struct ipmasq_flow *flow,
						       const struct ipmasq_cidr_table *table)
{
	struct ipmasq_entry decider;

	if (!table || !ipmasq_flow_entry(flow, table, &decider))
		decider = (struct ipmasq_entry){};
	return decider;
}

#endif

#undef TRACE_SYSTEM
#define TRACE_SYSTEM ipmasq

#if !defined(IPMASQ_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define IPMASQ_TRACE_H

#include <linux/tracepoint.h>

/* One decision. The prefix is the one that decided; length -1 where none did, and
 * table is NULL.
 */
TRACE_EVENT(ipmasq_verdict,
	    TP_PROTO(const struct net *net, const struct ipmasq_flow *flow,
		     enum ipmasq_verdict verdict, const struct ipmasq_cidr_table *table),
	    TP_ARGS(net, flow, verdict, table),
	    TP_STRUCT__entry(__field(unsigned int, netns)
			     __field(u8, verdict)
			     __field(u8, origin)
			     __field(s16, prefix_len)
			     __array(u8, source, sizeof(struct in6_addr))
			     __array(u8, destination, sizeof(struct in6_addr))),
	    TP_fast_assign(struct ipmasq_entry decider = ipmasq_trace_decider(flow, table);

			   __entry->netns = net->ns.inum;
			   __entry->verdict = verdict;
			   __entry->origin = decider.origin;
			   __entry->prefix_len = decider.family ? decider.prefix_len : -1;
			   ipmasq_trace_address(__entry->source, flow->ipv6, flow->source4,
						flow->source6);
			   ipmasq_trace_address(__entry->destination, flow->ipv6,
						flow->destination4, flow->destination6);),
	    TP_printk("netns=%u src=%pI6c dst=%pI6c verdict=%s prefix_len=%d origin=%s",
		      __entry->netns, __entry->source, __entry->destination,
		      __print_symbolic(__entry->verdict,
				       { IPMASQ_VERDICT_DISABLED, "disabled" },
				       { IPMASQ_VERDICT_SOURCE, "source" },
				       { IPMASQ_VERDICT_INTERFACE, "interface" },
				       { IPMASQ_VERDICT_CIDR, "cidr" },
				       { IPMASQ_VERDICT_LOCAL, "local" },
				       { IPMASQ_VERDICT_MASQUERADE, "masquerade" },
				       { IPMASQ_VERDICT_SNAT, "snat" },
				       { IPMASQ_VERDICT_FAILED, "failed" }),
		      __entry->prefix_len,
		      __print_symbolic(__entry->origin,
				       { 0, "-" },
				       { IPMASQ_ORIGIN_CONFIG, "config" },
				       { IPMASQ_ORIGIN_STATIC, "static" }))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
