// SPDX-License-Identifier: GPL-2.0-only
/*
 * A namespace has one piece of delayed work, due when the first of its entries with a
 * deadline goes. It takes the way that every change takes, and tells of it with an
 * event. The clock is the one that goes on while the machine sleeps.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "expiry.h"
#include "namespace.h"
#include "netlink.h"
#include "policy.h"

/* Without memory for the policy that is without them. */
#define RETRY_AFTER HZ

/* Of its own: a work may wait for policies to be freed, which is work too. */
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

static int expire(struct ipmasq_net *ns, u8 origin, u64 now)
{
	struct ipmasq_request request = { .ns = ns };
	const struct ipmasq_policy *policy;
	struct ipmasq_draft draft;
	u64 generation;
	int err;

	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	if (!policy)
		return 0;
	err = collect(policy, origin, now, &draft);
	if (!err && draft.count)
		err = ipmasq_apply(&request, &draft, IPMASQ_CMD_CIDR_DEL, &generation);
	ipmasq_draft_release(&draft);
	return err;
}

static void expiry_work(struct work_struct *work)
{
	struct ipmasq_net *ns = container_of(to_delayed_work(work), struct ipmasq_net, expiry);
	const struct ipmasq_policy *policy;
	u64 now;
	int err;

	mutex_lock(&ns->lock);
	now = ktime_get_boottime_ns();
	err = expire(ns, IPMASQ_ORIGIN_CONFIG, now);
	if (!err)
		err = expire(ns, IPMASQ_ORIGIN_STATIC, now);
	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	if (err)
		mod_delayed_work(expiry_queue, &ns->expiry, RETRY_AFTER);
	else if (policy)
		ipmasq_expiry_arm(ns, policy);
	mutex_unlock(&ns->lock);
}

/**
 * ipmasq_expiry_init() - make what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_expiry_init(void)
{
	expiry_queue = alloc_workqueue("ipmasq_expiry", WQ_UNBOUND, 0);
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
	u64 now;

	lockdep_assert_held(&ns->lock);
	if (!next) {
		ipmasq_expiry_disarm(ns);
		return;
	}
	now = ktime_get_boottime_ns();
	/* A jiffy more, so that the time is really over then. */
	mod_delayed_work(expiry_queue, &ns->expiry,
			 next > now ? nsecs_to_jiffies(next - now) + 1 : 0);
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
