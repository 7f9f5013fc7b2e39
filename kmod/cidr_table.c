// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table is a sorted array of disjoint ranges, each with its match: the
 * prefixes, which nest, are flattened when a policy is compiled, so that a lookup
 * needs no tree and no backtracking. The array is cut into blocks of about a page,
 * which tables share, so that a change builds anew what lies around it and nothing
 * else. Over the blocks, and over the ranges of each block, a direct-indexed
 * stride narrows the binary search to the few that begin in one slot. That is the
 * idea of DXR (Zec, Rizzo, Mikuc: "DXR: Towards a Billion Routing Lookups per
 * Second in Software", 2012) with a stride as wide as the table is large, begun at
 * the lowest prefix, so that a table that lives inside 10.0.0.0/8 or 2001:db8::/32
 * does not waste it.
 *
 * n prefixes make at most 2n + 1 ranges, whatever an adversary picks, and a lookup
 * takes 23 steps at most in a table of a million.
 */
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "cidr_table.h"

/**
 * ipmasq_prefix_compare() - order prefixes without their origin
 * @a: one prefix
 * @b: another
 *
 * By family, then address, then length, the shorter first: a prefix comes right
 * before everything inside it.
 *
 * Return: below, at or above 0.
 */
int ipmasq_prefix_compare(const struct ipmasq_entry *a, const struct ipmasq_entry *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return (int)a->prefix_len - (int)b->prefix_len;
}

/**
 * ipmasq_entry_compare() - the order that a table's entries are in
 * @a: one entry
 * @b: another
 *
 * As ipmasq_prefix_compare(), and entries of one prefix by origin, so that the
 * one that decides comes last.
 *
 * Return: below, at or above 0.
 */
int ipmasq_entry_compare(const struct ipmasq_entry *a, const struct ipmasq_entry *b)
{
	int order = ipmasq_prefix_compare(a, b);

	return order ? order : (int)a->origin - (int)b->origin;
}

/* The bits that a prefix leaves free. IPv4 counts its 32 bits from the top, so
 * that one formula serves both families.
 */
static void host_mask(u8 prefix_len, u64 *high, u64 *low)
{
	if (prefix_len < 64) {
		*high = U64_MAX >> prefix_len;
		*low = U64_MAX;
	} else {
		*high = 0;
		*low = prefix_len < 128 ? U64_MAX >> (prefix_len - 64) : 0;
	}
}

/**
 * ipmasq_prefix_has_host_bits() - is there anything beyond the prefix length?
 * @entry: a prefix; the length must be in its family's bounds
 *
 * Return: true for 10.0.0.1/8, false for 10.0.0.0/8.
 */
bool ipmasq_prefix_has_host_bits(const struct ipmasq_entry *entry)
{
	u64 high, low;

	host_mask(entry->prefix_len, &high, &low);
	return (entry->high & high) || (entry->low & low);
}

/**
 * ipmasq_prefix_last() - the last address of a prefix
 * @entry: the prefix
 * @high: its upper 64 bits; IPv4 fills the upper 32, the rest is ones
 * @low: its lower 64 bits
 */
void ipmasq_prefix_last(const struct ipmasq_entry *entry, u64 *high, u64 *low)
{
	host_mask(entry->prefix_len, high, low);
	*high |= entry->high;
	*low |= entry->low;
}

/* The slot that an address belongs to. */
static __always_inline u32 stride_slot(const struct ipmasq_stride *stride, u64 address)
{
	u64 slot = address < stride->base ? 0 : (address - stride->base) >> stride->shift;

	return min_t(u64, slot, stride->last);
}

/* Which of count addresses from found on is the last that is not above wanted.
 * Written so that it compiles to conditional moves: addresses are random, a branch
 * would be mispredicted at every other step.
 */
static __always_inline u32 search4(const struct ipmasq_index *index, u32 found, u32 count,
				   u32 wanted)
{
	while (count > 1) {
		u32 half = count / 2;

		found = index->start4[found + half] <= wanted ? found + half : found;
		count -= half;
	}
	return found;
}

static __always_inline u32 search6(const struct ipmasq_index *index, u32 found, u32 count,
				   u64 high, u64 low)
{
	const u64 *start = index->start6;
	const u64 *start_low = index->start6_low;

	if (!start_low) {
		while (count > 1) {
			u32 half = count / 2;

			found = start[found + half] <= high ? found + half : found;
			count -= half;
		}
		return found;
	}
	while (count > 1) {
		u32 half = count / 2;
		u32 middle = found + half;
		bool reached = start[middle] < high ||
			       (start[middle] == high && start_low[middle] <= low);

		found = reached ? middle : found;
		count -= half;
	}
	return found;
}

/**
 * ipmasq_cidr_table_lookup4() - what the longest prefix says about an IPv4 address
 * @table: a built table
 * @address: network order
 *
 * Sleeps never, takes no lock; whoever owns the table must keep it alive, for
 * the hook that is its RCU read section.
 *
 * Return: the match, or 0 where no prefix holds the address.
 */
u32 ipmasq_cidr_table_lookup4(const struct ipmasq_cidr_table *table, __be32 address)
{
	const struct ipmasq_blocks *blocks = &table->ipv4;
	const struct ipmasq_block *block;
	u32 wanted = be32_to_cpu(address);
	const u32 *range;
	const u8 *slot;
	u32 found;

	range = &blocks->slot[stride_slot(&blocks->index.stride, wanted)];
	found = search4(&blocks->index, range[0], range[1] - range[0] + 1, wanted);
	block = blocks->block[found];
	slot = &block->slot[stride_slot(&block->index.stride, wanted)];
	found = search4(&block->index, slot[0], slot[1] - slot[0] + 1, wanted);
	return block->match[found];
}

static void host_order(const struct in6_addr *address, u64 *high, u64 *low)
{
	*high = (u64)be32_to_cpu(address->s6_addr32[0]) << 32 |
		be32_to_cpu(address->s6_addr32[1]);
	*low = (u64)be32_to_cpu(address->s6_addr32[2]) << 32 |
	       be32_to_cpu(address->s6_addr32[3]);
}

/**
 * ipmasq_cidr_table_lookup6() - what the longest prefix says about an IPv6 address
 * @table: a built table
 * @address: network order
 *
 * As ipmasq_cidr_table_lookup4().
 *
 * Return: the match, or 0 where no prefix holds the address.
 */
u32 ipmasq_cidr_table_lookup6(const struct ipmasq_cidr_table *table,
			      const struct in6_addr *address)
{
	const struct ipmasq_blocks *blocks = &table->ipv6;
	const struct ipmasq_block *block;
	const u32 *range;
	const u8 *slot;
	u64 high, low;
	u32 found;

	host_order(address, &high, &low);
	range = &blocks->slot[stride_slot(&blocks->index.stride, high)];
	found = search6(&blocks->index, range[0], range[1] - range[0] + 1, high, low);
	block = blocks->block[found];
	slot = &block->slot[stride_slot(&block->index.stride, high)];
	found = search6(&block->index, slot[0], slot[1] - slot[0] + 1, high, low);
	return block->match[found];
}

/**
 * ipmasq_block_entry() - unpack an entry of a block
 * @block: the block
 * @ipv6: its family
 * @index: below its entry_count
 * @entry: what to fill
 */
void ipmasq_block_entry(const struct ipmasq_block *block, bool ipv6, u32 index,
			struct ipmasq_entry *entry)
{
	u32 match;

	if (ipv6) {
		const struct ipmasq_entry6 *kept = &block->entry6[index];

		entry->high = kept->high;
		entry->low = kept->low;
		entry->prefix_len = kept->prefix_len;
		entry->origin = kept->origin;
		entry->family = AF_INET6;
		match = kept->match;
	} else {
		const struct ipmasq_entry4 *kept = &block->entry4[index];

		entry->high = (u64)kept->address << 32;
		entry->low = 0;
		entry->prefix_len = kept->prefix_len;
		entry->origin = kept->origin;
		entry->family = AF_INET;
		match = kept->match;
	}
	entry->action = ipmasq_match_action(match);
	entry->counter = ipmasq_match_counter(match);
}

/**
 * ipmasq_index_start() - where a block or a range starts
 * @index: of the blocks or the ranges
 * @ipv6: its family
 * @i: which one
 * @high: upper 64 bits of the address; IPv4 fills the upper 32
 * @low: lower 64 bits
 */
void ipmasq_index_start(const struct ipmasq_index *index, bool ipv6, u32 i, u64 *high,
			u64 *low)
{
	*high = ipv6 ? index->start6[i] : (u64)index->start4[i] << 32;
	*low = ipv6 && index->start6_low ? index->start6_low[i] : 0;
}

/* The block that an address lies in; for what has the time. */
static u32 block_of(const struct ipmasq_blocks *blocks, bool ipv6, u64 high, u64 low)
{
	return ipv6 ? search6(&blocks->index, 0, blocks->index.count, high, low) :
		      search4(&blocks->index, 0, blocks->index.count, high >> 32);
}

/* How many entries of a block come before key. */
static u32 entries_before(const struct ipmasq_block *block, bool ipv6,
			  const struct ipmasq_entry *key)
{
	u32 low = 0, high = block->entry_count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		struct ipmasq_entry entry;

		ipmasq_block_entry(block, ipv6, middle, &entry);
		if (ipmasq_entry_compare(&entry, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last entry that comes before key, in the blocks before limit. */
static bool entry_before(const struct ipmasq_blocks *blocks, bool ipv6, u32 limit,
			 const struct ipmasq_entry *key, struct ipmasq_entry *entry)
{
	u32 i = min_t(u32, block_of(blocks, ipv6, key->high, key->low) + 1, limit);

	while (i--) {
		u32 count = entries_before(blocks->block[i], ipv6, key);

		if (!count)
			continue;
		ipmasq_block_entry(blocks->block[i], ipv6, count - 1, entry);
		return true;
	}
	return false;
}

/* Leading bits that two addresses have in common. */
static u8 common_length(u64 high_a, u64 low_a, u64 high_b, u64 low_b)
{
	if (high_a != high_b)
		return 64 - fls64(high_a ^ high_b);
	return 128 - fls64(low_a ^ low_b);
}

/**
 * ipmasq_blocks_enclosing() - the longest prefix that holds an address
 * @blocks: one family of a built table
 * @ipv6: which
 * @limit: only entries of the blocks before this one
 * @high: the address; IPv4 fills the upper 32 bits
 * @low: its lower 64 bits
 * @longest: only prefixes that are not longer
 * @entry: what to fill: of several origins the one that decides
 *
 * Whatever holds the address and comes before an entry holds that entry's first
 * address too, so that each step leaves only shorter lengths.
 *
 * Return: false if there is none.
 */
bool ipmasq_blocks_enclosing(const struct ipmasq_blocks *blocks, bool ipv6, u32 limit,
			     u64 high, u64 low, u8 longest, struct ipmasq_entry *entry)
{
	struct ipmasq_entry key = { .family = ipv6 ? AF_INET6 : AF_INET, .origin = U8_MAX };

	for (;;) {
		u64 free_high, free_low;
		u8 common;

		host_mask(longest, &free_high, &free_low);
		key.high = high & ~free_high;
		key.low = low & ~free_low;
		key.prefix_len = longest;
		if (!entry_before(blocks, ipv6, limit, &key, entry))
			return false;
		common = common_length(entry->high, entry->low, high, low);
		if (common >= entry->prefix_len)
			return true;
		longest = common;
	}
}

/**
 * ipmasq_cidr_table_find() - the entry behind a match
 * @table: a built table
 * @ipv6: family of the address
 * @address: network order; IPv4 in the first word
 * @entry: what to fill
 *
 * Slower than a lookup, for people who ask.
 *
 * Return: false where no prefix holds the address.
 */
bool ipmasq_cidr_table_find(const struct ipmasq_cidr_table *table, bool ipv6,
			    const struct in6_addr *address, struct ipmasq_entry *entry)
{
	const struct ipmasq_blocks *blocks = ipv6 ? &table->ipv6 : &table->ipv4;
	u64 high, low;

	if (ipv6) {
		host_order(address, &high, &low);
	} else {
		high = (u64)be32_to_cpu(address->s6_addr32[0]) << 32;
		low = 0;
	}
	return ipmasq_blocks_enclosing(blocks, ipv6, blocks->index.count, high, low,
				       ipv6 ? 128 : 32, entry);
}

/**
 * ipmasq_cidr_table_get() - look for an entry
 * @table: a built table
 * @key: family, address, length and origin
 * @entry: what to fill
 *
 * Return: false if it is not there.
 */
bool ipmasq_cidr_table_get(const struct ipmasq_cidr_table *table,
			   const struct ipmasq_entry *key, struct ipmasq_entry *entry)
{
	struct ipmasq_cursor cursor;

	ipmasq_cursor_seek(&cursor, table, key);
	return ipmasq_cursor_read(&cursor, entry) && !ipmasq_entry_compare(entry, key);
}

/**
 * ipmasq_cidr_table_memory() - what a table takes
 * @table: the table
 *
 * Return: bytes, its entries included, without the allocator's rounding.
 */
size_t ipmasq_cidr_table_memory(const struct ipmasq_cidr_table *table)
{
	return table->ipv4.bytes + table->ipv6.bytes;
}

/**
 * ipmasq_cursor_seek() - go to an entry
 * @cursor: what to fill
 * @table: a built table
 * @key: family, address, length and origin
 *
 * Goes to the first entry that does not come before @key.
 */
void ipmasq_cursor_seek(struct ipmasq_cursor *cursor, const struct ipmasq_cidr_table *table,
			const struct ipmasq_entry *key)
{
	bool ipv6 = key->family == AF_INET6;
	const struct ipmasq_blocks *blocks = ipv6 ? &table->ipv6 : &table->ipv4;

	cursor->table = table;
	cursor->ipv6 = ipv6;
	/* A key without a family comes before everything. */
	if (!key->family) {
		cursor->block = 0;
		cursor->index = 0;
		return;
	}
	cursor->block = block_of(blocks, ipv6, key->high, key->low);
	cursor->index = entries_before(blocks->block[cursor->block], ipv6, key);
}

/**
 * ipmasq_cursor_read() - the entry at a cursor
 * @cursor: from ipmasq_cursor_seek(); add 1 to its index to go on
 * @entry: what to fill
 *
 * Return: false behind the last entry.
 */
bool ipmasq_cursor_read(struct ipmasq_cursor *cursor, struct ipmasq_entry *entry)
{
	for (;;) {
		const struct ipmasq_blocks *blocks = cursor->ipv6 ? &cursor->table->ipv6 :
								    &cursor->table->ipv4;

		for (; cursor->block < blocks->index.count; cursor->block++) {
			const struct ipmasq_block *block = blocks->block[cursor->block];

			if (cursor->index < block->entry_count) {
				ipmasq_block_entry(block, cursor->ipv6, cursor->index, entry);
				return true;
			}
			cursor->index = 0;
		}
		if (cursor->ipv6)
			return false;
		cursor->ipv6 = true;
		cursor->block = 0;
		cursor->index = 0;
	}
}

/**
 * ipmasq_cursor_shadowed() - does an entry of another origin decide instead?
 * @cursor: ipmasq_cursor_read() has found an entry there
 *
 * Return: true when the same prefix comes again behind it, which is always in the
 * same block.
 */
bool ipmasq_cursor_shadowed(const struct ipmasq_cursor *cursor)
{
	const struct ipmasq_blocks *blocks = cursor->ipv6 ? &cursor->table->ipv6 :
							    &cursor->table->ipv4;
	const struct ipmasq_block *block = blocks->block[cursor->block];
	struct ipmasq_entry entry, next;

	if (cursor->index + 1 >= block->entry_count)
		return false;
	ipmasq_block_entry(block, cursor->ipv6, cursor->index, &entry);
	ipmasq_block_entry(block, cursor->ipv6, cursor->index + 1, &next);
	return !ipmasq_prefix_compare(&entry, &next);
}
