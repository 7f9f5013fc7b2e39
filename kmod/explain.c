// SPDX-License-Identifier: GPL-2.0-only
#include <linux/inetdevice.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <net/addrconf.h>
#include <net/flow.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "explain.h"
#include "hook.h"
#include "policy.h"

/* What nf_nat_masquerade_ipv4() takes (net/netfilter/nf_nat_masquerade.c). */
static int route_ipv4(struct net *net, const struct ipmasq_question *question,
		      struct ipmasq_flow *flow, struct ipmasq_answer *answer)
{
	/* The source is a pod's, not one of the node's, as after forwarding. */
	struct flowi4 key = {
		.daddr = flow->destination4,
		.saddr = flow->source4,
		.flowi4_oif = question->output_interface,
		.flowi4_proto = question->protocol,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *route = ip_route_output_key(net, &key);
	__be32 address;

	/* Without memory the routing code says -ENOBUFS. */
	if (IS_ERR(route))
		return PTR_ERR(route) == -ENOBUFS ? -ENOMEM : PTR_ERR(route);
	flow->local = route->rt_type == RTN_LOCAL;
	answer->output_interface = route->dst.dev->ifindex;
	strscpy(answer->interface, route->dst.dev->name, sizeof(answer->interface));
	address = inet_select_addr(route->dst.dev, rt_nexthop(route, flow->destination4),
				   RT_SCOPE_UNIVERSE);
	answer->has_address = address;
	answer->address.s6_addr32[0] = address;
	ip_rt_put(route);
	return 0;
}

static int route_ipv6(struct net *net, const struct ipmasq_question *question,
		      struct ipmasq_flow *flow, struct ipmasq_answer *answer)
{
	struct flowi6 key = {
		.daddr = *flow->destination6,
		.saddr = *flow->source6,
		.flowi6_oif = question->output_interface,
		.flowi6_proto = question->protocol,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *route = ip6_route_output(net, NULL, &key);
	int err = route->error;

	if (!err) {
		flow->local = ((struct rt6_info *)route)->rt6i_flags & RTF_LOCAL;
		answer->output_interface = route->dev->ifindex;
		strscpy(answer->interface, route->dev->name, sizeof(answer->interface));
		answer->has_address = !ipv6_dev_get_saddr(net, route->dev, flow->destination6, 0,
							  &answer->address);
	}
	dst_release(route);
	return err;
}

static enum ipmasq_verdict explain_pool(struct net *net, const struct ipmasq_flow *flow,
					struct ipmasq_decision *decision)
{
	enum ipmasq_verdict verdict;
	bool broadcast;

	rcu_read_lock();
	broadcast = !flow->ipv6 && inet_addr_type(net, flow->destination4) == RTN_BROADCAST;
	verdict = ipmasq_hook_pool(net, flow, broadcast, decision);
	rcu_read_unlock();
	return verdict;
}

/* The classes of ports that the kernel chooses from where no range is given
 * (net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple()).
 */
static void explain_ports(const struct ipmasq_question *question, struct ipmasq_answer *answer)
{
	if (!ipmasq_protocol_has_ports(question->protocol))
		return;
	answer->has_ports = true;
	if (!question->source_port || question->source_port >= 1024) {
		answer->first = 1024;
		answer->last = 65535;
	} else if (question->source_port < 512) {
		answer->first = 1;
		answer->last = 511;
	} else {
		answer->first = 600;
		answer->last = 1023;
	}
}

/**
 * ipmasq_explain() - what would be decided for a connection
 * @net: the namespace
 * @policy: in force there; kept alive by the caller's RCU read section
 * @question: the connection
 * @answer: what to fill
 *
 * Asks the routing table as forwarding would, with one difference: rules that
 * look at the input interface or at marks cannot be known and do not apply.
 *
 * Return: 0; -ENOMEM; another negative errno when there is no route.
 */
int ipmasq_explain(struct net *net, const struct ipmasq_policy *policy,
		   const struct ipmasq_question *question, struct ipmasq_answer *answer)
{
	struct ipmasq_flow flow = { .ipv6 = question->ipv6, .interface = answer->interface };
	struct ipmasq_decision decision;
	int err;

	memset(answer, 0, sizeof(*answer));
	/* Where the kernel has no IPv6, ipmasq_require_ipv6() refused the question. */
	if (IS_ENABLED(CONFIG_IPV6) && question->ipv6) {
		flow.source6 = &question->source;
		flow.destination6 = &question->destination;
		err = route_ipv6(net, question, &flow, answer);
	} else {
		flow.source4 = question->source.s6_addr32[0];
		flow.destination4 = question->destination.s6_addr32[0];
		err = route_ipv4(net, question, &flow, answer);
	}
	if (err)
		return err;

	answer->verdict = ipmasq_decide(policy, &flow, &decision);
	if (answer->verdict == IPMASQ_VERDICT_SNAT)
		answer->verdict = explain_pool(net, &flow, &decision);
	if (decision.match)
		answer->has_entry = ipmasq_cidr_table_find(&policy->table, question->ipv6,
							   &question->destination,
							   &answer->entry);
	switch (answer->verdict) {
	case IPMASQ_VERDICT_MASQUERADE:
		break;
	case IPMASQ_VERDICT_SNAT:
		answer->has_address = true;
		answer->address = *ipmasq_pool_pick(decision.pool, question->ipv6,
						    &question->source);
		break;
	default:
		answer->has_address = false;
		return 0;
	}
	if (!answer->has_address)
		answer->verdict = IPMASQ_VERDICT_FAILED;
	else
		explain_ports(question, answer);
	return 0;
}
