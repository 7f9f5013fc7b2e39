/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_VERDICT_EVENTS_H
#define IPMASQCTL_VERDICT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cidr.h"

/**
 * struct verdict_event - one decision, as the tracepoint tells it
 * @time: when it was made, nanoseconds since 1970
 * @verdict: enum ipmasq_verdict
 * @source: of the connection, before translation
 * @destination: of the connection
 * @has_prefix: an entry decided
 * @prefix: that entry's
 * @origin: enum ipmasq_origin, of that entry
 */
struct verdict_event {
	uint64_t time;
	uint8_t verdict;
	struct cidr source;
	struct cidr destination;
	bool has_prefix;
	struct cidr prefix;
	uint8_t origin;
};

struct verdict_events;

/* Called for each event; false ends the reading. */
typedef bool (*verdict_taker)(const struct verdict_event *event, void *data);

int verdict_events_open(struct verdict_events **events, uint8_t verdict, char **error);
int verdict_events_wait(struct verdict_events *events, int stop);
bool verdict_events_read(struct verdict_events *events, verdict_taker take, void *data,
			 uint64_t *lost);
void verdict_events_close(struct verdict_events *events);

#endif
