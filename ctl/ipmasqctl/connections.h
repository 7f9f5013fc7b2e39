/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_CONNECTIONS_H
#define IPMASQCTL_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cidr.h"

/**
 * struct connection - one connection that conntrack follows
 * @source: who began it, a host prefix
 * @destination: where it goes, behind a service's address
 * @asked: the destination that was asked for, which may be a service's address
 * @translated: the source address that the destination sees
 * @source_port: 0 for protocols without ports, as all four
 * @destination_port: behind a service's port
 * @asked_port: that was asked for
 * @translated_port: that the destination sees
 * @protocol: IPPROTO_*
 * @source_nat: the source was translated, by whomever
 * @destination_nat: the destination was, as for a service
 * @id: conntrack's own, for telling it from a later one with the same addresses
 * @zone: conntrack's
 * @started: nanoseconds since 1970, 0 where the kernel does not note it
 */
struct connection {
	struct cidr source;
	struct cidr destination;
	struct cidr asked;
	struct cidr translated;
	uint16_t source_port;
	uint16_t destination_port;
	uint16_t asked_port;
	uint16_t translated_port;
	uint8_t protocol;
	bool source_nat;
	bool destination_nat;
	uint32_t id;
	uint16_t zone;
	uint64_t started;
};

/**
 * struct connections - what was read
 * @list: owned
 * @count: used
 * @room: allocated
 */
struct connections {
	struct connection *list;
	size_t count;
	size_t room;
};

int connections_read(struct connections *connections);
int connection_remove(const struct connection *connection);
void connections_clear(struct connections *connections);

const char *connection_endpoint(const struct cidr *address, uint16_t port, uint8_t protocol,
				char *text, size_t size);

#endif
