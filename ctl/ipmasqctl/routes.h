/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_ROUTES_H
#define IPMASQCTL_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "cidr.h"

/**
 * struct route - one network that this network namespace has a route to
 * @prefix: the network; of length 0 for a default route
 * @interface: index of the interface that it is reached by, 0 for several
 * @gateway: by way of another host
 */
struct route {
	struct cidr prefix;
	unsigned int interface;
	bool gateway;
};

/**
 * struct routes - what was read
 * @list: owned
 * @count: used
 * @room: allocated
 */
struct routes {
	struct route *list;
	size_t count;
	size_t room;
};

int routes_read(struct routes *routes);
void routes_clear(struct routes *routes);

#endif
