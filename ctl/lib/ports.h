/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_PORTS_H
#define IPMASQ_PORTS_H

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

#endif
