// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floor of the benchmarks: a NAT hook that decides nothing. It translates
 * every new connection of the network namespace that insmod runs in, or, with
 * accept=1, leaves every one alone. What any other masquerading costs above it
 * is the price of deciding.
 *
 * It asks the kernel for the same kind of source port, at the same hook and
 * priority as ipmasq, and for both families.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>

static bool accept;
module_param(accept, bool, 0444);
MODULE_PARM_DESC(accept, "leave every connection alone (default: masquerade every one)");

static struct net *node;

static unsigned int accept_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static unsigned int masquerade_ipv4(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct nf_nat_range2 range;

	memset(&range, 0, sizeof(range));
	range.flags = NF_NAT_RANGE_PROTO_RANDOM_FULLY;
	return nf_nat_masquerade_ipv4(skb, state->hook, &range, state->out);
}

static unsigned int masquerade_ipv6(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct nf_nat_range2 range;

	memset(&range, 0, sizeof(range));
	range.flags = NF_NAT_RANGE_PROTO_RANDOM_FULLY;
	return nf_nat_masquerade_ipv6(skb, &range, state->out);
}

static struct nf_hook_ops ipv4_ops = {
	.hook = masquerade_ipv4,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_POST_ROUTING,
	.priority = NF_IP_PRI_NAT_SRC + 1,
};

static struct nf_hook_ops ipv6_ops = {
	.hook = masquerade_ipv6,
	.pf = NFPROTO_IPV6,
	.hooknum = NF_INET_POST_ROUTING,
	.priority = NF_IP6_PRI_NAT_SRC + 1,
};

static int __init floor_init(void)
{
	int err;

	if (accept) {
		ipv4_ops.hook = accept_hook;
		ipv6_ops.hook = accept_hook;
	}
	err = nf_nat_masquerade_inet_register_notifiers();
	if (err)
		return err;
	node = get_net(current->nsproxy->net_ns);
	err = nf_nat_ipv4_register_fn(node, &ipv4_ops);
	if (err)
		goto put_net;
	err = nf_nat_ipv6_register_fn(node, &ipv6_ops);
	if (err)
		goto unregister_ipv4;
	err = nf_ct_netns_get(node, NFPROTO_IPV4);
	if (err)
		goto unregister_ipv6;
	err = nf_ct_netns_get(node, NFPROTO_IPV6);
	if (err)
		goto put_conntrack_ipv4;
	return 0;

put_conntrack_ipv4:
	nf_ct_netns_put(node, NFPROTO_IPV4);
unregister_ipv6:
	nf_nat_ipv6_unregister_fn(node, &ipv6_ops);
unregister_ipv4:
	nf_nat_ipv4_unregister_fn(node, &ipv4_ops);
put_net:
	put_net(node);
	nf_nat_masquerade_inet_unregister_notifiers();
	return err;
}

static void __exit floor_exit(void)
{
	nf_ct_netns_put(node, NFPROTO_IPV6);
	nf_ct_netns_put(node, NFPROTO_IPV4);
	nf_nat_ipv6_unregister_fn(node, &ipv6_ops);
	nf_nat_ipv4_unregister_fn(node, &ipv4_ops);
	put_net(node);
	nf_nat_masquerade_inet_unregister_notifiers();
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("NAT hook that decides nothing, for benchmarks");
MODULE_LICENSE("GPL");
