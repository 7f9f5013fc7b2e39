/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two files that build a table share: cidr_build.c sweeps along the
 * addresses, cidr_block.c makes blocks of what it says.
 */
#ifndef IPMASQ_CIDR_BUILD_H
#define IPMASQ_CIDR_BUILD_H

#include <linux/types.h>

#include "cidr_table.h"

/* What a block may take, a slab object: about 150 entries, which are rebuilt for
 * one that changes. One with many prefixes at the same address may take more.
 */
#define IPMASQ_BLOCK_BYTES 4096

/* So little is not worth a block of its own if there is a neighbour. */
#define IPMASQ_BLOCK_BYTES_FEW (IPMASQ_BLOCK_BYTES / 4)

/* Room for what waits, powers of two. At one address come up to 66 entries of 12
 * bytes (IPv4) or 258 of 24 (IPv6).
 */
#define IPMASQ_RANGE_RING 512
#define IPMASQ_ENTRY_RING 512

/* Prefixes of one family nest at most this deep. */
#define IPMASQ_NESTING_MAX 129

/**
 * struct ipmasq_pending_range - a range that is in no block yet
 * @high: where it starts, upper bits
 * @low: and lower bits
 * @match: what it says
 * @entries: number of the first entry at its start or behind
 */
struct ipmasq_pending_range {
	u64 high;
	u64 low;
	u32 match;
	u32 entries;
};

/**
 * struct ipmasq_open_prefix - a prefix that holds the present address
 * @entry: the prefix, of several origins the last
 * @last_high: its last address, upper bits
 * @last_low: and lower bits
 */
struct ipmasq_open_prefix {
	struct ipmasq_entry entry;
	u64 last_high;
	u64 last_low;
};

/**
 * struct ipmasq_sweep - the building of one family
 * @ipv6: which
 * @blocks: what is built
 * @room: blocks that fit into its array
 * @collecting: the stack and what waits belong to the present address; otherwise
 *	the block before was shared, and nothing waits
 * @dirty: a prefix has changed
 * @dirty_high: the last address of all that have, upper bits
 * @dirty_low: and lower bits
 * @depth: prefixes on the stack
 * @range_head: number of the first range that waits
 * @range_tail: number of the next one
 * @entry_head: the same, entries
 * @entry_tail: the same
 * @low: a range that waits starts inside a /64
 * @open: the stack, the outermost first
 * @range: ring of what waits
 * @entry: the same
 */
struct ipmasq_sweep {
	bool ipv6;
	struct ipmasq_blocks *blocks;
	u32 room;
	bool collecting;
	bool dirty;
	u64 dirty_high;
	u64 dirty_low;
	u32 depth;
	u32 range_head;
	u32 range_tail;
	u32 entry_head;
	u32 entry_tail;
	bool low;
	struct ipmasq_open_prefix open[IPMASQ_NESTING_MAX];
	struct ipmasq_pending_range range[IPMASQ_RANGE_RING];
	struct ipmasq_entry entry[IPMASQ_ENTRY_RING];
};

int ipmasq_sweep_emit(struct ipmasq_sweep *sweep, u64 high, u64 low, u32 match);
int ipmasq_sweep_flush(struct ipmasq_sweep *sweep);
int ipmasq_sweep_room(struct ipmasq_sweep *sweep, u32 room);
int ipmasq_sweep_push(struct ipmasq_sweep *sweep, struct ipmasq_block *block);
size_t ipmasq_sweep_pending(const struct ipmasq_sweep *sweep);
int ipmasq_blocks_index(struct ipmasq_blocks *blocks, bool ipv6);
void ipmasq_blocks_release(struct ipmasq_blocks *blocks, bool ipv6);

#endif
