/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_NODE_ROUTES_H
#define IPMASQ_NODE_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cidr.h"

/**
 * struct node_routes - what the routing of a network namespace depends on
 * @local: destinations that may be delivered here, of all tables; owned
 * @local_count: used
 * @local_room: allocated
 * @rules4: a rule for IPv4 depends on more than addresses and protocol, as on a mark
 * @rules6: the same for IPv6
 * @paths4: an IPv4 route has several next hops
 * @paths6: the same for IPv6
 */
struct node_routes {
	struct cidr *local;
	size_t local_count;
	size_t local_room;
	bool rules4;
	bool rules6;
	bool paths4;
	bool paths6;
};

int node_routes_read(struct node_routes *routes, bool paths);
void node_routes_clear(struct node_routes *routes);
bool node_routes_certain(const struct node_routes *routes, uint8_t family);
bool node_routes_local(const struct node_routes *routes, const struct cidr *host);

#endif
