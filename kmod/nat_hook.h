/* SPDX-License-Identifier: GPL-2.0-only */
/* Registering with the NAT core, by ipmasq and by ipmasq_hold. */
#ifndef IPMASQ_NAT_HOOK_H
#define IPMASQ_NAT_HOOK_H

#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>

/**
 * ipmasq_nat_register() - register a hook with the NAT core, and switch on conntrack
 * @net: the namespace
 * @ops: the hook, of IPv6 only where the kernel has it
 *
 * Conntrack last: a connection that it knows before the hook is there is never
 * translated. May sleep.
 *
 * Return: 0 or a negative errno.
 */
static inline int ipmasq_nat_register(struct net *net, const struct nf_hook_ops *ops)
{
	const bool ipv6 = IS_ENABLED(CONFIG_IPV6) && ops->pf == NFPROTO_IPV6;
	int err = ipv6 ? nf_nat_ipv6_register_fn(net, ops) : nf_nat_ipv4_register_fn(net, ops);

	if (err)
		return err;
	err = nf_ct_netns_get(net, ops->pf);
	if (!err)
		return 0;
	if (ipv6)
		nf_nat_ipv6_unregister_fn(net, ops);
	else
		nf_nat_ipv4_unregister_fn(net, ops);
	return err;
}

/**
 * ipmasq_nat_unregister() - undo ipmasq_nat_register()
 * @net: the namespace
 * @ops: the hook; a packet may be in it until a grace period has passed
 */
static inline void ipmasq_nat_unregister(struct net *net, const struct nf_hook_ops *ops)
{
	nf_ct_netns_put(net, ops->pf);
	if (IS_ENABLED(CONFIG_IPV6) && ops->pf == NFPROTO_IPV6)
		nf_nat_ipv6_unregister_fn(net, ops);
	else
		nf_nat_ipv4_unregister_fn(net, ops);
}

#endif
