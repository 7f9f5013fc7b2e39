// SPDX-License-Identifier: GPL-2.0-only
/* The entries of a message, and the connection that one asks about. */
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/netlink.h>

#include "bounds.h"
#include "namespace.h"
#include "netlink/family.h"

static int parse_timeout(struct ipmasq_request *request, const struct nlattr *attribute,
			 const struct ipmasq_entry *entry, u64 *deadline)
{
	u64 timeout = nla_get_u64(attribute);
	char text[IPMASQ_PREFIX_TEXT_MAX];

	if (!timeout || timeout > IPMASQ_TIMEOUT_MAX) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "%s: a timeout of %llu ms; from 1 to %llu are possible",
			      ipmasq_prefix_text(entry, text), timeout, IPMASQ_TIMEOUT_MAX);
		return -EINVAL;
	}
	*deadline = ktime_get_boottime_ns() + timeout * NSEC_PER_MSEC;
	return 0;
}

/* The pool of an entry, whose action says that it has one. */
static int parse_entry_pool(struct ipmasq_request *request,
			    const struct nlattr *attribute, const struct ipmasq_entry *entry,
			    struct ipmasq_pool **pool)
{
	const bool wanted = entry->action == IPMASQ_ACTION_SNAT;
	const bool given = nla_find_nested(attribute, IPMASQ_A_CIDR_SNAT_ADDRESS);
	char text[IPMASQ_PREFIX_TEXT_MAX];

	if (wanted && !given)
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_SNAT_ADDRESS,
					     "%s: the action snat without addresses",
					     ipmasq_prefix_text(entry, text));
	if (given && !nla_find_nested(attribute, IPMASQ_A_CIDR_ACTION))
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_ACTION,
					     "%s: addresses without the action snat",
					     ipmasq_prefix_text(entry, text));
	if (given && !wanted) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "%s: addresses without the action snat",
			      ipmasq_prefix_text(entry, text));
		return -EINVAL;
	}
	if (!given)
		return 0;
	*pool = ipmasq_parse_pool(request, nla_data(attribute), nla_len(attribute),
				  IPMASQ_A_CIDR_SNAT_ADDRESS);
	if (IS_ERR(*pool))
		return PTR_ERR(*pool);
	if (!ipmasq_pool_count(*pool, entry->family != AF_INET6))
		return 0;
	ipmasq_pool_put(*pool);
	NL_SET_BAD_ATTR(request->extack, attribute);
	ipmasq_refuse(request, "%s: an address of its pool is of the other family",
		      ipmasq_prefix_text(entry, text));
	return -EINVAL;
}

/* What few entries have; the entry is the draft's last. */
static int parse_detail(struct ipmasq_request *request, const struct nlattr *attribute,
			const struct ipmasq_entry *entry, struct ipmasq_draft *draft,
			struct ipmasq_refusal *refusal)
{
	struct ipmasq_detail detail = {};
	const struct nlattr *timeout;
	int err;

	/* Each address of a pool is compared with those before it. */
	cond_resched();
	timeout = nla_find_nested(attribute, IPMASQ_A_CIDR_TIMEOUT);
	if (timeout) {
		err = parse_timeout(request, timeout, entry, &detail.deadline);
		if (err)
			return err;
	}
	err = parse_entry_pool(request, attribute, entry, &detail.pool);
	if (err)
		return err;
	err = ipmasq_draft_detail(draft, &detail, refusal);
	ipmasq_pool_put(detail.pool);
	return err;
}

/**
 * ipmasq_parse_entries() - read all CIDRs of a message into a draft
 * @request: for refusals
 * @header: the message
 * @draft: what to fill; as it was if this fails
 *
 * May sleep.
 *
 * Return: 0; -EINVAL for a bad one, or none; -ENOMEM; -ENOSPC.
 */
int ipmasq_parse_entries(struct ipmasq_request *request, const struct nlmsghdr *header,
			 struct ipmasq_draft *draft)
{
	const struct nlattr *attribute;
	struct ipmasq_refusal refusal = {};
	const bool sorted = draft->sorted;
	const u32 details = draft->details.count;
	const u32 count = draft->count;
	struct ipmasq_entry entry;
	int remaining, err;
	bool detailed;

	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, remaining) {
		if (nla_type(attribute) != IPMASQ_A_CIDR)
			continue;
		/* A message may be as long as the sender's buffer. */
		ipmasq_reschedule(draft->count);
		err = ipmasq_parse_prefix(request, attribute, &entry, &detailed);
		if (!err) {
			err = ipmasq_draft_append(draft, &entry, &refusal);
			if (!err && unlikely(detailed))
				err = parse_detail(request, attribute, &entry, draft, &refusal);
			if (err)
				ipmasq_tell_refusal(request, &refusal);
		}
		if (err)
			goto restore;
	}
	if (draft->count == count)
		return ipmasq_refuse_missing(request, NULL, IPMASQ_A_CIDR,
					     "no CIDR in the message");
	return 0;

restore:
	ipmasq_details_truncate(&draft->details, details);
	draft->count = count;
	draft->sorted = sorted;
	return err;
}

/**
 * ipmasq_parse_question() - read what a connection to explain is like
 * @request: for refusals
 * @attributes: of IPMASQ_CMD_EXPLAIN
 * @question: what to fill
 *
 * Return: 0, -EINVAL, or -EAFNOSUPPORT for IPv6 where the kernel has none.
 */
int ipmasq_parse_question(struct ipmasq_request *request, struct nlattr **attributes,
			  struct ipmasq_question *question)
{
	bool ipv6;
	int err;

	memset(question, 0, sizeof(*question));
	if (!attributes[IPMASQ_A_SOURCE])
		return ipmasq_refuse_missing(request, NULL, IPMASQ_A_SOURCE,
					     "a connection without its source");
	if (!attributes[IPMASQ_A_DESTINATION])
		return ipmasq_refuse_missing(request, NULL, IPMASQ_A_DESTINATION,
					     "a connection without its destination");
	err = ipmasq_parse_address(request, attributes[IPMASQ_A_SOURCE], &question->source, &ipv6);
	if (err)
		return err;
	err = ipmasq_parse_address(request, attributes[IPMASQ_A_DESTINATION],
				   &question->destination, &question->ipv6);
	if (err)
		return err;
	if (ipv6 != question->ipv6) {
		NL_SET_BAD_ATTR(request->extack, attributes[IPMASQ_A_DESTINATION]);
		ipmasq_refuse(request, "an %s source and an %s destination", ipv6 ? "IPv6" : "IPv4",
			      ipv6 ? "IPv4" : "IPv6");
		return -EINVAL;
	}
	if (ipv6) {
		err = ipmasq_require_ipv6(request, attributes[IPMASQ_A_SOURCE]);
		if (err)
			return err;
	}
	question->protocol = IPPROTO_TCP;
	if (attributes[IPMASQ_A_OUTPUT_INTERFACE])
		question->output_interface = nla_get_u32(attributes[IPMASQ_A_OUTPUT_INTERFACE]);
	if (attributes[IPMASQ_A_PROTOCOL])
		question->protocol = nla_get_u8(attributes[IPMASQ_A_PROTOCOL]);
	if (attributes[IPMASQ_A_SOURCE_PORT])
		question->source_port = nla_get_u16(attributes[IPMASQ_A_SOURCE_PORT]);
	return 0;
}
