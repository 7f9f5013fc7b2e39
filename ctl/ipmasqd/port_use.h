/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PORT_USE_H
#define IPMASQD_PORT_USE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "loop.h"

struct port_use;

/* Protocols whose connections hold source ports. */
enum port_use_protocol { PORT_USE_TCP, PORT_USE_UDP, PORT_USE_SCTP, PORT_USE_PROTOCOLS };

/**
 * struct port_use_count - the destination that most source ports are held for
 * @ports: how many, by protocol
 * @time: when they were counted, 0 for never
 */
struct port_use_count {
	uint32_t ports[PORT_USE_PROTOCOLS];
	time_t time;
};

int port_use_open(struct port_use **use, struct loop *loop);
void port_use_close(struct port_use *use);
void port_use_refresh(struct port_use *use);
const struct port_use_count *port_use_last(const struct port_use *use);

#endif
