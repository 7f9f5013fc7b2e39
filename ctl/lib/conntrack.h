/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONNTRACK_H
#define IPMASQ_CONNTRACK_H

#include <stdbool.h>

#include "connections.h"

/* A way to conntrack, for one reading at a time and any removals besides. */
struct conntrack;

/* Takes one connection; a negative errno ends the reading and is its result. */
typedef int (*conntrack_look)(const struct connection *connection, void *data);

int conntrack_load(void);
int conntrack_open(struct conntrack **conntrack);
void conntrack_close(struct conntrack *conntrack);
const char *conntrack_strerror(int error);

int conntrack_read(struct conntrack *conntrack, bool translated, conntrack_look look, void *data);

/* The same in pieces: start, then continue each time that the descriptor has input. */
int conntrack_start(struct conntrack *conntrack, bool translated);
int conntrack_descriptor(const struct conntrack *conntrack);
int conntrack_continue(struct conntrack *conntrack, conntrack_look look, void *data);

bool conntrack_can_remove(const struct connection *connection);
int conntrack_remove(struct conntrack *conntrack, const struct connection *connection);

#endif
