// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests. The policies check the form; values are checked here, so that a
 * refusal can name them.
 */
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "namespace.h"
#include "netlink.h"

/* Room for any prefix as text. */
#define PREFIX_TEXT_MAX 48

static const struct nla_policy prefix_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_CIDR_PREFIX_LEN] = { .type = NLA_U8 },
};

static const struct nla_policy entry_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_CIDR_PREFIX_LEN] = { .type = NLA_U8 },
	[IPMASQ_A_CIDR_ACTION] = { .type = NLA_U8 },
};

static const struct nla_policy port_range_policy[IPMASQ_A_PORT_RANGE_MAX + 1] = {
	[IPMASQ_A_PORT_RANGE_FIRST] = { .type = NLA_U16 },
	[IPMASQ_A_PORT_RANGE_LAST] = { .type = NLA_U16 },
};

/* An attribute that a policy does not name is refused (NL_VALIDATE_UNSPEC). */
const struct nla_policy ipmasq_no_attributes[IPMASQ_A_MAX + 1] = {};

#define SETTINGS_POLICY \
	[IPMASQ_A_FLAGS] = NLA_POLICY_BITFIELD32(U32_MAX), \
	[IPMASQ_A_PORT_RANGE] = NLA_POLICY_NESTED(port_range_policy), \
	[IPMASQ_A_NO_PORT_RANGES] = { .type = NLA_FLAG }, \
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 }

const struct nla_policy ipmasq_policy_set_policy[IPMASQ_A_MAX + 1] = {
	SETTINGS_POLICY,
};

const struct nla_policy ipmasq_policy_del_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_cidr_get_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_ORIGIN] = { .type = NLA_U8 },
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(prefix_policy),
};

const struct nla_policy ipmasq_cidr_add_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(entry_policy),
	[IPMASQ_A_ORIGIN] = { .type = NLA_U8 },
	[IPMASQ_A_REPLACE] = { .type = NLA_FLAG },
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_cidr_del_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(prefix_policy),
	[IPMASQ_A_ORIGIN] = { .type = NLA_U8 },
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_begin_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_ORIGIN] = { .type = NLA_U8 },
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

/* 4 or 16 bytes; IPv4 goes to the first word. */
static int parse_address(const struct ipmasq_request *request, const struct nlattr *attribute,
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
 * ipmasq_parse_prefix() - read a nested CIDR
 * @request: for refusals
 * @attribute: IPMASQ_A_CIDR, its form checked by a policy
 * @entry: what to fill; its action is skip where none is named
 *
 * Return: 0 or -EINVAL.
 */
int ipmasq_parse_prefix(const struct ipmasq_request *request, const struct nlattr *attribute,
			struct ipmasq_entry *entry)
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
	if (!nested[IPMASQ_A_CIDR_ADDRESS] || !nested[IPMASQ_A_CIDR_PREFIX_LEN]) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "a CIDR without its %s",
			      nested[IPMASQ_A_CIDR_ADDRESS] ? "prefix length" : "address");
		return -EINVAL;
	}
	err = parse_address(request, nested[IPMASQ_A_CIDR_ADDRESS], &address, &ipv6);
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
	if (nested[IPMASQ_A_CIDR_ACTION]) {
		entry->action = nla_get_u8(nested[IPMASQ_A_CIDR_ACTION]);
		if (entry->action != IPMASQ_ACTION_SKIP &&
		    entry->action != IPMASQ_ACTION_MASQUERADE) {
			NL_SET_BAD_ATTR(request->extack, nested[IPMASQ_A_CIDR_ACTION]);
			ipmasq_refuse(request,
				      "%s: action %u is unknown; 1 is skip, 2 is masquerade",
				      prefix_text(entry, text), entry->action);
			return -EINVAL;
		}
	}
	return 0;
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
int ipmasq_parse_entries(const struct ipmasq_request *request, const struct nlmsghdr *header,
			 struct ipmasq_draft *draft)
{
	const struct nlattr *attribute;
	struct ipmasq_refusal refusal = {};
	const bool sorted = draft->sorted;
	const u32 count = draft->count;
	struct ipmasq_entry entry;
	int remaining, err;

	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, remaining) {
		if (nla_type(attribute) != IPMASQ_A_CIDR)
			continue;
		err = ipmasq_parse_prefix(request, attribute, &entry);
		if (!err) {
			err = ipmasq_draft_append(draft, &entry, &refusal);
			if (err)
				ipmasq_tell_refusal(request, &refusal);
		}
		if (err)
			goto restore;
	}
	if (draft->count == count) {
		ipmasq_refuse(request, "no CIDR in the message");
		return -EINVAL;
	}
	return 0;

restore:
	draft->count = count;
	draft->sorted = sorted;
	return err;
}

static int parse_port_range(const struct ipmasq_request *request,
			    const struct nlattr *attribute, struct ipmasq_ports *ports)
{
	struct nlattr *nested[IPMASQ_A_PORT_RANGE_MAX + 1];
	struct ipmasq_port_range *range;
	int err;

	err = nla_parse_nested(nested, IPMASQ_A_PORT_RANGE_MAX, attribute, NULL, request->extack);
	if (err)
		return err;
	if (!nested[IPMASQ_A_PORT_RANGE_FIRST] || !nested[IPMASQ_A_PORT_RANGE_LAST]) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "a port range without its %s port",
			      nested[IPMASQ_A_PORT_RANGE_FIRST] ? "last" : "first");
		return -EINVAL;
	}
	range = &ports->range[ports->count];
	range->first = nla_get_u16(nested[IPMASQ_A_PORT_RANGE_FIRST]);
	range->last = nla_get_u16(nested[IPMASQ_A_PORT_RANGE_LAST]);
	range->before = ports->total;
	if (range->first > range->last) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "port range %u-%u: the first port is above the last",
			      range->first, range->last);
		return -EINVAL;
	}
	ports->total += range->last - range->first + 1;
	ports->count++;
	return 0;
}

static int parse_ports(const struct ipmasq_request *request, const struct nlmsghdr *header,
		       struct ipmasq_draft *draft)
{
	const struct nlattr *attribute;
	struct ipmasq_ports *ports;
	int remaining, err;
	u32 count = 0;

	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, remaining)
		count += nla_type(attribute) == IPMASQ_A_PORT_RANGE;
	if (count > IPMASQ_PORT_RANGES_MAX) {
		ipmasq_refuse(request, "%u port ranges; %u are the most", count,
			      IPMASQ_PORT_RANGES_MAX);
		return -ENOSPC;
	}
	ports = kzalloc(struct_size(ports, range, count), GFP_KERNEL_ACCOUNT);
	if (!ports)
		return -ENOMEM;
	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, remaining) {
		if (nla_type(attribute) != IPMASQ_A_PORT_RANGE)
			continue;
		err = parse_port_range(request, attribute, ports);
		if (err) {
			kfree(ports);
			return err;
		}
	}
	draft->ports = ports;
	draft->ports_named = true;
	return 0;
}

/**
 * ipmasq_parse_settings() - read what a message says but for its CIDRs
 * @request: for refusals
 * @header: the message
 * @attributes: its attributes; those that its command does not have are NULL
 * @draft: what to fill, empty but for its edit
 *
 * Return: 0, -EINVAL, -ENOSPC or -ENOMEM; @draft must be released anyway.
 */
int ipmasq_parse_settings(const struct ipmasq_request *request, const struct nlmsghdr *header,
			  struct nlattr **attributes, struct ipmasq_draft *draft)
{
	if (attributes[IPMASQ_A_ORIGIN]) {
		draft->origin = nla_get_u8(attributes[IPMASQ_A_ORIGIN]);
		if (draft->origin != IPMASQ_ORIGIN_CONFIG &&
		    draft->origin != IPMASQ_ORIGIN_STATIC) {
			NL_SET_BAD_ATTR(request->extack, attributes[IPMASQ_A_ORIGIN]);
			ipmasq_refuse(request, "origin %u is unknown; 1 is config, 2 is static",
				      draft->origin);
			return -EINVAL;
		}
	}
	if (attributes[IPMASQ_A_GENERATION]) {
		draft->has_based_on = true;
		draft->based_on = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	}
	if (attributes[IPMASQ_A_REPLACE])
		draft->edit = IPMASQ_EDIT_SET;
	if (attributes[IPMASQ_A_FLAGS]) {
		struct nla_bitfield32 flags = nla_get_bitfield32(attributes[IPMASQ_A_FLAGS]);

		if (flags.selector & ~IPMASQ_FLAGS_ALL) {
			NL_SET_BAD_ATTR(request->extack, attributes[IPMASQ_A_FLAGS]);
			ipmasq_refuse(request, "flags 0x%x are unknown; 0x%x are known",
				      flags.selector & ~IPMASQ_FLAGS_ALL, IPMASQ_FLAGS_ALL);
			return -EINVAL;
		}
		draft->flags = flags.value;
		draft->flags_named = flags.selector;
	}
	if (attributes[IPMASQ_A_PORT_RANGE] && attributes[IPMASQ_A_NO_PORT_RANGES]) {
		NL_SET_BAD_ATTR(request->extack, attributes[IPMASQ_A_NO_PORT_RANGES]);
		ipmasq_refuse(request, "port ranges together with NO_PORT_RANGES");
		return -EINVAL;
	}
	if (attributes[IPMASQ_A_NO_PORT_RANGES])
		draft->ports_named = true;
	if (attributes[IPMASQ_A_PORT_RANGE])
		return parse_ports(request, header, draft);
	return 0;
}

/**
 * ipmasq_parse_question() - read what a connection to explain is like
 * @request: for refusals
 * @attributes: of IPMASQ_CMD_EXPLAIN
 * @question: what to fill
 *
 * Return: 0 or -EINVAL.
 */
int ipmasq_parse_question(const struct ipmasq_request *request, struct nlattr **attributes,
			  struct ipmasq_question *question)
{
	bool ipv6;
	int err;

	memset(question, 0, sizeof(*question));
	if (!attributes[IPMASQ_A_SOURCE] || !attributes[IPMASQ_A_DESTINATION]) {
		ipmasq_refuse(request, "a connection without its %s",
			      attributes[IPMASQ_A_SOURCE] ? "destination" : "source");
		return -EINVAL;
	}
	err = parse_address(request, attributes[IPMASQ_A_SOURCE], &question->source, &ipv6);
	if (err)
		return err;
	err = parse_address(request, attributes[IPMASQ_A_DESTINATION], &question->destination,
			    &question->ipv6);
	if (err)
		return err;
	if (ipv6 != question->ipv6) {
		NL_SET_BAD_ATTR(request->extack, attributes[IPMASQ_A_DESTINATION]);
		ipmasq_refuse(request, "an %s source and an %s destination", ipv6 ? "IPv6" : "IPv4",
			      ipv6 ? "IPv4" : "IPv6");
		return -EINVAL;
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

/**
 * ipmasq_tell_refusal() - put a policy's refusal into words
 * @request: who is told
 * @refusal: the reason; IPMASQ_REFUSED_OTHER says nothing
 */
void ipmasq_tell_refusal(const struct ipmasq_request *request,
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
