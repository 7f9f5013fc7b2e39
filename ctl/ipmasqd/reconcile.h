/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_RECONCILE_H
#define IPMASQD_RECONCILE_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"

/* How the kernel stands to what is wanted. */
enum reconcile_result {
	RECONCILE_IN_FORCE,	/* it is what is wanted, and was */
	RECONCILE_WRITTEN,	/* it is now */
	RECONCILE_LATER,	/* somebody keeps changing it: again after @wait */
	RECONCILE_NO_MODULE,
	RECONCILE_FAILED,
};

/**
 * struct reconciler - the kernel's side of the policy
 * @client: the connection, NULL while there is none
 * @events: descriptor of the connection's events, -1 while there is none
 * @connections: counts the connections, since a descriptor's number comes again
 * @generation: of the policy that was found or left as wanted, 0 for none
 * @serial: of the wanted policy that @generation holds
 * @repaired: the last reconcile() wrote because of another process's change
 * @first: the last reconcile() wrote a policy where there was none
 * @in_force: the kernel holds the wanted policy, as far as is known
 * @module_missing: the module was not there when last asked
 * @module_differs: it speaks another version of the protocol than this program
 * @switched_off: the policy in force is disabled
 * @no_ipv6: the kernel refused IPv6 because it has none
 * @wait: nanoseconds to wait after RECONCILE_LATER
 * @drifts: times that somebody else changed what the configuration says
 * @repairs: times that it was put back
 * @errors: requests that the kernel or the socket refused
 * @writes: replacements of the config entries
 * @exhausted: called for each event about source ports that ran out; NULL for none
 * @exhausted_data: for @exhausted
 */
struct reconciler {
	struct client *client;
	int events;
	uint64_t connections;
	uint64_t generation;
	uint64_t serial;
	bool repaired;
	bool first;
	bool in_force;
	bool module_missing;
	bool module_differs;
	bool switched_off;
	bool no_ipv6;
	int64_t wait;
	uint64_t drifts;
	uint64_t repairs;
	uint64_t errors;
	uint64_t writes;
	void (*exhausted)(const struct client_exhaustion *exhaustion, void *data);
	void *exhausted_data;

	/* Of reconcile.c: looks and repairs in the current stretch of time, see there. */
	int64_t stretch_begin;
	int64_t stretch_length;
	int64_t stretch_work;
	unsigned int stretch_looks;
	unsigned int stretch_repairs;
	bool stretch_logged;
	int64_t last_repair;
	unsigned long run_repairs;
	size_t run_lines;
	uint32_t other_port;
	bool other_touched;
	bool static_only;
	uint64_t static_generation;
};

void reconcile_open(struct reconciler *reconciler);
void reconcile_close(struct reconciler *reconciler);
int reconcile_connect(struct reconciler *reconciler);
void reconcile_disconnect(struct reconciler *reconciler);
bool reconcile_read_events(struct reconciler *reconciler);
enum reconcile_result reconcile(struct reconciler *reconciler, const struct policy *wanted,
				uint64_t serial);

#endif
