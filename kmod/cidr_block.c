// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of a table, and the index over them. What a sweep says waits until there
 * is enough for a block and for another one behind it, so that none is small.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "bounds.h"
#include "cidr_build.h"

/* Ranges of one block; a slot has eight bits. */
#define BLOCK_RANGES_MAX 255

/* A block is written when so much waits that enough is left for another one. What
 * the rings hold is the most that comes before that and at one address behind it.
 */
#define PENDING_BYTES (IPMASQ_BLOCK_BYTES + IPMASQ_BLOCK_BYTES / 4)
#define PENDING_RANGES 384

/* Slots for each block, two to four; more gain nothing. */
#define STRIDE_BITS_MAX 20

static u32 slots_of(u32 ranges)
{
	return (1U << ilog2(ranges)) + 1;
}

static size_t block_bytes(bool ipv6, u32 ranges, u32 entries, bool low)
{
	size_t each = sizeof(u32) + (ipv6 ? sizeof(u64) : sizeof(u32));

	if (low)
		each += sizeof(u64);
	return sizeof(struct ipmasq_block) + ranges * each + slots_of(ranges) +
	       entries * (ipv6 ? sizeof(struct ipmasq_entry6) : sizeof(struct ipmasq_entry4));
}

static u64 upper_start(const struct ipmasq_index *index, bool ipv6, u32 i)
{
	return ipv6 ? index->start6[i] : index->start4[i];
}

/* Does this one start at or below the lowest address of a slot? */
static bool starts_by(const struct ipmasq_index *index, bool ipv6, u32 i, u64 lowest)
{
	u64 start = upper_start(index, ipv6, i);

	/* Of several that start inside one /64 only the first may be at the slot's
	 * lowest address, hence <= on the upper bits alone would skip too far.
	 */
	return start < lowest ||
	       (start == lowest && (!ipv6 || !index->start6_low || !index->start6_low[i]));
}

/* Chooses a stride of at most 2^bits slots. */
static void stride_choose(struct ipmasq_index *index, bool ipv6, u32 bits)
{
	struct ipmasq_stride *stride = &index->stride;
	u64 top = upper_start(index, ipv6, index->count - 1);
	u32 width;

	/* The first starts at or before everything that is asked for. */
	stride->base = upper_start(index, ipv6, index->count > 1 ? 1 : 0);
	width = fls64(top - stride->base);
	stride->shift = width > bits ? min_t(u32, width - bits, 63) : 0;
	stride->last = (top - stride->base) >> stride->shift;
}

/* The slots of an index, either as bytes or as words. */
static void stride_fill(const struct ipmasq_index *index, bool ipv6, u8 *bytes, u32 *words)
{
	const struct ipmasq_stride *stride = &index->stride;
	u32 slot, i = 0;

	for (slot = 0; slot <= stride->last + 1; slot++) {
		u64 lowest = stride->base + ((u64)slot << stride->shift);

		ipmasq_reschedule(slot);
		if (slot > stride->last)
			i = index->count - 1;
		while (slot && i + 1 < index->count && starts_by(index, ipv6, i + 1, lowest))
			i++;
		if (bytes)
			bytes[slot] = i;
		else
			words[slot] = i;
	}
}

static void block_put(struct ipmasq_block *block)
{
	if (refcount_dec_and_test(&block->users))
		kfree(block);
}

/**
 * ipmasq_sweep_room() - make room for blocks
 * @sweep: the sweep
 * @room: for how many, those that there are included
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_sweep_room(struct ipmasq_sweep *sweep, u32 room)
{
	struct ipmasq_blocks *blocks = sweep->blocks;
	struct ipmasq_block **grown;

	grown = kvmalloc_array(room, sizeof(*grown), ipmasq_gfp());
	if (!grown)
		return -ENOMEM;
	if (blocks->index.count)
		memcpy(grown, blocks->block, blocks->index.count * sizeof(*grown));
	kvfree(blocks->block);
	blocks->block = grown;
	sweep->room = room;
	return 0;
}

/**
 * ipmasq_sweep_push() - a block is the next one of what is built
 * @sweep: the sweep
 * @block: the block; takes the caller's reference, also when it fails
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_sweep_push(struct ipmasq_sweep *sweep, struct ipmasq_block *block)
{
	struct ipmasq_blocks *blocks = sweep->blocks;

	if (blocks->index.count == sweep->room && ipmasq_sweep_room(sweep, sweep->room * 2)) {
		block_put(block);
		return -ENOMEM;
	}
	blocks->block[blocks->index.count++] = block;
	blocks->entry_count += block->entry_count;
	blocks->bytes += sizeof(block) +
			 block_bytes(sweep->ipv6, block->index.count, block->entry_count,
				     sweep->ipv6 && block->index.start6_low);
	return 0;
}

static const struct ipmasq_pending_range *pending_range(const struct ipmasq_sweep *sweep,
							u32 number)
{
	return &sweep->range[number % IPMASQ_RANGE_RING];
}

/* Number of the first entry that is not at one of the first so many ranges. */
static u32 entries_end(const struct ipmasq_sweep *sweep, u32 ranges)
{
	if (sweep->range_head + ranges == sweep->range_tail)
		return sweep->entry_tail;
	return pending_range(sweep, sweep->range_head + ranges)->entries;
}

static void block_fill(const struct ipmasq_sweep *sweep, struct ipmasq_block *block)
{
	u32 i;

	for (i = 0; i < block->index.count; i++) {
		const struct ipmasq_pending_range *range;

		range = pending_range(sweep, sweep->range_head + i);
		block->match[i] = range->match;
		if (sweep->ipv6)
			block->index.start6[i] = range->high;
		else
			block->index.start4[i] = range->high >> 32;
		if (block->index.start6_low)
			block->index.start6_low[i] = range->low;
	}
	for (i = 0; i < block->entry_count; i++) {
		const struct ipmasq_entry *entry;
		u32 match;

		entry = &sweep->entry[(sweep->entry_head + i) % IPMASQ_ENTRY_RING];
		match = ipmasq_match(entry->action, entry->counter);
		if (sweep->ipv6)
			block->entry6[i] = (struct ipmasq_entry6){
				.high = entry->high, .low = entry->low, .match = match,
				.prefix_len = entry->prefix_len, .origin = entry->origin,
			};
		else
			block->entry4[i] = (struct ipmasq_entry4){
				.address = entry->high >> 32, .match = match,
				.prefix_len = entry->prefix_len, .origin = entry->origin,
			};
	}
}

/* The first so many ranges that wait become a block. */
static int sweep_write(struct ipmasq_sweep *sweep, u32 ranges)
{
	u32 entries = entries_end(sweep, ranges) - sweep->entry_head;
	struct ipmasq_block *block;
	bool low = false;
	void *at;
	u32 i;

	for (i = 0; i < ranges; i++)
		low |= pending_range(sweep, sweep->range_head + i)->low != 0;
	block = kmalloc(block_bytes(sweep->ipv6, ranges, entries, low), ipmasq_gfp());
	if (!block)
		return -ENOMEM;
	memset(block, 0, sizeof(*block));
	refcount_set(&block->users, 1);
	block->entry_count = entries;
	block->index.count = ranges;
	/* What needs the widest words comes first. */
	at = block + 1;
	if (sweep->ipv6) {
		block->entry6 = at;
		at = block->entry6 + entries;
		block->index.start6 = at;
		at = block->index.start6 + ranges;
		if (low) {
			block->index.start6_low = at;
			at = block->index.start6_low + ranges;
		}
	} else {
		block->entry4 = at;
		at = block->entry4 + entries;
		block->index.start4 = at;
		at = block->index.start4 + ranges;
	}
	block->match = at;
	block->slot = (u8 *)(block->match + ranges);
	block_fill(sweep, block);
	stride_choose(&block->index, sweep->ipv6, ilog2(ranges));
	stride_fill(&block->index, sweep->ipv6, block->slot, NULL);

	sweep->range_head += ranges;
	sweep->entry_head += entries;
	return ipmasq_sweep_push(sweep, block);
}

/* How many of the ranges that wait make a block of at most so many bytes. */
static u32 sweep_cut(const struct ipmasq_sweep *sweep, size_t bytes)
{
	u32 most = min_t(u32, sweep->range_tail - sweep->range_head, BLOCK_RANGES_MAX);
	bool low = pending_range(sweep, sweep->range_head)->low;
	u32 ranges;

	for (ranges = 1; ranges < most; ranges++) {
		low |= pending_range(sweep, sweep->range_head + ranges)->low != 0;
		if (block_bytes(sweep->ipv6, ranges + 1,
				entries_end(sweep, ranges + 1) - sweep->entry_head, low) > bytes)
			break;
	}
	return ranges;
}

/**
 * ipmasq_sweep_pending() - how much waits
 * @sweep: the sweep; something waits
 *
 * Return: bytes that it would take as one block.
 */
size_t ipmasq_sweep_pending(const struct ipmasq_sweep *sweep)
{
	return block_bytes(sweep->ipv6, sweep->range_tail - sweep->range_head,
			   sweep->entry_tail - sweep->entry_head, sweep->low);
}

/**
 * ipmasq_sweep_emit() - from this address on, a match counts
 * @sweep: the sweep
 * @high: the address; IPv4 fills the upper 32 bits
 * @low: its lower 64 bits
 * @match: see ipmasq_match()
 *
 * Addresses never go down, and of several words about one address the last stands.
 * Neighbours never say the same: what comes behind a prefix is what surrounds it or
 * something new. When enough waits, a block is written. May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_sweep_emit(struct ipmasq_sweep *sweep, u64 high, u64 low, u32 match)
{
	struct ipmasq_pending_range *range;
	int err;

	if (sweep->range_head != sweep->range_tail) {
		range = &sweep->range[(sweep->range_tail - 1) % IPMASQ_RANGE_RING];
		if (range->high == high && range->low == low) {
			range->match = match;
			return 0;
		}
		while (sweep->range_head != sweep->range_tail &&
		       (sweep->range_tail - sweep->range_head >= PENDING_RANGES ||
			ipmasq_sweep_pending(sweep) >= PENDING_BYTES)) {
			err = sweep_write(sweep, sweep_cut(sweep, IPMASQ_BLOCK_BYTES));
			if (err)
				return err;
		}
	} else {
		sweep->low = false;
	}
	range = &sweep->range[sweep->range_tail++ % IPMASQ_RANGE_RING];
	range->high = high;
	range->low = low;
	range->match = match;
	range->entries = sweep->entry_tail;
	if (low)
		sweep->low = true;
	return 0;
}

/**
 * ipmasq_sweep_flush() - all that waits becomes blocks
 * @sweep: the sweep
 *
 * One, or several of about the same size, so that the next change finds room. May
 * sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_sweep_flush(struct ipmasq_sweep *sweep)
{
	while (sweep->range_head != sweep->range_tail) {
		u32 ranges = sweep_cut(sweep, IPMASQ_BLOCK_BYTES);
		int err;

		if (ranges != sweep->range_tail - sweep->range_head)
			ranges = sweep_cut(sweep, ipmasq_sweep_pending(sweep) / 2);
		err = sweep_write(sweep, ranges);
		if (err)
			return err;
	}
	return 0;
}

/**
 * ipmasq_blocks_index() - make the index over the blocks
 * @blocks: all that were pushed
 * @ipv6: their family
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM; @blocks must be released then.
 */
int ipmasq_blocks_index(struct ipmasq_blocks *blocks, bool ipv6)
{
	struct ipmasq_index *index = &blocks->index;
	bool need_low = false;
	u32 i, bits;

	if (ipv6) {
		for (i = 0; i < index->count && !need_low; i++) {
			ipmasq_reschedule(i);
			need_low = blocks->block[i]->index.start6_low &&
				   blocks->block[i]->index.start6_low[0];
		}
		index->start6 = kvmalloc_array(index->count, sizeof(u64), ipmasq_gfp());
		if (!index->start6)
			return -ENOMEM;
		if (need_low) {
			index->start6_low = kvmalloc_array(index->count, sizeof(u64),
							   ipmasq_gfp());
			if (!index->start6_low)
				return -ENOMEM;
		}
	} else {
		index->start4 = kvmalloc_array(index->count, sizeof(u32), ipmasq_gfp());
		if (!index->start4)
			return -ENOMEM;
	}
	for (i = 0; i < index->count; i++) {
		const struct ipmasq_index *inner = &blocks->block[i]->index;

		ipmasq_reschedule(i);
		if (!ipv6)
			index->start4[i] = inner->start4[0];
		else
			index->start6[i] = inner->start6[0];
		if (need_low)
			index->start6_low[i] = inner->start6_low ? inner->start6_low[0] : 0;
	}
	bits = index->count > 1 ? min_t(u32, ilog2(index->count) + 2, STRIDE_BITS_MAX) : 0;
	stride_choose(index, ipv6, bits);
	blocks->slot = kvmalloc_array((size_t)index->stride.last + 2, sizeof(u32),
				      ipmasq_gfp());
	if (!blocks->slot)
		return -ENOMEM;
	stride_fill(index, ipv6, NULL, blocks->slot);
	blocks->bytes += ((size_t)index->stride.last + 2) * sizeof(u32) +
			 index->count * (size_t)(!ipv6 ? 4 : need_low ? 16 : 8);
	return 0;
}

/**
 * ipmasq_blocks_release() - free one family of a table
 * @blocks: built, or as far as it came, or all 0
 * @ipv6: the family
 *
 * May sleep.
 */
void ipmasq_blocks_release(struct ipmasq_blocks *blocks, bool ipv6)
{
	u32 i;

	for (i = 0; i < blocks->index.count; i++) {
		ipmasq_reschedule(i);
		block_put(blocks->block[i]);
	}
	kvfree(blocks->block);
	kvfree(blocks->slot);
	if (ipv6)
		kvfree(blocks->index.start6);
	else
		kvfree(blocks->index.start4);
	kvfree(blocks->index.start6_low);
	memset(blocks, 0, sizeof(*blocks));
}
