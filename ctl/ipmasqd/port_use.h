/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PORT_USE_H
#define IPMASQD_PORT_USE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "cidr.h"
#include "loop.h"
#include "policy.h"

struct port_use;

/* Protocols whose connections hold source ports. */
enum port_use_protocol { PORT_USE_TCP, PORT_USE_UDP, PORT_USE_SCTP, PORT_USE_PROTOCOLS };

/* Destinations that are named where they are near their end. */
#define PORT_USE_NEAR_MAX 32

/**
 * struct port_use_destination - what shares source ports
 * @fingerprint: stands for the rest but the counts
 * @protocol: IPPROTO_*
 * @part: of the port space that its connections share
 * @destination: a host prefix
 * @port: of the destination
 * @address: the source address that it sees
 * @held: ports that connections hold
 * @available: ports that they could
 */
struct port_use_destination {
	uint64_t fingerprint;
	uint8_t protocol;
	uint8_t part;
	struct cidr destination;
	uint16_t port;
	struct cidr address;
	uint32_t held;
	uint32_t available;
};

/**
 * struct port_use_count - one count of all connections
 * @held: source ports held for the fullest destination, by protocol
 * @available: of how many; 0 where none is held
 * @time: when they were counted, 0 for never
 * @near: destinations of which more than the wanted share is held
 * @near_count: how many of them, at most PORT_USE_NEAR_MAX
 * @near_left_out: how many more
 */
struct port_use_count {
	uint32_t held[PORT_USE_PROTOCOLS];
	uint32_t available[PORT_USE_PROTOCOLS];
	time_t time;
	struct port_use_destination near[PORT_USE_NEAR_MAX];
	size_t near_count;
	size_t near_left_out;
};

/* Called at the end of each count. */
typedef void (*port_use_counted)(const struct port_use_count *count, void *data);

int port_use_open(struct port_use **use, struct loop *loop, unsigned int near_percent,
		  port_use_counted counted, void *data);
void port_use_close(struct port_use *use);
void port_use_refresh(struct port_use *use, const struct policy_settings *settings);
void port_use_look(struct port_use *use, const struct policy_settings *settings);
const struct port_use_count *port_use_last(const struct port_use *use);

#endif
