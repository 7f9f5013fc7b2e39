/* SPDX-License-Identifier: GPL-2.0-only */
/* Source addresses to translate to, in the place of the output interface's own. */
#ifndef IPMASQ_POOL_H
#define IPMASQ_POOL_H

#include <linux/in6.h>
#include <linux/refcount.h>
#include <linux/types.h>

/**
 * struct ipmasq_pool - addresses, immutable once it is in a draft
 * @users: policies, drafts and details that have it
 * @count4: IPv4 addresses, which come first
 * @count6: IPv6 addresses
 * @address: network order; IPv4 in the first word
 */
struct ipmasq_pool {
	refcount_t users;
	u32 count4;
	u32 count6;
	struct in6_addr address[];
};

struct ipmasq_pool *ipmasq_pool_create(u32 room);
struct ipmasq_pool *ipmasq_pool_get(struct ipmasq_pool *pool);
void ipmasq_pool_put(struct ipmasq_pool *pool);
void ipmasq_pool_append(struct ipmasq_pool *pool, bool ipv6, const struct in6_addr *address);
bool ipmasq_pool_has(const struct ipmasq_pool *pool, bool ipv6, const struct in6_addr *address);
const struct in6_addr *ipmasq_pool_pick(const struct ipmasq_pool *pool, bool ipv6,
					const struct in6_addr *source);

/**
 * ipmasq_pool_count() - how many addresses of a family
 * @pool: the pool
 * @ipv6: the family
 *
 * Return: the number.
 */
static inline u32 ipmasq_pool_count(const struct ipmasq_pool *pool, bool ipv6)
{
	return ipv6 ? pool->count6 : pool->count4;
}

#endif
