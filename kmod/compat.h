/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that the module is built for, 5.10 to 7.3,
 * a line each with the release that changed it. No other file asks for a
 * version, and this one asks the headers where it can: stable trees take changes back.
 */
#ifndef IPMASQ_COMPAT_H
#define IPMASQ_COMPAT_H

#include <net/genetlink.h>
#include <net/netfilter/nf_conntrack.h>

/* 6.1, with GENL_REQ_ATTR_CHECK(): commands from a number on are checked strictly. */
#ifdef GENL_REQ_ATTR_CHECK
#define IPMASQ_RESV_START_OP(cmd) .resv_start_op = (cmd),
#else
#define IPMASQ_RESV_START_OP(cmd)
#endif

/* 6.7, and stable trees of 6.1: joining a group can need CAP_NET_ADMIN, with a
 * flag of its own. 5.12, and 5.10 from 5.10.204 on, take that of a command for it.
 */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define IPMASQ_GROUP_FLAGS .flags = GENL_MCAST_CAP_NET_ADMIN,
#else
#define IPMASQ_GROUP_FLAGS .flags = GENL_UNS_ADMIN_PERM,
#endif

/* 6.1: a refusal can name the attribute that is missing (NLMSGERR_ATTR_MISS_TYPE). */
#ifndef NL_SET_ERR_ATTR_MISS
#define NL_SET_ERR_ATTR_MISS(extack, nest, type) do { } while (0)
#endif

/* 5.19: the arguments of nf_ct_iterate_cleanup_net() are in a structure, which no macro
 * gives away, so Kbuild looks into the header. The callback returns 1 to delete a
 * connection, and 0 to keep it.
 */
static inline void ipmasq_ct_iterate(struct net *net, int (*each)(struct nf_conn *, void *),
				     void *data)
{
#ifdef IPMASQ_HAS_NF_CT_ITER_DATA
	const struct nf_ct_iter_data iterator = { .net = net, .data = data };

	nf_ct_iterate_cleanup_net(each, &iterator);
#else
	nf_ct_iterate_cleanup_net(net, each, data, 0, 0);
#endif
}

#endif
