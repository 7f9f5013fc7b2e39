// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which address a source gets is decided by rendezvous hashing (Thaler, Ravishankar:
 * "Using Name-Based Mappings to Increase Hit Rates", 1998): each address draws a
 * number from itself and the source, and the highest wins. So a pod keeps its address
 * over all its connections, as with NF_NAT_RANGE_PERSISTENT, and beyond that when the
 * pool changes: only the pods of an address that goes get another one, and one that
 * comes takes its share and nothing else moves. The seed is fixed, so that nodes with
 * the same pool agree, whatever their byte order, and so does a node after a boot.
 */
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pool.h"

/**
 * ipmasq_pool_create() - a pool to be filled
 * @room: addresses that it will have at most
 *
 * May sleep.
 *
 * Return: an empty pool, ended with ipmasq_pool_put(); NULL without memory.
 */
struct ipmasq_pool *ipmasq_pool_create(u32 room)
{
	struct ipmasq_pool *pool = kzalloc(struct_size(pool, address, room), GFP_KERNEL_ACCOUNT);

	if (pool)
		refcount_set(&pool->users, 1);
	return pool;
}

/**
 * ipmasq_pool_get() - one user more
 * @pool: kept alive by one that is there; NULL for none
 *
 * Return: @pool.
 */
struct ipmasq_pool *ipmasq_pool_get(struct ipmasq_pool *pool)
{
	if (pool)
		refcount_inc(&pool->users);
	return pool;
}

/**
 * ipmasq_pool_put() - one user less, the last of whom frees it
 * @pool: NULL for none
 */
void ipmasq_pool_put(struct ipmasq_pool *pool)
{
	if (pool && refcount_dec_and_test(&pool->users))
		kfree(pool);
}

/**
 * ipmasq_pool_append() - add an address while a pool is being made
 * @pool: nobody else has it yet, and there is room
 * @ipv6: family
 * @address: network order; IPv4 in the first word, the others 0
 */
void ipmasq_pool_append(struct ipmasq_pool *pool, bool ipv6, const struct in6_addr *address)
{
	u32 at = pool->count4 + pool->count6;

	if (ipv6) {
		pool->count6++;
	} else {
		/* The first IPv6 address makes room; their order says nothing. */
		pool->address[at] = pool->address[pool->count4];
		at = pool->count4++;
	}
	pool->address[at] = *address;
}

/**
 * ipmasq_pool_has() - is an address in a pool?
 * @pool: the pool
 * @ipv6: family of the address
 * @address: network order; IPv4 in the first word, the others 0
 *
 * Return: whether it is.
 */
bool ipmasq_pool_has(const struct ipmasq_pool *pool, bool ipv6, const struct in6_addr *address)
{
	u32 i = ipv6 ? pool->count4 : 0;
	const u32 end = i + ipmasq_pool_count(pool, ipv6);

	for (; i < end; i++)
		if (!memcmp(&pool->address[i], address, sizeof(*address)))
			return true;
	return false;
}

/* An address is hashed as bytes and not as words of this machine's order, or nodes of
 * different architectures would not agree. Words 1 to 3 are 0 for IPv4.
 */
static u32 hash(const struct in6_addr *address, u32 seed)
{
	u32 words[4], i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = le32_to_cpu((__force __le32)address->s6_addr32[i]);
	return jhash2(words, ARRAY_SIZE(words), seed);
}

static u32 draw(const struct in6_addr *address, const struct in6_addr *source)
{
	return hash(address, hash(source, 0));
}

/**
 * ipmasq_pool_pick() - the address that a source's connections get
 * @pool: kept alive by the caller, in the hook by its RCU read section
 * @ipv6: family of the connection
 * @source: network order; IPv4 in the first word, the others 0
 *
 * Never sleeps. Takes as many steps as the pool has addresses of the family.
 *
 * Return: an address of the pool, NULL where it has none of the family.
 */
const struct in6_addr *ipmasq_pool_pick(const struct ipmasq_pool *pool, bool ipv6,
					const struct in6_addr *source)
{
	const struct in6_addr *address = &pool->address[ipv6 ? pool->count4 : 0];
	const struct in6_addr *best = NULL;
	u32 count = ipmasq_pool_count(pool, ipv6);
	u32 highest = 0, i;

	for (i = 0; i < count; i++) {
		u32 drawn = draw(&address[i], source);

		if (best && drawn <= highest)
			continue;
		best = &address[i];
		highest = drawn;
	}
	return best;
}
