/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IPMASQ_TESTS_KERNEL_NET_IPV6_H
#define IPMASQ_TESTS_KERNEL_NET_IPV6_H

#include <linux/in6.h>
#include <linux/types.h>

#define IPV6_ADDR_MULTICAST 0x0002
#define IPV6_ADDR_LINKLOCAL 0x0020

static inline bool ipv6_addr_any(const struct in6_addr *address)
{
	static const struct in6_addr any;

	return !memcmp(address, &any, sizeof(any));
}

/* Of what the kernel's says no more than verdict.c asks. */
static inline int ipv6_addr_type(const struct in6_addr *address)
{
	const u8 *bytes = address->s6_addr;

	if (bytes[0] == 0xff)
		return IPV6_ADDR_MULTICAST;
	return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 ? IPV6_ADDR_LINKLOCAL : 0;
}

#endif
