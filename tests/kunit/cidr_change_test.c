// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables that are made from tables: random chains of changes over several blocks,
 * beside a sorted array that is asked naively. Blocks that nothing has changed in are
 * shared, and the table of before must answer as before.
 */
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "suites.h"

#define CONFIG IPMASQ_ORIGIN_CONFIG
#define STATIC IPMASQ_ORIGIN_STATIC

/* A block holds about 150. */
#define ENTRIES_MAX 2500
#define CHANGES_MAX 600
#define ROUNDS 40

/**
 * struct state - a table and what it should hold
 * @entries: in the order of ipmasq_entry_compare()
 * @count: how many
 * @table: compiled
 */
struct state {
	struct ipmasq_entry *entries;
	u32 count;
	struct ipmasq_cidr_table table;
};

/**
 * struct chain - a chain of changes
 * @random: what comes next
 * @now: after the last change
 * @before: before it
 * @changes: the change
 * @count: how many
 * @counter: the next entry's
 */
struct chain {
	struct rnd_state random;
	struct state now;
	struct state before;
	struct ipmasq_entry *changes;
	u32 count;
	u32 counter;
};

static int change_init(struct kunit *test)
{
	struct chain *chain = kunit_kzalloc(test, sizeof(*chain), GFP_KERNEL);
	const size_t most = ENTRIES_MAX + CHANGES_MAX;

	test->priv = chain;
	if (!chain)
		return -ENOMEM;
	chain->now.entries = kunit_kcalloc(test, most, sizeof(struct ipmasq_entry), GFP_KERNEL);
	chain->before.entries = kunit_kcalloc(test, most, sizeof(struct ipmasq_entry),
					      GFP_KERNEL);
	chain->changes = kunit_kcalloc(test, most, sizeof(struct ipmasq_entry), GFP_KERNEL);
	if (!chain->now.entries || !chain->before.entries || !chain->changes)
		return -ENOMEM;
	return ipmasq_cidr_table_build(&chain->now.table, NULL, NULL, 0, 0);
}

static void change_exit(struct kunit *test)
{
	struct chain *chain = test->priv;

	if (chain && chain->changes)
		ipmasq_cidr_table_release(&chain->now.table);
}

static u32 below(struct chain *chain, u32 limit)
{
	return prandom_u32_state(&chain->random) % limit;
}

static u64 random64(struct chain *chain)
{
	return (u64)prandom_u32_state(&chain->random) << 32 | prandom_u32_state(&chain->random);
}

/* In 10.0.0.0/12 or fd00::/36, so that they nest; one in fifty is wide. */
static void random_entry(struct chain *chain, u8 origin, struct ipmasq_entry *entry)
{
	const bool ipv6 = below(chain, 2), wide = !below(chain, 50);
	u64 high, low;

	memset(entry, 0, sizeof(*entry));
	entry->family = ipv6 ? AF_INET6 : AF_INET;
	if (ipv6) {
		entry->prefix_len = wide ? below(chain, 45) : 45 + below(chain, 84);
		entry->high = 0xfd00000000000000 | (random64(chain) & 0x0fffffff);
		entry->low = random64(chain);
	} else {
		entry->prefix_len = wide ? below(chain, 17) : 17 + below(chain, 16);
		entry->high = (u64)(0x0a000000 | below(chain, 1U << 20)) << 32;
	}
	entry->origin = origin;
	entry->action = below(chain, 2) ? IPMASQ_ACTION_SKIP : IPMASQ_ACTION_MASQUERADE;
	entry->counter = chain->counter++;
	if (ipmasq_prefix_has_host_bits(entry)) {
		struct ipmasq_entry hosts = *entry;

		hosts.high = 0;
		hosts.low = 0;
		ipmasq_prefix_last(&hosts, &high, &low);
		entry->high &= ~high;
		entry->low &= ~low;
	}
}

static int compare_entries(const void *a, const void *b)
{
	return ipmasq_entry_compare(a, b);
}

static void sort_changes(struct chain *chain)
{
	u32 i, kept = 0;

	sort(chain->changes, chain->count, sizeof(*chain->changes), compare_entries, NULL);
	for (i = 0; i < chain->count; i++)
		if (!kept || ipmasq_entry_compare(&chain->changes[kept - 1], &chain->changes[i]))
			chain->changes[kept++] = chain->changes[i];
	chain->count = kept;
}

/* Of entries that are there, half go and half change; as many new ones come. */
static void random_changes(struct chain *chain, u8 origin, u32 wanted, bool replaces)
{
	u32 i;

	chain->count = 0;
	for (i = 0; i < wanted; i++) {
		struct ipmasq_entry *change = &chain->changes[chain->count];

		if (chain->now.count && below(chain, 2)) {
			*change = chain->now.entries[below(chain, chain->now.count)];
			if (change->origin != origin)
				continue;
			change->counter = chain->counter++;
			change->action = replaces || below(chain, 2) ? IPMASQ_ACTION_SKIP :
								       IPMASQ_ACTION_NONE;
		} else if (chain->now.count + chain->count < ENTRIES_MAX) {
			random_entry(chain, origin, change);
		} else {
			continue;
		}
		chain->count++;
	}
	sort_changes(chain);
}

/* The naive way. A change to an entry that is not there is as good as an entry. */
static void merge(struct chain *chain, u8 replaced)
{
	const struct state *from = &chain->before;
	struct state *to = &chain->now;
	u32 i = 0, j = 0;

	to->count = 0;
	while (i < from->count || j < chain->count) {
		int order = i == from->count ? 1 : j == chain->count ? -1 :
			    ipmasq_entry_compare(&from->entries[i], &chain->changes[j]);

		if (order < 0) {
			if (from->entries[i].origin != replaced)
				to->entries[to->count++] = from->entries[i];
			i++;
			continue;
		}
		i += !order;
		if (chain->changes[j].action != IPMASQ_ACTION_NONE)
			to->entries[to->count++] = chain->changes[j];
		j++;
	}
}

static bool holds(const struct ipmasq_entry *entry, const struct ipmasq_entry *address)
{
	u64 high, low;

	if (entry->family != address->family)
		return false;
	ipmasq_prefix_last(entry, &high, &low);
	return (address->high > entry->high ||
		(address->high == entry->high && address->low >= entry->low)) &&
	       (address->high < high || (address->high == high && address->low <= low));
}

static void check_address(struct kunit *test, const struct state *state,
			  const struct ipmasq_entry *address)
{
	const struct ipmasq_entry *longest = NULL;
	struct ipmasq_entry found;
	struct in6_addr address6;
	u32 match, i;

	/* They are sorted: a longer one comes later, and so does static. */
	for (i = 0; i < state->count; i++)
		if (holds(&state->entries[i], address) &&
		    (!longest || state->entries[i].prefix_len >= longest->prefix_len))
			longest = &state->entries[i];
	address6 = (struct in6_addr){ .s6_addr32 = {
		htonl(address->high >> 32), htonl(address->high),
		htonl(address->low >> 32), htonl(address->low),
	} };
	match = address->family == AF_INET6 ?
		ipmasq_cidr_table_lookup6(&state->table, &address6) :
		ipmasq_cidr_table_lookup4(&state->table, address6.s6_addr32[0]);
	KUNIT_EXPECT_EQ_MSG(test, match,
			    longest ? ipmasq_match(longest->action, longest->counter) : 0U,
			    "%pI6c", &address6);
	if (!ipmasq_cidr_table_find(&state->table, address->family == AF_INET6, &address6,
				    &found)) {
		KUNIT_EXPECT_NULL(test, longest);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(test, longest);
	KUNIT_EXPECT_EQ(test, ipmasq_entry_compare(&found, longest), 0);
	KUNIT_EXPECT_EQ(test, found.counter, longest->counter);
}

/* At the ends of entries, one before and one behind, and anywhere. */
static void check_addresses(struct kunit *test, struct chain *chain, const struct state *state)
{
	struct ipmasq_entry address;
	u32 i;

	for (i = 0; i < 60; i++) {
		random_entry(chain, 0, &address);
		if (state->count && i % 4) {
			address = state->entries[below(chain, state->count)];
			if (i % 4 == 1)
				ipmasq_prefix_last(&address, &address.high, &address.low);
		}
		if (i % 3 && address.family == AF_INET)
			address.high += i % 3 == 1 ? 1ULL << 32 : -(1ULL << 32);
		else if (i % 3)
			address.low += i % 3 == 1 ? 1 : -1;
		check_address(test, state, &address);
	}
}

static void check_entries(struct kunit *test, const struct state *state)
{
	const struct ipmasq_entry first = {};
	struct ipmasq_cursor cursor;
	struct ipmasq_entry entry;
	u32 i = 0, different = 0;

	ipmasq_cursor_seek(&cursor, &state->table, &first);
	for (; ipmasq_cursor_read(&cursor, &entry); cursor.index++, i++) {
		const struct ipmasq_entry *wanted = &state->entries[i];
		bool shadowed;

		if (i >= state->count)
			break;
		shadowed = i + 1 < state->count && !ipmasq_prefix_compare(wanted, wanted + 1);
		different += ipmasq_entry_compare(&entry, wanted) ||
			     entry.action != wanted->action ||
			     entry.counter != wanted->counter ||
			     ipmasq_cursor_shadowed(&cursor) != shadowed;
	}
	KUNIT_EXPECT_EQ(test, different, 0U);
	KUNIT_EXPECT_EQ(test, i, state->count);
	KUNIT_EXPECT_EQ(test, state->table.ipv4.entry_count + state->table.ipv6.entry_count,
			state->count);
}

static void step(struct kunit *test, struct chain *chain, u8 replaced)
{
	swap(chain->now, chain->before);
	merge(chain, replaced);
	KUNIT_ASSERT_EQ(test, ipmasq_cidr_table_build(&chain->now.table, &chain->before.table,
						      chain->changes, chain->count, replaced), 0);
}

/* The seeds are fixed: what fails once fails again. */
static void change_oracle(struct kunit *test)
{
	struct chain *chain = test->priv;
	u32 round, blocks = 0;

	prandom_seed_state(&chain->random, 20261124);
	for (round = 0; round < ROUNDS; round++) {
		const u8 origin = below(chain, 3) ? CONFIG : STATIC;
		const bool replaces = !below(chain, 6);
		const u32 most = below(chain, 2) ? 4 : CHANGES_MAX;

		random_changes(chain, origin, 1 + below(chain, most), replaces);
		step(test, chain, replaces ? origin : 0);
		blocks = max(blocks, chain->now.table.ipv4.index.count);
		check_entries(test, &chain->now);
		check_addresses(test, chain, &chain->now);
		check_entries(test, &chain->before);
		check_addresses(test, chain, &chain->before);
		ipmasq_cidr_table_release(&chain->before.table);
		cond_resched();
	}
	/* Or it would not have been about several. */
	KUNIT_EXPECT_GE(test, blocks, 4U);
}

/* One entry more makes one block or two anew; a prefix around all of them, all. */
static void change_shares(struct kunit *test)
{
	struct chain *chain = test->priv;
	u32 shared;

	prandom_seed_state(&chain->random, 1);
	while (chain->now.count < 2000) {
		random_changes(chain, CONFIG, CHANGES_MAX, false);
		step(test, chain, 0);
		ipmasq_cidr_table_release(&chain->before.table);
	}
	chain->changes[0] = (struct ipmasq_entry){
		.high = 0x0a00aaaaULL << 32,
		.prefix_len = 32,
		.action = IPMASQ_ACTION_SKIP,
		.origin = STATIC,
		.family = AF_INET,
	};
	chain->count = 1;
	step(test, chain, 0);
	KUNIT_EXPECT_EQ(test, chain->now.table.ipv6.shared, chain->now.table.ipv6.entry_count);
	shared = chain->now.table.ipv4.shared;
	KUNIT_EXPECT_GT(test, shared, chain->now.table.ipv4.entry_count / 2);
	KUNIT_EXPECT_LT(test, shared, chain->now.table.ipv4.entry_count);
	ipmasq_cidr_table_release(&chain->before.table);
	check_entries(test, &chain->now);
	check_addresses(test, chain, &chain->now);

	chain->changes[0].high = 0;
	chain->changes[0].prefix_len = 0;
	step(test, chain, 0);
	KUNIT_EXPECT_LT(test, chain->now.table.ipv4.shared, shared);
	ipmasq_cidr_table_release(&chain->before.table);
	check_entries(test, &chain->now);
	check_addresses(test, chain, &chain->now);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(change_oracle),
	KUNIT_CASE(change_shares),
	{}
};

struct kunit_suite cidr_change_suite = {
	.name = "ipmasq_cidr_change",
	.init = change_init,
	.exit = change_exit,
	.test_cases = cases,
};
