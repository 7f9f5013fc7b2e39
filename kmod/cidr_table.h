/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Longest-prefix match over IPv4 and IPv6. Knows nothing of sockets, netlink or
 * skbs, so that KUnit, the benchmark and the fuzzer compile the same files:
 * cidr_table.c asks, cidr_build.c and cidr_block.c build.
 */
#ifndef IPMASQ_CIDR_TABLE_H
#define IPMASQ_CIDR_TABLE_H

#include <linux/in6.h>
#include <linux/refcount.h>
#include <linux/types.h>

/* An entry that has no counter yet. */
#define IPMASQ_NO_COUNTER U32_MAX

/* The action of a change that takes an entry away. */
#define IPMASQ_ACTION_NONE 0

/**
 * struct ipmasq_entry - one prefix, as a writer gave it
 * @high: upper 64 bits of the address, host order; IPv4 fills the upper 32
 * @low: lower 64 bits, 0 for IPv4
 * @counter: slot in the namespace's counter set
 * @prefix_len: 0 to 32 or 0 to 128
 * @action: enum ipmasq_action; in a change also IPMASQ_ACTION_NONE
 * @origin: enum ipmasq_origin
 * @family: AF_INET or AF_INET6
 */
struct ipmasq_entry {
	u64 high;
	u64 low;
	u32 counter;
	u8 prefix_len;
	u8 action;
	u8 origin;
	u8 family;
};

/**
 * ipmasq_match() - what an entry says about an address, in one word
 * @action: not IPMASQ_ACTION_NONE
 * @counter: below 2^29; a namespace has four times ipmasq_max_entries() at most
 *
 * Return: the word; 0 stands for no entry.
 */
static inline u32 ipmasq_match(u8 action, u32 counter)
{
	return counter << 3 | action;
}

/**
 * ipmasq_match_action() - the action in a match
 * @match: not 0
 *
 * Return: enum ipmasq_action.
 */
static inline u8 ipmasq_match_action(u32 match)
{
	return match & 7;
}

/**
 * ipmasq_match_counter() - the counter in a match
 * @match: not 0
 *
 * Return: the slot.
 */
static inline u32 ipmasq_match_counter(u32 match)
{
	return match >> 3;
}

/**
 * struct ipmasq_stride - where to begin to search
 * @base: addresses below it belong to slot 0
 * @shift: (address - @base) >> @shift is the slot
 * @last: highest slot; addresses beyond belong to it
 */
struct ipmasq_stride {
	u64 base;
	u32 shift;
	u32 last;
};

/**
 * struct ipmasq_index - ascending addresses, the first of which is a block's start
 * @count: how many
 * @start4: host order (IPv4)
 * @start6: the upper 64 bits (IPv6)
 * @start6_low: the lower 64 bits; NULL while all are 0
 * @stride: says for each slot which of them holds its lowest address
 */
struct ipmasq_index {
	u32 count;
	union {
		u32 *start4;
		u64 *start6;
	};
	u64 *start6_low;
	struct ipmasq_stride stride;
};

/**
 * struct ipmasq_entry4 - an IPv4 entry as a block keeps it
 * @address: host order
 * @match: see ipmasq_match()
 * @prefix_len: 0 to 32
 * @origin: enum ipmasq_origin
 */
struct ipmasq_entry4 {
	u32 address;
	u32 match;
	u8 prefix_len;
	u8 origin;
};

/**
 * struct ipmasq_entry6 - an IPv6 entry as a block keeps it
 * @high: upper 64 bits of the address, host order
 * @low: lower 64 bits
 * @match: see ipmasq_match()
 * @prefix_len: 0 to 128
 * @origin: enum ipmasq_origin
 */
struct ipmasq_entry6 {
	u64 high;
	u64 low;
	u32 match;
	u8 prefix_len;
	u8 origin;
};

/**
 * struct ipmasq_block - a stretch of one family's addresses, immutable
 * @users: tables that it is in
 * @entry_count: entries whose first address lies in it
 * @index: ranges: its addresses, cut where the match changes; 255 at most
 * @match: of each range; 0 for none
 * @slot: for each slot of the stride the range that holds its lowest address, and
 *	after the last one the last range
 * @entry4: the entries in the order of ipmasq_entry_compare() (IPv4)
 * @entry6: the same (IPv6)
 *
 * One allocation, in which all pointers point.
 */
struct ipmasq_block {
	refcount_t users;
	u32 entry_count;
	struct ipmasq_index index;
	u32 *match;
	u8 *slot;
	union {
		struct ipmasq_entry4 *entry4;
		struct ipmasq_entry6 *entry6;
	};
};

/**
 * struct ipmasq_blocks - one family's addresses, each in one block
 * @index: where each block starts, the first at the lowest address
 * @slot: as ipmasq_block.slot, of blocks
 * @block: the blocks; this table is one of their users
 * @bytes: what all of it takes
 * @entry_count: entries in all blocks
 * @shared: how many of them are in blocks of the table that this one was built from
 */
struct ipmasq_blocks {
	struct ipmasq_index index;
	u32 *slot;
	struct ipmasq_block **block;
	size_t bytes;
	u32 entry_count;
	u32 shared;
};

/**
 * struct ipmasq_cidr_table - prefixes compiled for lookup, immutable once built
 * @ipv4: IPv4
 * @ipv6: IPv6
 */
struct ipmasq_cidr_table {
	struct ipmasq_blocks ipv4;
	struct ipmasq_blocks ipv6;
};

/**
 * struct ipmasq_cursor - a place among the entries of a table
 * @table: the table, which must outlive the cursor
 * @ipv6: in which family
 * @block: in which block
 * @index: which entry of it; may be beyond its last
 */
struct ipmasq_cursor {
	const struct ipmasq_cidr_table *table;
	bool ipv6;
	u32 block;
	u32 index;
};

/* cidr_table.c */
int ipmasq_prefix_compare(const struct ipmasq_entry *a, const struct ipmasq_entry *b);
int ipmasq_entry_compare(const struct ipmasq_entry *a, const struct ipmasq_entry *b);
bool ipmasq_prefix_has_host_bits(const struct ipmasq_entry *entry);
void ipmasq_prefix_last(const struct ipmasq_entry *entry, u64 *high, u64 *low);

u32 ipmasq_cidr_table_lookup4(const struct ipmasq_cidr_table *table, __be32 address);
u32 ipmasq_cidr_table_lookup6(const struct ipmasq_cidr_table *table,
			      const struct in6_addr *address);
bool ipmasq_cidr_table_find(const struct ipmasq_cidr_table *table, bool ipv6,
			    const struct in6_addr *address, struct ipmasq_entry *entry);
bool ipmasq_cidr_table_get(const struct ipmasq_cidr_table *table,
			   const struct ipmasq_entry *key, struct ipmasq_entry *entry);
size_t ipmasq_cidr_table_memory(const struct ipmasq_cidr_table *table);

void ipmasq_cursor_seek(struct ipmasq_cursor *cursor, const struct ipmasq_cidr_table *table,
			const struct ipmasq_entry *key);
bool ipmasq_cursor_read(struct ipmasq_cursor *cursor, struct ipmasq_entry *entry);
bool ipmasq_cursor_shadowed(const struct ipmasq_cursor *cursor);

/* For cidr_build.c. */
void ipmasq_block_entry(const struct ipmasq_block *block, bool ipv6, u32 index,
			struct ipmasq_entry *entry);
void ipmasq_index_start(const struct ipmasq_index *index, bool ipv6, u32 i, u64 *high,
			u64 *low);
bool ipmasq_blocks_enclosing(const struct ipmasq_blocks *blocks, bool ipv6, u32 limit,
			     u64 high, u64 low, u8 longest, struct ipmasq_entry *entry);

/* cidr_build.c */
int ipmasq_cidr_table_build(struct ipmasq_cidr_table *table,
			    const struct ipmasq_cidr_table *base,
			    const struct ipmasq_entry *changes, u32 count, u8 replaced);
void ipmasq_cidr_table_release(struct ipmasq_cidr_table *table);

#endif
