// SPDX-License-Identifier: GPL-2.0-only
/*
 * A translated connection needs the kernel's NAT for each of its packets, and the NAT
 * core works only while somebody has a hook registered with it. So hooks that no policy
 * needs any more, because it was withdrawn or IPv6 was switched off, stay registered
 * until no translated connection of their family is left in the namespace: they drain.
 * They accept every new connection meanwhile. A policy that needs them again takes them
 * over as they are.
 *
 * A hook holds a reference to the module, so a namespace that drains does too.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <net/netfilter/nf_conntrack.h>

#include "compat.h"
#include "drain.h"
#include "hook.h"
#include "namespace.h"

/* Walks of the connection table are rarer the longer connections last. */
#define LOOK_FIRST HZ
#define LOOK_LAST (60 * HZ)

/* Whoever queries the policy gets the count of the last walk, unless it is older than a
 * second and than ten times what that walk took.
 */
#define PAUSE_FACTOR 10

/* Unbound: a walk of a large table must not hold up the works of one CPU. One walk at a time,
 * however many namespaces drain: the table is that of all of them.
 */
static struct workqueue_struct *drain_queue;

struct translated {
	u64 ipv4;
	u64 ipv6;
};

/* Connections that another NAT user translated are counted as well, as nothing tells
 * them apart. They only make the hooks stay longer. An expected connection (FTP) follows
 * its master, which had to be translated for that, and may outlive it.
 */
static bool is_translated(const struct nf_conn *ct)
{
	const unsigned long status = READ_ONCE(ct->status);

	if (nf_ct_is_dying(ct) || nf_ct_is_expired(ct))
		return false;
	return (status & IPS_SRC_NAT) || ((status & IPS_EXPECTED) && (status & IPS_DST_NAT));
}

/* Called for each connection of the namespace, under its bucket's lock; 0 keeps it. */
static int count_one(struct nf_conn *ct, void *data)
{
	struct translated *count = data;

	if (!is_translated(ct))
		return 0;
	if (nf_ct_l3num(ct) == NFPROTO_IPV6)
		count->ipv6++;
	else
		count->ipv4++;
	return 0;
}

/* Count what is left, and unregister hooks that have drained. One walk of the connection
 * table, which gives up the processor between buckets (net/netfilter/nf_conntrack_core.c,
 * get_next_corpse()). No walk unless the namespace drains.
 */
static u64 drain_look(struct ipmasq_net *ns)
{
	const unsigned long begun = jiffies;
	struct translated count = {};
	u64 left = 0;
	u8 drained = 0;

	lockdep_assert_held(&ns->lock);
	if (!ns->draining)
		return 0;
	ipmasq_ct_iterate(ns->net, count_one, &count);
	if (ns->draining & IPMASQ_HOOK_IPV4) {
		left += count.ipv4;
		drained |= count.ipv4 ? 0 : IPMASQ_HOOK_IPV4;
	}
	if (ns->draining & IPMASQ_HOOK_IPV6) {
		left += count.ipv6;
		drained |= count.ipv6 ? 0 : IPMASQ_HOOK_IPV6;
	}
	ns->draining &= ~drained;
	ns->drain_left = left;
	ns->drain_fresh = jiffies + max_t(unsigned long, LOOK_FIRST,
					  PAUSE_FACTOR * (jiffies - begun));
	if (!ns->draining)
		cancel_delayed_work(&ns->drain);
	/* Last, as it may drop the last reference to the module. */
	ipmasq_hook_disable(ns->net, ns, drained);
	return left;
}

/**
 * ipmasq_drain_left() - count the connections that hooks are still kept for
 * @ns: the namespace, its lock held
 *
 * The count is that of the last walk while it is fresh: whoever asks again and again must
 * not make the kernel walk the connections of the whole machine each time. May sleep, and
 * unregisters hooks that have drained.
 *
 * Return: connections, 0 where the namespace does not drain (any more).
 */
u64 ipmasq_drain_left(struct ipmasq_net *ns)
{
	lockdep_assert_held(&ns->lock);
	if (ns->draining && time_before(jiffies, ns->drain_fresh))
		return ns->drain_left;
	return drain_look(ns);
}

/* After the last reference is dropped the module may begin to unload, but it does not go
 * before this function has returned: ipmasq_net_pre_exit() takes the lock and waits for
 * the work (ipmasq_drain_cancel()).
 */
static void drain_work(struct work_struct *work)
{
	struct ipmasq_net *ns = container_of(to_delayed_work(work), struct ipmasq_net, drain);

	/* A writer may hold it for long, and other namespaces are next. */
	if (!mutex_trylock(&ns->lock)) {
		queue_delayed_work(drain_queue, &ns->drain, LOOK_FIRST);
		return;
	}
	drain_look(ns);
	if (ns->draining) {
		ns->drain_interval = min_t(unsigned long, ns->drain_interval * 2, LOOK_LAST);
		queue_delayed_work(drain_queue, &ns->drain, ns->drain_interval);
	}
	mutex_unlock(&ns->lock);
}

/**
 * ipmasq_drain_update() - begin or end to drain after a change of policy
 * @ns: the namespace, its lock held; the policy was published or withdrawn
 *
 * A hook that no connection needs is unregistered before this returns. May sleep, for a
 * grace period where hooks begin to drain.
 */
void ipmasq_drain_update(struct ipmasq_net *ns)
{
	const u8 idle = ipmasq_hook_idle(ns);

	lockdep_assert_held(&ns->lock);
	if (idle == ns->draining)
		return;
	ns->draining = idle;
	if (!idle) {
		cancel_delayed_work(&ns->drain);
		return;
	}
	/* The hooks may be translating by the policy that was. A packet that leaves
	 * POSTROUTING has had its connection confirmed and is found in the table; one that
	 * waits in a queue of user space (NFQUEUE) meanwhile is not.
	 */
	synchronize_rcu();
	ns->drain_interval = LOOK_FIRST;
	mod_delayed_work(drain_queue, &ns->drain, ns->drain_interval);
	drain_look(ns);
}

/**
 * ipmasq_drain_end() - unregister hooks that no policy needs, whoever needs them
 * @ns: the namespace, its lock held
 *
 * Connections that were translated go on without NAT, unless somebody else keeps the
 * kernel's NAT in use.
 */
void ipmasq_drain_end(struct ipmasq_net *ns)
{
	lockdep_assert_held(&ns->lock);
	ns->draining = 0;
	cancel_delayed_work(&ns->drain);
	ipmasq_hook_disable(ns->net, ns, ipmasq_hook_idle(ns));
}

/**
 * ipmasq_drain_prepare() - prepare a namespace
 * @ns: the namespace
 */
void ipmasq_drain_prepare(struct ipmasq_net *ns)
{
	INIT_DELAYED_WORK(&ns->drain, drain_work);
}

/**
 * ipmasq_drain_cancel() - wait until the work runs no more
 * @ns: the namespace, after ipmasq_drain_end() and without a policy for good, so that
 *	nothing queues the work again; its lock is not held
 */
void ipmasq_drain_cancel(struct ipmasq_net *ns)
{
	cancel_delayed_work_sync(&ns->drain);
}

/**
 * ipmasq_drain_init() - make what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int __init ipmasq_drain_init(void)
{
	drain_queue = alloc_ordered_workqueue("ipmasq_drain", 0);
	return drain_queue ? 0 : -ENOMEM;
}

/**
 * ipmasq_drain_exit() - undo ipmasq_drain_init(); no namespace is left
 */
void ipmasq_drain_exit(void)
{
	destroy_workqueue(drain_queue);
}
