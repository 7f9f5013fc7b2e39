// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The connections of this network namespace, from conntrack, by way of
 * libnetfilter_conntrack.
 */
#include "connections.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include "protocol.h"

struct reading {
	struct connections *connections;
	int error;
};

static void take_address(const struct nf_conntrack *from, enum nf_conntrack_attr ipv4,
			 enum nf_conntrack_attr ipv6, struct cidr *address)
{
	bool is_ipv4 = nfct_get_attr_u8(from, ATTR_ORIG_L3PROTO) == AF_INET;
	size_t size = is_ipv4 ? 4 : 16;
	const void *bytes = nfct_get_attr(from, is_ipv4 ? ipv4 : ipv6);

	memset(address, 0, sizeof(*address));
	address->family = is_ipv4 ? AF_INET : AF_INET6;
	address->prefix_len = 8 * size;
	if (bytes)
		memcpy(address->address, bytes, size);
}

static uint16_t take_port(const struct nf_conntrack *from, enum nf_conntrack_attr attribute)
{
	return nfct_attr_is_set(from, attribute) > 0 ? ntohs(nfct_get_attr_u16(from, attribute)) : 0;
}

static void take_connection(const struct nf_conntrack *from, struct connection *connection)
{
	uint32_t status = nfct_get_attr_u32(from, ATTR_STATUS);

	/* The tuple of the answers has the real destination as its source, and
	 * the address that was given as its destination.
	 */
	take_address(from, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, &connection->source);
	take_address(from, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC, &connection->destination);
	take_address(from, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST, &connection->asked);
	take_address(from, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST, &connection->translated);
	connection->protocol = nfct_get_attr_u8(from, ATTR_ORIG_L4PROTO);
	connection->source_port = take_port(from, ATTR_ORIG_PORT_SRC);
	connection->destination_port = take_port(from, ATTR_REPL_PORT_SRC);
	connection->asked_port = take_port(from, ATTR_ORIG_PORT_DST);
	connection->translated_port = take_port(from, ATTR_REPL_PORT_DST);
	connection->source_nat = status & IPS_SRC_NAT;
	connection->destination_nat = status & IPS_DST_NAT;
	connection->id = nfct_get_attr_u32(from, ATTR_ID);
	connection->zone = nfct_attr_is_set(from, ATTR_ZONE) > 0 ?
			   nfct_get_attr_u16(from, ATTR_ZONE) : 0;
	connection->started = nfct_attr_is_set(from, ATTR_TIMESTAMP_START) > 0 ?
			      nfct_get_attr_u64(from, ATTR_TIMESTAMP_START) : 0;
}

static int take(const struct nlmsghdr *header, enum nf_conntrack_msg_type type,
		struct nf_conntrack *from, void *data)
{
	struct reading *reading = data;
	struct connections *connections = reading->connections;

	(void)header;
	(void)type;
	if (connections->count == connections->room) {
		size_t room = connections->room ? connections->room * 2 : 256;
		struct connection *list;

		list = reallocarray(connections->list, room, sizeof(*list));
		if (!list) {
			reading->error = -ENOMEM;
			return NFCT_CB_FAILURE;
		}
		connections->list = list;
		connections->room = room;
	}
	take_connection(from, &connections->list[connections->count++]);
	return NFCT_CB_CONTINUE;
}

static int by_source(const void *a, const void *b)
{
	const struct connection *x = a;
	const struct connection *y = b;
	int order = cidr_compare(&x->source, &y->source);

	if (!order)
		order = cidr_compare(&x->destination, &y->destination);
	if (!order)
		order = (int)x->protocol - y->protocol;
	if (!order)
		order = (int)x->destination_port - y->destination_port;
	return order ? order : (int)x->source_port - y->source_port;
}

/**
 * connections_read() - read all connections of this network namespace
 * @connections: empty; filled, sorted by source, destination and ports;
 *	connections_clear() frees it, also after an error
 *
 * Return: 0 or a negative errno.
 */
int connections_read(struct connections *connections)
{
	struct reading reading = { .connections = connections };
	uint32_t family = AF_UNSPEC;
	struct nfct_handle *handle;

	handle = nfct_open(CONNTRACK, 0);
	if (!handle)
		return -errno;
	if (nfct_callback_register2(handle, NFCT_T_ALL, take, &reading) ||
	    nfct_query(handle, NFCT_Q_DUMP, &family) < 0) {
		if (!reading.error)
			reading.error = errno ? -errno : -EIO;
	}
	nfct_close(handle);
	if (!reading.error && connections->count > 1)
		qsort(connections->list, connections->count, sizeof(*connections->list), by_source);
	return reading.error;
}

/**
 * connections_clear() - free what connections_read() allocated
 * @connections: is empty afterwards
 */
void connections_clear(struct connections *connections)
{
	free(connections->list);
	memset(connections, 0, sizeof(*connections));
}

static void name_connection(struct nf_conntrack *name, const struct connection *connection)
{
	bool is_ipv4 = connection->source.family == AF_INET;

	nfct_set_attr_u8(name, ATTR_ORIG_L3PROTO, connection->source.family);
	nfct_set_attr(name, is_ipv4 ? ATTR_ORIG_IPV4_SRC : ATTR_ORIG_IPV6_SRC,
		      connection->source.address);
	nfct_set_attr(name, is_ipv4 ? ATTR_ORIG_IPV4_DST : ATTR_ORIG_IPV6_DST,
		      connection->asked.address);
	nfct_set_attr_u8(name, ATTR_ORIG_L4PROTO, connection->protocol);
	nfct_set_attr_u16(name, ATTR_ORIG_PORT_SRC, htons(connection->source_port));
	nfct_set_attr_u16(name, ATTR_ORIG_PORT_DST, htons(connection->asked_port));
	nfct_set_attr_u32(name, ATTR_ID, connection->id);
	if (connection->zone)
		nfct_set_attr_u16(name, ATTR_ZONE, connection->zone);
}

/**
 * connection_remove() - make conntrack forget a connection
 * @connection: from connections_read(), of a protocol with ports
 *
 * The next packet of it is decided as a new connection, or dropped where a
 * firewall drops what is in no known state. Another connection that has taken
 * its place since is left alone.
 *
 * Return: 0, -ENOENT when it is gone already, or another negative errno.
 */
int connection_remove(const struct connection *connection)
{
	struct nf_conntrack *name = nfct_new();
	struct nfct_handle *handle;
	int error = 0;

	if (!name)
		return -ENOMEM;
	handle = nfct_open(CONNTRACK, 0);
	if (handle) {
		name_connection(name, connection);
		if (nfct_query(handle, NFCT_Q_DESTROY, name) < 0)
			error = -errno;
		nfct_close(handle);
	} else {
		error = -errno;
	}
	nfct_destroy(name);
	return error;
}

/**
 * connection_endpoint() - an address with its port, as text
 * @address: the address
 * @port: the port, left out for protocols that have none
 * @protocol: IPPROTO_*
 * @text: filled
 * @size: of @text; CIDR_TEXT_MAX + 8 is enough
 *
 * Return: @text.
 */
const char *connection_endpoint(const struct cidr *address, uint16_t port, uint8_t protocol,
				char *text, size_t size)
{
	char bare[CIDR_TEXT_MAX];

	cidr_format_address(address, bare);
	if (!protocol_has_ports(protocol))
		snprintf(text, size, "%s", bare);
	else if (address->family == AF_INET6)
		snprintf(text, size, "[%s]:%u", bare, port);
	else
		snprintf(text, size, "%s:%u", bare, port);
	return text;
}
