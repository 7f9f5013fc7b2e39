/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PORT_WARNINGS_H
#define IPMASQD_PORT_WARNINGS_H

#include <stdint.h>

#include "client.h"
#include "port_use.h"

/* When destinations that were warned of count as having fallen below again, in
 * hundredths of the share that they were warned at: not at each port that goes.
 */
#define PORT_WARNINGS_SETTLED 90

/**
 * struct port_warnings - what is said about source ports that run out
 * @percent: of a destination's ports that are held when it is warned of; 0 for never
 * @warned: destinations that were, and that have not fallen below since
 * @warned_count: how many
 * @events: the kernel's, of connections that found no free port
 * @connections: that they were about
 * @told: when such an event was written to the log last, 0 for never
 * @untold: connections of those that came since
 */
struct port_warnings {
	unsigned int percent;
	struct port_use_destination warned[PORT_USE_NEAR_MAX];
	size_t warned_count;
	uint64_t events;
	uint64_t connections;
	int64_t told;
	uint64_t untold;
};

unsigned int port_warnings_near(const struct port_warnings *warnings);
void port_warnings_take(struct port_warnings *warnings, const struct port_use_count *count);
void port_warnings_exhausted(struct port_warnings *warnings,
			     const struct client_exhaustion *exhaustion);

#endif
