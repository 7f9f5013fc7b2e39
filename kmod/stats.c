// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bounds.h"
#include "stats.h"

/**
 * ipmasq_counter_shards() - copies that there are of each counter
 *
 * Return: as many as CPUs are possible, at most IPMASQ_COUNTER_SHARDS.
 */
u32 ipmasq_counter_shards(void)
{
	return min_t(u32, num_possible_cpus(), IPMASQ_COUNTER_SHARDS);
}

/**
 * ipmasq_counters_create() - an empty counter set
 *
 * May sleep.
 *
 * Return: a set with one reference, the caller's, or NULL without memory.
 */
struct ipmasq_counter_set *ipmasq_counters_create(void)
{
	struct ipmasq_counter_set *set = kzalloc(sizeof(*set), ipmasq_gfp());

	if (!set)
		return NULL;
	kref_init(&set->ref);
	mutex_init(&set->lock);
	return set;
}

/**
 * ipmasq_counters_get() - take one more reference
 * @set: a set that the caller holds a reference to
 *
 * Return: @set.
 */
struct ipmasq_counter_set *ipmasq_counters_get(struct ipmasq_counter_set *set)
{
	kref_get(&set->ref);
	return set;
}

static void chunk_free(struct ipmasq_counter_chunk *chunk)
{
	u32 shard;

	if (!chunk)
		return;
	for (shard = 0; shard < ipmasq_counter_shards(); shard++)
		kfree(chunk->value[shard]);
	kfree(chunk);
}

static void counters_free(struct kref *ref)
{
	struct ipmasq_counter_set *set = container_of(ref, struct ipmasq_counter_set, ref);
	u32 i;

	for (i = 0; i < set->chunk_count; i++) {
		cond_resched();
		chunk_free(set->chunk[i]);
	}
	kvfree(set->chunk);
	mutex_destroy(&set->lock);
	kfree(set);
}

/**
 * ipmasq_counters_put() - give a reference back
 * @set: the set, or NULL; the last reference frees it with all its counters.
 *	May sleep.
 */
void ipmasq_counters_put(struct ipmasq_counter_set *set)
{
	if (set)
		kref_put(&set->ref, counters_free);
}

static struct ipmasq_counter_chunk *chunk_create(void)
{
	const u32 shards = ipmasq_counter_shards();
	struct ipmasq_counter_chunk *chunk;
	u32 shard;

	chunk = kzalloc(sizeof(*chunk), ipmasq_gfp());
	if (!chunk)
		return NULL;
	for (shard = 0; shard < shards; shard++) {
		chunk->value[shard] = kcalloc(IPMASQ_COUNTER_CHUNK, sizeof(atomic64_t),
					      ipmasq_gfp());
		if (!chunk->value[shard]) {
			chunk_free(chunk);
			return NULL;
		}
	}
	for (; shard < IPMASQ_COUNTER_SHARDS; shard++)
		chunk->value[shard] = chunk->value[shard % shards];
	return chunk;
}

static void counter_clear(struct ipmasq_counter_chunk *chunk, u32 index)
{
	u32 shard;

	for (shard = 0; shard < ipmasq_counter_shards(); shard++)
		atomic64_set(&chunk->value[shard][index], 0);
}

/* Take up to count free slots of one chunk and return how many. */
static u32 chunk_take(struct ipmasq_counter_chunk *chunk, u32 first, u32 *slot, u32 count)
{
	u32 taken = 0, i = 0;

	if (chunk->used_count == IPMASQ_COUNTER_CHUNK)
		return 0;
	while (taken < count) {
		i = find_next_zero_bit(chunk->used, IPMASQ_COUNTER_CHUNK, i);
		if (i >= IPMASQ_COUNTER_CHUNK)
			break;
		__set_bit(i, chunk->used);
		if (__test_and_clear_bit(i, chunk->stale))
			counter_clear(chunk, i);
		slot[taken++] = first + i++;
	}
	chunk->used_count += taken;
	return taken;
}

static int counters_grow(struct ipmasq_counter_set *set)
{
	u32 wanted = max_t(u32, 4, set->chunk_count * 2);
	struct ipmasq_counter_chunk **chunk;

	lockdep_assert_held(&set->lock);
	chunk = kvcalloc(wanted, sizeof(*chunk), ipmasq_gfp());
	if (!chunk)
		return -ENOMEM;
	if (set->chunk)
		memcpy(chunk, set->chunk, set->chunk_count * sizeof(*chunk));
	kvfree(set->chunk);
	set->chunk = chunk;
	set->chunk_count = wanted;
	return 0;
}

/* Free chunks that are no longer used. Their slot numbers can be reused: no live policy
 * refers to them. Where others of a chunk are in use, a slot is set to zero only when
 * it is taken again: most go with their chunk, and need not be touched.
 */
static void counters_give_back(struct ipmasq_counter_set *set, const u32 *slot, u32 count)
{
	u32 i;

	lockdep_assert_held(&set->lock);
	for (i = 0; i < count; i++) {
		struct ipmasq_counter_chunk **chunk = &set->chunk[slot[i] / IPMASQ_COUNTER_CHUNK];
		u32 index = slot[i] % IPMASQ_COUNTER_CHUNK;

		ipmasq_reschedule(i);
		__clear_bit(index, (*chunk)->used);
		__set_bit(index, (*chunk)->stale);
		if (--(*chunk)->used_count)
			continue;
		cond_resched();
		chunk_free(*chunk);
		*chunk = NULL;
	}
}

/**
 * ipmasq_counters_take() - take slots
 * @set: the set
 * @slot: where to write them; their counters are at zero
 * @count: how many
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM with nothing taken.
 */
int ipmasq_counters_take(struct ipmasq_counter_set *set, u32 *slot, u32 count)
{
	u32 taken = 0, i;
	int err = 0;

	mutex_lock(&set->lock);
	/* What is there gets used before there is more. */
	for (i = 0; i < set->chunk_count && taken < count; i++) {
		cond_resched();
		if (set->chunk[i])
			taken += chunk_take(set->chunk[i], i * IPMASQ_COUNTER_CHUNK, slot + taken,
					    count - taken);
	}
	for (i = 0; taken < count; i++) {
		if (i == set->chunk_count) {
			err = counters_grow(set);
			if (err)
				break;
		}
		if (set->chunk[i])
			continue;
		cond_resched();
		set->chunk[i] = chunk_create();
		if (!set->chunk[i]) {
			err = -ENOMEM;
			break;
		}
		taken += chunk_take(set->chunk[i], i * IPMASQ_COUNTER_CHUNK, slot + taken,
				    count - taken);
	}
	if (err)
		counters_give_back(set, slot, taken);
	mutex_unlock(&set->lock);
	return err;
}

/**
 * ipmasq_counters_release() - give slots back
 * @set: the set
 * @slot: the slots; every reader of a policy that counted in them has gone
 * @count: how many
 * @wait: wait for a writer who takes slots; false for a kernel thread, which works for
 *	other namespaces too, while a writer may be held back by its CPU limit
 *
 * Releases the lock after every few: the writer who waits for it holds the lock of the
 * namespace. May sleep.
 *
 * Return: how many are left, the first ones; 0 with @wait.
 */
u32 ipmasq_counters_release(struct ipmasq_counter_set *set, const u32 *slot, u32 count, bool wait)
{
	u32 batch;

	for (; count; count -= batch) {
		if (wait)
			mutex_lock(&set->lock);
		else if (!mutex_trylock(&set->lock))
			break;
		batch = min_t(u32, count, IPMASQ_RESCHEDULE_EVERY);
		counters_give_back(set, slot + count - batch, batch);
		mutex_unlock(&set->lock);
	}
	return count;
}

/**
 * ipmasq_counter_view_create() - what a policy needs to count in a set
 * @set: the set; the namespace's policy lock keeps other writers away
 * @view: what to fill; ipmasq_counter_view_release() frees it
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_counter_view_create(struct ipmasq_counter_set *set,
			       struct ipmasq_counter_view *view)
{
	int err = 0;

	mutex_lock(&set->lock);
	view->count = set->chunk_count;
	view->chunk = NULL;
	if (!view->count)
		goto unlock;
	view->chunk = kvmalloc_array(view->count, sizeof(*view->chunk), ipmasq_gfp());
	if (!view->chunk) {
		err = -ENOMEM;
		goto unlock;
	}
	memcpy(view->chunk, set->chunk, view->count * sizeof(*view->chunk));
unlock:
	mutex_unlock(&set->lock);
	return err;
}

/**
 * ipmasq_counter_view_release() - free what ipmasq_counter_view_create() made
 * @view: the view; the counters stay with their set
 */
void ipmasq_counter_view_release(struct ipmasq_counter_view *view)
{
	kvfree(view->chunk);
	view->chunk = NULL;
}

/**
 * ipmasq_counter_read() - sum the shards of a counter
 * @view: of a policy that cannot be freed meanwhile (its lock, or RCU)
 * @slot: the entry's counter
 *
 * Return: connections. Not a snapshot: a CPU may be counting.
 */
u64 ipmasq_counter_read(const struct ipmasq_counter_view *view, u32 slot)
{
	const struct ipmasq_counter_chunk *chunk = view->chunk[slot / IPMASQ_COUNTER_CHUNK];
	u64 sum = 0;
	u32 shard;

	for (shard = 0; shard < ipmasq_counter_shards(); shard++)
		sum += atomic64_read(&chunk->value[shard][slot % IPMASQ_COUNTER_CHUNK]);
	return sum;
}

/**
 * ipmasq_verdict_sum() - sum the verdicts over all CPUs
 * @counts: the namespace's
 * @sum: what to fill
 */
void ipmasq_verdict_sum(const struct ipmasq_verdict_shares __percpu *counts,
			struct ipmasq_verdict_counts *sum)
{
	u32 verdict;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct ipmasq_verdict_shares *one = per_cpu_ptr(counts, cpu);
		const atomic64_t *ipv4 = one->connections[0], *ipv6 = one->connections[1];

		for (verdict = 0; verdict <= IPMASQ_VERDICT_MAX; verdict++) {
			sum->connections[0][verdict] += atomic64_read(&ipv4[verdict]);
			sum->connections[1][verdict] += atomic64_read(&ipv6[verdict]);
		}
	}
}
