// SPDX-License-Identifier: GPL-2.0-only
/* The settings of a policy as requests name them. */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/netlink.h>

#include "namespace.h"
#include "netlink/family.h"

static u32 count_in_message(const struct nlmsghdr *header, int type)
{
	return ipmasq_count_attributes(nlmsg_attrdata(header, GENL_HDRLEN),
				nlmsg_attrlen(header, GENL_HDRLEN), type);
}

static int parse_port_range(struct ipmasq_request *request,
			    const struct nlattr *attribute, struct ipmasq_ports *ports)
{
	struct nlattr *nested[IPMASQ_A_PORT_RANGE_MAX + 1];
	struct ipmasq_port_range *range;
	int err;

	err = nla_parse_nested(nested, IPMASQ_A_PORT_RANGE_MAX, attribute, NULL, request->extack);
	if (err)
		return err;
	if (!nested[IPMASQ_A_PORT_RANGE_FIRST])
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_PORT_RANGE_FIRST,
					     "a port range without its first port");
	if (!nested[IPMASQ_A_PORT_RANGE_LAST])
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_PORT_RANGE_LAST,
					     "a port range without its last port");
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

static int parse_ports(struct ipmasq_request *request, const struct nlmsghdr *header,
		       struct ipmasq_draft *draft)
{
	const struct nlattr *attribute;
	struct ipmasq_ports *ports;
	int remaining, err;
	u32 count = count_in_message(header, IPMASQ_A_PORT_RANGE);

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
	return 0;
}

static int parse_sources(struct ipmasq_request *request, const struct nlmsghdr *header,
			 struct ipmasq_draft *draft)
{
	const struct nlattr *attribute;
	struct ipmasq_refusal refusal = {};
	struct ipmasq_draft list;
	struct ipmasq_entry entry;
	int remaining, err = 0;

	ipmasq_draft_init(&list, IPMASQ_EDIT_REPLACE, 0);
	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, remaining) {
		if (nla_type(attribute) != IPMASQ_A_SOURCE_CIDR)
			continue;
		if (list.count == IPMASQ_SOURCE_CIDRS_MAX) {
			ipmasq_refuse(request, "more than %u source CIDRs",
				      IPMASQ_SOURCE_CIDRS_MAX);
			err = -ENOSPC;
			goto release;
		}
		err = ipmasq_parse_prefix(request, attribute, &entry, NULL);
		if (err)
			goto release;
		entry.counter = 0;
		err = ipmasq_draft_append(&list, &entry, &refusal);
		if (err)
			goto tell;
	}
	err = ipmasq_draft_sort(&list, &refusal);
	if (err)
		goto tell;
	err = ipmasq_sources_create(list.entries, list.count, &draft->sources);
tell:
	ipmasq_tell_refusal(request, &refusal);
release:
	ipmasq_draft_release(&list);
	return err;
}

/* A name that no interface can have is a mistake (net/core/dev.c, dev_valid_name()). */
static bool pattern_is_possible(const char *pattern)
{
	const char *character;

	if (!*pattern || !strcmp(pattern, ".") || !strcmp(pattern, ".."))
		return false;
	for (character = pattern; *character; character++)
		if (*character == '/' || *character == ':' || isspace(*character))
			return false;
	return true;
}

static int parse_interfaces(struct ipmasq_request *request, const struct nlmsghdr *header,
			    struct ipmasq_draft *draft)
{
	struct ipmasq_interfaces *interfaces;
	const struct nlattr *attribute;
	u32 count = count_in_message(header, IPMASQ_A_INTERFACE);
	int remaining;

	if (count > IPMASQ_INTERFACES_MAX) {
		ipmasq_refuse(request, "%u interfaces; %u are the most", count,
			      IPMASQ_INTERFACES_MAX);
		return -ENOSPC;
	}
	interfaces = ipmasq_interfaces_create(count);
	if (!interfaces)
		return -ENOMEM;
	draft->interfaces = interfaces;
	count = 0;
	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, remaining) {
		char *pattern;

		if (nla_type(attribute) != IPMASQ_A_INTERFACE)
			continue;
		pattern = interfaces->pattern[count++];
		/* The policy has seen to its end. */
		strscpy(pattern, nla_data(attribute), IFNAMSIZ);
		if (pattern_is_possible(pattern))
			continue;
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "\"%*pE\" cannot be the name of an interface",
			      (int)strlen(pattern), pattern);
		return -EINVAL;
	}
	return 0;
}

static int parse_default_pool(struct ipmasq_request *request,
			      const struct nlmsghdr *header, struct ipmasq_draft *draft)
{
	struct ipmasq_pool *pool;

	pool = ipmasq_parse_pool(request, nlmsg_attrdata(header, GENL_HDRLEN),
				 nlmsg_attrlen(header, GENL_HDRLEN), IPMASQ_A_SNAT_ADDRESS);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	draft->pool = pool;
	return 0;
}

/**
 * struct setting_list - a setting of which there can be several
 * @item: the attribute of one
 * @none: the flag that says that there is none
 * @both: the refusal where both were given
 * @named: offset in struct ipmasq_draft of the bool that says that it changes
 * @parse: reads all items of a message
 */
struct setting_list {
	int item;
	int none;
	const char *both;
	size_t named;
	int (*parse)(struct ipmasq_request *request, const struct nlmsghdr *header,
		     struct ipmasq_draft *draft);
};

static const struct setting_list lists[] = {
	{ IPMASQ_A_PORT_RANGE, IPMASQ_A_NO_PORT_RANGES,
	  "port ranges together with NO_PORT_RANGES",
	  offsetof(struct ipmasq_draft, ports_named), parse_ports },
	{ IPMASQ_A_SOURCE_CIDR, IPMASQ_A_NO_SOURCE_CIDRS,
	  "source CIDRs together with NO_SOURCE_CIDRS",
	  offsetof(struct ipmasq_draft, sources_named), parse_sources },
	{ IPMASQ_A_INTERFACE, IPMASQ_A_NO_INTERFACES,
	  "interfaces together with NO_INTERFACES",
	  offsetof(struct ipmasq_draft, interfaces_named), parse_interfaces },
	{ IPMASQ_A_SNAT_ADDRESS, IPMASQ_A_NO_SNAT_ADDRESSES,
	  "addresses together with NO_SNAT_ADDRESSES",
	  offsetof(struct ipmasq_draft, pool_named), parse_default_pool },
};

static int parse_list(struct ipmasq_request *request, const struct nlmsghdr *header,
		      struct nlattr **attributes, struct ipmasq_draft *draft,
		      const struct setting_list *list)
{
	bool *named = (bool *)((char *)draft + list->named);

	if (attributes[list->item] && attributes[list->none]) {
		NL_SET_BAD_ATTR(request->extack, attributes[list->none]);
		ipmasq_refuse(request, "%s", list->both);
		return -EINVAL;
	}
	if (!attributes[list->item] && !attributes[list->none])
		return 0;
	*named = true;
	return attributes[list->item] ? list->parse(request, header, draft) : 0;
}

/* The policies have seen to unknown flags. */
static int parse_flags(struct ipmasq_request *request, struct nlattr **attributes,
		       struct ipmasq_draft *draft)
{
	const struct nlattr *value = attributes[IPMASQ_A_FLAGS];
	const struct nlattr *mask = attributes[IPMASQ_A_FLAGS_MASK];

	if (!value && !mask)
		return 0;
	if (!value || !mask) {
		NL_SET_BAD_ATTR(request->extack, value ? value : mask);
		return ipmasq_refuse_missing(request, NULL,
					     value ? IPMASQ_A_FLAGS_MASK : IPMASQ_A_FLAGS,
					     "flags without their %s", value ? "mask" : "values");
	}
	draft->flags = nla_get_u32(value);
	draft->flags_named = nla_get_u32(mask);
	if (draft->flags & ~draft->flags_named) {
		NL_SET_BAD_ATTR(request->extack, value);
		ipmasq_refuse(request, "flags 0x%x are not in their mask 0x%x",
			      draft->flags & ~draft->flags_named, draft->flags_named);
		return -EINVAL;
	}
	return draft->flags & IPMASQ_FLAG_IPV6 ? ipmasq_require_ipv6(request, value) : 0;
}

/**
 * ipmasq_parse_settings() - read what a message says but for its CIDRs
 * @request: for refusals
 * @header: the message
 * @attributes: its attributes; those that its command does not have are NULL
 * @draft: what to fill, empty but for its edit
 *
 * May sleep.
 *
 * Return: 0, -EINVAL, -EEXIST, -ENOSPC, -ENOMEM, or -EAFNOSUPPORT where IPv6 is to be
 * switched on and the kernel has none; @draft must be released anyway.
 */
int ipmasq_parse_settings(struct ipmasq_request *request, const struct nlmsghdr *header,
			  struct nlattr **attributes, struct ipmasq_draft *draft)
{
	u32 i;
	int err;

	/* Its range is in the policies. */
	if (attributes[IPMASQ_A_ORIGIN])
		draft->origin = nla_get_u32(attributes[IPMASQ_A_ORIGIN]);
	if (attributes[IPMASQ_A_GENERATION]) {
		draft->has_based_on = true;
		draft->based_on = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	}
	if (attributes[IPMASQ_A_REPLACE])
		draft->edit = IPMASQ_EDIT_SET;
	err = parse_flags(request, attributes, draft);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		err = parse_list(request, header, attributes, draft, &lists[i]);
		if (err)
			return err;
	}
	return 0;
}
