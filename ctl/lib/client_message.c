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
	return nla_put_u8(message, IPMASQ_A_ORIGIN, origin) < 0 ? -EMSGSIZE : 0;
}

static int put_port_range(struct nl_msg *message, const struct port_range *range)
{
	struct nlattr *nest;

	nest = nla_nest_start(message, NLA_F_NESTED | IPMASQ_A_PORT_RANGE);
	if (!nest || nla_put_u16(message, IPMASQ_A_PORT_RANGE_FIRST, range->first) < 0 ||
	    nla_put_u16(message, IPMASQ_A_PORT_RANGE_LAST, range->last) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

/**
 * client_put_settings() - put the settings that a change names
 * @message: request
 * @settings: settings; those that are not named are left out
 */
int client_put_settings(struct nl_msg *message, const struct policy_settings *settings)
{
	struct nla_bitfield32 flags = {
		.value = settings->flags & settings->flags_named,
		.selector = settings->flags_named,
	};
	size_t i;

	if (flags.selector && nla_put(message, IPMASQ_A_FLAGS, sizeof(flags), &flags) < 0)
		return -EMSGSIZE;
	if (!settings->port_ranges_named)
		return 0;
	if (!settings->port_range_count)
		return nla_put_flag(message, IPMASQ_A_NO_PORT_RANGES) < 0 ? -EMSGSIZE : 0;
	for (i = 0; i < settings->port_range_count; i++) {
		if (put_port_range(message, &settings->port_ranges[i]))
			return -EMSGSIZE;
	}
	return 0;
}

static int address_length(const struct cidr *cidr)
{
	return cidr->family == AF_INET ? 4 : 16;
}

static int put_cidr(struct nl_msg *message, const struct cidr *cidr, uint8_t action)
{
	struct nlattr *nest;

	nest = nla_nest_start(message, NLA_F_NESTED | IPMASQ_A_CIDR);
	if (!nest ||
	    nla_put(message, IPMASQ_A_CIDR_ADDRESS, address_length(cidr), cidr->address) < 0 ||
	    nla_put_u8(message, IPMASQ_A_CIDR_PREFIX_LEN, cidr->prefix_len) < 0)
		return -EMSGSIZE;
	if (action && nla_put_u8(message, IPMASQ_A_CIDR_ACTION, action) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

/**
 * client_put_prefix() - put a prefix without an action
 * @message: request
 * @cidr: prefix
 */
int client_put_prefix(struct nl_msg *message, const struct cidr *cidr)
{
	return put_cidr(message, cidr, 0);
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

/* What put_cidr() puts, at once: libnl's functions, one call for each attribute,
 * cost more than all else of sending a large table.
 */
static int write_cidr(struct nl_msg *message, const struct cidr *cidr, uint8_t action)
{
	const size_t length = address_length(cidr);
	struct nlattr nest = { .nla_type = NLA_F_NESTED | IPMASQ_A_CIDR };
	unsigned char *at;

	nest.nla_len = NLA_HDRLEN + NLA_HDRLEN + length + NLA_HDRLEN + NLA_ALIGN(1);
	if (action)
		nest.nla_len += NLA_HDRLEN + NLA_ALIGN(1);
	at = nlmsg_reserve(message, nest.nla_len, 0);
	if (!at)
		return -EMSGSIZE;
	memcpy(at, &nest, sizeof(nest));
	at = write_attribute(at + NLA_HDRLEN, IPMASQ_A_CIDR_ADDRESS, cidr->address, length);
	at = write_attribute(at, IPMASQ_A_CIDR_PREFIX_LEN, &cidr->prefix_len, 1);
	if (action)
		write_attribute(at, IPMASQ_A_CIDR_ACTION, &action, 1);
	return 0;
}

/**
 * client_put_entries() - put as many entries as there is room for
 * @message: request
 * @entries: entries to put, from the first on
 * @count: how many there are
 * @actions: put what to do with each prefix too. The action is left out where it
 *	is what the module assumes, which saves a quarter of a large table's bytes
 *
 * Return: how many were put.
 */
size_t client_put_entries(struct nl_msg *message, const struct policy_entry *entries,
			  size_t count, bool actions)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);
	size_t size = nlmsg_get_max_size(message);
	uint8_t action;
	size_t i;

	for (i = 0; i < count; i++) {
		action = actions && entries[i].action != IPMASQ_ACTION_SKIP ?
			 entries[i].action : 0;
		if (header->nlmsg_len + CLIENT_ENTRY_SIZE > size ||
		    write_cidr(message, &entries[i].cidr, action))
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
