/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONNECTIONS_H
#define IPMASQ_CONNECTIONS_H

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
 * @icmp_id: of an echo, as are @icmp_type and @icmp_code
 * @icmp_type: of the request
 * @icmp_code: of the request
 * @protocol: IPPROTO_*
 * @source_nat: the source was translated, by whomever
 * @destination_nat: the destination was, as for a service
 * @nat_asked: whether to translate the source was asked at its first packet, of
 *	whatever does NAT here; not where it began before anything did
 * @answered: a packet of the other side was seen
 * @expected: a helper announced it and translated it as the one it belongs to
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
	uint16_t icmp_id;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t protocol;
	bool source_nat;
	bool destination_nat;
	bool nat_asked;
	bool answered;
	bool expected;
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
int connections_append(struct connections *connections, const struct connection *connection);
void connections_sort(struct connections *connections);
void connections_clear(struct connections *connections);

/* Room for any endpoint's text. */
#define CONNECTION_ENDPOINT_MAX (CIDR_TEXT_MAX + 8)

const char *connection_endpoint(const struct cidr *address, uint16_t port, uint8_t protocol,
				char text[CONNECTION_ENDPOINT_MAX]);

#endif
