/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_PORT_DESTINATIONS_H
#define IPMASQCTL_PORT_DESTINATIONS_H

#include "connections.h"
#include "ports.h"

/**
 * struct port_destination - what shares source ports: protocol, destination, address
 * @first: index of its first connection; the others follow it, sorted by their source
 * @count: connections, each of which holds a port
 * @part: of the port space
 */
struct port_destination {
	size_t first;
	size_t count;
	int part;
};

/**
 * struct port_destinations - who holds which source ports
 * @to: only these destinations
 * @has_to: there is such a prefix
 * @family: only of this one; 0 for both
 * @space: the ports that there are; set by the caller
 * @connections: that hold them
 * @list: the destinations, fullest first; owned
 * @count: of @list
 */
struct port_destinations {
	struct cidr to;
	bool has_to;
	uint8_t family;
	struct port_space space;
	struct connections connections;
	struct port_destination *list;
	size_t count;
};

int port_destinations_read(struct port_destinations *found);
uint32_t port_available(const struct port_destinations *found,
			const struct port_destination *destination);
void port_destinations_clear(struct port_destinations *found);

#endif
