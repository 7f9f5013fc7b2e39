// SPDX-License-Identifier: GPL-2.0-only
/*
 * A namespace has one piece of delayed work, due when the first of its entries with a
 * deadline expires. It is a change as any other and sends an event. Deadlines are on the
 * clock that goes on while the machine is suspended. Memory is charged to who wrote the
 * policy, although a kernel thread allocates it.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "commit.h"
#include "expiry.h"
#include "namespace.h"
#include "payer.h"
#include "policy.h"

/* Delay before retrying when the new policy could not be allocated, as when the payer's
 * cgroup is at its limit.
 */
#define RETRY_AFTER ((unsigned long)HZ)

/* The timer counts jiffies, which stand still while the machine is suspended, and
 * deadlines do not. So it looks again at least this often: an entry that expired during
 * a suspend is deleted this long after it at the latest. That also keeps a timeout of
 * months within what a timer can count where a long has 32 bits: above MAX_JIFFY_OFFSET
 * it would expire at once, again and again.
 */
#define LOOK_EVERY (10 * HZ)

/* Each expiry compiles a policy, in a kernel thread, which no CPU limit of the writer's holds
 * back. Entries that expire shortly after others wait, and go together: for this long at
 * least, and for ten times what the last expiry took, but not longer than LOOK_EVERY.
 */
#define EXPIRE_EVERY (HZ / 10)
#define PAUSE_FACTOR 10

/* One namespace at a time, so that all of them together take one CPU at most. None may keep
 * the others waiting: the work waits neither for a writer nor for policies to be freed.
 */
static struct workqueue_struct *expiry_queue;

/* The entries of one origin whose time is over. */
static int collect(const struct ipmasq_policy *policy, u8 origin, u64 now,
		   struct ipmasq_draft *draft)
{
	struct ipmasq_refusal refusal;
	u32 i;
	int err;

	ipmasq_draft_init(draft, IPMASQ_EDIT_DELETE, origin);
	for (i = 0; i < policy->details.count; i++) {
		const struct ipmasq_detail *detail = &policy->details.detail[i];

		if (detail->entry.origin != origin || !detail->deadline || detail->deadline > now)
			continue;
		err = ipmasq_draft_append(draft, &detail->entry, &refusal);
		if (err)
			return err;
	}
	return 0;
}

/* Return 0, or why entries are still there: -EAGAIN where replaced policies have to be
 * freed first, or what ipmasq_commit() returns.
 */
static int expire(struct ipmasq_net *ns, u8 origin, u64 now)
{
	struct ipmasq_refusal refusal = {};
	const struct ipmasq_policy *policy;
	struct ipmasq_draft draft;
	u64 generation;
	int err;

	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	err = collect(policy, origin, now, &draft);
	if (!err && draft.count && ipmasq_policy_is_held_up(ns))
		err = -EAGAIN;
	else if (!err && draft.count)
		err = ipmasq_commit(ns, &draft, IPMASQ_CMD_CIDR_DEL, 0, &generation,
				    &refusal);
	ipmasq_draft_release(&draft);
	return err;
}

static void expiry_work(struct work_struct *work)
{
	struct ipmasq_net *ns = container_of(to_delayed_work(work), struct ipmasq_net, expiry);
	struct cgroup_subsys_state *payer;
	const struct ipmasq_policy *policy;
	struct mem_cgroup *charged;
	unsigned long begun;
	u64 now;
	int err;

	/* A writer may hold it for long, and longer where it is at its CPU limit. */
	if (!mutex_trylock(&ns->lock)) {
		queue_delayed_work(expiry_queue, &ns->expiry, EXPIRE_EVERY);
		return;
	}
	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	if (!policy)
		goto unlock;
	begun = jiffies;
	/* A reference of its own: the policy in force is replaced here. */
	payer = ipmasq_payer_get(policy->payer);
	charged = ipmasq_payer_charge(payer);
	now = ktime_get_boottime_ns();
	err = expire(ns, IPMASQ_ORIGIN_CONFIG, now);
	if (!err)
		err = expire(ns, IPMASQ_ORIGIN_STATIC, now);
	ns->expired = jiffies;
	ns->expiry_pause = clamp_t(unsigned long, PAUSE_FACTOR * (jiffies - begun), EXPIRE_EVERY,
				   LOOK_EVERY);
	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	if (err)
		mod_delayed_work(expiry_queue, &ns->expiry, max(ns->expiry_pause, RETRY_AFTER));
	else
		ipmasq_expiry_arm(ns, policy);
	ipmasq_payer_restore(charged);
	ipmasq_payer_put(payer);
unlock:
	mutex_unlock(&ns->lock);
}

/**
 * ipmasq_expiry_init() - make what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_expiry_init(void)
{
	expiry_queue = alloc_ordered_workqueue("ipmasq_expiry", 0);
	return expiry_queue ? 0 : -ENOMEM;
}

/**
 * ipmasq_expiry_settle() - wait for the work that runs at the moment
 *
 * More may begin right afterwards.
 */
void ipmasq_expiry_settle(void)
{
	flush_workqueue(expiry_queue);
}

/**
 * ipmasq_expiry_exit() - undo ipmasq_expiry_init(); no namespace is left
 */
void ipmasq_expiry_exit(void)
{
	destroy_workqueue(expiry_queue);
}

/**
 * ipmasq_expiry_begin() - prepare a namespace
 * @ns: the namespace
 */
void ipmasq_expiry_begin(struct ipmasq_net *ns)
{
	INIT_DELAYED_WORK(&ns->expiry, expiry_work);
}

/**
 * ipmasq_expiry_end() - wait until nothing runs any more
 * @ns: the namespace, without a policy for good; its lock is not held
 */
void ipmasq_expiry_end(struct ipmasq_net *ns)
{
	cancel_delayed_work_sync(&ns->expiry);
}

/**
 * ipmasq_expiry_arm() - wake up when the next entry goes
 * @ns: the namespace, its lock held
 * @policy: in force there
 */
void ipmasq_expiry_arm(struct ipmasq_net *ns, const struct ipmasq_policy *policy)
{
	u64 next = ipmasq_details_next(&policy->details);
	const unsigned long since = jiffies - ns->expired;
	unsigned long delay = 0;
	u64 now;

	lockdep_assert_held(&ns->lock);
	if (!next) {
		ipmasq_expiry_disarm(ns);
		return;
	}
	now = ktime_get_boottime_ns();
	/* A jiffy more, so that the time is really over then. */
	if (next > now)
		delay = min_t(u64, nsecs_to_jiffies64(next - now) + 1, LOOK_EVERY);
	if (since < ns->expiry_pause)
		delay = max(delay, ns->expiry_pause - since);
	mod_delayed_work(expiry_queue, &ns->expiry, delay);
}

/**
 * ipmasq_expiry_disarm() - no entry has a deadline any more
 * @ns: the namespace, its lock held
 *
 * The work may be running, or wait for the lock; it will find nothing to do.
 */
void ipmasq_expiry_disarm(struct ipmasq_net *ns)
{
	cancel_delayed_work(&ns->expiry);
}
