/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of a network namespace: draft -> validate -> compile -> publish.
 * Every change, one entry or a million, takes this way.
 */
#ifndef IPMASQ_POLICY_H
#define IPMASQ_POLICY_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/ipmasq.h>

#include "cidr_table.h"
#include "detail.h"
#include "draft.h"
#include "pool.h"
#include "selector.h"
#include "stats.h"

struct cgroup_subsys_state;
struct ipmasq_net;

/**
 * struct ipmasq_backlog - what a namespace's policies cost that wait to be freed
 * @ref: held by the namespace and by every policy that is not yet freed: the last ones
 *	are freed after the namespace has gone
 * @cost: in entries, see ipmasq_policy.cost
 * @wait: woken when @cost goes down
 *
 * It belongs to the namespace and outlives a policy that is withdrawn, so that a
 * writer who withdraws and creates policies waits as one who replaces them.
 */
struct ipmasq_backlog {
	struct kref ref;
	atomic_long_t cost;
	wait_queue_head_t wait;
};

/**
 * struct ipmasq_port_range - source ports, both ends included
 * @first: lowest port, host order
 * @last: highest port
 * @before: ports in the ranges before this one
 */
struct ipmasq_port_range {
	u16 first;
	u16 last;
	u32 before;
};

/**
 * struct ipmasq_ports - what TCP, UDP and SCTP may use as source ports
 * @count: ranges
 * @total: ports in all of them; a port in two ranges counts twice, as it does in
 *	the rules of ip-masq-agent
 * @range: in the order they were given
 */
struct ipmasq_ports {
	u32 count;
	u32 total;
	struct ipmasq_port_range range[];
};

/**
 * struct ipmasq_policy - all that decides, immutable once published
 * @flags: IPMASQ_FLAG_*
 * @selective: there are @sources or @interfaces
 * @pooled: there is a @pool, or a detail has one
 * @ports: owned; NULL for no restriction
 * @table: the entries, compiled
 * @counters: where the entries count
 * @sources: only these are translated, a reference; NULL for all
 * @interfaces: only through these, a reference; NULL for all
 * @pool: what is translated gets one of these addresses, a reference; NULL for the
 *	output interface's own
 * @details: of some entries
 * @count: entries
 * @by_origin: how many of each enum ipmasq_origin
 * @generation: of the namespace
 * @set: a reference to the counter set that @counters is of
 * @backlog: a reference to the namespace's, which the policy counts in while it waits
 *	to be freed
 * @payer: the memory cgroup of the writer, a reference, where entries have a deadline;
 *	otherwise NULL, so that a cgroup that is removed is not kept for nothing
 * @fresh: slots that the policy has taken, to give back if it is not published
 * @fresh_count: how many
 * @retired: slots to give back: before publishing those of the policy that this
 *	one replaces, afterwards those of this one that its successor has not
 * @retired_count: how many
 * @cost: what it counts for while it waits to be freed, in entries of 24 bytes
 * @work: frees it behind a grace period
 */
struct ipmasq_policy {
	u32 flags;
	bool selective;
	bool pooled;
	struct ipmasq_ports *ports;
	struct ipmasq_cidr_table table;
	struct ipmasq_counter_view counters;

	struct ipmasq_sources *sources;
	struct ipmasq_interfaces *interfaces;
	struct ipmasq_pool *pool;
	struct ipmasq_details details;

	u32 count;
	u32 by_origin[IPMASQ_ORIGIN_STATIC + 1];
	u64 generation;
	struct ipmasq_counter_set *set;
	struct ipmasq_backlog *backlog;
	struct cgroup_subsys_state *payer;
	u32 *fresh;
	u32 fresh_count;
	u32 *retired;
	u32 retired_count;
	long cost;
	struct rcu_work work;
};

int ipmasq_policy_init(void);
void ipmasq_policy_exit(void);

int ipmasq_policy_compile(struct ipmasq_net *ns, struct ipmasq_draft *draft,
			  struct ipmasq_policy **policy, struct ipmasq_refusal *refusal);
void ipmasq_policy_publish(struct ipmasq_net *ns, struct ipmasq_policy *policy);
void ipmasq_policy_discard(struct ipmasq_policy *policy);
void ipmasq_policy_withdraw(struct ipmasq_net *ns);
void ipmasq_policy_end(struct ipmasq_net *ns);
bool ipmasq_policy_is_held_up(const struct ipmasq_net *ns);
int ipmasq_policy_check_generation(struct ipmasq_net *ns, u64 based_on,
				   struct ipmasq_refusal *refusal);

size_t ipmasq_policy_memory(const struct ipmasq_policy *policy);

#endif
