/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that the module is built for, 5.10 to 7.3,
 * a line each with the release that changed it. No other file asks for a
 * version, and this one asks the headers: stable trees take changes back.
 */
#ifndef IPMASQ_COMPAT_H
#define IPMASQ_COMPAT_H

#include <net/genetlink.h>

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

#endif
