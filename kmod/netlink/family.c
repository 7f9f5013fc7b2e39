// SPDX-License-Identifier: GPL-2.0-only
/* The family, and which network namespaces may use it. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <net/genetlink.h>

#include "compat.h"
#include "namespace.h"
#include "netlink/family.h"

/* Read by ipmasq_gate(), written by root at any time. */
static bool user_namespaces;
module_param(user_namespaces, bool, 0644);
MODULE_PARM_DESC(user_namespaces,
		 "open the family to network namespaces of other user namespaces (default 0)");

/* What a policy needs that was made while the gate was open: to be read, and withdrawn. */
static bool command_is_for_leaving(u8 command)
{
	return command == IPMASQ_CMD_POLICY_GET || command == IPMASQ_CMD_POLICY_DEL ||
	       command == IPMASQ_CMD_CIDR_GET || command == IPMASQ_CMD_STATS_GET;
}

/**
 * ipmasq_gate() - decide whether a network namespace may use the family
 * @net: the namespace of the socket
 * @command: enum ipmasq_cmd
 * @extack: where a refusal is explained; may be NULL
 *
 * Every command and every dump passes here before anything else of the module. Where
 * unprivileged users may create user namespaces, CAP_NET_ADMIN is in everybody's reach,
 * and this check keeps the rest of the family out of it. A namespace with a policy has
 * hooks, and keeps them while it drains. Lock-free: a policy that is withdrawn meanwhile
 * is noticed by the command itself.
 *
 * Return: 0 or -EPERM.
 */
int ipmasq_gate(const struct net *net, u8 command, struct netlink_ext_ack *extack)
{
	if (net->user_ns == &init_user_ns || READ_ONCE(user_namespaces))
		return 0;
	if (command_is_for_leaving(command) && READ_ONCE(ipmasq_net(net)->hooks))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "only network namespaces of the initial user namespace may have a policy (module parameter user_namespaces)");
	return -EPERM;
}

/**
 * ipmasq_require_last() - refuse a message that others follow in its datagram
 * @skb: the datagram, from the message on (net/netlink/af_netlink.c, netlink_rcv_skb())
 * @header: the message
 * @extack: where a refusal is explained; may be NULL
 *
 * The core holds the lock of all families for reading until it has gone through the
 * datagram (net/netlink/genetlink.c, genl_rcv()). What costs more than its own bytes must
 * not come there thousands of times.
 *
 * Return: 0 or -EINVAL.
 */
int ipmasq_require_last(const struct sk_buff *skb, const struct nlmsghdr *header,
			struct netlink_ext_ack *extack)
{
	if (skb->len < NLMSG_ALIGN(header->nlmsg_len) + NLMSG_HDRLEN)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "another message follows in the datagram; a change of the policy and a dump must be its last");
	return -EINVAL;
}

static const struct genl_multicast_group ipmasq_groups[] = {
	{ .name = IPMASQ_MCGRP_EVENTS, IPMASQ_GROUP_FLAGS },
};

/* Its commands are added when it is registered: they need it for their replies.
 *
 * Commands run side by side: only a namespace's own lock orders its writers, so
 * that compiling a large table holds up no other family.
 */
struct genl_family ipmasq_family __ro_after_init = {
	.name = IPMASQ_FAMILY_NAME,
	.version = IPMASQ_FAMILY_VERSION,
	.maxattr = IPMASQ_A_MAX,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.mcgrps = ipmasq_groups,
	.n_mcgrps = ARRAY_SIZE(ipmasq_groups),
	IPMASQ_RESV_START_OP(IPMASQ_CMD_POLICY_GET)
};
