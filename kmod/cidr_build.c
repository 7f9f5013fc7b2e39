// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building a table: from nothing, or from another one and changes to it. A sweep
 * walks along the addresses of what is to be built, merges what was there with
 * what changes, keeps a stack of the prefixes that are open around the present
 * address, and writes down where the match changes. What it has written becomes
 * blocks. A block of the base that no change touches, and no changed prefix
 * reaches into, is shared, and the sweep goes on behind it.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "bounds.h"
#include "cidr_build.h"

static bool below(u64 high_a, u64 low_a, u64 high_b, u64 low_b)
{
	return high_a < high_b || (high_a == high_b && low_a < low_b);
}

static u32 open_match(const struct ipmasq_sweep *sweep)
{
	const struct ipmasq_entry *entry;

	if (!sweep->depth)
		return 0;
	entry = &sweep->open[sweep->depth - 1].entry;
	return ipmasq_match(entry->action, entry->counter);
}

static void sweep_open(struct ipmasq_sweep *sweep, const struct ipmasq_entry *entry)
{
	struct ipmasq_open_prefix *open = &sweep->open[sweep->depth++];

	open->entry = *entry;
	ipmasq_prefix_last(entry, &open->last_high, &open->last_low);
}

/* Leaves the open prefixes that end before an address, and goes to where what
 * surrounds them counts again, if that is before the address too.
 */
static int sweep_leave(struct ipmasq_sweep *sweep, u64 high, u64 low)
{
	while (sweep->depth) {
		const struct ipmasq_open_prefix *open = &sweep->open[sweep->depth - 1];
		u64 next_high = open->last_high, next_low = open->last_low;
		int err;

		if (!below(next_high, next_low, high, low))
			break;
		if (++next_low == 0)
			next_high++;
		sweep->depth--;
		if (next_high == high && next_low == low)
			continue;
		err = ipmasq_sweep_emit(sweep, next_high, next_low, open_match(sweep));
		if (err)
			return err;
	}
	return 0;
}

static int sweep_add(struct ipmasq_sweep *sweep, const struct ipmasq_entry *entry)
{
	int err;

	err = sweep_leave(sweep, entry->high, entry->low);
	if (err)
		return err;
	/* The same prefix of another origin: this one decides. */
	if (sweep->depth &&
	    !ipmasq_prefix_compare(&sweep->open[sweep->depth - 1].entry, entry))
		sweep->depth--;
	sweep_open(sweep, entry);
	err = ipmasq_sweep_emit(sweep, entry->high, entry->low,
				ipmasq_match(entry->action, entry->counter));
	if (err)
		return err;
	sweep->entry[sweep->entry_tail++ % IPMASQ_ENTRY_RING] = *entry;
	return 0;
}

static void sweep_changed(struct ipmasq_sweep *sweep, const struct ipmasq_entry *entry)
{
	u64 high, low;

	ipmasq_prefix_last(entry, &high, &low);
	if (sweep->dirty && !below(sweep->dirty_high, sweep->dirty_low, high, low))
		return;
	sweep->dirty = true;
	sweep->dirty_high = high;
	sweep->dirty_low = low;
}

/**
 * struct merge - a base and changes to it, both in order
 * @base: NULL or empty for nothing
 * @changes: of this family
 * @count: how many
 * @at: the next one
 * @replaced: the origin whose entries go unless they are among the changes; 0 for
 *	none
 * @end_high: where the present block of the base ends: start of the next one
 * @end_low: the lower bits
 * @last: it is the last one
 */
struct merge {
	const struct ipmasq_blocks *base;
	const struct ipmasq_entry *changes;
	u32 count;
	u32 at;
	u8 replaced;
	u64 end_high;
	u64 end_low;
	bool last;
};

/* The next change in the present block. */
static const struct ipmasq_entry *merge_next(const struct merge *merge)
{
	const struct ipmasq_entry *change;

	if (merge->at == merge->count)
		return NULL;
	change = &merge->changes[merge->at];
	if (!merge->last && !below(change->high, change->low, merge->end_high, merge->end_low))
		return NULL;
	return change;
}

static bool says_the_same(const struct ipmasq_entry *a, const struct ipmasq_entry *b)
{
	return a->action == b->action && a->counter == b->counter;
}

/* Does any entry of the block change? If none does, the changes that say what is
 * there already are passed over.
 */
static bool merge_touches(struct merge *merge, const struct ipmasq_block *block, bool ipv6)
{
	const u32 at = merge->at;
	const struct ipmasq_entry *change = merge_next(merge);
	struct ipmasq_entry entry;
	u32 i;

	if (!change && !merge->replaced)
		return false;
	for (i = 0; i < block->entry_count; i++) {
		ipmasq_block_entry(block, ipv6, i, &entry);
		if (change && !ipmasq_entry_compare(change, &entry)) {
			if (!says_the_same(change, &entry))
				break;
			merge->at++;
			change = merge_next(merge);
		} else if (entry.origin == merge->replaced) {
			break;
		}
	}
	if (i == block->entry_count && !change)
		return false;
	merge->at = at;
	return true;
}

/* The sweep goes along one block of the base, or everything where there is none. */
static int merge_block(struct merge *merge, struct ipmasq_sweep *sweep,
		       const struct ipmasq_block *block)
{
	const u32 count = block ? block->entry_count : 0;
	const struct ipmasq_entry *change;
	struct ipmasq_entry entry;
	int order, err;
	u32 i = 0;

	if (count)
		ipmasq_block_entry(block, sweep->ipv6, 0, &entry);
	while ((change = merge_next(merge)) || i < count) {
		if (!change || i == count)
			order = change ? 1 : -1;
		else
			order = ipmasq_entry_compare(&entry, change);
		err = 0;
		if (order >= 0) {
			if (order > 0 || !says_the_same(change, &entry))
				sweep_changed(sweep, change);
			if (change->action != IPMASQ_ACTION_NONE)
				err = sweep_add(sweep, change);
			merge->at++;
		} else if (entry.origin == merge->replaced) {
			sweep_changed(sweep, &entry);
		} else {
			err = sweep_add(sweep, &entry);
		}
		if (err)
			return err;
		if (order <= 0 && ++i < count)
			ipmasq_block_entry(block, sweep->ipv6, i, &entry);
	}
	return 0;
}

/* Begin to collect at a block of the base: what is open there comes from before,
 * and has not changed.
 */
static int sweep_resume(struct ipmasq_sweep *sweep, const struct ipmasq_blocks *base, u32 block,
			u64 high, u64 low)
{
	u8 longest = sweep->ipv6 ? 128 : 32;
	struct ipmasq_entry entry;
	u32 i;

	sweep->depth = 0;
	while (block && ipmasq_blocks_enclosing(base, sweep->ipv6, block, high, low, longest,
						&entry)) {
		sweep_open(sweep, &entry);
		if (!entry.prefix_len)
			break;
		longest = entry.prefix_len - 1;
	}
	for (i = 0; i < sweep->depth / 2; i++)
		swap(sweep->open[i], sweep->open[sweep->depth - 1 - i]);
	sweep->collecting = true;
	return ipmasq_sweep_emit(sweep, high, low, open_match(sweep));
}

/* Try to share a block of the base instead of building it anew. */
static int sweep_share(struct ipmasq_sweep *sweep, struct merge *merge, struct ipmasq_block *block,
		       u64 high, u64 low, bool *shared)
{
	int err;

	*shared = false;
	if (sweep->collecting) {
		if (sweep->dirty && !below(sweep->dirty_high, sweep->dirty_low, high, low))
			return 0;
		if (ipmasq_sweep_pending(sweep) < IPMASQ_BLOCK_BYTES_FEW)
			return 0;
	}
	if (merge_touches(merge, block, sweep->ipv6))
		return 0;
	if (sweep->collecting) {
		err = sweep_leave(sweep, high, low);
		if (!err)
			err = ipmasq_sweep_flush(sweep);
		if (err)
			return err;
		sweep->collecting = false;
	}
	*shared = true;
	sweep->blocks->shared += block->entry_count;
	refcount_inc(&block->users);
	return ipmasq_sweep_push(sweep, block);
}

static int sweep_run(struct ipmasq_sweep *sweep, struct merge *merge)
{
	const u32 blocks = merge->base ? merge->base->index.count : 0;
	u32 i = 0;
	int err;

	do {
		struct ipmasq_block *block = i < blocks ? merge->base->block[i] : NULL;
		u64 high = 0, low = 0;
		bool shared = false;

		cond_resched();
		if (block)
			ipmasq_index_start(&merge->base->index, sweep->ipv6, i, &high, &low);
		merge->last = i + 1 >= blocks;
		if (!merge->last)
			ipmasq_index_start(&merge->base->index, sweep->ipv6, i + 1,
					   &merge->end_high, &merge->end_low);
		err = 0;
		if (block)
			err = sweep_share(sweep, merge, block, high, low, &shared);
		if (!err && !shared && !sweep->collecting)
			err = sweep_resume(sweep, merge->base, i, high, low);
		if (!err && !shared)
			err = merge_block(merge, sweep, block);
		if (err)
			return err;
	} while (++i < blocks);

	if (!sweep->collecting)
		return 0;
	while (sweep->depth) {
		struct ipmasq_open_prefix *open = &sweep->open[--sweep->depth];

		if (++open->last_low == 0 && ++open->last_high == 0)
			break;
		err = ipmasq_sweep_emit(sweep, open->last_high, open->last_low, open_match(sweep));
		if (err)
			return err;
	}
	return ipmasq_sweep_flush(sweep);
}

static int blocks_build(struct ipmasq_blocks *blocks, bool ipv6, struct ipmasq_sweep *sweep,
			struct merge *merge)
{
	int err;

	/* All but the stack and the rings, of which nothing is read before it is written. */
	memset(sweep, 0, offsetof(struct ipmasq_sweep, open));
	sweep->ipv6 = ipv6;
	sweep->blocks = blocks;
	err = ipmasq_sweep_room(sweep, merge->base ? merge->base->index.count + 4 : 4);
	if (!err)
		err = sweep_run(sweep, merge);
	if (!err)
		err = ipmasq_blocks_index(blocks, ipv6);
	if (err)
		ipmasq_blocks_release(blocks, ipv6);
	return err;
}

/**
 * ipmasq_cidr_table_build() - compile prefixes for lookup
 * @table: what to fill; the caller's, released with ipmasq_cidr_table_release()
 * @base: a table whose entries it has but for the changes, or NULL. It may be
 *	released before @table or after
 * @changes: entries that come, or that come in the place of the same prefix of the
 *	same origin, or with IPMASQ_ACTION_NONE go; in the order of
 *	ipmasq_entry_compare(), without host bits, none twice
 * @count: how many
 * @replaced: an origin whose entries go unless they are among @changes, 0 for none
 *
 * Time is linear in @count and in what of @base lies in a block or in a prefix
 * that changes. For the rest of @base, and where @changes say what is there, the
 * blocks are shared. May sleep.
 *
 * Return: 0, or -ENOMEM with nothing left to release.
 */
int ipmasq_cidr_table_build(struct ipmasq_cidr_table *table,
			    const struct ipmasq_cidr_table *base,
			    const struct ipmasq_entry *changes, u32 count, u8 replaced)
{
	struct merge merge = { .changes = changes, .replaced = replaced };
	u32 low = 0, high = count;
	struct ipmasq_sweep *sweep;
	int err;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (changes[middle].family == AF_INET)
			low = middle + 1;
		else
			high = middle;
	}
	memset(table, 0, sizeof(*table));
	sweep = kvmalloc(sizeof(*sweep), ipmasq_gfp());
	if (!sweep)
		return -ENOMEM;

	merge.base = base ? &base->ipv4 : NULL;
	merge.count = low;
	err = blocks_build(&table->ipv4, false, sweep, &merge);
	if (err)
		goto free_sweep;
	merge.base = base ? &base->ipv6 : NULL;
	merge.at = low;
	merge.count = count;
	err = blocks_build(&table->ipv6, true, sweep, &merge);
	if (err)
		ipmasq_blocks_release(&table->ipv4, false);

free_sweep:
	kvfree(sweep);
	return err;
}

/**
 * ipmasq_cidr_table_release() - free what a table holds
 * @table: the table, or one that was never built; nobody may look it up any more
 */
void ipmasq_cidr_table_release(struct ipmasq_cidr_table *table)
{
	ipmasq_blocks_release(&table->ipv4, false);
	ipmasq_blocks_release(&table->ipv6, true);
}
