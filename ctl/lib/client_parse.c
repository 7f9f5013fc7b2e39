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

/* A row for each attribute: what has none is not looked at before it is read. */
const struct nla_policy client_attributes[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_GENERATION]		= { .type = NLA_U64 },
	[IPMASQ_A_FLAGS]		= { .type = NLA_U32 },
	[IPMASQ_A_FLAGS_MASK]		= { .type = NLA_U32 },
	[IPMASQ_A_PORT_RANGE]		= { .type = NLA_NESTED },
	[IPMASQ_A_NO_PORT_RANGES]	= { .type = NLA_FLAG },
	[IPMASQ_A_ORIGIN]		= { .type = NLA_U32 },
	[IPMASQ_A_CIDR]			= { .type = NLA_NESTED },
	[IPMASQ_A_ENTRIES_CONFIG]	= { .type = NLA_U32 },
	[IPMASQ_A_ENTRIES_STATIC]	= { .type = NLA_U32 },
	[IPMASQ_A_MAX_ENTRIES]		= { .type = NLA_U32 },
	[IPMASQ_A_MEMORY]		= { .type = NLA_U64 },
	[IPMASQ_A_MODULE_VERSION]	= { .type = NLA_STRING },
	[IPMASQ_A_PRIORITY]		= { .minlen = sizeof(int32_t) },
	[IPMASQ_A_SOURCE]		= { .minlen = 4, .maxlen = 16 },
	[IPMASQ_A_DESTINATION]		= { .minlen = 4, .maxlen = 16 },
	[IPMASQ_A_OUTPUT_INTERFACE]	= { .type = NLA_U32 },
	[IPMASQ_A_VERDICT]		= { .type = NLA_U32 },
	[IPMASQ_A_MASQUERADE_ADDRESS]	= { .minlen = 4, .maxlen = 16 },
	[IPMASQ_A_STATS]		= { .type = NLA_NESTED },
	[IPMASQ_A_CAUSE]		= { .type = NLA_U32 },
	[IPMASQ_A_PORT_ID]		= { .type = NLA_U32 },
	[IPMASQ_A_PROTOCOL]		= { .type = NLA_U8 },
	[IPMASQ_A_SOURCE_PORT]		= { .type = NLA_U16 },
	[IPMASQ_A_DESTINATION_PORT]	= { .type = NLA_U16 },
	[IPMASQ_A_REPLACE]		= { .type = NLA_FLAG },
	[IPMASQ_A_SOURCE_CIDR]		= { .type = NLA_NESTED },
	[IPMASQ_A_NO_SOURCE_CIDRS]	= { .type = NLA_FLAG },
	[IPMASQ_A_INTERFACE]		= { .type = NLA_STRING },
	[IPMASQ_A_NO_INTERFACES]	= { .type = NLA_FLAG },
	[IPMASQ_A_SNAT_ADDRESS]		= { .type = NLA_NESTED },
	[IPMASQ_A_NO_SNAT_ADDRESSES]	= { .type = NLA_FLAG },
	[IPMASQ_A_CONNECTIONS]		= { .type = NLA_U64 },
	[IPMASQ_A_DRAINING]		= { .type = NLA_U64 },
	[IPMASQ_A_NOW]			= { .type = NLA_FLAG },
};

const struct nla_policy client_cidr_attributes[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS]		= { .minlen = 4, .maxlen = 16 },
	[IPMASQ_A_CIDR_PREFIX_LEN]	= { .type = NLA_U8 },
	[IPMASQ_A_CIDR_ACTION]		= { .type = NLA_U32 },
	[IPMASQ_A_CIDR_ORIGIN]		= { .type = NLA_U32 },
	[IPMASQ_A_CIDR_CONNECTIONS]	= { .type = NLA_U64 },
	[IPMASQ_A_CIDR_SHADOWED]	= { .type = NLA_FLAG },
	[IPMASQ_A_CIDR_TIMEOUT]		= { .type = NLA_U64 },
	[IPMASQ_A_CIDR_SNAT_ADDRESS]	= { .type = NLA_NESTED },
};

static const struct nla_policy port_range_policy[IPMASQ_A_PORT_RANGE_MAX + 1] = {
	[IPMASQ_A_PORT_RANGE_FIRST]	= { .type = NLA_U16 },
	[IPMASQ_A_PORT_RANGE_LAST]	= { .type = NLA_U16 },
};

static const struct nla_policy stats_policy[IPMASQ_A_STATS_MAX + 1] = {
	[IPMASQ_A_STATS_FAMILY]		= { .type = NLA_U32 },
	[IPMASQ_A_STATS_VERDICT]	= { .type = NLA_U32 },
	[IPMASQ_A_STATS_CONNECTIONS]	= { .type = NLA_U64 },
};

/* libnl never writes to a policy, it only does not say so. */
#define POLICY(table)	((struct nla_policy *)(table))

static int parse(const struct nlmsghdr *header, struct nlattr *attributes[IPMASQ_A_MAX + 1])
{
	if (genlmsg_parse((struct nlmsghdr *)header, 0, attributes, IPMASQ_A_MAX,
			  POLICY(client_attributes)) < 0)
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

/* What is not there stays as it is. */
static void take_u64(struct nlattr *attribute, uint64_t *value)
{
	if (attribute)
		*value = nla_get_u64(attribute);
}

static void take_u32(struct nlattr *attribute, uint32_t *value)
{
	if (attribute)
		*value = nla_get_u32(attribute);
}

/* An enum, of which no number is larger. */
static void take_word(struct nlattr *attribute, uint8_t *value)
{
	if (attribute)
		*value = nla_get_u32(attribute);
}

static void take_u16(struct nlattr *attribute, uint16_t *value)
{
	if (attribute)
		*value = nla_get_u16(attribute);
}

/* Attributes that follow each other. */
struct stream {
	struct nlattr *first;
	int length;
};

static struct stream message_stream(const struct nlmsghdr *header)
{
	const struct genlmsghdr *message = genlmsg_hdr((struct nlmsghdr *)header);

	return (struct stream){ genlmsg_attrdata(message, 0), genlmsg_attrlen(message, 0) };
}

/* Reads one of the attributes of a list; returns 0 or -EBADMSG. */
typedef int (*parse_item)(struct nlattr *attribute, void *item);

/* Attributes of one type, that occur any number of times, as an array. Nothing
 * is done where an error is there already.
 */
static void *parse_list(const struct stream *stream, int type, parse_item parse_one,
			size_t size, size_t *count, int *error)
{
	struct nlattr *attribute;
	size_t all = 0;
	char *found;
	char *next;
	int left;

	*count = 0;
	if (*error)
		return NULL;
	nla_for_each_attr(attribute, stream->first, stream->length, left)
		all += nla_type(attribute) == type;
	if (!all)
		return NULL;
	found = calloc(all, size);
	if (!found) {
		*error = -ENOMEM;
		return NULL;
	}
	next = found;
	nla_for_each_attr(attribute, stream->first, stream->length, left) {
		if (nla_type(attribute) != type)
			continue;
		*error = parse_one(attribute, next);
		if (*error) {
			free(found);
			return NULL;
		}
		next += size;
	}
	*count = all;
	return found;
}

static int parse_pool_address(struct nlattr *nest, void *item)
{
	const struct nlattr *ip = nla_find(nla_data(nest), nla_len(nest), IPMASQ_A_ADDRESS_IP);

	return ip ? parse_address(ip, item) : -EBADMSG;
}

static int parse_detail(struct nlattr *nest, const struct nlattr *timeout,
			struct policy_entry *entry)
{
	const struct stream stream = { nla_data(nest), nla_len(nest) };
	uint64_t left = timeout ? nla_get_u64(timeout) : 0;
	struct cidr *addresses;
	size_t count;
	int error = 0;

	addresses = parse_list(&stream, IPMASQ_A_CIDR_SNAT_ADDRESS, parse_pool_address,
			       sizeof(*addresses), &count, &error);
	if (error || (!left && !count))
		return error;
	entry->detail = policy_detail_new(left, addresses, count);
	free(addresses);
	return entry->detail ? 0 : -ENOMEM;
}

static int parse_prefix(struct nlattr *const attributes[IPMASQ_A_CIDR_MAX + 1],
			struct cidr *cidr)
{
	uint8_t prefix_len;

	if (!attributes[IPMASQ_A_CIDR_ADDRESS] || !attributes[IPMASQ_A_CIDR_PREFIX_LEN] ||
	    parse_address(attributes[IPMASQ_A_CIDR_ADDRESS], cidr))
		return -EBADMSG;
	prefix_len = nla_get_u8(attributes[IPMASQ_A_CIDR_PREFIX_LEN]);
	if (prefix_len > cidr->prefix_len)
		return -EBADMSG;
	cidr->prefix_len = prefix_len;
	return 0;
}

/* After success the caller frees entry->detail. */
static int parse_entry(struct nlattr *nest, struct policy_entry *entry)
{
	struct nlattr *attributes[IPMASQ_A_CIDR_MAX + 1];

	memset(entry, 0, sizeof(*entry));
	if (nla_parse_nested(attributes, IPMASQ_A_CIDR_MAX, nest, POLICY(client_cidr_attributes)) < 0 ||
	    parse_prefix(attributes, &entry->cidr))
		return -EBADMSG;
	take_word(attributes[IPMASQ_A_CIDR_ACTION], &entry->action);
	take_word(attributes[IPMASQ_A_CIDR_ORIGIN], &entry->origin);
	take_u64(attributes[IPMASQ_A_CIDR_CONNECTIONS], &entry->connections);
	entry->shadowed = attributes[IPMASQ_A_CIDR_SHADOWED] != NULL;
	if (attributes[IPMASQ_A_CIDR_TIMEOUT] || attributes[IPMASQ_A_CIDR_SNAT_ADDRESS])
		return parse_detail(nest, attributes[IPMASQ_A_CIDR_TIMEOUT], entry);
	return 0;
}

static int parse_port_range(struct nlattr *nest, void *item)
{
	struct port_range *range = item;
	struct nlattr *attributes[IPMASQ_A_PORT_RANGE_MAX + 1];

	if (nla_parse_nested(attributes, IPMASQ_A_PORT_RANGE_MAX, nest,
			     POLICY(port_range_policy)) < 0 ||
	    !attributes[IPMASQ_A_PORT_RANGE_FIRST] || !attributes[IPMASQ_A_PORT_RANGE_LAST])
		return -EBADMSG;
	range->first = nla_get_u16(attributes[IPMASQ_A_PORT_RANGE_FIRST]);
	range->last = nla_get_u16(attributes[IPMASQ_A_PORT_RANGE_LAST]);
	return 0;
}

static int parse_source_cidr(struct nlattr *nest, void *item)
{
	struct nlattr *attributes[IPMASQ_A_CIDR_MAX + 1];

	if (nla_parse_nested(attributes, IPMASQ_A_CIDR_MAX, nest, POLICY(client_cidr_attributes)) < 0)
		return -EBADMSG;
	return parse_prefix(attributes, item);
}

static int parse_interface(struct nlattr *attribute, void *item)
{
	struct policy_interface *interface = item;
	int length = strnlen(nla_data(attribute), nla_len(attribute));

	if (!length || length >= POLICY_INTERFACE_SIZE)
		return -EBADMSG;
	memcpy(interface->pattern, nla_data(attribute), length);
	return 0;
}

static const parse_item item_parsers[SETTING_TYPES] = {
	[SETTING_TYPE_PORTS] = parse_port_range,
	[SETTING_TYPE_CIDRS] = parse_source_cidr,
	[SETTING_TYPE_INTERFACES] = parse_interface,
	[SETTING_TYPE_POOLS] = parse_pool_address,
};

/* The caller frees what is there already after a failure. */
static int parse_settings(const struct nlmsghdr *header, struct policy_settings *settings)
{
	const struct stream stream = message_stream(header);
	int error = 0;
	int i;

	policy_settings_name_lists(settings);
	for (i = 0; i < SETTING_COUNT; i++) {
		struct policy_list *list = &settings->list[i];

		if (list->named)
			list->items = parse_list(&stream, setting_table[i].attribute,
						 item_parsers[setting_table[i].type],
						 policy_item_size((enum setting)i), &list->count,
						 &error);
	}
	return error;
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
	int32_t priority;

	memset(status, 0, sizeof(*status));
	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION])
		return -EBADMSG;

	status->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	status->settings.flags_named = IPMASQ_FLAGS_ALL;
	take_u32(attributes[IPMASQ_A_FLAGS], &status->settings.flags);
	take_u32(attributes[IPMASQ_A_ENTRIES_CONFIG], &status->entries_config);
	take_u32(attributes[IPMASQ_A_ENTRIES_STATIC], &status->entries_static);
	take_u32(attributes[IPMASQ_A_MAX_ENTRIES], &status->max_entries);
	take_u64(attributes[IPMASQ_A_MEMORY], &status->memory);
	take_u64(attributes[IPMASQ_A_DRAINING], &status->draining);
	if (attributes[IPMASQ_A_PRIORITY]) {
		memcpy(&priority, nla_data(attributes[IPMASQ_A_PRIORITY]), sizeof(priority));
		status->priority = priority;
	}
	if (attributes[IPMASQ_A_MODULE_VERSION])
		nla_strlcpy(status->module_version, attributes[IPMASQ_A_MODULE_VERSION],
			    sizeof(status->module_version));

	return parse_settings(header, &status->settings);
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
	return parse_entry(attributes[IPMASQ_A_CIDR], entry);
}

/**
 * client_parse_explanation() - read the answer to EXPLAIN
 * @header: a message
 * @explanation: set on success; client_explanation_clear() frees what it holds
 */
int client_parse_explanation(const struct nlmsghdr *header,
			     struct client_explanation *explanation)
{
	const struct stream stream = message_stream(header);
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	int error = 0;

	memset(explanation, 0, sizeof(*explanation));
	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION] ||
	    !attributes[IPMASQ_A_VERDICT])
		return -EBADMSG;

	explanation->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	explanation->verdict = nla_get_u32(attributes[IPMASQ_A_VERDICT]);
	take_u32(attributes[IPMASQ_A_OUTPUT_INTERFACE], &explanation->output_interface);
	if (attributes[IPMASQ_A_CIDR]) {
		error = parse_entry(attributes[IPMASQ_A_CIDR], &explanation->entry);
		if (error)
			return error;
		explanation->has_entry = true;
	}
	if (attributes[IPMASQ_A_MASQUERADE_ADDRESS]) {
		if (parse_address(attributes[IPMASQ_A_MASQUERADE_ADDRESS],
				  &explanation->address))
			return -EBADMSG;
		explanation->has_address = true;
	}
	explanation->port_ranges =
		parse_list(&stream, IPMASQ_A_PORT_RANGE, parse_port_range,
			   sizeof(*explanation->port_ranges), &explanation->port_range_count,
			   &error);
	return error;
}

static int parse_stats(struct nlattr *nest, struct client_statistics *statistics)
{
	struct nlattr *attributes[IPMASQ_A_STATS_MAX + 1];
	uint32_t verdict;
	int row;

	if (nla_parse_nested(attributes, IPMASQ_A_STATS_MAX, nest, POLICY(stats_policy)) < 0 ||
	    !attributes[IPMASQ_A_STATS_FAMILY] || !attributes[IPMASQ_A_STATS_VERDICT] ||
	    !attributes[IPMASQ_A_STATS_CONNECTIONS])
		return -EBADMSG;

	row = nla_get_u32(attributes[IPMASQ_A_STATS_FAMILY]) == AF_INET6;
	verdict = nla_get_u32(attributes[IPMASQ_A_STATS_VERDICT]);
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
	const struct stream stream = message_stream(header);
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	struct nlattr *attribute;
	int left;

	memset(statistics, 0, sizeof(*statistics));
	if (parse(header, attributes) || !attributes[IPMASQ_A_GENERATION])
		return -EBADMSG;
	statistics->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);

	nla_for_each_attr(attribute, stream.first, stream.length, left) {
		if (nla_type(attribute) == IPMASQ_A_STATS && parse_stats(attribute, statistics))
			return -EBADMSG;
	}
	return 0;
}

static int parse_exhaustion(struct nlattr *const attributes[IPMASQ_A_MAX + 1],
			    struct client_exhaustion *exhaustion)
{
	if (!attributes[IPMASQ_A_PROTOCOL] || !attributes[IPMASQ_A_SOURCE] ||
	    !attributes[IPMASQ_A_DESTINATION] || !attributes[IPMASQ_A_MASQUERADE_ADDRESS] ||
	    !attributes[IPMASQ_A_CONNECTIONS] ||
	    parse_address(attributes[IPMASQ_A_SOURCE], &exhaustion->source) ||
	    parse_address(attributes[IPMASQ_A_DESTINATION], &exhaustion->destination) ||
	    parse_address(attributes[IPMASQ_A_MASQUERADE_ADDRESS], &exhaustion->address))
		return -EBADMSG;

	exhaustion->protocol = nla_get_u8(attributes[IPMASQ_A_PROTOCOL]);
	exhaustion->connections = nla_get_u64(attributes[IPMASQ_A_CONNECTIONS]);
	take_u16(attributes[IPMASQ_A_SOURCE_PORT], &exhaustion->source_port);
	take_u16(attributes[IPMASQ_A_DESTINATION_PORT], &exhaustion->destination_port);
	return 0;
}

static int parse_change(struct nlattr *const attributes[IPMASQ_A_MAX + 1],
			struct client_event *event)
{
	if (!attributes[IPMASQ_A_GENERATION] || !attributes[IPMASQ_A_CAUSE])
		return -EBADMSG;

	event->generation = nla_get_u64(attributes[IPMASQ_A_GENERATION]);
	event->cause = nla_get_u32(attributes[IPMASQ_A_CAUSE]);
	take_word(attributes[IPMASQ_A_ORIGIN], &event->origin);
	take_u32(attributes[IPMASQ_A_PORT_ID], &event->port_id);
	take_u32(attributes[IPMASQ_A_ENTRIES_CONFIG], &event->entries_config);
	take_u32(attributes[IPMASQ_A_ENTRIES_STATIC], &event->entries_static);
	return 0;
}

/**
 * client_parse_event() - read a notification
 * @header: a message
 * @event: set on success
 *
 * Return: also -EBADMSG for a notification that only a newer module sends.
 */
int client_parse_event(const struct nlmsghdr *header, struct client_event *event)
{
	struct nlattr *attributes[IPMASQ_A_MAX + 1];

	memset(event, 0, sizeof(*event));
	if (parse(header, attributes))
		return -EBADMSG;
	event->command = genlmsg_hdr((struct nlmsghdr *)header)->cmd;
	switch ((enum ipmasq_cmd)event->command) {
	case IPMASQ_CMD_POLICY_CHANGED:
		return parse_change(attributes, event);
	case IPMASQ_CMD_PORTS_EXHAUSTED:
		return parse_exhaustion(attributes, &event->exhaustion);
	case IPMASQ_CMD_POLICY_GET:
	case IPMASQ_CMD_POLICY_SET:
	case IPMASQ_CMD_POLICY_DEL:
	case IPMASQ_CMD_CIDR_GET:
	case IPMASQ_CMD_CIDR_ADD:
	case IPMASQ_CMD_CIDR_DEL:
	case IPMASQ_CMD_TRANSACTION_BEGIN:
	case IPMASQ_CMD_TRANSACTION_ADD:
	case IPMASQ_CMD_TRANSACTION_COMMIT:
	case IPMASQ_CMD_TRANSACTION_ABORT:
	case IPMASQ_CMD_EXPLAIN:
	case IPMASQ_CMD_STATS_GET:
	case IPMASQ_CMD_CARRY_OVER:
	case __IPMASQ_CMD_MAX:
		break;
	}
	return -EBADMSG;
}
