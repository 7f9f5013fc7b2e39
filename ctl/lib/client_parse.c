// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading answers: attributes in, values out. Everything here returns 0,
 * -EBADMSG for an answer that lacks what the protocol promises, or -ENOMEM.
 * Attributes that a newer module sends besides are passed over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include "client_private.h"

static const struct nla_policy attribute_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_GENERATION]		= { .type = NLA_U64 },
	[IPMASQ_A_FLAGS]		= { .minlen = sizeof(struct nla_bitfield32) },
	[IPMASQ_A_PORT_RANGE]		= { .type = NLA_NESTED },
	[IPMASQ_A_ORIGIN]		= { .type = NLA_U8 },
	[IPMASQ_A_CIDR]			= { .type = NLA_NESTED },
	[IPMASQ_A_ENTRIES_CONFIG]	= { .type = NLA_U32 },
	[IPMASQ_A_ENTRIES_STATIC]	= { .type = NLA_U32 },
	[IPMASQ_A_MAX_ENTRIES]		= { .type = NLA_U32 },
	[IPMASQ_A_MEMORY]		= { .type = NLA_U64 },
	[IPMASQ_A_MODULE_VERSION]	= { .type = NLA_STRING },
	[IPMASQ_A_PRIORITY]		= { .minlen = sizeof(int32_t) },
	[IPMASQ_A_OUTPUT_INTERFACE]	= { .type = NLA_U32 },
	[IPMASQ_A_VERDICT]		= { .type = NLA_U8 },
	[IPMASQ_A_STATS]		= { .type = NLA_NESTED },
	[IPMASQ_A_CAUSE]		= { .type = NLA_U8 },
	[IPMASQ_A_PORT_ID]		= { .type = NLA_U32 },
};

static const struct nla_policy cidr_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_PREFIX_LEN]	= { .type = NLA_U8 },
	[IPMASQ_A_CIDR_ACTION]		= { .type = NLA_U8 },
	[IPMASQ_A_CIDR_ORIGIN]		= { .type = NLA_U8 },
	[IPMASQ_A_CIDR_CONNECTIONS]	= { .type = NLA_U64 },
	[IPMASQ_A_CIDR_SHADOWED]	= { .type = NLA_FLAG },
};

static const struct nla_policy port_range_policy[IPMASQ_A_PORT_RANGE_MAX + 1] = {
	[IPMASQ_A_PORT_RANGE_FIRST]	= { .type = NLA_U16 },
	[IPMASQ_A_PORT_RANGE_LAST]	= { .type = NLA_U16 },
};

static const struct nla_policy stats_policy[IPMASQ_A_STATS_MAX + 1] = {
	[IPMASQ_A_STATS_FAMILY]		= { .type = NLA_U8 },
	[IPMASQ_A_STATS_VERDICT]	= { .type = NLA_U8 },
	[IPMASQ_A_STATS_CONNECTIONS]	= { .type = NLA_U64 },
};

/* libnl never writes to a policy, it only does not say so. */
#define POLICY(table)	((struct nla_policy *)(table))

static int parse(const struct nlmsghdr *header, struct nlattr *attributes[IPMASQ_A_MAX + 1])
{
	if (genlmsg_parse((struct nlmsghdr *)header, 0, attributes, IPMASQ_A_MAX,
			  POLICY(attribute_policy)) < 0)
		return -EBADMSG;
	return 0;
}

static int parse_address(const struct nlattr *attribute, struct cidr *cidr)
{
	memset(cidr, 0, sizeof(*cidr));
	switch (nla_len(attribute)) {
	case 4:
		cidr->family = AF_INET;
		cidr->prefix_len = 32;
		break;
	case 16:
		cidr->family = AF_INET6;
		cidr->prefix_len = 128;
		break;
	default:
		return -EBADMSG;
	}
	memcpy(cidr->address, nla_data(attribute), nla_len(attribute));
	return 0;
}

static int parse_cidr(struct nlattr *nest, struct policy_entry *entry)
{
	struct nlattr *attributes[IPMASQ_A_CIDR_MAX + 1];
	uint8_t prefix_len;

	if (nla_parse_nested(attributes, IPMASQ_A_CIDR_MAX, nest, POLICY(cidr_policy)) < 0 ||
	    !attributes[IPMASQ_A_CIDR_ADDRESS] || !attributes[IPMASQ_A_CIDR_PREFIX_LEN])
		return -EBADMSG;
	memset(entry, 0, sizeof(*entry));
	if (parse_address(attributes[IPMASQ_A_CIDR_ADDRESS], &entry->cidr))
		return -EBADMSG;

	prefix_len = nla_get_u8(attributes[IPMASQ_A_CIDR_PREFIX_LEN]);
	if (prefix_len > entry->cidr.prefix_len)
		return -EBADMSG;
	entry->cidr.prefix_len = prefix_len;
	if (attributes[IPMASQ_A_CIDR_ACTION])
		entry->action = nla_get_u8(attributes[IPMASQ_A_CIDR_ACTION]);
	if (attributes[IPMASQ_A_CIDR_ORIGIN])
		entry->origin = nla_get_u8(attributes[IPMASQ_A_CIDR_ORIGIN]);
	if (attributes[IPMASQ_A_CIDR_CONNECTIONS])
		entry->connections = nla_get_u64(attributes[IPMASQ_A_CIDR_CONNECTIONS]);
	entry->shadowed = attributes[IPMASQ_A_CIDR_SHADOWED] != NULL;
	return 0;
}

static int parse_port_range(struct nlattr *nest, struct port_range *range)
{
	struct nlattr *attributes[IPMASQ_A_PORT_RANGE_MAX + 1];

	if (nla_parse_nested(attributes, IPMASQ_A_PORT_RANGE_MAX, nest,
			     POLICY(port_range_policy)) < 0 ||
	    !attributes[IPMASQ_A_PORT_RANGE_FIRST] || !attributes[IPMASQ_A_PORT_RANGE_LAST])
		return -EBADMSG;
	range->first = nla_get_u16(attributes[IPMASQ_A_PORT_RANGE_FIRST]);
	range->last = nla_get_u16(attributes[IPMASQ_A_PORT_RANGE_LAST]);
	return 0;
}

/* Attributes of one type that occur in a message any number of times. */
static int parse_port_ranges(const struct nlmsghdr *header, struct port_range **ranges,
			     size_t *count)
{
	const struct genlmsghdr *message = genlmsg_hdr((struct nlmsghdr *)header);
	struct port_range *found = NULL;
	struct nlattr *attribute;
	size_t used = 0;
	size_t all = 0;
	int left;

	nla_for_each_attr(attribute, genlmsg_attrdata(message, 0),
			  genlmsg_attrlen(message, 0), left) {
		if (nla_type(attribute) == IPMASQ_A_PORT_RANGE)
			all++;
	}
	if (all) {
		found = calloc(all, sizeof(*found));
		if (!found)
			return -ENOMEM;
	}
	nla_for_each_attr(attribute, genlmsg_attrdata(message, 0),
			  genlmsg_attrlen(message, 0), left) {
		if (nla_type(attribute) != IPMASQ_A_PORT_RANGE)
			continue;
		if (parse_port_range(attribute, &found[used++])) {
			free(found);
			return -EBADMSG;
		}
	}
	*ranges = found;
	*count = used;
	return 0;
}

/**
 * client_parse_generation() - read the answer to TRANSACTION_COMMIT
 * @header: a message
 * @generation: set on success
 */
int client_parse_generation(const struct nlmsghdr *header, uint64_t *generation)
{
	struct nlattr *attributes[IPMASQ_A_MAX + 1];

	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION])
		return -EBADMSG;
	*generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	return 0;
}

/**
 * client_parse_status() - read the answer to POLICY_GET
 * @header: a message
 * @status: set on success; client_status_clear() frees what it holds
 */
int client_parse_status(const struct nlmsghdr *header, struct client_status *status)
{
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	struct nla_bitfield32 flags;
	int32_t priority;
	int error;

	memset(status, 0, sizeof(*status));
	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION])
		return -EBADMSG;

	status->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	if (attributes[IPMASQ_A_FLAGS]) {
		memcpy(&flags, nla_data(attributes[IPMASQ_A_FLAGS]), sizeof(flags));
		status->settings.flags = flags.value;
		status->settings.flags_named = IPMASQ_FLAGS_ALL;
	}
	if (attributes[IPMASQ_A_ENTRIES_CONFIG])
		status->entries_config = nla_get_u32(attributes[IPMASQ_A_ENTRIES_CONFIG]);
	if (attributes[IPMASQ_A_ENTRIES_STATIC])
		status->entries_static = nla_get_u32(attributes[IPMASQ_A_ENTRIES_STATIC]);
	if (attributes[IPMASQ_A_MAX_ENTRIES])
		status->max_entries = nla_get_u32(attributes[IPMASQ_A_MAX_ENTRIES]);
	if (attributes[IPMASQ_A_MEMORY])
		status->memory = nla_get_u64(attributes[IPMASQ_A_MEMORY]);
	if (attributes[IPMASQ_A_PRIORITY]) {
		memcpy(&priority, nla_data(attributes[IPMASQ_A_PRIORITY]), sizeof(priority));
		status->priority = priority;
	}
	if (attributes[IPMASQ_A_MODULE_VERSION])
		nla_strlcpy(status->module_version, attributes[IPMASQ_A_MODULE_VERSION],
			    sizeof(status->module_version));

	error = parse_port_ranges(header, &status->settings.port_ranges,
				  &status->settings.port_range_count);
	if (error)
		return error;
	status->settings.port_ranges_named = true;
	return 0;
}

/**
 * client_parse_entry() - read one message of a CIDR_GET dump
 * @header: a message
 * @generation: set on success
 * @entry: set on success
 */
int client_parse_entry(const struct nlmsghdr *header, uint64_t *generation,
		       struct policy_entry *entry)
{
	struct nlattr *attributes[IPMASQ_A_MAX + 1];

	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION] ||
	    !attributes[IPMASQ_A_CIDR])
		return -EBADMSG;
	*generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	return parse_cidr(attributes[IPMASQ_A_CIDR], entry);
}

/**
 * client_parse_explanation() - read the answer to EXPLAIN
 * @header: a message
 * @explanation: set on success; client_explanation_clear() frees what it holds
 */
int client_parse_explanation(const struct nlmsghdr *header,
			     struct client_explanation *explanation)
{
	struct nlattr *attributes[IPMASQ_A_MAX + 1];

	memset(explanation, 0, sizeof(*explanation));
	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION] ||
	    !attributes[IPMASQ_A_VERDICT])
		return -EBADMSG;

	explanation->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	explanation->verdict = nla_get_u8(attributes[IPMASQ_A_VERDICT]);
	if (attributes[IPMASQ_A_OUTPUT_INTERFACE])
		explanation->output_interface =
			nla_get_u32(attributes[IPMASQ_A_OUTPUT_INTERFACE]);
	if (attributes[IPMASQ_A_CIDR]) {
		if (parse_cidr(attributes[IPMASQ_A_CIDR], &explanation->entry))
			return -EBADMSG;
		explanation->has_entry = true;
	}
	if (attributes[IPMASQ_A_MASQUERADE_ADDRESS]) {
		if (parse_address(attributes[IPMASQ_A_MASQUERADE_ADDRESS],
				  &explanation->address))
			return -EBADMSG;
		explanation->has_address = true;
	}
	return parse_port_ranges(header, &explanation->port_ranges,
				 &explanation->port_range_count);
}

static int parse_stats(struct nlattr *nest, struct client_statistics *statistics)
{
	struct nlattr *attributes[IPMASQ_A_STATS_MAX + 1];
	uint8_t verdict;
	int row;

	if (nla_parse_nested(attributes, IPMASQ_A_STATS_MAX, nest, POLICY(stats_policy)) < 0 ||
	    !attributes[IPMASQ_A_STATS_FAMILY] || !attributes[IPMASQ_A_STATS_VERDICT] ||
	    !attributes[IPMASQ_A_STATS_CONNECTIONS])
		return -EBADMSG;

	row = nla_get_u8(attributes[IPMASQ_A_STATS_FAMILY]) == AF_INET6;
	verdict = nla_get_u8(attributes[IPMASQ_A_STATS_VERDICT]);
	/* A verdict that only a newer module knows. */
	if (verdict > IPMASQ_VERDICT_MAX)
		return 0;
	statistics->connections[row][verdict] =
		nla_get_u64(attributes[IPMASQ_A_STATS_CONNECTIONS]);
	return 0;
}

/**
 * client_parse_statistics() - read the answer to STATS_GET
 * @header: a message
 * @statistics: set on success
 */
int client_parse_statistics(const struct nlmsghdr *header,
			    struct client_statistics *statistics)
{
	const struct genlmsghdr *message = genlmsg_hdr((struct nlmsghdr *)header);
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	struct nlattr *attribute;
	int left;

	memset(statistics, 0, sizeof(*statistics));
	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION])
		return -EBADMSG;
	statistics->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);

	nla_for_each_attr(attribute, genlmsg_attrdata(message, 0),
			  genlmsg_attrlen(message, 0), left) {
		if (nla_type(attribute) == IPMASQ_A_STATS && parse_stats(attribute, statistics))
			return -EBADMSG;
	}
	return 0;
}

/**
 * client_parse_event() - read a notification
 * @header: a message
 * @event: set on success
 *
 * Return: also -EBADMSG for a notification other than POLICY_CHANGED.
 */
int client_parse_event(const struct nlmsghdr *header, struct client_event *event)
{
	struct nlattr *attributes[IPMASQ_A_MAX + 1];

	memset(event, 0, sizeof(*event));
	if (parse(header, attributes) ||
	    genlmsg_hdr((struct nlmsghdr *)header)->cmd != IPMASQ_CMD_POLICY_CHANGED ||
	    !attributes[IPMASQ_A_GENERATION] || !attributes[IPMASQ_A_CAUSE])
		return -EBADMSG;

	event->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	event->cause = nla_get_u8(attributes[IPMASQ_A_CAUSE]);
	if (attributes[IPMASQ_A_ORIGIN])
		event->origin = nla_get_u8(attributes[IPMASQ_A_ORIGIN]);
	if (attributes[IPMASQ_A_PORT_ID])
		event->port_id = nla_get_u32(attributes[IPMASQ_A_PORT_ID]);
	if (attributes[IPMASQ_A_ENTRIES_CONFIG])
		event->entries_config = nla_get_u32(attributes[IPMASQ_A_ENTRIES_CONFIG]);
	if (attributes[IPMASQ_A_ENTRIES_STATIC])
		event->entries_static = nla_get_u32(attributes[IPMASQ_A_ENTRIES_STATIC]);
	return 0;
}
