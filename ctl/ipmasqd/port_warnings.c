// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the log says about source ports: that a destination is about to run out of
 * them, once until it has fallen below again, and that it has, which the kernel
 * tells.
 */
#include "port_warnings.h"

#include <inttypes.h>
#include <stdio.h>

#include "connections.h"
#include "log.h"
#include "protocol.h"

/* Destinations that one count warns of by name. */
#define WARNINGS_LOGGED 5

/* Between two lines about exhaustion. The kernel sends an event a second. */
#define EXHAUSTION_PAUSE (10 * NANOSECONDS_PER_SECOND)

/* "tcp 203.0.113.7:443 as 192.0.2.10" */
#define DESTINATION_TEXT_MAX (PROTOCOL_TEXT_MAX + CONNECTION_ENDPOINT_MAX + CIDR_TEXT_MAX + 8)

static const char *destination_text(const struct port_use_destination *destination,
				    char text[DESTINATION_TEXT_MAX])
{
	char name[PROTOCOL_TEXT_MAX], endpoint[CONNECTION_ENDPOINT_MAX], address[CIDR_TEXT_MAX];

	snprintf(text, DESTINATION_TEXT_MAX, "%s %s as %s",
		 protocol_name(destination->protocol, name),
		 connection_endpoint(&destination->destination, destination->port,
				     destination->protocol, endpoint),
		 cidr_format_address(&destination->address, address));
	return text;
}

static bool is_full(const struct port_warnings *warnings,
		    const struct port_use_destination *destination)
{
	return (uint64_t)destination->held * 100 >=
	       (uint64_t)destination->available * warnings->percent;
}

static const struct port_use_destination *find(const struct port_use_destination *list,
					       size_t count, uint64_t fingerprint)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (list[i].fingerprint == fingerprint)
			return &list[i];
	}
	return NULL;
}

/* Those that have fallen below may be warned of again. */
static void forget(struct port_warnings *warnings, const struct port_use_count *count)
{
	char text[DESTINATION_TEXT_MAX];
	size_t kept = 0;
	size_t i;

	for (i = 0; i < warnings->warned_count; i++) {
		const struct port_use_destination *warned = &warnings->warned[i];

		if (find(count->near, count->near_count, warned->fingerprint) ||
		    count->near_left_out)
			warnings->warned[kept++] = *warned;
		else
			log_line(LOG_NOTICE, "source ports towards %s are free again",
				 destination_text(warned, text));
	}
	warnings->warned_count = kept;
}

static void warn(const struct port_use_destination *destination)
{
	char text[DESTINATION_TEXT_MAX], address[CIDR_TEXT_MAX];

	log_line(LOG_WARNING,
		 "source ports towards %s run out: %" PRIu32 " of %" PRIu32
		 " are held; \"ipmasqctl ports %s pods\" says by whom",
		 destination_text(destination, text), destination->held, destination->available,
		 cidr_format_address(&destination->destination, address));
}

/**
 * port_warnings_near() - of which destinations a count has to tell
 * @warnings: with its percentage set
 *
 * Return: a percentage, for port_use_open().
 */
unsigned int port_warnings_near(const struct port_warnings *warnings)
{
	return (warnings->percent * PORT_WARNINGS_SETTLED + 99) / 100;
}

/**
 * port_warnings_take() - warn of what a count has found
 * @warnings: with its percentage set
 * @count: made with port_warnings_near()
 */
void port_warnings_take(struct port_warnings *warnings, const struct port_use_count *count)
{
	size_t logged = 0;
	size_t more = 0;
	size_t i;

	forget(warnings, count);
	for (i = 0; i < count->near_count; i++) {
		const struct port_use_destination *destination = &count->near[i];

		if (!is_full(warnings, destination) ||
		    find(warnings->warned, warnings->warned_count, destination->fingerprint))
			continue;
		if (warnings->warned_count < PORT_USE_NEAR_MAX)
			warnings->warned[warnings->warned_count++] = *destination;
		if (logged++ < WARNINGS_LOGGED)
			warn(destination);
		else
			more++;
	}
	if (more)
		log_line(LOG_WARNING, "source ports run out towards %zu more destinations", more);
}

/**
 * port_warnings_exhausted() - tell of connections that found no free source port
 * @warnings: any
 * @exhaustion: the kernel's event
 */
void port_warnings_exhausted(struct port_warnings *warnings,
			     const struct client_exhaustion *exhaustion)
{
	char source[CONNECTION_ENDPOINT_MAX], destination[CONNECTION_ENDPOINT_MAX];
	char address[CIDR_TEXT_MAX], name[PROTOCOL_TEXT_MAX];
	int64_t now = monotonic_now();

	warnings->events++;
	warnings->connections += exhaustion->connections;
	warnings->untold += exhaustion->connections;
	if (warnings->told && now - warnings->told < EXHAUSTION_PAUSE)
		return;
	warnings->told = now;
	log_line(LOG_ERR,
		 "no free source port: %s from %s to %s as %s, %" PRIu64
		 " new connections were dropped",
		 protocol_name(exhaustion->protocol, name),
		 connection_endpoint(&exhaustion->source, exhaustion->source_port,
				     exhaustion->protocol, source),
		 connection_endpoint(&exhaustion->destination, exhaustion->destination_port,
				     exhaustion->protocol, destination),
		 cidr_format_address(&exhaustion->address, address), warnings->untold);
	warnings->untold = 0;
}
