/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module keeps for a network namespace. */
#ifndef IPMASQ_NAMESPACE_H
#define IPMASQ_NAMESPACE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "policy.h"
#include "stats.h"

/**
 * struct ipmasq_net - one network namespace
 * @policy: in force, NULL for none; read under RCU, written under @lock
 * @verdicts: counted since the first policy; NULL before it, and then never again
 *	until the namespace goes. Set before the first hook is registered.
 * @lock: one writer at a time
 * @generation: of the newest policy there has been, under @lock
 * @set: the entries' counters, NULL without a policy, under @lock
 * @backlog: of policies that wait to be freed; NULL before the first policy, under @lock
 * @hooks: IPMASQ_HOOK_*, which hooks are registered; written under @lock
 * @draining: IPMASQ_HOOK_*, those that are kept for connections only, under @lock
 * @ipv4_ops: the IPv4 hook, whose priv is this
 * @ipv6_ops: the IPv6 hook, whose priv is this
 * @net: the namespace that this is a part of
 * @expiry: deletes entries whose time is over
 * @expired: jiffies when it last looked, under @lock
 * @expiry_pause: jiffies from then until it may look again, under @lock
 * @drain: looks whether the hooks in @draining may go; queued while there are any
 * @drain_interval: jiffies between two looks, under @lock
 * @drain_left: connections found by the last look, under @lock
 * @drain_fresh: jiffies until which that is good enough for a query, under @lock
 * @port_check_mask: a connection is asked for its port where the count of its
 *	verdict has none of these bits: IPMASQ_PORT_CHECK_INTERVAL - 1, or 0 for
 *	each while ports run out
 * @exhausted_until: jiffies; no longer, unless another finds none
 * @exhausted_told: ktime_get_seconds() when the last event about it was sent
 * @exhausted: connections that found no port since then
 * @transactions: struct ipmasq_transaction, the open ones, under @transactions_lock
 * @transaction_count: how many, IPMASQ_TRANSACTIONS_MAX at most, under @transactions_lock
 * @transactions_lock: taken inside @lock or alone
 */
struct ipmasq_net {
	struct ipmasq_policy __rcu *policy;
	struct ipmasq_verdict_shares __percpu *verdicts;

	struct mutex lock; /* orders the writers */
	u64 generation;
	struct ipmasq_counter_set *set;
	struct ipmasq_backlog *backlog;
	u8 hooks;
	u8 draining;
	struct nf_hook_ops ipv4_ops;
	struct nf_hook_ops ipv6_ops;

	struct net *net;
	struct delayed_work expiry;
	unsigned long expired;
	unsigned long expiry_pause;
	struct delayed_work drain;
	unsigned long drain_interval;
	u64 drain_left;
	unsigned long drain_fresh;

	u32 port_check_mask;
	unsigned long exhausted_until;
	u32 exhausted_told;
	atomic_long_t exhausted;

	struct list_head transactions;
	u32 transaction_count;
	struct mutex transactions_lock; /* guards the two above */
};

extern unsigned int ipmasq_net_id;

/**
 * ipmasq_net() - the module's part of a namespace
 * @net: the namespace
 *
 * Return: never NULL while the module is loaded and @net lives.
 */
static inline struct ipmasq_net *ipmasq_net(const struct net *net)
{
	return net_generic(net, ipmasq_net_id);
}

#endif
