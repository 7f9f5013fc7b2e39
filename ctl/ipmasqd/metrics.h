/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_METRICS_H
#define IPMASQD_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "client.h"
#include "port_use.h"

/**
 * struct metrics - everything that /metrics says, at one moment
 * @module_loaded: the module answered; without it @status and @statistics are
 *	not valid
 * @status: the policy in force
 * @statistics: connections by verdict
 * @in_force: the kernel holds what the configuration wants
 * @ipv6_unavailable: the configuration wants IPv6, which the kernel does not have
 * @source: where the wanted policy comes from, see source_kind_name()
 * @reload_good: the last reading of the configuration was good
 * @reload_good_time: when one was last, 0 for never
 * @reload_nanoseconds: how long the last one took
 * @reloads_good: readings that were good
 * @reloads_refused: readings that were not
 * @drift_repairs: times that config entries or settings were put back
 * @netlink_errors: requests that failed
 * @writes: replacements of the config entries
 * @port_use: source ports held for the fullest destination; borrowed
 * @existing_dropped: connections that were, for applyToExisting
 * @exhaustion_events: times that the kernel told of connections without a free port
 * @exhausted_connections: how many those were
 * @start_time: of the process
 * @started_without_policy: the start was reported as complete before a policy was in force
 */
struct metrics {
	bool module_loaded;
	struct client_status status;
	struct client_statistics statistics;
	bool in_force;
	bool ipv6_unavailable;
	const char *source;
	bool reload_good;
	time_t reload_good_time;
	int64_t reload_nanoseconds;
	uint64_t reloads_good;
	uint64_t reloads_refused;
	uint64_t drift_repairs;
	uint64_t netlink_errors;
	uint64_t writes;
	const struct port_use_count *port_use;
	uint64_t existing_dropped;
	uint64_t exhaustion_events;
	uint64_t exhausted_connections;
	time_t start_time;
	bool started_without_policy;
};

void metrics_write(FILE *stream, const struct metrics *metrics);

#endif
