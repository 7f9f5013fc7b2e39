// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/random.h>
#include <net/dst_metadata.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>
#include <net/route.h>

#include "hook.h"
#include "namespace.h"
#include "nat_hook.h"
#include "netlink/event.h"
#include "verdict.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* How long each connection is looked at after one found no free port. */
#define EXHAUSTED_FOR (10 * HZ)

/* Behind what kube-proxy and CNI plugins hook at NF_IP_PRI_NAT_SRC: the first
 * NAT hook that translates a connection wins, and theirs come first, as they do
 * with ip-masq-agent, whose jump is appended to POSTROUTING.
 */
static int priority = NF_IP_PRI_NAT_SRC + 1;

/* NAT needs conntrack's entry (as nft_nat has it, net/netfilter/nf_tables_api.c). */
static int priority_set(const char *text, const struct kernel_param *parameter)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err)
		return err;
	if (value <= NF_IP_PRI_CONNTRACK)
		return -EINVAL;
	priority = value;
	return 0;
}

static const struct kernel_param_ops priority_ops = {
	.set = priority_set,
	.get = param_get_int,
};

module_param_cb(priority, &priority_ops, &priority, 0444);
__MODULE_PARM_TYPE(priority, "int");
MODULE_PARM_DESC(priority,
		 "order among the NAT hooks of POSTROUTING, above -200 (default 101, after iptables)");

/**
 * ipmasq_hook_priority() - where the hook sits among the NAT hooks of POSTROUTING
 *
 * All of them are called by one hook of the kernel's NAT, at NF_IP_PRI_NAT_SRC
 * (net/netfilter/nf_nat_proto.c): in relation to hooks that are not NAT, ipmasq is there,
 * whatever this says.
 *
 * Return: the module parameter.
 */
int ipmasq_hook_priority(void)
{
	return priority;
}

/* Does the packet's route say whether its destination is local? Not the route
 * that br_netfilter lends to a bridged packet, not one that is only metadata,
 * and not the bundle of a transformation.
 */
static bool route_is_telling(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (!dst || !skb_valid_dst(skb) || (dst->flags & DST_FAKE_RTABLE))
		return false;
#ifdef CONFIG_XFRM
	if (dst->xfrm)
		return false;
#endif
	return true;
}

/* What the reference agent asks with "-m addrtype ! --dst-type LOCAL"
 * (net/netfilter/xt_addrtype.c): the type in the local routing table. The route
 * was looked up with this destination and has it; RTCF_LOCAL would not do, it is
 * also set for groups that the node has joined.
 */
static bool destination_is_local4(struct net *net, const struct sk_buff *skb, __be32 address)
{
	if (likely(route_is_telling(skb)))
		return skb_rtable(skb)->rt_type == RTN_LOCAL;
	return inet_addr_type(net, address) == RTN_LOCAL;
}

static bool destination_is_local6(struct net *net, const struct sk_buff *skb,
				  const struct in6_addr *address)
{
	if (likely(route_is_telling(skb)))
		return ((const struct rt6_info *)skb_dst(skb))->rt6i_flags & RTF_LOCAL;
	return ipv6_chk_addr(net, address, NULL, 0);
}

/* A range with a chance in proportion to its size, as the agent's rules with
 * "-m statistic" give it.
 */
static const struct ipmasq_port_range *pick_ports(const struct ipmasq_ports *ports)
{
	u32 wanted = reciprocal_scale(get_random_u32(), ports->total);
	u32 low = 0, high = ports->count - 1;

	while (low < high) {
		u32 middle = low + (high - low + 1) / 2;

		if (ports->range[middle].before <= wanted)
			low = middle;
		else
			high = middle - 1;
	}
	return &ports->range[low];
}

static void limit_ports(const struct ipmasq_ports *ports, const struct sk_buff *skb,
			struct nf_nat_range2 *range)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	const struct ipmasq_port_range *picked;

	switch (nf_ct_protonum(ct)) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		picked = pick_ports(ports);
		range->flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		range->min_proto.all = htons(picked->first);
		range->max_proto.all = htons(picked->last);
		break;
	default:
		break;
	}
}

/* On its own, so that connections that are left alone do not pay for the range. */
static noinline unsigned int masquerade(const struct ipmasq_policy *policy, struct sk_buff *skb,
					const struct nf_hook_state *state, bool ipv6)
{
	struct nf_nat_range2 range = {};

	if (policy->flags & IPMASQ_FLAG_RANDOM_FULLY)
		range.flags |= NF_NAT_RANGE_PROTO_RANDOM_FULLY;
	if (unlikely(policy->ports))
		limit_ports(policy->ports, skb, &range);
	if (IS_ENABLED(CONFIG_IPV6) && ipv6)
		return nf_nat_masquerade_ipv6(skb, &range, state->out);
	return nf_nat_masquerade_ipv4(skb, state->hook, &range, state->out);
}

/* To an address of a pool, which is not bound to an interface: no masquerade index,
 * so the connection outlives the interface's address.
 */
static noinline unsigned int snat(const struct ipmasq_policy *policy,
				  const struct ipmasq_pool *pool, struct sk_buff *skb,
				  const struct ipmasq_flow *flow)
{
	const struct in6_addr source4 = { .s6_addr32 = { flow->ipv6 ? 0 : flow->source4 } };
	struct nf_nat_range2 range = { .flags = NF_NAT_RANGE_MAP_IPS };
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (policy->flags & IPMASQ_FLAG_RANDOM_FULLY)
		range.flags |= NF_NAT_RANGE_PROTO_RANDOM_FULLY;
	if (policy->ports)
		limit_ports(policy->ports, skb, &range);
	range.min_addr.in6 = *ipmasq_pool_pick(pool, flow->ipv6,
					       flow->ipv6 ? flow->source6 : &source4);
	range.max_addr = range.min_addr;
	return nf_nat_setup_info(ct, &range, NF_NAT_MANIP_SRC);
}

/* By the address and not by the socket: a proxy on the node may send with a pod's address,
 * and what tunnels wrap for a pod has the node's. Local is what the routing table calls so,
 * or for IPv6 the interfaces. Under RCU.
 */
static bool source_is_own(struct net *net, const struct ipmasq_flow *flow)
{
	if (IS_ENABLED(CONFIG_IPV6) && flow->ipv6)
		return ipv6_chk_addr(net, flow->source6, NULL, 0);
	return inet_addr_type(net, flow->source4) == RTN_LOCAL;
}

static noinline bool destination_is_broadcast(struct net *net, const struct sk_buff *skb,
					      const struct ipmasq_flow *flow)
{
	if (flow->ipv6)
		return false;
	if (likely(route_is_telling(skb)))
		return skb_rtable(skb)->rt_type == RTN_BROADCAST;
	return inet_addr_type(net, flow->destination4) == RTN_BROADCAST;
}

/**
 * ipmasq_hook_pool() - decide whether a connection may have an address of a pool
 * @net: the namespace
 * @flow: ipmasq_decide() returned IPMASQ_VERDICT_SNAT for it
 * @broadcast: the destination is the broadcast address of a network of the node's
 * @decision: what that rests on; no entry decides where the source stays as it is
 *
 * Apart, since few policies have a pool: looking up the source costs as much as the rest of
 * the decision. Never sleeps; under RCU.
 *
 * Return: as ipmasq_decide_pool().
 */
noinline enum ipmasq_verdict ipmasq_hook_pool(struct net *net, const struct ipmasq_flow *flow,
					      bool broadcast, struct ipmasq_decision *decision)
{
	enum ipmasq_verdict verdict;

	verdict = ipmasq_decide_pool(flow, source_is_own(net, flow), broadcast);
	if (verdict == IPMASQ_VERDICT_SOURCE)
		decision->match = 0;
	return verdict;
}

/* Where all ports are held, nf_nat_l4proto_unique_tuple() leaves the last one it
 * tried and reports nothing; the packet is dropped when the connection would be
 * confirmed (net/netfilter/nf_nat_core.c, nf_conntrack_core.c). After one was found
 * each connection is looked at, until there was none for a while.
 */
static noinline bool port_is_held(struct net *net, struct ipmasq_net *ns,
				  const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!nf_conntrack_tuple_taken(&ct->tuplehash[IP_CT_DIR_REPLY].tuple, ct)) {
		if (!READ_ONCE(ns->port_check_mask) &&
		    time_after(jiffies, READ_ONCE(ns->exhausted_until)))
			WRITE_ONCE(ns->port_check_mask, IPMASQ_PORT_CHECK_INTERVAL - 1);
		return false;
	}
	WRITE_ONCE(ns->exhausted_until, jiffies + EXHAUSTED_FOR);
	WRITE_ONCE(ns->port_check_mask, 0);
	ipmasq_event_exhausted(net, ns, ct);
	return true;
}

/* Looking is another walk of a hash chain, so it is done for each connection only
 * where few ports are allowed or where they were seen to run out.
 */
static __always_inline bool port_check_is_due(const struct ipmasq_net *ns,
					      const struct ipmasq_policy *policy, bool ipv6,
					      enum ipmasq_verdict verdict)
{
	u32 count = this_cpu_read(ns->verdicts->connections[ipv6][verdict].counter);

	return !(count & READ_ONCE(ns->port_check_mask)) || policy->ports;
}

/* Can the connection still be translated? The NAT core calls the hook for each packet that
 * conntrack calls new or related until the source is set up (net/netfilter/nf_nat_core.c,
 * nf_nat_inet_fn()). That is the first one alone, except for a connection that was confirmed
 * before NAT was registered and has no answer yet, and for ICMP errors about one: there
 * nf_nat_setup_info() does nothing, and nothing may be counted. The NAT core has seen to it
 * that there is a connection, which untracked packets do not have.
 */
static __always_inline bool is_undecided(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	return !nf_ct_is_confirmed(nf_ct_get(skb, &ctinfo));
}

/* Called by the NAT core for the first packet of a connection only, unless a hook
 * before has already translated it (net/netfilter/nf_nat_core.c,
 * nf_nat_inet_fn()); inside an RCU read section, in any context.
 */
static __always_inline unsigned int hook(struct ipmasq_net *ns,
					 const struct ipmasq_policy *policy, struct sk_buff *skb,
					 const struct nf_hook_state *state,
					 const struct ipmasq_flow *flow, bool ipv6)
{
	unsigned int result = NF_ACCEPT;
	struct ipmasq_decision decision;
	enum ipmasq_verdict verdict;

	verdict = ipmasq_decide(policy, flow, &decision);
	if (unlikely(verdict == IPMASQ_VERDICT_SNAT))
		verdict = ipmasq_hook_pool(state->net, flow,
					   destination_is_broadcast(state->net, skb, flow),
					   &decision);
	if (verdict == IPMASQ_VERDICT_MASQUERADE || unlikely(verdict == IPMASQ_VERDICT_SNAT)) {
		if (likely(verdict == IPMASQ_VERDICT_MASQUERADE))
			result = masquerade(policy, skb, state, ipv6);
		else
			result = snat(policy, decision.pool, skb, flow);
		if (unlikely(result != NF_ACCEPT))
			verdict = IPMASQ_VERDICT_FAILED;
		else if (unlikely(port_check_is_due(ns, policy, ipv6, verdict)) &&
			 port_is_held(state->net, ns, skb))
			verdict = IPMASQ_VERDICT_FAILED;
	}
	if (decision.match)
		ipmasq_counter_add(&policy->counters, ipmasq_match_counter(decision.match));
	ipmasq_verdict_count(ns->verdicts, ipv6, verdict);
	trace_ipmasq_verdict(state->net, flow, verdict, decision.match ? &policy->table : NULL);
	return result;
}

/* priv is the namespace's part: to look it up would cost a tenth of the decision. */
static unsigned int hook_ipv4(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct ipmasq_net *ns = priv;
	const struct ipmasq_policy *policy = rcu_dereference(ns->policy);
	const struct iphdr *header = ip_hdr(skb);
	struct ipmasq_flow flow;

	/* The hook is there a moment before the first policy, and stays for connections after
	 * the last (drain.c).
	 */
	if (unlikely(!policy) || unlikely(!is_undecided(skb)))
		return NF_ACCEPT;
	flow.ipv6 = false;
	flow.interface = state->out->name;
	flow.source4 = header->saddr;
	flow.destination4 = header->daddr;
	flow.local = destination_is_local4(state->net, skb, header->daddr);
	return hook(ns, policy, skb, state, &flow, false);
}

static unsigned int hook_ipv6(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct ipmasq_net *ns = priv;
	const struct ipmasq_policy *policy = rcu_dereference(ns->policy);
	struct in6_addr source, destination;
	struct ipmasq_flow flow;

	/* The hook stays for connections where IPv6 was switched off. */
	if (unlikely(!policy || !(policy->flags & IPMASQ_FLAG_IPV6)) ||
	    unlikely(!is_undecided(skb)))
		return NF_ACCEPT;
	/* Copies: translating may move the header, and the trace comes after. */
	source = ipv6_hdr(skb)->saddr;
	destination = ipv6_hdr(skb)->daddr;
	flow.ipv6 = true;
	flow.interface = state->out->name;
	flow.source6 = &source;
	flow.destination6 = &destination;
	flow.local = destination_is_local6(state->net, skb, &destination);
	return hook(ns, policy, skb, state, &flow, true);
}

/**
 * ipmasq_hook_prepare() - make a namespace's hooks, registered nowhere yet
 * @ns: the module's part of the namespace, where they stay
 */
void ipmasq_hook_prepare(struct ipmasq_net *ns)
{
	ns->ipv4_ops = (struct nf_hook_ops){
		.hook = hook_ipv4,
		.priv = ns,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = priority,
	};
	ns->ipv6_ops = (struct nf_hook_ops){
		/* Never registered without IPv6, whose functions are not there then. */
		.hook = IS_ENABLED(CONFIG_IPV6) ? hook_ipv6 : NULL,
		.priv = ns,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = priority,
	};
}

/**
 * ipmasq_hook_init() - make what the hooks of all namespaces share
 *
 * The notifiers end masqueraded connections whose interface goes down or loses
 * its address (net/netfilter/nf_nat_masquerade.c).
 *
 * Return: 0 or a negative errno.
 */
int __init ipmasq_hook_init(void)
{
	return nf_nat_masquerade_inet_register_notifiers();
}

/**
 * ipmasq_hook_exit() - undo ipmasq_hook_init(); no hook is registered any more
 */
void ipmasq_hook_exit(void)
{
	nf_nat_masquerade_inet_unregister_notifiers();
}

/* A hook that is registered holds the module, as a rule holds nft_masq: while there is a
 * policy, and while connections drain, it cannot be unloaded. That fails where it is being
 * unloaded already.
 */
static int enable(struct net *net, struct ipmasq_net *ns, u8 hook)
{
	int err;

	if (ns->hooks & hook)
		return 0;
	/* The flag was refused by ipmasq_require_ipv6(). */
	if (!IS_ENABLED(CONFIG_IPV6) && hook == IPMASQ_HOOK_IPV6)
		return -EAFNOSUPPORT;
	if (!try_module_get(THIS_MODULE))
		return -ESHUTDOWN;
	err = ipmasq_nat_register(net, hook == IPMASQ_HOOK_IPV6 ? &ns->ipv6_ops : &ns->ipv4_ops);
	if (err)
		module_put(THIS_MODULE);
	else
		WRITE_ONCE(ns->hooks, ns->hooks | hook);
	return err;
}

/**
 * ipmasq_hook_enable() - register the hooks that a policy needs
 * @net: the namespace
 * @ns: the module's part of it, its lock held
 * @flags: of the policy that is about to be published
 *
 * Only now conntrack is switched on in the namespace. Hooks that are still registered
 * from a policy before stay as they are. A hook without a policy accepts. May sleep.
 *
 * Return: 0, or a negative errno with the hooks as they were: -ESHUTDOWN while the module
 * is being unloaded.
 */
int ipmasq_hook_enable(struct net *net, struct ipmasq_net *ns, u32 flags)
{
	const u8 before = ns->hooks;
	int err;

	lockdep_assert_held(&ns->lock);
	if (!ns->verdicts) {
		ns->verdicts = alloc_percpu_gfp(struct ipmasq_verdict_shares, GFP_KERNEL_ACCOUNT);
		if (!ns->verdicts)
			return -ENOMEM;
	}
	err = enable(net, ns, IPMASQ_HOOK_IPV4);
	if (err || !(flags & IPMASQ_FLAG_IPV6))
		return err;
	err = enable(net, ns, IPMASQ_HOOK_IPV6);
	if (err)
		ipmasq_hook_disable(net, ns, IPMASQ_HOOK_IPV4 & ~before);
	return err;
}

/**
 * ipmasq_hook_disable() - unregister hooks
 * @net: the namespace
 * @ns: the module's part of it, its lock held
 * @hooks: IPMASQ_HOOK_*; those that are not registered are passed over
 *
 * A packet may be in a hook until a grace period has passed.
 *
 * May drop the last reference to the module. The caller's code stays all the same until
 * it has returned, because unloading waits: for commands in genl_unregister_family(), for
 * works in ipmasq_net_pre_exit(), and in unregister_pernet_subsys() for namespaces that
 * end (net/core/net_namespace.c, pernet_ops_rwsem).
 */
void ipmasq_hook_disable(struct net *net, struct ipmasq_net *ns, u8 hooks)
{
	lockdep_assert_held(&ns->lock);
	hooks &= ns->hooks;
	WRITE_ONCE(ns->hooks, ns->hooks & ~hooks);
	if (hooks & IPMASQ_HOOK_IPV6) {
		ipmasq_nat_unregister(net, &ns->ipv6_ops);
		module_put(THIS_MODULE);
	}
	if (hooks & IPMASQ_HOOK_IPV4) {
		ipmasq_nat_unregister(net, &ns->ipv4_ops);
		module_put(THIS_MODULE);
	}
}

/**
 * ipmasq_hook_idle() - find hooks that are registered though no policy needs them
 * @ns: the module's part of the namespace, its lock held
 *
 * Return: a set of IPMASQ_HOOK_*.
 */
u8 ipmasq_hook_idle(const struct ipmasq_net *ns)
{
	const struct ipmasq_policy *policy;

	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	if (!policy)
		return ns->hooks;
	return policy->flags & IPMASQ_FLAG_IPV6 ? 0 : ns->hooks & IPMASQ_HOOK_IPV6;
}
