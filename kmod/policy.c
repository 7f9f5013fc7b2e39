// SPDX-License-Identifier: GPL-2.0-only
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bounds.h"
#include "namespace.h"
#include "payer.h"
#include "policy.h"

/* What a policy that waits to be freed costs at least, in entries: the structure itself, and
 * small allocations.
 */
#define RETIRED_BASE 64

/* The largest arrays are those of a draft. Of anything else that a table has one of for
 * each entry it is smaller, and a slot of a counter is found with the 29 bits that
 * ipmasq_match() has for it: the policy in force has a table's worth of them, those that
 * wait to be freed and the one that is made have one each, and chunks round up.
 */
static_assert((u64)IPMASQ_ENTRIES_CAP * sizeof(struct ipmasq_entry) <= INT_MAX);
static_assert((u64)IPMASQ_ENTRIES_CAP * 4 <= 1U << 29);

/* Set when main.c registers the pernet part. */
unsigned int ipmasq_net_id;

/* One policy at a time, however many namespaces replace theirs: freeing is not held back by
 * a writer's CPU limit.
 */
static struct workqueue_struct *ipmasq_free_queue;

/**
 * ipmasq_policy_init() - make what policies need
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_policy_init(void)
{
	ipmasq_free_queue = alloc_ordered_workqueue("ipmasq", 0);
	return ipmasq_free_queue ? 0 : -ENOMEM;
}

/**
 * ipmasq_policy_exit() - wait until every withdrawn policy is freed
 *
 * No namespace may have a policy any more. Sleeps for a grace period.
 */
void ipmasq_policy_exit(void)
{
	/* The grace periods end in callbacks that queue the work. */
	rcu_barrier();
	destroy_workqueue(ipmasq_free_queue);
}

static int edit_refuse(struct ipmasq_refusal *refusal, enum ipmasq_refusal_reason reason,
		       const struct ipmasq_entry *entry)
{
	refusal->reason = reason;
	refusal->entry = *entry;
	return reason == IPMASQ_REFUSED_EXISTS ? -EEXIST : -ENOENT;
}

static void policy_drop(struct ipmasq_policy *policy, const struct ipmasq_entry *present)
{
	policy->retired[policy->retired_count++] = present->counter;
	policy->by_origin[present->origin]--;
}

/* Entries that are there keep their counters, others get one later. Those that go
 * become changes that say so.
 */
static int edit_entries(struct ipmasq_policy *policy, const struct ipmasq_policy *base,
			struct ipmasq_draft *draft, struct ipmasq_refusal *refusal)
{
	struct ipmasq_entry present;
	u32 i;

	for (i = 0; i < draft->count; i++) {
		struct ipmasq_entry *wanted = &draft->entries[i];
		bool found = ipmasq_cidr_table_get(&base->table, wanted, &present);

		ipmasq_reschedule(i);
		if (found && draft->edit == IPMASQ_EDIT_ADD)
			return edit_refuse(refusal, IPMASQ_REFUSED_EXISTS, wanted);
		if (!found && draft->edit == IPMASQ_EDIT_DELETE)
			return edit_refuse(refusal, IPMASQ_REFUSED_MISSING, wanted);
		if (draft->edit == IPMASQ_EDIT_DELETE) {
			wanted->action = IPMASQ_ACTION_NONE;
			policy_drop(policy, &present);
		} else if (found) {
			wanted->counter = present.counter;
		} else {
			policy->by_origin[draft->origin]++;
			policy->fresh_count++;
		}
	}
	return 0;
}

/* The same for all entries of an origin: one walk along those that are there and
 * those that will be.
 */
static void replace_entries(struct ipmasq_policy *policy, const struct ipmasq_policy *base,
			    struct ipmasq_draft *draft)
{
	const struct ipmasq_entry first = {};
	struct ipmasq_cursor cursor;
	struct ipmasq_entry present;
	u32 i = 0, steps = 0, kept = 0;

	ipmasq_cursor_seek(&cursor, &base->table, &first);
	for (; ipmasq_cursor_read(&cursor, &present); cursor.index++) {
		int order = 1;

		ipmasq_reschedule(steps++);
		if (present.origin != draft->origin)
			continue;
		while (i < draft->count) {
			order = ipmasq_entry_compare(&draft->entries[i], &present);
			if (order >= 0)
				break;
			ipmasq_reschedule(i++);
		}
		if (i == draft->count || order) {
			policy_drop(policy, &present);
			continue;
		}
		draft->entries[i++].counter = present.counter;
		kept++;
	}
	policy->by_origin[draft->origin] = draft->count;
	policy->fresh_count = draft->count - kept;
}

static int take_counters(struct ipmasq_policy *policy, struct ipmasq_draft *draft)
{
	u32 taken = 0, i;
	int err;

	if (!policy->fresh_count)
		return 0;
	policy->fresh = kvmalloc_array(policy->fresh_count, sizeof(*policy->fresh),
				       ipmasq_gfp());
	if (!policy->fresh)
		return -ENOMEM;
	err = ipmasq_counters_take(policy->set, policy->fresh, policy->fresh_count);
	if (err) {
		kvfree(policy->fresh);
		policy->fresh = NULL;
		return err;
	}
	for (i = 0; taken < policy->fresh_count; i++) {
		ipmasq_reschedule(i);
		if (draft->entries[i].counter == IPMASQ_NO_COUNTER)
			draft->entries[i].counter = policy->fresh[taken++];
	}
	return 0;
}

static int compile_settings(struct ipmasq_policy *policy, const struct ipmasq_policy *base,
			    const struct ipmasq_draft *draft)
{
	const struct ipmasq_ports *ports = base ? base->ports : NULL;
	u32 flags = base ? base->flags : IPMASQ_FLAG_ENABLED | IPMASQ_FLAG_RANDOM_FULLY;

	policy->flags = (flags & ~draft->flags_named) | (draft->flags & draft->flags_named);
	policy->sources = draft->sources_named ? draft->sources : base ? base->sources : NULL;
	ipmasq_sources_get(policy->sources);
	policy->interfaces = draft->interfaces_named ? draft->interfaces :
			     base ? base->interfaces : NULL;
	ipmasq_interfaces_get(policy->interfaces);
	policy->selective = policy->sources || policy->interfaces;
	policy->pool = draft->pool_named ? draft->pool : base ? base->pool : NULL;
	ipmasq_pool_get(policy->pool);
	if (draft->ports_named)
		ports = draft->ports;
	if (!ports)
		return 0;
	policy->ports = kmemdup(ports, struct_size(ports, range, ports->count),
				ipmasq_gfp());
	return policy->ports ? 0 : -ENOMEM;
}

/* Does a detail of the base go, or is it the draft that says what it is? */
static bool detail_goes(const struct ipmasq_draft *draft, const struct ipmasq_detail *detail)
{
	if (detail->entry.origin != draft->origin)
		return false;
	return draft->edit == IPMASQ_EDIT_REPLACE || ipmasq_draft_find(draft, &detail->entry);
}

/* After the draft's entries were sorted and found to be possible. */
static int compile_details(struct ipmasq_policy *policy, const struct ipmasq_policy *base,
			   const struct ipmasq_draft *draft, struct ipmasq_refusal *refusal)
{
	const u32 count = base ? base->details.count : 0;
	u32 i;
	int err;

	for (i = 0; i < count; i++) {
		if (detail_goes(draft, &base->details.detail[i]))
			continue;
		err = ipmasq_details_append(&policy->details, &base->details.detail[i]);
		if (err)
			return err;
	}
	for (i = 0; i < draft->details.count; i++) {
		err = ipmasq_details_append(&policy->details, &draft->details.detail[i]);
		if (err)
			return err;
	}
	if (policy->details.count > IPMASQ_DETAILS_MAX) {
		refusal->reason = IPMASQ_REFUSED_DETAILS;
		refusal->number = IPMASQ_DETAILS_MAX;
		return -ENOSPC;
	}
	ipmasq_details_sort(&policy->details);
	if (ipmasq_details_next(&policy->details))
		policy->payer = ipmasq_payer_current();
	policy->pooled = policy->pool || policy->details.pools;
	return 0;
}

static int compile_entries(struct ipmasq_policy *policy, const struct ipmasq_policy *base,
			   struct ipmasq_draft *draft, struct ipmasq_refusal *refusal)
{
	const bool replaces = draft->edit == IPMASQ_EDIT_REPLACE;
	u32 retired = 0, i;
	int err;

	err = ipmasq_draft_sort(draft, refusal);
	if (err)
		return err;
	/* It may have been compiled before. */
	for (i = 0; i < draft->count; i++) {
		ipmasq_reschedule(i);
		draft->entries[i].counter = IPMASQ_NO_COUNTER;
	}

	if (base) {
		memcpy(policy->by_origin, base->by_origin, sizeof(policy->by_origin));
		if (replaces)
			retired = base->by_origin[draft->origin];
		else if (draft->edit == IPMASQ_EDIT_DELETE)
			retired = min(draft->count, base->count);
	}
	if (retired) {
		policy->retired = kvmalloc_array(retired, sizeof(*policy->retired),
						 ipmasq_gfp());
		if (!policy->retired)
			return -ENOMEM;
	}
	if (base && replaces) {
		replace_entries(policy, base, draft);
	} else if (base) {
		err = edit_entries(policy, base, draft, refusal);
		if (err)
			return err;
	} else {
		policy->by_origin[draft->origin] = draft->count;
		policy->fresh_count = draft->count;
	}
	policy->count = policy->by_origin[IPMASQ_ORIGIN_CONFIG] +
			policy->by_origin[IPMASQ_ORIGIN_STATIC];
	/* Whoever is above a lowered limit may still take entries away. */
	if (policy->count > ipmasq_max_entries() && policy->count > (base ? base->count : 0)) {
		refusal->reason = IPMASQ_REFUSED_LIMIT;
		refusal->number = ipmasq_max_entries();
		return -ENOSPC;
	}
	err = take_counters(policy, draft);
	if (err)
		return err;
	return ipmasq_cidr_table_build(&policy->table, base ? &base->table : NULL,
				       draft->entries, draft->count,
				       replaces ? draft->origin : 0);
}

static struct ipmasq_backlog *backlog_create(void)
{
	struct ipmasq_backlog *backlog = kzalloc(sizeof(*backlog), ipmasq_gfp());

	if (!backlog)
		return NULL;
	kref_init(&backlog->ref);
	init_waitqueue_head(&backlog->wait);
	return backlog;
}

static struct ipmasq_backlog *backlog_get(struct ipmasq_backlog *backlog)
{
	kref_get(&backlog->ref);
	return backlog;
}

static void backlog_free(struct kref *ref)
{
	kfree(container_of(ref, struct ipmasq_backlog, ref));
}

static void backlog_put(struct ipmasq_backlog *backlog)
{
	if (backlog)
		kref_put(&backlog->ref, backlog_free);
}

static void policy_free(struct ipmasq_policy *policy)
{
	ipmasq_counter_view_release(&policy->counters);
	ipmasq_cidr_table_release(&policy->table);
	ipmasq_counters_put(policy->set);
	backlog_put(policy->backlog);
	ipmasq_payer_put(policy->payer);
	kvfree(policy->retired);
	kvfree(policy->fresh);
	ipmasq_details_release(&policy->details);
	ipmasq_pool_put(policy->pool);
	ipmasq_interfaces_put(policy->interfaces);
	ipmasq_sources_put(policy->sources);
	kfree(policy->ports);
	kfree(policy);
}

static bool backlog_has_room(const struct ipmasq_backlog *backlog)
{
	return atomic_long_read(&backlog->cost) <= ipmasq_max_entries();
}

/* Old policies wait for their grace period. A writer who is faster than those
 * waits here, so that what waits stays within one full table.
 */
static int backlog_wait(struct ipmasq_backlog *backlog)
{
	return wait_event_killable(backlog->wait, backlog_has_room(backlog)) ? -EINTR : 0;
}

/**
 * ipmasq_policy_is_held_up() - would a change wait for replaced policies to be freed?
 * @ns: the namespace, its lock held
 *
 * Return: true where ipmasq_policy_compile() would.
 */
bool ipmasq_policy_is_held_up(const struct ipmasq_net *ns)
{
	lockdep_assert_held(&ns->lock);
	return ns->backlog && !backlog_has_room(ns->backlog);
}

/**
 * ipmasq_policy_check_generation() - is a generation the one in force?
 * @ns: the namespace, its lock held
 * @based_on: the generation that a change was based on
 * @refusal: says which one is in force if another
 *
 * Return: 0 or -ESTALE.
 */
int ipmasq_policy_check_generation(struct ipmasq_net *ns, u64 based_on,
				   struct ipmasq_refusal *refusal)
{
	const struct ipmasq_policy *policy;
	u64 present;

	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	present = policy ? policy->generation : 0;
	if (based_on == present)
		return 0;
	refusal->reason = IPMASQ_REFUSED_STALE;
	refusal->number = present;
	return -ESTALE;
}

/**
 * ipmasq_policy_compile() - make the policy that a change leads to
 * @ns: the namespace, its lock held until the result is published or discarded
 * @draft: the change; its entries get sorted and counters, it stays the caller's
 * @result: the new policy, for ipmasq_policy_publish() or ipmasq_policy_discard()
 * @refusal: says why not
 *
 * The policy in force does not move. May sleep, and waits while too many replaced
 * policies are not yet freed.
 *
 * Return: 0; -ENOMEM; -EINTR when killed while waiting; -ESTALE when another
 * writer came first; -ENOENT for entries that are not there, or a table that is
 * not there; -EEXIST for entries that are; -ENOSPC above the limit.
 */
int ipmasq_policy_compile(struct ipmasq_net *ns, struct ipmasq_draft *draft,
			  struct ipmasq_policy **result, struct ipmasq_refusal *refusal)
{
	const struct ipmasq_policy *base;
	struct ipmasq_policy *policy;
	int err;

	base = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	if (draft->has_based_on) {
		err = ipmasq_policy_check_generation(ns, draft->based_on, refusal);
		if (err)
			return err;
	}
	if (!base && draft->count && draft->edit != IPMASQ_EDIT_REPLACE) {
		refusal->reason = IPMASQ_REFUSED_NO_POLICY;
		return -ENOENT;
	}

	policy = kzalloc(sizeof(*policy), ipmasq_gfp());
	if (!policy)
		return -ENOMEM;
	policy->set = ns->set ? ipmasq_counters_get(ns->set) : ipmasq_counters_create();
	policy->backlog = ns->backlog ? backlog_get(ns->backlog) : backlog_create();
	if (!policy->set || !policy->backlog) {
		err = -ENOMEM;
		goto discard;
	}
	err = backlog_wait(policy->backlog);
	if (err)
		goto discard;
	err = compile_settings(policy, base, draft);
	if (err)
		goto discard;
	err = compile_entries(policy, base, draft, refusal);
	if (err)
		goto discard;
	err = compile_details(policy, base, draft, refusal);
	if (err)
		goto discard;
	err = ipmasq_counter_view_create(policy->set, &policy->counters);
	if (err)
		goto discard;
	*result = policy;
	return 0;

discard:
	ipmasq_policy_discard(policy);
	return err;
}

/**
 * ipmasq_policy_discard() - throw away a policy that was not published
 * @policy: from ipmasq_policy_compile(), the namespace's lock still held
 */
void ipmasq_policy_discard(struct ipmasq_policy *policy)
{
	/* Nobody has seen them. */
	if (policy->fresh)
		ipmasq_counters_release(policy->set, policy->fresh, policy->fresh_count, true);
	policy_free(policy);
}

static void policy_free_work(struct work_struct *work)
{
	struct ipmasq_policy *policy = container_of(to_rcu_work(work), struct ipmasq_policy, work);
	struct ipmasq_backlog *backlog = backlog_get(policy->backlog);
	const long cost = policy->cost;

	if (policy->retired_count)
		policy->retired_count = ipmasq_counters_release(policy->set, policy->retired,
								policy->retired_count, false);
	/* A writer takes slots of the set. Policies of other namespaces are next; a grace
	 * period is time enough until the next attempt. Nobody writes when the queue ends.
	 */
	if (policy->retired_count) {
		queue_rcu_work(ipmasq_free_queue, &policy->work);
		backlog_put(backlog);
		return;
	}
	policy_free(policy);
	atomic_long_sub(cost, &backlog->cost);
	wake_up_all(&backlog->wait);
	backlog_put(backlog);
}

static size_t pool_memory(const struct ipmasq_pool *pool)
{
	return pool ? struct_size(pool, address, pool->count4 + pool->count6) : 0;
}

/* What a policy takes beside its table and its counters, in bytes. What it shares with others
 * is in it: each of them keeps that alive.
 */
static size_t settings_memory(const struct ipmasq_policy *policy)
{
	size_t bytes = (size_t)policy->counters.count * sizeof(*policy->counters.chunk);
	u32 i;

	if (policy->ports)
		bytes += struct_size(policy->ports, range, policy->ports->count);
	if (policy->sources)
		bytes += sizeof(*policy->sources) +
			 ipmasq_cidr_table_memory(&policy->sources->table);
	if (policy->interfaces)
		bytes += struct_size(policy->interfaces, pattern, policy->interfaces->count);
	bytes += pool_memory(policy->pool);
	bytes += (size_t)policy->details.room * sizeof(*policy->details.detail);
	for (i = 0; i < policy->details.count; i++)
		bytes += pool_memory(policy->details.detail[i].pool);
	return bytes;
}

/* shared: how many of its entries are in blocks that its successor has too. */
static void policy_retire(struct ipmasq_policy *policy, u32 shared)
{
	const struct ipmasq_cidr_table *table = &policy->table;
	const size_t bytes = settings_memory(policy) +
			     (size_t)policy->retired_count * sizeof(*policy->retired);

	policy->cost = (long)policy->count - shared + table->ipv4.index.count +
		       table->ipv6.index.count +
		       (long)DIV_ROUND_UP(bytes, sizeof(struct ipmasq_entry)) + RETIRED_BASE;
	atomic_long_add(policy->cost, &policy->backlog->cost);
	INIT_RCU_WORK(&policy->work, policy_free_work);
	queue_rcu_work(ipmasq_free_queue, &policy->work);
}

/**
 * ipmasq_policy_publish() - put a policy in force
 * @ns: the namespace, its lock held since ipmasq_policy_compile()
 * @policy: the new policy; the namespace's from now on
 *
 * Cannot fail. A packet is decided by the old policy or by the new one; the old
 * one is freed behind a grace period.
 */
void ipmasq_policy_publish(struct ipmasq_net *ns, struct ipmasq_policy *policy)
{
	struct ipmasq_policy *old;

	kvfree(policy->fresh);
	policy->fresh = NULL;
	policy->fresh_count = 0;
	if (!ns->set)
		ns->set = ipmasq_counters_get(policy->set);
	if (!ns->backlog)
		ns->backlog = backlog_get(policy->backlog);
	policy->generation = ++ns->generation;
	old = rcu_replace_pointer(ns->policy, policy, lockdep_is_held(&ns->lock));
	if (!old)
		return;
	old->retired = policy->retired;
	old->retired_count = policy->retired_count;
	policy->retired = NULL;
	policy->retired_count = 0;
	policy_retire(old, policy->table.ipv4.shared + policy->table.ipv6.shared);
}

/**
 * ipmasq_policy_withdraw() - take the policy out of force
 * @ns: the namespace, its lock held
 *
 * Its entries and their counters go with it. No effect without a policy.
 */
void ipmasq_policy_withdraw(struct ipmasq_net *ns)
{
	struct ipmasq_policy *old;

	old = rcu_replace_pointer(ns->policy, NULL, lockdep_is_held(&ns->lock));
	if (!old)
		return;
	policy_retire(old, 0);
	ipmasq_counters_put(ns->set);
	ns->set = NULL;
}

/**
 * ipmasq_policy_end() - free what outlives a namespace's policies
 * @ns: the namespace, which has no policy and gets none any more
 */
void ipmasq_policy_end(struct ipmasq_net *ns)
{
	backlog_put(ns->backlog);
	ns->backlog = NULL;
}

/**
 * ipmasq_policy_memory() - what a policy takes
 * @policy: under RCU or the namespace's lock
 *
 * Return: bytes, every shard of its entries' counters included.
 */
size_t ipmasq_policy_memory(const struct ipmasq_policy *policy)
{
	return sizeof(*policy) + ipmasq_cidr_table_memory(&policy->table) +
	       settings_memory(policy) +
	       (size_t)policy->count * sizeof(atomic64_t) * ipmasq_counter_shards();
}
