// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module's own lookup, kmod/cidr_table.c, against an oracle that shares no
 * idea with it: it looks at every prefix and keeps the longest that holds the
 * address. Ten million addresses a family, in sets that nest, touch, repeat and
 * crowd, and at the edges of every prefix. Then chains of changes: the table that
 * a change makes of another one, against the one built from nothing.
 *
 *	cidr_table [SEED]	the seed that a failure printed, to see it again
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "cidr_table.h"
#include "policy.h"
#include "prefix_sets.h"
#include "verdict.h"

#define LOOKUPS 10000000ULL

long ipmasq_test_allocations_left = -1;

static unsigned int passed, failed;

__attribute__((format(printf, 2, 3)))
static void report(bool ok, const char *format, ...)
{
	va_list arguments;

	printf(ok ? "ok - " : "not ok - ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	if (ok)
		passed++;
	else
		failed++;
}

static u32 match_of(const struct ipmasq_entry *entry)
{
	return entry ? ipmasq_match(entry->action, entry->counter) : 0;
}

static const struct ipmasq_entry *oracle(const struct ipmasq_entry *entries, u32 count,
					 u8 family, u64 high, u64 low)
{
	const struct ipmasq_entry *best = NULL;
	u64 mask_high, mask_low;
	u32 i;

	for (i = 0; i < count; i++) {
		const struct ipmasq_entry *entry = &entries[i];

		prefix_mask(entry->prefix_len, &mask_high, &mask_low);
		if (entry->family != family || (high & mask_high) != entry->high ||
		    (low & mask_low) != entry->low)
			continue;
		if (!best || entry->prefix_len > best->prefix_len ||
		    (entry->prefix_len == best->prefix_len && entry->origin > best->origin))
			best = entry;
	}
	return best;
}

static struct in6_addr address_of(u64 high, u64 low)
{
	return (struct in6_addr){ .s6_addr32 = {
		htobe32(high >> 32), htobe32(high), htobe32(low >> 32), htobe32(low),
	} };
}

static u32 look_up(const struct ipmasq_cidr_table *table, u8 family, u64 high, u64 low)
{
	struct in6_addr address = address_of(high, low);

	if (family == AF_INET)
		return ipmasq_cidr_table_lookup4(table, address.s6_addr32[0]);
	return ipmasq_cidr_table_lookup6(table, &address);
}

#define ROOM 270

static const char *name_of(u8 family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* In no block says a range what the one before it says, and what blocks are said
 * to hold is what they hold.
 */
static bool is_sound(const struct ipmasq_blocks *blocks)
{
	u32 entries = 0, i, j;

	for (i = 0; i < blocks->index.count; i++) {
		const struct ipmasq_block *block = blocks->block[i];

		for (j = 1; j < block->index.count; j++)
			if (block->match[j] == block->match[j - 1])
				return false;
		entries += block->entry_count;
	}
	return entries == blocks->entry_count;
}

/* The table has these entries and no other, and says of each where it is. */
static bool holds(const struct ipmasq_cidr_table *table, const struct ipmasq_entry *entries,
		  u32 count)
{
	const struct ipmasq_entry first = { 0 };
	struct ipmasq_cursor cursor;
	struct ipmasq_entry entry;
	u32 i = 0;

	ipmasq_cursor_seek(&cursor, table, &first);
	for (; ipmasq_cursor_read(&cursor, &entry); cursor.index++) {
		bool shadowed = i + 1 < count &&
				!ipmasq_prefix_compare(&entries[i], &entries[i + 1]);

		if (i == count || ipmasq_entry_compare(&entry, &entries[i]) ||
		    match_of(&entry) != match_of(&entries[i]) ||
		    ipmasq_cursor_shadowed(&cursor) != shadowed)
			return false;
		if (!ipmasq_cidr_table_get(table, &entries[i], &entry) ||
		    match_of(&entry) != match_of(&entries[i]))
			return false;
		i++;
	}
	return i == count && is_sound(&table->ipv4) && is_sound(&table->ipv6);
}

static bool check_set(make_set make, u8 family, u64 lookups)
{
	struct ipmasq_entry entries[ROOM];
	struct ipmasq_cidr_table table;
	/* The other family's entries must not matter. */
	u32 other = make_random(entries, 8, family == AF_INET ? AF_INET6 : AF_INET);
	u32 count = settle(entries, other + make(entries + other, ROOM - other, family));
	bool ok;

	if (ipmasq_cidr_table_build(&table, NULL, entries, count, 0))
		return false;
	ok = holds(&table, entries, count);
	while (ok && lookups--) {
		u64 high, low;

		choose_address(entries, count, family, &high, &low);
		ok = look_up(&table, family, high, low) ==
		     match_of(oracle(entries, count, family, high, low));
		if (!ok)
			printf("# %016llx %016llx among %u prefixes\n",
			       (unsigned long long)high, (unsigned long long)low, count);
	}
	ipmasq_cidr_table_release(&table);
	return ok;
}

static void test_against_oracle(u8 family, u64 seed)
{
	const u64 each = 4000;
	const u64 rounds = LOOKUPS / each / SETS + 1;
	u64 i, j;

	for (i = 0; i < SETS; i++) {
		for (j = 0; j < rounds; j++)
			if (!check_set(sets[i].make, family, each))
				break;
		report(j == rounds, "%s, prefixes %s: %llu sets, %llu addresses (seed %llu)",
		       name_of(family), sets[i].name, (unsigned long long)j,
		       (unsigned long long)(j * each), (unsigned long long)seed);
	}
}

/* A million prefixes are too many to look at one by one: here the oracle asks
 * for each length whether the address' prefix of that length is in the list.
 */
static const struct ipmasq_entry *find_by_length(const struct ipmasq_entry *entries, u32 count,
						 u8 family, u64 high, u64 low)
{
	int length;

	for (length = longest(family); length >= 0; length--) {
		struct ipmasq_entry key = prefix(family, high, low, length, 1);
		const struct ipmasq_entry *found;

		found = bsearch(&key, entries, count, sizeof(key), entry_order);
		if (found)
			return found;
	}
	return NULL;
}

static void test_million(u8 family, u64 seed)
{
	const u32 wanted = 1000000;
	struct ipmasq_entry *entries = reallocarray(NULL, wanted, sizeof(*entries));
	struct ipmasq_cidr_table table;
	u32 count, i, lookups = 1000000;
	bool ok = true;

	if (!entries)
		abort();
	for (i = 0; i < wanted; i++)
		entries[i] = family == AF_INET ?
			prefix(family, random64(), 0, 8 + random_below(25), 1) :
			prefix(family, 0x2000000000000000ULL | random64() >> 3, random64(),
			       random_below(10) ? 29 + random_below(36) : 64 + random_below(65), 1);
	count = settle(entries, wanted);
	if (ipmasq_cidr_table_build(&table, NULL, entries, count, 0)) {
		report(false, "%s, a million prefixes: built", name_of(family));
		free(entries);
		return;
	}
	for (i = 0; ok && i < lookups; i++) {
		u64 high, low;

		choose_address(entries, count, family, &high, &low);
		ok = look_up(&table, family, high, low) ==
		     match_of(find_by_length(entries, count, family, high, low));
	}
	report(ok, "%s, %u prefixes: %u addresses, %zu bytes a prefix (seed %llu)",
	       name_of(family), count, i, ipmasq_cidr_table_memory(&table) / count,
	       (unsigned long long)seed);
	report(holds(&table, entries, count), "%s: the table holds its entries", name_of(family));
	ipmasq_cidr_table_release(&table);
	free(entries);
}

/* Prefixes that come and go in a chain of changes, of which some are there. */
#define POOL 6000
#define STEPS 250

struct chain {
	u8 family;
	u32 count;
	struct ipmasq_entry pool[POOL];
	bool there[POOL];
	struct ipmasq_entry entries[POOL];
	struct ipmasq_entry changes[POOL];
	u32 counters;
};

/* All shapes in one pool, beside prefixes of all lengths from everywhere. */
static void chain_fill(struct chain *chain)
{
	u32 wanted = random_below(4) ? POOL : 1 + random_below(600);

	chain->count = 0;
	while (chain->count < wanted) {
		u32 room = wanted - chain->count;

		chain->count += sets[random_below(SETS)].make(chain->pool + chain->count,
							      room < ROOM ? room : ROOM,
							      chain->family);
	}
	chain->count = settle(chain->pool, chain->count);
	chain->counters = chain->count;
	memset(chain->there, 0, sizeof(chain->there));
}

static u32 chain_entries(struct chain *chain)
{
	u32 count = 0, i;

	for (i = 0; i < chain->count; i++)
		if (chain->there[i])
			chain->entries[count++] = chain->pool[i];
	return count;
}

/* Some come, some go, some change; with replaced the changes are instead all that
 * an origin has.
 */
static u32 chain_change(struct chain *chain, u8 replaced)
{
	u32 few = 1 + random_below(3), often = chain->count / few + 1;
	u32 region = random_below(chain->count), count = 0, i;
	bool everywhere = random_below(3) == 0;

	if (everywhere)
		often = 1 + random_below(200);
	for (i = 0; i < chain->count; i++) {
		struct ipmasq_entry *entry = &chain->pool[i];
		bool chosen = everywhere ? random_below(often) == 0 :
					   i >= region && i < region + few;

		if (replaced && entry->origin != replaced)
			continue;
		if (chosen && chain->there[i] && random_below(3) == 0) {
			entry->action = 3 - entry->action;
		} else if (chosen) {
			chain->there[i] = !chain->there[i];
			/* It comes back as another one. */
			entry->counter = chain->counters++;
		} else if (!replaced) {
			continue;
		}
		if (!chain->there[i] && replaced)
			continue;
		chain->changes[count] = *entry;
		if (!chain->there[i])
			chain->changes[count].action = IPMASQ_ACTION_NONE;
		count++;
	}
	return count;
}

/* At and beside the edges of all prefixes, and anywhere. */
static bool answer_alike(const struct chain *chain, u32 count,
			 const struct ipmasq_cidr_table *changed,
			 const struct ipmasq_cidr_table *built)
{
	u32 i;

	for (i = 0; i < 8 * chain->count; i++) {
		struct in6_addr address;
		struct ipmasq_entry entry;
		u64 high, low;
		u32 match;

		choose_address(chain->pool, chain->count, chain->family, &high, &low);
		match = look_up(built, chain->family, high, low);
		if (look_up(changed, chain->family, high, low) != match)
			return false;
		if (i % 64)
			continue;
		if (match != match_of(oracle(chain->entries, count, chain->family, high, low)))
			return false;
		address = address_of(high, low);
		if (!ipmasq_cidr_table_find(changed, chain->family == AF_INET6, &address, &entry))
			entry = (struct ipmasq_entry){ 0 };
		if (entry.family ? match_of(&entry) != match : match != 0)
			return false;
	}
	return true;
}

static bool chain_step(struct chain *chain, struct ipmasq_cidr_table *table, u64 *shared)
{
	u8 replaced = random_below(8) ? 0 : 1 + random_below(2);
	u32 changes = chain_change(chain, replaced);
	u32 count = chain_entries(chain);
	struct ipmasq_cidr_table changed, built;
	bool ok;

	if (ipmasq_cidr_table_build(&changed, table, chain->changes, changes, replaced))
		abort();
	/* What it shares must live on. */
	ipmasq_cidr_table_release(table);
	*table = changed;
	if (ipmasq_cidr_table_build(&built, NULL, chain->entries, count, 0))
		abort();
	ok = holds(table, chain->entries, count) && answer_alike(chain, count, table, &built) &&
	     ipmasq_cidr_table_memory(table) <= 2 * ipmasq_cidr_table_memory(&built) + 4096;
	*shared += table->ipv4.shared + table->ipv6.shared;
	ipmasq_cidr_table_release(&built);
	return ok;
}

static void test_changes(u8 family, u64 seed)
{
	struct chain *chain = malloc(sizeof(*chain));
	struct ipmasq_cidr_table table;
	u32 rounds = 8, steps = 0, i;
	u64 shared = 0, all = 0;
	bool ok = true;

	if (!chain)
		abort();
	chain->family = family;
	while (ok && rounds--) {
		chain_fill(chain);
		for (i = 0; i < chain->count; i++)
			chain->there[i] = random_below(2);
		if (ipmasq_cidr_table_build(&table, NULL, chain->entries, chain_entries(chain), 0))
			abort();
		for (i = 0; ok && i < STEPS / 8; i++) {
			ok = chain_step(chain, &table, &shared);
			all += table.ipv4.entry_count + table.ipv6.entry_count;
			steps++;
		}
		ipmasq_cidr_table_release(&table);
	}
	report(ok, "%s: %u changes give what building anew gives (seed %llu)", name_of(family),
	       steps, (unsigned long long)seed);
	report(shared > all / 3, "%s: of %llu entries %llu were in shared blocks", name_of(family),
	       (unsigned long long)all, (unsigned long long)shared);
	free(chain);
}

static void test_edges(void)
{
	struct ipmasq_cidr_table table;
	struct ipmasq_entry all4 = prefix(AF_INET, 0, 0, 0, 1);
	struct ipmasq_entry all6 = prefix(AF_INET6, 0, 0, 0, 1);
	struct ipmasq_entry both[2] = { all4, all6 };

	both[0].counter = 0;
	both[1].counter = 1;

	if (ipmasq_cidr_table_build(&table, NULL, NULL, 0, 0))
		abort();
	report(!look_up(&table, AF_INET, random64(), 0) &&
	       !look_up(&table, AF_INET6, random64(), random64()),
	       "an empty table holds nothing");
	ipmasq_cidr_table_release(&table);

	if (ipmasq_cidr_table_build(&table, NULL, both, 2, 0))
		abort();
	report(look_up(&table, AF_INET, 0, 0) == match_of(&both[0]) &&
	       look_up(&table, AF_INET, U64_MAX << 32, 0) == match_of(&both[0]) &&
	       look_up(&table, AF_INET6, 0, 0) == match_of(&both[1]) &&
	       look_up(&table, AF_INET6, U64_MAX, U64_MAX) == match_of(&both[1]),
	       "/0 holds the lowest address and the highest, each in its family");
	ipmasq_cidr_table_release(&table);
}

/* How many allocations fail, one at a time, until the table is built. */
static long build_without_memory(struct ipmasq_cidr_table *table,
				 const struct ipmasq_cidr_table *base,
				 const struct ipmasq_entry *changes, u32 count)
{
	long fails;

	for (fails = 0;; fails++) {
		ipmasq_test_allocations_left = fails;
		if (!ipmasq_cidr_table_build(table, base, changes, count, 0))
			break;
	}
	ipmasq_test_allocations_left = -1;
	return fails;
}

static void test_no_memory(void)
{
	struct ipmasq_entry entries[1003] = {
		prefix(AF_INET, 10ULL << 56, 0, 8, 1),
		prefix(AF_INET6, 0xfd00ULL << 48, 0, 8, 1),
		prefix(AF_INET6, 0xfd00ULL << 48, 1, 128, 1),
	};
	struct ipmasq_cidr_table table, changed;
	u32 count;
	long fails;

	/* Leaks are the sanitizer's to see. */
	count = settle(entries, 3);
	fails = build_without_memory(&table, NULL, entries, count);
	report(fails == 9, "each of the 9 allocations may fail (%ld did)", fails);
	report(look_up(&table, AF_INET, 10ULL << 56, 0) == match_of(&entries[0]),
	       "and then it works");
	ipmasq_cidr_table_release(&table);

	for (count = 0; count < 1003; count++)
		entries[count] = prefix(AF_INET6, 0xfd00ULL << 48, count, 128, 1);
	count = settle(entries, count);
	fails = build_without_memory(&table, NULL, entries, count);
	report(fails > 20, "among many blocks too (%ld did)", fails);
	entries[500].action = IPMASQ_ACTION_NONE;
	fails = build_without_memory(&changed, &table, &entries[500], 1);
	report(fails > 8 && fails < 20, "and in a change (%ld did)", fails);
	ipmasq_cidr_table_release(&table);
	report(!look_up(&changed, AF_INET6, 0xfd00ULL << 48, 500), "and then that works");
	ipmasq_cidr_table_release(&changed);
}

static void test_verdict(void)
{
	struct ipmasq_entry entries[2] = {
		prefix(AF_INET, 10ULL << 56, 0, 8, 1), prefix(AF_INET, 11ULL << 56, 0, 8, 1),
	};
	struct ipmasq_policy policy = { .flags = IPMASQ_FLAG_ENABLED };
	struct in6_addr address6 = { .s6_addr = { 0x20, 0x01 } };
	static const struct {
		u32 flags, destination;
		bool ipv6, local;
		int verdict, entry;
	} cases[] = {
		{ 0, 0x0a000001, false, false, IPMASQ_VERDICT_DISABLED, -1 },
		{ 1, 0x0a000001, false, false, IPMASQ_VERDICT_CIDR, 0 },
		{ 1, 0x0a000001, false, true, IPMASQ_VERDICT_CIDR, 0 },
		{ 1, 0x0b000001, false, false, IPMASQ_VERDICT_MASQUERADE, 1 },
		{ 1, 0x0b000001, false, true, IPMASQ_VERDICT_LOCAL, -1 },
		{ 1, 0x0c000001, false, false, IPMASQ_VERDICT_MASQUERADE, -1 },
		{ 1, 0x0c000001, false, true, IPMASQ_VERDICT_LOCAL, -1 },
		{ 1, 0, true, false, IPMASQ_VERDICT_DISABLED, -1 },
		{ 3, 0, true, false, IPMASQ_VERDICT_MASQUERADE, -1 },
		{ 3, 0, true, true, IPMASQ_VERDICT_LOCAL, -1 },
	};
	size_t i;

	entries[0].action = IPMASQ_ACTION_SKIP;
	entries[0].counter = 0;
	entries[1].action = IPMASQ_ACTION_MASQUERADE;
	entries[1].counter = 1;
	if (ipmasq_cidr_table_build(&policy.table, NULL, entries, 2, 0))
		abort();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ipmasq_flow flow = { .ipv6 = cases[i].ipv6, .local = cases[i].local };
		struct ipmasq_decision decision;
		u32 wanted = 0;
		int verdict;

		if (flow.ipv6)
			flow.destination6 = &address6;
		else
			flow.destination4 = htobe32(cases[i].destination);
		if (!flow.ipv6)
			flow.source4 = htobe32(0x0af40102);
		policy.flags = cases[i].flags;
		verdict = ipmasq_decide(&policy, &flow, &decision);
		if (cases[i].entry >= 0)
			wanted = match_of(&entries[cases[i].entry]);
		report(verdict == cases[i].verdict && decision.match == wanted,
		       "verdict of case %zu: %d", i, verdict);
	}
	ipmasq_cidr_table_release(&policy.table);
}

int main(int argc, char **argv)
{
	u64 seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (u64)time(NULL);

	random_seed(seed);
	test_edges();
	test_no_memory();
	test_verdict();
	test_against_oracle(AF_INET, seed);
	test_against_oracle(AF_INET6, seed);
	test_changes(AF_INET, seed);
	test_changes(AF_INET6, seed);
	test_million(AF_INET, seed);
	test_million(AF_INET6, seed);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
