// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections grouped by what shares source ports. */
#include "port_destinations.h"

#include <errno.h>
#include <stdlib.h>

#include "conntrack.h"
#include "protocol.h"

static int compare_destination(const struct port_space *space, const struct connection *x,
			       const struct connection *y)
{
	int order = (int)x->protocol - y->protocol;

	if (!order)
		order = cidr_compare(&x->destination, &y->destination);
	if (!order)
		order = (int)x->destination_port - y->destination_port;
	if (!order)
		order = cidr_compare(&x->translated, &y->translated);
	return order ? order : port_space_part(space, x->translated_port) -
			       port_space_part(space, y->translated_port);
}

static int by_destination(const void *a, const void *b, void *space)
{
	const struct connection *x = a;
	const struct connection *y = b;
	int order = compare_destination(space, x, y);

	return order ? order : cidr_compare(&x->source, &y->source);
}

/**
 * port_available() - how many ports the connections to a destination share
 * @found: where it is
 * @destination: which
 */
uint32_t port_available(const struct port_destinations *found,
			const struct port_destination *destination)
{
	return found->space.available[destination->part];
}

static int fullest_first(const void *a, const void *b, void *data)
{
	const struct port_destination *x = a;
	const struct port_destination *y = b;
	uint64_t x_share = (uint64_t)x->count * port_available(data, y);
	uint64_t y_share = (uint64_t)y->count * port_available(data, x);

	if (x_share != y_share)
		return x_share < y_share ? 1 : -1;
	return x->first < y->first ? -1 : 1;
}

/* Takes a connection that holds one of the ports that this is about. */
static int take(const struct connection *connection, void *data)
{
	struct port_destinations *found = data;

	if (!protocol_has_ports(connection->protocol) ||
	    port_space_part(&found->space, connection->translated_port) < 0 ||
	    (found->family && connection->destination.family != found->family) ||
	    (found->has_to && !cidr_holds(&found->to, &connection->destination)))
		return 0;
	return connections_append(&found->connections, connection);
}

static int group(struct port_destinations *found)
{
	struct connection *list = found->connections.list;
	struct port_destination *last = NULL;
	size_t i;

	found->list = calloc(found->connections.count + 1, sizeof(*found->list));
	if (!found->list)
		return -ENOMEM;
	if (found->connections.count > 1)
		qsort_r(list, found->connections.count, sizeof(*list), by_destination,
			&found->space);
	for (i = 0; i < found->connections.count; i++) {
		if (!last || compare_destination(&found->space, &list[last->first], &list[i])) {
			last = &found->list[found->count++];
			last->first = i;
			last->part = port_space_part(&found->space, list[i].translated_port);
		}
		last->count++;
	}
	if (found->count > 1)
		qsort_r(found->list, found->count, sizeof(*found->list), fullest_first, found);
	return 0;
}

/**
 * port_destinations_read() - read who holds which source ports
 * @found: with what is wanted, and the space; filled. port_destinations_clear() frees it,
 *	also after an error
 *
 * Return: 0 or a negative errno, for conntrack_strerror().
 */
int port_destinations_read(struct port_destinations *found)
{
	struct conntrack *conntrack;
	int error;

	error = conntrack_open(&conntrack);
	if (!error)
		error = conntrack_read(conntrack, true, take, found);
	conntrack_close(conntrack);
	return error ? error : group(found);
}

/**
 * port_destinations_clear() - free what port_destinations_read() allocated
 * @found: is without destinations afterwards
 */
void port_destinations_clear(struct port_destinations *found)
{
	free(found->list);
	connections_clear(&found->connections);
	found->list = NULL;
	found->count = 0;
}
