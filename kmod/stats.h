/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-CPU counters: of verdicts, and of the entries of a table. */
#ifndef IPMASQ_STATS_H
#define IPMASQ_STATS_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/types.h>
#include <linux/ipmasq.h>

/* Slots of one allocation: 2 KiB for each shard, a slab object. */
#define IPMASQ_COUNTER_CHUNK 256

/* Copies of a counter, at most; a power of two. Where more CPUs are possible, several
 * share a copy. Only new connections count, which costs each of them far more than a
 * cache line that a few CPUs share, and a table of a million entries on a machine with
 * 240 possible CPUs takes 128 MB of counters instead of 1.9 GB.
 */
#define IPMASQ_COUNTER_SHARDS 16

/**
 * struct ipmasq_verdict_shares - one CPU's share of a namespace's verdicts
 * @connections: [0] IPv4, [1] IPv6; indexed by enum ipmasq_verdict
 */
struct ipmasq_verdict_shares {
	atomic64_t connections[2][IPMASQ_VERDICT_MAX + 1];
};

/**
 * struct ipmasq_verdict_counts - a namespace's verdicts
 * @connections: as in struct ipmasq_verdict_shares, of all CPUs
 */
struct ipmasq_verdict_counts {
	u64 connections[2][IPMASQ_VERDICT_MAX + 1];
};

/**
 * struct ipmasq_counter_chunk - IPMASQ_COUNTER_CHUNK slots
 * @used: which are taken
 * @stale: which were given back and have not been set to zero since
 * @used_count: how many are taken
 * @value: the counters of each shard; with fewer possible CPUs than shards, the first
 *	ones repeat, so that a CPU's number leads to a shard whatever it is
 *
 * Separate memory and not the per-CPU allocator, which keeps 16 bytes of its own for
 * each 8 where memory is accounted to cgroups.
 */
struct ipmasq_counter_chunk {
	DECLARE_BITMAP(used, IPMASQ_COUNTER_CHUNK);
	DECLARE_BITMAP(stale, IPMASQ_COUNTER_CHUNK);
	u32 used_count;
	atomic64_t *value[IPMASQ_COUNTER_SHARDS];
};

/**
 * struct ipmasq_counter_set - the counters of one namespace's entries
 * @ref: held by the namespace and by every policy that is not yet freed
 * @lock: guards @chunk and @chunk_count
 * @chunk: an array; NULL where a chunk was given back
 * @chunk_count: its length
 *
 * A counter belongs to an entry and not to a policy, so that it lives on with
 * its entry, exactly, when the policy around it is replaced: both policies count
 * in the same place until the last reader of the old one has gone.
 */
struct ipmasq_counter_set {
	struct kref ref;
	struct mutex lock; /* guards the two below */
	struct ipmasq_counter_chunk **chunk;
	u32 chunk_count;
};

/**
 * struct ipmasq_counter_view - where a policy's entries count
 * @chunk: the set's chunks at the time of compilation
 * @count: how many
 */
struct ipmasq_counter_view {
	struct ipmasq_counter_chunk **chunk;
	u32 count;
};

struct ipmasq_counter_set *ipmasq_counters_create(void);
struct ipmasq_counter_set *ipmasq_counters_get(struct ipmasq_counter_set *set);
void ipmasq_counters_put(struct ipmasq_counter_set *set);
int ipmasq_counters_take(struct ipmasq_counter_set *set, u32 *slot, u32 count);
u32 ipmasq_counters_release(struct ipmasq_counter_set *set, const u32 *slot, u32 count, bool wait);
int ipmasq_counter_view_create(struct ipmasq_counter_set *set,
			       struct ipmasq_counter_view *view);
void ipmasq_counter_view_release(struct ipmasq_counter_view *view);
u64 ipmasq_counter_read(const struct ipmasq_counter_view *view, u32 slot);
u32 ipmasq_counter_shards(void);

/**
 * ipmasq_counter_add() - count one connection for an entry
 * @view: of the policy that decided, inside the RCU section it was found in
 * @slot: the entry's counter
 */
static inline void ipmasq_counter_add(const struct ipmasq_counter_view *view, u32 slot)
{
	const struct ipmasq_counter_chunk *chunk = view->chunk[slot / IPMASQ_COUNTER_CHUNK];

	const u32 shard = raw_smp_processor_id() % IPMASQ_COUNTER_SHARDS;

	/* Atomic: CPUs share a shard, and nothing keeps the caller on this one. */
	atomic64_inc(&chunk->value[shard][slot % IPMASQ_COUNTER_CHUNK]);
}

/**
 * ipmasq_counter_add_many() - count connections of an earlier policy for an entry
 * @view: of the policy in force, its namespace's lock held
 * @slot: the entry's counter
 * @connections: how many
 */
static inline void ipmasq_counter_add_many(const struct ipmasq_counter_view *view, u32 slot,
					   u64 connections)
{
	const struct ipmasq_counter_chunk *chunk = view->chunk[slot / IPMASQ_COUNTER_CHUNK];

	/* Atomic, since the hook counts in the same place. */
	atomic64_add(connections,
		     &chunk->value[0][slot % IPMASQ_COUNTER_CHUNK]);
}

/**
 * ipmasq_verdict_count() - count one verdict
 * @counts: the namespace's
 * @ipv6: family
 * @verdict: what was decided
 */
static inline void ipmasq_verdict_count(struct ipmasq_verdict_shares __percpu *counts,
					bool ipv6, enum ipmasq_verdict verdict)
{
#if BITS_PER_LONG == 64
	this_cpu_inc(counts->connections[ipv6][verdict].counter);
#else
	/* Another CPU that reads two words must not get them of two values. */
	atomic64_inc(raw_cpu_ptr(&counts->connections[ipv6][verdict]));
#endif
}

/**
 * ipmasq_verdict_add() - count verdicts of an earlier policy
 * @counts: the namespace's
 * @ipv6: family
 * @verdict: what was decided
 * @connections: how often
 */
static inline void ipmasq_verdict_add(struct ipmasq_verdict_shares __percpu *counts, bool ipv6,
				      enum ipmasq_verdict verdict, u64 connections)
{
#if BITS_PER_LONG == 64
	this_cpu_add(counts->connections[ipv6][verdict].counter, connections);
#else
	atomic64_add(connections, raw_cpu_ptr(&counts->connections[ipv6][verdict]));
#endif
}

void ipmasq_verdict_sum(const struct ipmasq_verdict_shares __percpu *counts,
			struct ipmasq_verdict_counts *sum);

#endif
