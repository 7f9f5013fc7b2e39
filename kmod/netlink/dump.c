// SPDX-License-Identifier: GPL-2.0-only
/* The dump of CIDRs. */
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "bounds.h"
#include "namespace.h"
#include "netlink/family.h"

/**
 * struct listing - where a dump is
 * @request: who asks. netlink_dump() copies the text of a refusal into NLMSG_DONE before
 *	it calls ipmasq_listing_done()
 * @origin: only these entries; 0 for all
 * @limited: only those inside @within
 * @within: the prefix asked about
 * @last_high: upper bits of the last address of @within
 * @last_low: lower bits
 * @at: the entry to go on from, whether it is still there or not
 * @past: @at itself has been sent
 * @begun: the request has been read
 *
 * A key and not an index, which would skip or repeat entries when the table
 * changes; the reader is told of a change all the same (NLM_F_DUMP_INTR).
 */
struct listing {
	struct ipmasq_request request;
	u8 origin;
	bool limited;
	struct ipmasq_entry within;
	u64 last_high;
	u64 last_low;
	struct ipmasq_entry at;
	bool past;
	bool begun;
};

/**
 * ipmasq_listing_start() - begin a dump of CIDRs
 * @cb: the dump; keeps a struct listing until ipmasq_listing_done()
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_listing_start(struct netlink_callback *cb)
{
	struct listing *listing = kzalloc(sizeof(*listing), GFP_KERNEL_ACCOUNT);

	if (!listing)
		return -ENOMEM;
	cb->args[0] = (unsigned long)listing;
	return 0;
}

/* Not when the dump starts, where older kernels (6.1 is one) have no extack to say
 * what is wrong. The sender itself is running, then and now.
 */
static int listing_begin(struct listing *listing, struct netlink_callback *cb)
{
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	struct ipmasq_request *request = &listing->request;
	struct ipmasq_draft filter;
	int err;

	/* A filter can pass over a whole table before the first entry is written. */
	err = ipmasq_require_last(cb->skb, cb->nlh, cb->extack);
	if (err)
		return err;
	/* They were parsed already, but where to find them changed with 6.7. */
	err = genlmsg_parse(cb->nlh, &ipmasq_family, attributes, IPMASQ_A_MAX,
			    ipmasq_cidr_get_policy, cb->extack);
	if (err)
		return err;
	ipmasq_draft_init(&filter, IPMASQ_EDIT_ADD, 0);
	err = ipmasq_parse_settings(request, NULL, attributes, &filter);
	if (err)
		return err;
	listing->origin = filter.origin;
	if (attributes[IPMASQ_A_CIDR]) {
		err = ipmasq_parse_prefix(request, attributes[IPMASQ_A_CIDR], &listing->within,
					  NULL);
		if (err)
			return err;
		listing->limited = true;
		ipmasq_prefix_last(&listing->within, &listing->last_high, &listing->last_low);
		/* Its origin is 0, so it comes before all entries of its prefix. */
		listing->at = listing->within;
	}
	listing->begun = true;
	return 0;
}

static bool listing_ends(const struct listing *listing, const struct ipmasq_entry *entry)
{
	if (!listing->limited)
		return false;
	if (entry->family != listing->within.family)
		return true;
	return entry->high > listing->last_high ||
	       (entry->high == listing->last_high && entry->low > listing->last_low);
}

static bool listing_put(struct sk_buff *skb, struct netlink_callback *cb,
			const struct ipmasq_policy *policy, const struct ipmasq_entry *entry,
			bool shadowed)
{
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &ipmasq_family, NLM_F_MULTI, IPMASQ_CMD_CIDR_GET);
	if (!header)
		return false;
	genl_dump_check_consistent(cb, header);
	if (nla_put_u64_64bit(skb, IPMASQ_A_GENERATION, policy->generation, IPMASQ_A_PAD) ||
	    ipmasq_fill_entry(skb, policy, entry, shadowed)) {
		genlmsg_cancel(skb, header);
		return false;
	}
	genlmsg_end(skb, header);
	return true;
}

/* Return false at the end of the list or of the room, true after as many entries as
 * may be looked at without giving up the CPU: a filter can pass over a whole table.
 */
static bool listing_fill(struct sk_buff *skb, struct netlink_callback *cb,
			 struct listing *listing, const struct ipmasq_policy *policy)
{
	struct ipmasq_cursor cursor;
	struct ipmasq_entry entry;
	u32 steps = 0;

	ipmasq_cursor_seek(&cursor, &policy->table, &listing->at);
	if (listing->past && ipmasq_cursor_read(&cursor, &entry) &&
	    !ipmasq_entry_compare(&entry, &listing->at))
		cursor.index++;
	for (; ipmasq_cursor_read(&cursor, &entry); cursor.index++) {
		if (listing_ends(listing, &entry))
			return false;
		if ((!listing->origin || entry.origin == listing->origin) &&
		    !listing_put(skb, cb, policy, &entry, ipmasq_cursor_shadowed(&cursor)))
			return false;
		listing->at = entry;
		listing->past = true;
		if (++steps == IPMASQ_RESCHEDULE_EVERY)
			return true;
	}
	return false;
}

/**
 * ipmasq_listing_dump() - write as many entries as fit
 * @skb: where to
 * @cb: the dump
 *
 * May sleep.
 *
 * Return: bytes written, 0 when there are no more entries; -EPERM from
 * ipmasq_gate(); -EINVAL for a filter that makes no sense, or from ipmasq_require_last().
 */
int ipmasq_listing_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ipmasq_net *ns = ipmasq_net(sock_net(cb->skb->sk));
	struct listing *listing = (struct listing *)cb->args[0];
	const struct ipmasq_policy *policy;
	bool more;
	int err;

	if (!listing->begun) {
		err = ipmasq_gate(sock_net(cb->skb->sk), IPMASQ_CMD_CIDR_GET, cb->extack);
		if (err)
			return err;
		listing->request.ns = ns;
		listing->request.extack = cb->extack;
		err = listing_begin(listing, cb);
		/* It is on the stack of netlink_dump(). */
		listing->request.extack = NULL;
		if (err)
			return err;
	}
	do {
		cond_resched();
		rcu_read_lock();
		policy = rcu_dereference(ns->policy);
		/* Of 32 bits, and with a policy never 0, which says that nothing was read yet
		 * (nl_dump_check_consistent()).
		 */
		cb->seq = policy ? (u32)policy->generation << 1 | 1 : 0;
		/* A change is noticed even where nothing was written before it. */
		if (!cb->prev_seq)
			cb->prev_seq = cb->seq;
		more = policy && listing_fill(skb, cb, listing, policy);
		rcu_read_unlock();
	} while (more);
	return skb->len;
}

/**
 * ipmasq_listing_done() - end a dump, whether it came to its end or not
 * @cb: the dump
 *
 * Return: 0.
 */
int ipmasq_listing_done(struct netlink_callback *cb)
{
	kfree((struct listing *)cb->args[0]);
	return 0;
}
