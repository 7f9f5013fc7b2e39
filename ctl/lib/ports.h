/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_PORTS_H
#define IPMASQ_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct port_range - source ports, both ends included
 * @first: lowest port, host order
 * @last: highest port, host order, not below @first
 */
struct port_range {
	uint16_t first;
	uint16_t last;
};

int port_ranges_parse(const char *text, struct port_range **ranges, size_t *count, char **error);
char *port_ranges_format(const struct port_range *ranges, size_t count);

/* Where no ranges are set the kernel keeps connections from privileged ports to
 * such: below 512, from 600 to 1023, and all others.
 */
#define PORT_SPACE_PARTS 3

/**
 * struct port_space - the source ports that connections to one destination share
 * @ranges: what a policy allows; borrowed
 * @count: how many; 0 for any port
 * @available: how many ports there are in each part
 */
struct port_space {
	const struct port_range *ranges;
	size_t count;
	uint32_t available[PORT_SPACE_PARTS];
};

void port_space_init(struct port_space *space, const struct port_range *ranges, size_t count);
int port_space_part(const struct port_space *space, uint16_t port);
const struct port_range *port_space_privileged(int part);
uint32_t port_space_size(const struct port_space *space);
uint32_t port_space_smallest(const struct port_space *space);

#endif
