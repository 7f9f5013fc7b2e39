// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests. The policies check the form; values are checked here, so that a
 * refusal can name them.
 */
#include <linux/if.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/netlink.h>

#include "bounds.h"
#include "compat.h"
#include "namespace.h"
#include "netlink/family.h"

/* Room for any prefix as text. */
#define PREFIX_TEXT_MAX 48

static const struct nla_policy prefix_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_CIDR_PREFIX_LEN] = { .type = NLA_U8 },
};

static const struct nla_policy address_policy[IPMASQ_A_ADDRESS_MAX + 1] = {
	[IPMASQ_A_ADDRESS_IP] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
};

static const struct nla_policy entry_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_CIDR_PREFIX_LEN] = { .type = NLA_U8 },
	[IPMASQ_A_CIDR_ACTION] = NLA_POLICY_RANGE(NLA_U32, IPMASQ_ACTION_SKIP,
						  IPMASQ_ACTION_SNAT),
	[IPMASQ_A_CIDR_TIMEOUT] = { .type = NLA_U64 },
	[IPMASQ_A_CIDR_SNAT_ADDRESS] = NLA_POLICY_NESTED(address_policy),
};

static const struct nla_policy port_range_policy[IPMASQ_A_PORT_RANGE_MAX + 1] = {
	[IPMASQ_A_PORT_RANGE_FIRST] = { .type = NLA_U16 },
	[IPMASQ_A_PORT_RANGE_LAST] = { .type = NLA_U16 },
};

/* An attribute that a policy does not name is refused (NL_VALIDATE_UNSPEC). */
const struct nla_policy ipmasq_no_attributes[IPMASQ_A_MAX + 1] = {};

#define ORIGIN_POLICY \
	[IPMASQ_A_ORIGIN] = NLA_POLICY_RANGE(NLA_U32, IPMASQ_ORIGIN_CONFIG, IPMASQ_ORIGIN_STATIC)

#define SETTINGS_POLICY \
	[IPMASQ_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, IPMASQ_FLAGS_ALL), \
	[IPMASQ_A_FLAGS_MASK] = NLA_POLICY_MASK(NLA_U32, IPMASQ_FLAGS_ALL), \
	[IPMASQ_A_PORT_RANGE] = NLA_POLICY_NESTED(port_range_policy), \
	[IPMASQ_A_NO_PORT_RANGES] = { .type = NLA_FLAG }, \
	[IPMASQ_A_SOURCE_CIDR] = NLA_POLICY_NESTED(prefix_policy), \
	[IPMASQ_A_NO_SOURCE_CIDRS] = { .type = NLA_FLAG }, \
	[IPMASQ_A_INTERFACE] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 }, \
	[IPMASQ_A_NO_INTERFACES] = { .type = NLA_FLAG }, \
	[IPMASQ_A_SNAT_ADDRESS] = NLA_POLICY_NESTED(address_policy), \
	[IPMASQ_A_NO_SNAT_ADDRESSES] = { .type = NLA_FLAG }, \
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 }

const struct nla_policy ipmasq_policy_set_policy[IPMASQ_A_MAX + 1] = {
	SETTINGS_POLICY,
};

const struct nla_policy ipmasq_policy_del_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
	[IPMASQ_A_NOW] = { .type = NLA_FLAG },
};

const struct nla_policy ipmasq_cidr_get_policy[IPMASQ_A_MAX + 1] = {
	ORIGIN_POLICY,
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(prefix_policy),
};

const struct nla_policy ipmasq_cidr_add_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(entry_policy),
	ORIGIN_POLICY,
	[IPMASQ_A_REPLACE] = { .type = NLA_FLAG },
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_cidr_del_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(prefix_policy),
	ORIGIN_POLICY,
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_begin_policy[IPMASQ_A_MAX + 1] = {
	ORIGIN_POLICY,
	SETTINGS_POLICY,
};

const struct nla_policy ipmasq_transaction_add_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(entry_policy),
};

const struct nla_policy ipmasq_explain_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_SOURCE] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_DESTINATION] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_OUTPUT_INTERFACE] = { .type = NLA_U32 },
	[IPMASQ_A_PROTOCOL] = { .type = NLA_U8 },
	[IPMASQ_A_SOURCE_PORT] = { .type = NLA_U16 },
};

static const char *prefix_text(const struct ipmasq_entry *entry, char text[PREFIX_TEXT_MAX])
{
	__be32 address[4] = {
		cpu_to_be32(entry->high >> 32), cpu_to_be32(entry->high),
		cpu_to_be32(entry->low >> 32), cpu_to_be32(entry->low),
	};

	if (entry->family == AF_INET)
		scnprintf(text, PREFIX_TEXT_MAX, "%pI4/%u", address, entry->prefix_len);
	else
		scnprintf(text, PREFIX_TEXT_MAX, "%pI6c/%u", address, entry->prefix_len);
	return text;
}

/**
 * ipmasq_parse_address() - read an address
 * @request: for refusals
 * @attribute: of any length
 * @address: what to fill; IPv4 goes to the first word, the others are 0
 * @ipv6: its family
 *
 * Return: 0, or -EINVAL where it is neither 4 nor 16 bytes.
 */
int ipmasq_parse_address(struct ipmasq_request *request, const struct nlattr *attribute,
			 struct in6_addr *address, bool *ipv6)
{
	int length = nla_len(attribute);

	if (length != sizeof(__be32) && length != sizeof(*address)) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "an address of %d bytes; 4 (IPv4) or 16 (IPv6) are expected",
			      length);
		return -EINVAL;
	}
	memset(address, 0, sizeof(*address));
	memcpy(address, nla_data(attribute), length);
	*ipv6 = length == sizeof(*address);
	return 0;
}

/**
 * ipmasq_require_ipv6() - refuse a request that needs IPv6 from a kernel without it
 * @request: for the refusal
 * @attribute: that asks for IPv6
 *
 * With ipv6.disable=1 the routing tables of IPv6 do not exist, and looking up a route
 * in them is a NULL dereference (net/ipv6/af_inet6.c, inet6_init()). Addresses and
 * prefixes in a policy need no such check: no IPv6 packet ever meets them.
 *
 * Return: 0 or -EAFNOSUPPORT.
 */
int ipmasq_require_ipv6(struct ipmasq_request *request, const struct nlattr *attribute)
{
	if (ipv6_mod_enabled())
		return 0;
	NL_SET_BAD_ATTR(request->extack, attribute);
	ipmasq_refuse(request, "this kernel has no IPv6 (ipv6.disable=1, or built without)");
	return -EAFNOSUPPORT;
}

/**
 * ipmasq_parse_prefix() - read a nested CIDR
 * @request: for refusals
 * @attribute: IPMASQ_A_CIDR, its form checked by a policy
 * @entry: what to fill; its action is skip where none is named
 * @detailed: whether there is more to be read than that; may be NULL
 *
 * Return: 0 or -EINVAL.
 */
int ipmasq_parse_prefix(struct ipmasq_request *request, const struct nlattr *attribute,
			struct ipmasq_entry *entry, bool *detailed)
{
	const struct nlattr *nested[IPMASQ_A_CIDR_MAX + 1] = {};
	const struct nlattr *one;
	char text[PREFIX_TEXT_MAX];
	struct in6_addr address;
	int remaining, err;
	u64 high, low;
	bool ipv6;

	/* The policy has seen to their types and lengths, and a table of a million
	 * must not pay for looking twice.
	 */
	nla_for_each_nested(one, attribute, remaining)
		if (nla_type(one) <= IPMASQ_A_CIDR_MAX)
			nested[nla_type(one)] = one;
	if (!nested[IPMASQ_A_CIDR_ADDRESS])
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_ADDRESS,
					     "a CIDR without its address");
	if (!nested[IPMASQ_A_CIDR_PREFIX_LEN])
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_PREFIX_LEN,
					     "a CIDR without its prefix length");
	err = ipmasq_parse_address(request, nested[IPMASQ_A_CIDR_ADDRESS], &address, &ipv6);
	if (err)
		return err;

	memset(entry, 0, sizeof(*entry));
	entry->family = ipv6 ? AF_INET6 : AF_INET;
	entry->high = (u64)be32_to_cpu(address.s6_addr32[0]) << 32 |
		      be32_to_cpu(address.s6_addr32[1]);
	entry->low = (u64)be32_to_cpu(address.s6_addr32[2]) << 32 |
		     be32_to_cpu(address.s6_addr32[3]);
	entry->prefix_len = nla_get_u8(nested[IPMASQ_A_CIDR_PREFIX_LEN]);
	entry->action = IPMASQ_ACTION_SKIP;
	entry->counter = IPMASQ_NO_COUNTER;

	if (entry->prefix_len > (ipv6 ? 128 : 32)) {
		NL_SET_BAD_ATTR(request->extack, nested[IPMASQ_A_CIDR_PREFIX_LEN]);
		ipmasq_refuse(request, "%s: the prefix length is above %d",
			      prefix_text(entry, text), ipv6 ? 128 : 32);
		return -EINVAL;
	}
	if (ipmasq_prefix_has_host_bits(entry)) {
		struct ipmasq_entry meant = *entry;
		char suggestion[PREFIX_TEXT_MAX];

		meant.high = 0;
		meant.low = 0;
		ipmasq_prefix_last(&meant, &high, &low);
		meant.high = entry->high & ~high;
		meant.low = entry->low & ~low;
		NL_SET_BAD_ATTR(request->extack, nested[IPMASQ_A_CIDR_ADDRESS]);
		ipmasq_refuse(request, "%s has bits set behind its prefix length; %s is the prefix",
			      prefix_text(entry, text), prefix_text(&meant, suggestion));
		return -EINVAL;
	}
	/* Its range is in the policy. */
	if (nested[IPMASQ_A_CIDR_ACTION])
		entry->action = nla_get_u32(nested[IPMASQ_A_CIDR_ACTION]);
	if (detailed)
		*detailed = entry->action == IPMASQ_ACTION_SNAT || nested[IPMASQ_A_CIDR_TIMEOUT] ||
			    nested[IPMASQ_A_CIDR_SNAT_ADDRESS];
	return 0;
}

static int parse_timeout(struct ipmasq_request *request, const struct nlattr *attribute,
			 const struct ipmasq_entry *entry, u64 *deadline)
{
	u64 timeout = nla_get_u64(attribute);
	char text[PREFIX_TEXT_MAX];

	if (!timeout || timeout > IPMASQ_TIMEOUT_MAX) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "%s: a timeout of %llu ms; from 1 to %llu are possible",
			      prefix_text(entry, text), timeout, IPMASQ_TIMEOUT_MAX);
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
	char text[PREFIX_TEXT_MAX];

	if (wanted && !given)
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_SNAT_ADDRESS,
					     "%s: the action snat without addresses",
					     prefix_text(entry, text));
	if (given && !nla_find_nested(attribute, IPMASQ_A_CIDR_ACTION))
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_ACTION,
					     "%s: addresses without the action snat",
					     prefix_text(entry, text));
	if (given && !wanted) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "%s: addresses without the action snat",
			      prefix_text(entry, text));
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
		      prefix_text(entry, text));
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

__printf(2, 0)
static void refuse(struct ipmasq_request *request, const char *format, va_list arguments)
{
	if (!request->extack)
		return;
	vscnprintf(request->text, sizeof(request->text), format, arguments);
	/* NL_SET_ERR_MSG() takes literals only. */
	request->extack->_msg = request->text;
}

/**
 * ipmasq_refuse() - name the reason of a refusal
 * @request: the request; its extack may be NULL
 * @format: names the offending value
 */
void ipmasq_refuse(struct ipmasq_request *request, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	refuse(request, format, arguments);
	va_end(arguments);
}

/**
 * ipmasq_refuse_missing() - refuse a request that lacks an attribute
 * @request: the request; its extack may be NULL
 * @nest: in which it is missing; NULL for the message itself
 * @type: of the missing attribute
 * @format: names it
 *
 * From 6.1 on the refusal has the type, and where the nest is, besides the text.
 *
 * Return: -EINVAL.
 */
int ipmasq_refuse_missing(struct ipmasq_request *request, const struct nlattr *nest, int type,
			  const char *format, ...)
{
	va_list arguments;

	if (nest)
		NL_SET_BAD_ATTR(request->extack, nest);
	NL_SET_ERR_ATTR_MISS(request->extack, nest, type);
	va_start(arguments, format);
	refuse(request, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/**
 * ipmasq_tell_refusal() - put a policy's refusal into words
 * @request: who is told
 * @refusal: the reason; IPMASQ_REFUSED_OTHER says nothing
 */
void ipmasq_tell_refusal(struct ipmasq_request *request,
			 const struct ipmasq_refusal *refusal)
{
	char text[PREFIX_TEXT_MAX];

	switch (refusal->reason) {
	case IPMASQ_REFUSED_OTHER:
		break;
	case IPMASQ_REFUSED_LIMIT:
		ipmasq_refuse(request, "more than %llu entries (module parameter max_entries)",
			      refusal->number);
		break;
	case IPMASQ_REFUSED_DETAILS:
		ipmasq_refuse(request, "more than %llu entries with a timeout or a pool",
			      refusal->number);
		break;
	case IPMASQ_REFUSED_EXISTS:
		ipmasq_refuse(request, "%s is there already", prefix_text(&refusal->entry, text));
		break;
	case IPMASQ_REFUSED_MISSING:
		ipmasq_refuse(request, "%s is not there", prefix_text(&refusal->entry, text));
		break;
	case IPMASQ_REFUSED_TWICE:
		ipmasq_refuse(request, "%s is named twice", prefix_text(&refusal->entry, text));
		break;
	case IPMASQ_REFUSED_STALE:
		ipmasq_refuse(request, "another change came first: generation %llu is in force",
			      refusal->number);
		break;
	case IPMASQ_REFUSED_NO_POLICY:
		ipmasq_refuse(request, "no policy in this network namespace");
		break;
	}
}
