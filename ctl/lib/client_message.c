// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Building requests: values in, attributes out. The functions that put
 * something into a message return 0, or -EMSGSIZE where it has no room left.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include "client_private.h"

/**
 * client_message() - start a request
 * @client: an open client
 * @command: enum ipmasq_cmd
 * @flags: NLM_F_* besides NLM_F_REQUEST
 * @size: most bytes that it may grow to, its headers included
 *
 * Return: the message, which client_request() or client_send() frees; NULL when
 * there is no memory.
 */
struct nl_msg *client_message(const struct client *client, uint8_t command, int flags,
			      size_t size)
{
	struct nl_msg *message;

	message = nlmsg_alloc_size(size);
	if (!message)
		return NULL;
	if (!genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, client->family, 0, flags,
			 command, IPMASQ_FAMILY_VERSION)) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

/**
 * client_put_generation() - name the generation that a change is based on
 * @message: request
 * @generation: generation; 0 puts nothing, so that any will do
 */
int client_put_generation(struct nl_msg *message, uint64_t generation)
{
	if (!generation)
		return 0;
	return nla_put_u64(message, IPMASQ_A_GENERATION, generation) < 0 ? -EMSGSIZE : 0;
}

/**
 * client_put_origin() - name an origin
 * @message: request
 * @origin: enum ipmasq_origin; 0 puts nothing
 */
int client_put_origin(struct nl_msg *message, uint8_t origin)
{
	if (!origin)
		return 0;
	return nla_put_u32(message, IPMASQ_A_ORIGIN, origin) < 0 ? -EMSGSIZE : 0;
}

static int put_port_range(struct nl_msg *message, int type, const void *item)
{
	const struct port_range *range = item;
	struct nlattr *nest;

	nest = nla_nest_start(message, NLA_F_NESTED | type);
	if (!nest || nla_put_u16(message, IPMASQ_A_PORT_RANGE_FIRST, range->first) < 0 ||
	    nla_put_u16(message, IPMASQ_A_PORT_RANGE_LAST, range->last) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

static int address_length(const struct cidr *cidr)
{
	return cidr->family == AF_INET ? 4 : 16;
}

static int put_address(struct nl_msg *message, int type, const struct cidr *address)
{
	return nla_put(message, type, address_length(address), address->address);
}

static int put_cidr(struct nl_msg *message, int type, const void *item)
{
	const struct cidr *cidr = item;
	struct nlattr *nest;

	nest = nla_nest_start(message, NLA_F_NESTED | type);
	if (!nest || put_address(message, IPMASQ_A_CIDR_ADDRESS, cidr) < 0 ||
	    nla_put_u8(message, IPMASQ_A_CIDR_PREFIX_LEN, cidr->prefix_len) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

static int put_pool_address(struct nl_msg *message, int type, const void *address)
{
	struct nlattr *nest;

	nest = nla_nest_start(message, NLA_F_NESTED | type);
	if (!nest || put_address(message, IPMASQ_A_ADDRESS_IP, address) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

static int put_pattern(struct nl_msg *message, int type, const void *interface)
{
	const struct policy_interface *named = interface;

	return nla_put_string(message, type, named->pattern);
}

/* For each type of list how an item is put, and the most that it takes. */
static const struct {
	int (*put)(struct nl_msg *message, int type, const void *item);
	size_t size;
} items[SETTING_TYPES] = {
	[SETTING_TYPE_PORTS] = { put_port_range, 3 * NLA_HDRLEN + 2 * NLA_ALIGNTO },
	[SETTING_TYPE_CIDRS] = { put_cidr, CLIENT_ENTRY_SIZE },
	[SETTING_TYPE_INTERFACES] = { put_pattern, NLA_HDRLEN + POLICY_INTERFACE_SIZE },
	[SETTING_TYPE_POOLS] = { put_pool_address, CLIENT_ADDRESS_SIZE },
};

static int put_list(struct nl_msg *message, enum setting setting, const struct policy_list *list)
{
	const struct setting_row *row = &setting_table[setting];
	const char *item = list->items;
	size_t i;

	if (!list->count)
		return nla_put_flag(message, row->none_attribute);
	for (i = 0; i < list->count; i++, item += policy_item_size(setting)) {
		if (items[row->type].put(message, row->attribute, item) < 0)
			return -EMSGSIZE;
	}
	return 0;
}

static int put_flags(struct nl_msg *message, const struct policy_settings *settings)
{
	if (nla_put_u32(message, IPMASQ_A_FLAGS, settings->flags & settings->flags_named) < 0)
		return -EMSGSIZE;
	return nla_put_u32(message, IPMASQ_A_FLAGS_MASK, settings->flags_named);
}

/**
 * client_put_settings() - put the settings that a change names
 * @message: request
 * @settings: settings; those that are not named are left out
 */
int client_put_settings(struct nl_msg *message, const struct policy_settings *settings)
{
	int i;

	if (settings->flags_named && put_flags(message, settings) < 0)
		return -EMSGSIZE;
	for (i = 0; i < SETTING_COUNT; i++) {
		if (settings->list[i].named &&
		    put_list(message, (enum setting)i, &settings->list[i]) < 0)
			return -EMSGSIZE;
	}
	return 0;
}

/* Room for all settings: those that are flags share one attribute and its mask. */
static size_t settings_size(void)
{
	size_t size = 2 * (NLA_HDRLEN + sizeof(uint32_t));
	int i;

	for (i = 0; i < SETTING_COUNT; i++)
		size += setting_table[i].most * items[setting_table[i].type].size;
	return size;
}

/**
 * client_settings_message() - start a request that changes settings
 * @client: an open client
 * @command: enum ipmasq_cmd
 * @doing: what a failure prevents
 * @settings: as for client_put_settings()
 * @message: set on success, with CLIENT_HEAD_SIZE still free
 *
 * Return: 0, -E2BIG for a list that is longer than the module takes, or -ENOMEM.
 */
int client_settings_message(struct client *client, uint8_t command, const char *doing,
			    const struct policy_settings *settings, struct nl_msg **message)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (settings->list[i].count > setting_table[i].most)
			return client_fail(client, -E2BIG, "%s: too many %s (%zu), at most %u",
					   doing, setting_table[i].items,
					   settings->list[i].count, setting_table[i].most);
	}
	*message = client_message(client, command, 0, CLIENT_HEAD_SIZE + settings_size());
	/* There is room for what is within the limits. */
	if (!*message || client_put_settings(*message, settings))
		return client_fail(client, -ENOMEM, "%s: out of memory", doing);
	return 0;
}

/**
 * client_put_prefix() - put a prefix without an action
 * @message: request
 * @cidr: prefix
 */
int client_put_prefix(struct nl_msg *message, const struct cidr *cidr)
{
	return put_cidr(message, IPMASQ_A_CIDR, cidr);
}

/* Writes one attribute; returns where the next one begins. */
static unsigned char *write_attribute(unsigned char *at, uint16_t type, const void *data,
				      size_t length)
{
	const struct nlattr attribute = { .nla_len = NLA_HDRLEN + length, .nla_type = type };

	memcpy(at, &attribute, sizeof(attribute));
	/* The last word first: the data leaves what of it is padding. */
	memset(at + NLA_ALIGN(length), 0, NLA_ALIGNTO);
	memcpy(at + NLA_HDRLEN, data, length);
	return at + NLA_HDRLEN + NLA_ALIGN(length);
}

static size_t detail_size(const struct policy_detail *detail)
{
	size_t size = 0;
	size_t i;

	if (!detail)
		return 0;
	if (detail->timeout)
		size += CLIENT_TIMEOUT_SIZE;
	for (i = 0; i < detail->address_count; i++)
		size += 2 * NLA_HDRLEN + address_length(&detail->addresses[i]);
	return size;
}

/**
 * client_entry_size() - how much of a request an entry takes at most
 * @entry: entry
 */
size_t client_entry_size(const struct policy_entry *entry)
{
	return CLIENT_ENTRY_SIZE + detail_size(entry->detail);
}

static void write_detail(unsigned char *at, const struct policy_detail *detail)
{
	size_t i;

	if (detail->timeout)
		at = write_attribute(at, IPMASQ_A_CIDR_TIMEOUT, &detail->timeout,
				     sizeof(detail->timeout));
	for (i = 0; i < detail->address_count; i++) {
		const size_t length = address_length(&detail->addresses[i]);
		const struct nlattr nest = {
			.nla_len = 2 * NLA_HDRLEN + length,
			.nla_type = NLA_F_NESTED | IPMASQ_A_CIDR_SNAT_ADDRESS,
		};

		memcpy(at, &nest, sizeof(nest));
		at = write_attribute(at + NLA_HDRLEN, IPMASQ_A_ADDRESS_IP,
				     detail->addresses[i].address, length);
	}
}

/* What put_cidr() puts, and an action, at once: libnl's functions, one call for
 * each attribute, cost more than all else of sending a large table.
 */
static int write_entry(struct nl_msg *message, const struct policy_entry *entry, uint32_t action,
		       const struct policy_detail *detail)
{
	const struct cidr *cidr = &entry->cidr;
	const size_t length = address_length(cidr);
	struct nlattr nest = { .nla_type = NLA_F_NESTED | IPMASQ_A_CIDR };
	unsigned char *at;

	nest.nla_len = NLA_HDRLEN + NLA_HDRLEN + length + NLA_HDRLEN + NLA_ALIGN(1);
	if (action)
		nest.nla_len += NLA_HDRLEN + sizeof(action);
	nest.nla_len += detail_size(detail);
	at = nlmsg_reserve(message, nest.nla_len, 0);
	if (!at)
		return -EMSGSIZE;
	memcpy(at, &nest, sizeof(nest));
	at = write_attribute(at + NLA_HDRLEN, IPMASQ_A_CIDR_ADDRESS, cidr->address, length);
	at = write_attribute(at, IPMASQ_A_CIDR_PREFIX_LEN, &cidr->prefix_len, 1);
	if (action)
		at = write_attribute(at, IPMASQ_A_CIDR_ACTION, &action, sizeof(action));
	if (detail)
		write_detail(at, detail);
	return 0;
}

/**
 * client_check_entries() - whether each entry fits into a request
 * @client: an open client
 * @doing: what a failure prevents
 * @entries: entries
 * @count: how many
 *
 * Return: 0, or -E2BIG for a pool with more addresses than the module takes.
 */
int client_check_entries(struct client *client, const char *doing,
			 const struct policy_entry *entries, size_t count)
{
	char text[CIDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < count; i++) {
		const struct policy_detail *detail = entries[i].detail;

		if (detail && detail->address_count > IPMASQ_SNAT_ADDRESSES_MAX)
			return client_fail(client, -E2BIG,
					   "%s: %s has too many source addresses (%zu), at most %u",
					   doing, cidr_format(&entries[i].cidr, text),
					   detail->address_count, IPMASQ_SNAT_ADDRESSES_MAX);
	}
	return 0;
}

/**
 * client_put_entries() - put as many entries as there is room for
 * @message: request
 * @entries: entries to put, from the first on
 * @count: how many there are
 * @actions: put what to do with each prefix too, and its detail. The action is left out where it
 *	is what the module assumes, which saves a quarter of a large table's bytes
 *
 * Return: how many were put.
 */
size_t client_put_entries(struct nl_msg *message, const struct policy_entry *entries,
			  size_t count, bool actions)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);
	size_t size = nlmsg_get_max_size(message);
	const struct policy_detail *detail;
	uint32_t action;
	size_t i;

	for (i = 0; i < count; i++) {
		action = actions && entries[i].action != IPMASQ_ACTION_SKIP ?
			 entries[i].action : 0;
		detail = actions ? entries[i].detail : NULL;
		if (header->nlmsg_len + CLIENT_ENTRY_SIZE + detail_size(detail) > size ||
		    write_entry(message, &entries[i], action, detail))
			break;
	}
	return i;
}

/**
 * client_put_flow() - put what EXPLAIN asks about
 * @message: request
 * @flow: a connection; what it leaves at 0 is left out
 */
int client_put_flow(struct nl_msg *message, const struct client_flow *flow)
{
	if (nla_put(message, IPMASQ_A_SOURCE, address_length(&flow->source),
		    flow->source.address) < 0 ||
	    nla_put(message, IPMASQ_A_DESTINATION, address_length(&flow->destination),
		    flow->destination.address) < 0)
		return -EMSGSIZE;
	if (flow->output_interface &&
	    nla_put_u32(message, IPMASQ_A_OUTPUT_INTERFACE, flow->output_interface) < 0)
		return -EMSGSIZE;
	if (flow->protocol && nla_put_u8(message, IPMASQ_A_PROTOCOL, flow->protocol) < 0)
		return -EMSGSIZE;
	if (flow->source_port &&
	    nla_put_u16(message, IPMASQ_A_SOURCE_PORT, flow->source_port) < 0)
		return -EMSGSIZE;
	return 0;
}
