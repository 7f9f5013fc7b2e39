// SPDX-License-Identifier: GPL-2.0-only
/* Pools: which address a source gets, and that it keeps it. */
#include <linux/inet.h>
#include <linux/string.h>

#include "pool.h"
#include "suites.h"

#define SOURCES 4096
#define ADDRESSES 8

/* 10.244.0.0 and on, or fd00:244:: and on. */
static struct in6_addr source_at(bool ipv6, u32 i)
{
	if (ipv6)
		return (struct in6_addr){ .s6_addr32 = {
			htonl(0xfd000244), 0, 0, htonl(i),
		} };
	return (struct in6_addr){ .s6_addr32 = { htonl(0x0af40000 + i) } };
}

/* 192.0.2.1 and on, or 2001:db8::1 and on. */
static struct in6_addr address_at(bool ipv6, u32 i)
{
	if (ipv6)
		return (struct in6_addr){ .s6_addr32 = {
			htonl(0x20010db8), 0, 0, htonl(i + 1),
		} };
	return (struct in6_addr){ .s6_addr32 = { htonl(0xc0000201 + i) } };
}

/* A pool of both families, with the addresses whose bits are set, of each. */
static struct ipmasq_pool *pool_of(struct kunit *test, u32 bits)
{
	struct ipmasq_pool *pool = ipmasq_pool_create(2 * hweight32(bits));
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	for (i = 0; i < 32; i++) {
		const struct in6_addr address4 = address_at(false, i);
		const struct in6_addr address6 = address_at(true, i);

		if (!(bits & 1U << i))
			continue;
		/* Mixed, and not in the order of the other pools. */
		if (bits & 1)
			ipmasq_pool_append(pool, true, &address6);
		ipmasq_pool_append(pool, false, &address4);
		if (!(bits & 1))
			ipmasq_pool_append(pool, true, &address6);
	}
	KUNIT_EXPECT_EQ(test, ipmasq_pool_count(pool, false), hweight32(bits));
	KUNIT_EXPECT_EQ(test, ipmasq_pool_count(pool, true), hweight32(bits));
	return pool;
}

/* Which address of address_at() it is. */
static u32 picked(struct kunit *test, const struct ipmasq_pool *pool, bool ipv6, u32 source)
{
	const struct in6_addr from = source_at(ipv6, source);
	const struct in6_addr *address = ipmasq_pool_pick(pool, ipv6, &from);

	KUNIT_ASSERT_NOT_NULL(test, address);
	KUNIT_ASSERT_TRUE(test, ipmasq_pool_has(pool, ipv6, address));
	return ntohl(address->s6_addr32[ipv6 ? 3 : 0]) - (ipv6 ? 1 : 0xc0000201);
}

static void pool_families(struct kunit *test)
{
	const struct in6_addr source4 = source_at(false, 1), source6 = source_at(true, 1);
	const struct in6_addr address4 = address_at(false, 0), address6 = address_at(true, 0);
	struct ipmasq_pool *pool = ipmasq_pool_create(2);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_NULL(test, ipmasq_pool_pick(pool, false, &source4));
	KUNIT_EXPECT_NULL(test, ipmasq_pool_pick(pool, true, &source6));
	ipmasq_pool_append(pool, true, &address6);
	KUNIT_EXPECT_NULL(test, ipmasq_pool_pick(pool, false, &source4));
	KUNIT_EXPECT_EQ(test, picked(test, pool, true, 1), 0U);
	KUNIT_EXPECT_FALSE(test, ipmasq_pool_has(pool, false, &address4));
	ipmasq_pool_append(pool, false, &address4);
	KUNIT_EXPECT_EQ(test, picked(test, pool, false, 1), 0U);
	KUNIT_EXPECT_EQ(test, picked(test, pool, true, 1), 0U);
	KUNIT_EXPECT_FALSE(test, ipmasq_pool_has(pool, true, &address4));
	KUNIT_EXPECT_FALSE(test, ipmasq_pool_has(pool, false, &address6));

	KUNIT_EXPECT_PTR_EQ(test, ipmasq_pool_get(pool), pool);
	ipmasq_pool_put(pool);
	KUNIT_EXPECT_EQ(test, refcount_read(&pool->users), 1U);
	ipmasq_pool_put(pool);
	KUNIT_EXPECT_NULL(test, ipmasq_pool_get(NULL));
	ipmasq_pool_put(NULL);
}

/* Only what has to move does. */
static void pool_is_stable(struct kunit *test)
{
	struct ipmasq_pool *all = pool_of(test, 0xff), *less = pool_of(test, 0xfb);
	struct ipmasq_pool *rest = pool_of(test, 0xfe), *more = pool_of(test, 0x1ff);
	u32 ipv6, i, moved = 0, came = 0;

	for (ipv6 = 0; ipv6 < 2; ipv6++) {
		for (i = 0; i < SOURCES; i++) {
			const u32 before = picked(test, all, ipv6, i);
			u32 after = picked(test, less, ipv6, i);

			KUNIT_EXPECT_TRUE(test, before == 2 ? after != 2 : after == before);
			moved += before == 2;
			after = picked(test, rest, ipv6, i);
			KUNIT_EXPECT_TRUE(test, before ? after == before : after != 0);
			after = picked(test, more, ipv6, i);
			KUNIT_EXPECT_TRUE(test, after == before || after == ADDRESSES);
			came += after == ADDRESSES;
			/* Another time the same. */
			KUNIT_EXPECT_EQ(test, picked(test, all, ipv6, i), before);
		}
	}
	KUNIT_EXPECT_GT(test, moved, 0U);
	KUNIT_EXPECT_GT(test, came, 0U);
	ipmasq_pool_put(all);
	ipmasq_pool_put(less);
	ipmasq_pool_put(rest);
	ipmasq_pool_put(more);
}

/* Sources in a row, as pods have them, are spread evenly: each address has its share
 * to within a fifth, five times the standard deviation.
 */
static void pool_spreads(struct kunit *test)
{
	struct ipmasq_pool *pool = pool_of(test, (1U << ADDRESSES) - 1);
	u32 ipv6, i;

	for (ipv6 = 0; ipv6 < 2; ipv6++) {
		u32 count[ADDRESSES] = {};

		for (i = 0; i < SOURCES; i++)
			count[picked(test, pool, ipv6, i)]++;
		for (i = 0; i < ADDRESSES; i++) {
			KUNIT_EXPECT_GT_MSG(test, count[i], SOURCES / ADDRESSES * 4U / 5,
					    "address %u, IPv6 %u", i, ipv6);
			KUNIT_EXPECT_LT_MSG(test, count[i], SOURCES / ADDRESSES * 6U / 5,
					    "address %u, IPv6 %u", i, ipv6);
		}
	}
	ipmasq_pool_put(pool);
}

/* The same on every machine, whatever its byte order, and in every version: nodes agree.
 * The numbers are of another implementation of the hash, over bytes.
 */
static void pool_is_the_same_everywhere(struct kunit *test)
{
	static const char * const picks[] = {
		"43316470212357307014420244334362",
		"32745441253420343741613160652712",
	};
	struct ipmasq_pool *pool = pool_of(test, (1U << ADDRESSES) - 1);
	u32 ipv6, i;

	for (ipv6 = 0; ipv6 < 2; ipv6++)
		for (i = 0; picks[ipv6][i]; i++)
			KUNIT_EXPECT_EQ(test, picked(test, pool, ipv6, i), (u32)(picks[ipv6][i] - '0'));
	ipmasq_pool_put(pool);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pool_families),
	KUNIT_CASE(pool_is_stable),
	KUNIT_CASE(pool_spreads),
	KUNIT_CASE(pool_is_the_same_everywhere),
	{}
};

struct kunit_suite pool_suite = {
	.name = "ipmasq_pool",
	.test_cases = cases,
};
