// SPDX-License-Identifier: GPL-2.0-only
/* The multicast group "events". */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/timekeeping.h>
#include <net/genetlink.h>
#include <net/netfilter/nf_conntrack.h>

#include "namespace.h"
#include "netlink/event.h"
#include "netlink/family.h"

/* The family is about to go; its group may soon be another's. */
static bool closed;

/**
 * ipmasq_event_create() - room for the event of a change, before it is made
 *
 * May sleep.
 *
 * Return: for ipmasq_event_changed() or nlmsg_free(); NULL without memory.
 */
struct sk_buff *ipmasq_event_create(void)
{
	return genlmsg_new(ipmasq_event_size(), GFP_KERNEL);
}

/**
 * ipmasq_event_close() - tell nothing any more
 *
 * Waits for the hooks that tell something; whoever changes a policy must be waited for
 * by the caller. May sleep.
 */
void ipmasq_event_close(void)
{
	WRITE_ONCE(closed, true);
	synchronize_rcu();
}

/**
 * ipmasq_event_changed() - tell that the policy has changed
 * @net: the namespace
 * @skb: from ipmasq_event_create(); taken
 * @policy: now in force; NULL for none
 * @cause: enum ipmasq_cmd
 * @origin: whose entries changed; 0 where none did
 * @port_id: who did it; 0 for the module itself
 *
 * To be called under the namespace's lock, so that events come in the order of the
 * changes. That nobody listens is no error. May sleep.
 */
void ipmasq_event_changed(struct net *net, struct sk_buff *skb,
			  const struct ipmasq_policy *policy, u8 cause, u8 origin, u32 port_id)
{
	void *header;

	if (READ_ONCE(closed)) {
		nlmsg_free(skb);
		return;
	}
	header = genlmsg_put(skb, 0, 0, &ipmasq_family, 0, IPMASQ_CMD_POLICY_CHANGED);
	if (!header || ipmasq_fill_event(skb, policy, cause, origin, port_id)) {
		nlmsg_free(skb);
		genl_set_err(&ipmasq_family, net, 0, 0, ENOBUFS);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&ipmasq_family, net, skb, 0, 0, GFP_KERNEL);
}

/**
 * ipmasq_event_exhausted() - tell that a connection found no free source port
 * @net: the namespace
 * @ns: the module's part of it
 * @ct: the connection, translated to a port that another one holds
 *
 * From the hook: does not sleep, and does nothing more often than once a second but
 * count. Without memory the next one is told.
 */
void ipmasq_event_exhausted(struct net *net, struct ipmasq_net *ns, const struct nf_conn *ct)
{
	const u32 now = ktime_get_seconds(), told = READ_ONCE(ns->exhausted_told);
	struct sk_buff *skb;
	void *header;

	atomic_long_inc(&ns->exhausted);
	/* Once in each second of the clock. Not in jiffies, which on 32 bit come round
	 * while nothing happens.
	 */
	if (now == told || READ_ONCE(closed) ||
	    !genl_has_listeners(&ipmasq_family, net, 0) ||
	    cmpxchg(&ns->exhausted_told, told, now) != told)
		return;
	skb = genlmsg_new(ipmasq_exhausted_size(), GFP_ATOMIC);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &ipmasq_family, 0, IPMASQ_CMD_PORTS_EXHAUSTED);
	if (!header || ipmasq_fill_exhausted(skb, ct, atomic_long_xchg(&ns->exhausted, 0))) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&ipmasq_family, net, skb, 0, 0, GFP_ATOMIC);
}
