// SPDX-License-Identifier: GPL-2.0-or-later
/* The connections of a network namespace, as a list. */
#include "connections.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "conntrack.h"
#include "protocol.h"

/**
 * connections_append() - add one to a list
 * @connections: the list
 * @connection: copied
 *
 * Return: 0 or -ENOMEM.
 */
int connections_append(struct connections *connections, const struct connection *connection)
{
	if (connections->count == connections->room) {
		size_t room = connections->room ? connections->room * 2 : 256;
		struct connection *list;

		list = reallocarray(connections->list, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		connections->list = list;
		connections->room = room;
	}
	connections->list[connections->count++] = *connection;
	return 0;
}

static int append(const struct connection *connection, void *data)
{
	return connections_append(data, connection);
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
 * connections_sort() - bring a list into order
 * @connections: sorted by source, destination, protocol and ports
 */
void connections_sort(struct connections *connections)
{
	if (connections->count > 1)
		qsort(connections->list, connections->count, sizeof(*connections->list), by_source);
}

/**
 * connections_read() - read all connections of this network namespace
 * @connections: empty; filled, sorted by connections_sort(); connections_clear()
 *	frees it, also after an error
 *
 * Return: 0 or a negative errno, for conntrack_strerror().
 */
int connections_read(struct connections *connections)
{
	struct conntrack *conntrack;
	int error;

	error = conntrack_open(&conntrack);
	if (error)
		return error;
	error = conntrack_read(conntrack, false, append, connections);
	conntrack_close(conntrack);
	if (!error)
		connections_sort(connections);
	return error;
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

/**
 * connection_endpoint() - an address with its port, as text
 * @address: the address
 * @port: the port, left out for protocols that have none
 * @protocol: IPPROTO_*
 * @text: filled
 *
 * Return: @text.
 */
const char *connection_endpoint(const struct cidr *address, uint16_t port, uint8_t protocol,
				char text[CONNECTION_ENDPOINT_MAX])
{
	char bare[CIDR_TEXT_MAX];

	cidr_format_address(address, bare);
	if (!protocol_has_ports(protocol))
		snprintf(text, CONNECTION_ENDPOINT_MAX, "%s", bare);
	else if (address->family == AF_INET6)
		snprintf(text, CONNECTION_ENDPOINT_MAX, "[%s]:%u", bare, port);
	else
		snprintf(text, CONNECTION_ENDPOINT_MAX, "%s:%u", bare, port);
	return text;
}
