// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of prefixes that are hard on a table, made at random from a seed. */
#include "prefix_sets.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <linux/ipmasq.h>

static u64 state;

/**
 * random_seed() - begin again
 * @seed: what follows depends on it alone
 */
void random_seed(u64 seed)
{
	state = seed * 2862933555777941757ULL + 3037000493ULL;
}

/**
 * random64() - 64 bits at random
 *
 * xorshift64* (Marsaglia; Vigna, "An experimental exploration").
 */
u64 random64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717ULL;
}

/**
 * random_below() - a number at random
 * @bound: it is below that
 */
u32 random_below(u32 bound)
{
	return (random64() >> 32) * bound >> 32;
}

/**
 * prefix_mask() - the bits that a prefix length covers
 * @prefix_len: 0 to 128
 * @high: set to the upper half
 * @low: set to the lower half
 */
void prefix_mask(u8 prefix_len, u64 *high, u64 *low)
{
	*high = prefix_len == 0 ? 0 : prefix_len >= 64 ? U64_MAX : ~0ULL << (64 - prefix_len);
	*low = prefix_len <= 64 ? 0 : prefix_len == 128 ? U64_MAX : ~0ULL << (128 - prefix_len);
}

/**
 * prefix() - an entry with an action at random and no counter
 * @family: AF_INET or AF_INET6
 * @high: upper half of an address inside
 * @low: lower half
 * @prefix_len: 0 to 32 or 128
 * @origin: enum ipmasq_origin
 */
struct ipmasq_entry prefix(u8 family, u64 high, u64 low, u8 prefix_len, u8 origin)
{
	struct ipmasq_entry entry = {
		.family = family, .prefix_len = prefix_len, .origin = origin,
		.action = 1 + random_below(2), .counter = IPMASQ_NO_COUNTER,
	};
	u64 mask_high, mask_low;

	prefix_mask(prefix_len, &mask_high, &mask_low);
	entry.high = high & mask_high;
	entry.low = low & mask_low;
	return entry;
}

/**
 * entry_order() - ipmasq_entry_compare() for qsort() and bsearch()
 * @a: an entry
 * @b: another
 */
int entry_order(const void *a, const void *b)
{
	return ipmasq_entry_compare(a, b);
}

/**
 * settle() - make a set what a policy has: in order, no two of one prefix and origin
 * @entries: sorted in place, counters are numbered
 * @count: how many
 *
 * Return: how many are left.
 */
u32 settle(struct ipmasq_entry *entries, u32 count)
{
	u32 kept = 0, i;

	qsort(entries, count, sizeof(*entries), entry_order);
	for (i = 0; i < count; i++)
		if (!kept || ipmasq_entry_compare(&entries[kept - 1], &entries[i]))
			entries[kept++] = entries[i];
	for (i = 0; i < kept; i++)
		entries[i].counter = i;
	return kept;
}

/**
 * choose_address() - an address that matters
 * @entries: a set
 * @count: how many
 * @family: AF_INET or AF_INET6
 * @high: set to the upper half of the address
 * @low: set to the lower half
 *
 * At or beside an edge of some prefix, or anywhere.
 */
void choose_address(const struct ipmasq_entry *entries, u32 count, u8 family,
			   u64 *high, u64 *low)
{
	const struct ipmasq_entry *near = &entries[count ? random_below(count) : 0];
	u64 step = family == AF_INET ? 1ULL << 32 : 1;

	if (!count || near->family != family || random_below(4) == 0) {
		*high = random64();
		*low = random64();
	} else {
		u64 mask_high, mask_low;

		prefix_mask(near->prefix_len, &mask_high, &mask_low);
		*high = near->high;
		*low = near->low;
		switch (random_below(6)) {
		case 0: /* the first */
			break;
		case 1: /* the last */
			*high |= ~mask_high;
			*low |= ~mask_low;
			break;
		case 2: /* one below */
			if (family == AF_INET)
				*high -= step;
			else if ((*low)-- == 0)
				(*high)--;
			break;
		case 3: /* one above */
			*high |= ~mask_high;
			*low |= ~mask_low;
			if (family == AF_INET)
				*high += step;
			else if (++*low == 0)
				(*high)++;
			break;
		default: /* inside */
			*high |= random64() & ~mask_high;
			*low |= random64() & ~mask_low;
		}
	}
	if (family == AF_INET) {
		*high &= ~0ULL << 32;
		*low = 0;
	}
}

/**
 * longest() - the longest prefix length of a family
 * @family: AF_INET or AF_INET6
 */
u8 longest(u8 family)
{
	return family == AF_INET ? 32 : 128;
}

/**
 * make_random() - prefixes of any length anywhere
 * @entries: to fill
 * @room: how many fit
 * @family: AF_INET or AF_INET6
 *
 * Return: how many, not settled.
 */
u32 make_random(struct ipmasq_entry *entries, u32 room, u8 family)
{
	u32 count = random_below(room + 1), i;

	for (i = 0; i < count; i++)
		entries[i] = prefix(family, random64(), random64(),
				    random_below(longest(family) + 1), 1 + random_below(2));
	return count;
}

/* Every length around one address, which is where the table is deepest. */
static u32 make_nested(struct ipmasq_entry *entries, u32 room, u8 family)
{
	u64 high = random64(), low = random64();
	u32 i;

	for (i = 0; i <= longest(family) && i < room; i++)
		entries[i] = prefix(family, high, low, i, 1 + random_below(2));
	return i;
}

/* Every length at the lowest address from both origins, which is the most that can
 * come at one, and something behind it.
 */
static u32 make_pile(struct ipmasq_entry *entries, u32 room, u8 family)
{
	u32 count = 0, i;

	for (i = 0; i <= longest(family) && count + 2 < room; i++) {
		entries[count++] = prefix(family, 0, 0, i, IPMASQ_ORIGIN_CONFIG);
		entries[count++] = prefix(family, 0, 0, i, IPMASQ_ORIGIN_STATIC);
	}
	entries[count++] = prefix(family, random64(), random64(), longest(family), 1);
	return count;
}

/* The two ends of the address space, where sums overflow. */
static u32 make_ends(struct ipmasq_entry *entries, u32 room, u8 family)
{
	u32 count = 0, i;

	for (i = 0; i <= longest(family) && count + 2 <= room; i++) {
		if (random_below(2))
			entries[count++] = prefix(family, 0, 0, i, 1);
		if (random_below(2))
			entries[count++] = prefix(family, U64_MAX, U64_MAX, i, 1);
	}
	return count;
}

/* Neighbours that touch, inside one short prefix. */
static u32 make_crowd(struct ipmasq_entry *entries, u32 room, u8 family)
{
	u64 high = random64(), low = random64();
	u8 around = random_below(longest(family) - 11);
	u32 count = random_below(room + 1), i;

	for (i = 0; i < count; i++) {
		u8 length = around + random_below(12);
		u64 inside, outside, unused;

		/* The same bits before around, any behind. */
		prefix_mask(around, &outside, &unused);
		inside = around < 64 ? random64() & ~outside : 0;
		entries[i] = prefix(family, high ^ inside, around < 52 ? 0 : low ^ random64() >>
				    (around < 64 ? 0 : around - 64), length, 1);
	}
	return count;
}

/* The same prefix from both origins, all of them. */
static u32 make_twice(struct ipmasq_entry *entries, u32 room, u8 family)
{
	u32 count = make_random(entries, room / 2, family), i;

	for (i = 0; i < count; i++) {
		entries[i].origin = IPMASQ_ORIGIN_CONFIG;
		entries[count + i] = entries[i];
		entries[count + i].origin = IPMASQ_ORIGIN_STATIC;
		entries[count + i].action = 3 - entries[i].action;
	}
	return 2 * count;
}

/* Host prefixes side by side: one slot of the stride holds them all. */
static u32 make_hosts(struct ipmasq_entry *entries, u32 room, u8 family)
{
	u64 high = random64(), low = random64();
	u32 count = random_below(room + 1), i;

	for (i = 0; i < count; i++)
		entries[i] = family == AF_INET ?
			prefix(family, high + ((u64)i << 33), 0, 32, 1) :
			prefix(family, high, low + 2 * i, 128, 1);
	return count;
}

const struct prefix_set sets[SETS] = {
	{ "random", make_random },
	{ "nested", make_nested },
	{ "piled at one address", make_pile },
	{ "at the ends", make_ends },
	{ "crowded", make_crowd },
	{ "from both origins", make_twice },
	{ "hosts side by side", make_hosts },
};
