/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IPMASQ_TESTS_KERNEL_IN_H
#define IPMASQ_TESTS_KERNEL_IN_H

#include <linux/types.h>

static inline bool ipv4_is_multicast(__be32 address)
{
	return (be32toh(address) & 0xf0000000) == 0xe0000000;
}

static inline bool ipv4_is_lbcast(__be32 address)
{
	return address == 0xffffffff;
}

static inline bool ipv4_is_linklocal_169(__be32 address)
{
	return be32toh(address) >> 16 == 0xa9fe;
}

#endif
