/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CLIENT_H
#define IPMASQ_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"

struct client;

/* struct client_status - the answer to IPMASQ_CMD_POLICY_GET, see the uapi header */
struct client_status {
	uint64_t generation;
	struct policy_settings settings;
	uint32_t entries_config;
	uint32_t entries_static;
	uint32_t max_entries;
	uint64_t memory;
	uint64_t draining;		/* connections that hooks are kept for */
	int32_t priority;
	char module_version[32];
};

struct client_flow {
	struct cidr source;		/* host prefixes */
	struct cidr destination;
	uint32_t output_interface;	/* index, 0 for the routing table's choice */
	uint8_t protocol;		/* 0 for TCP */
	uint16_t source_port;		/* 0 for not given */
};

struct client_explanation {
	uint64_t generation;
	uint8_t verdict;
	bool has_entry;			/* an entry decided */
	struct policy_entry entry;
	uint32_t output_interface;
	bool has_address;
	struct cidr address;		/* the source address that would be used */
	size_t port_range_count;
	struct port_range *port_ranges;	/* owned; client_explanation_clear() */
};

struct client_statistics {
	uint64_t generation;
	/* [0] IPv4, [1] IPv6; indexed by enum ipmasq_verdict */
	uint64_t connections[2][IPMASQ_VERDICT_MAX + 1];
};

/* struct client_exhaustion - connections that found no free source port */
struct client_exhaustion {
	uint8_t protocol;
	struct cidr source;		/* host prefixes */
	uint16_t source_port;		/* 0 where the protocol has none */
	struct cidr destination;
	uint16_t destination_port;	/* as the source port */
	struct cidr address;		/* whose source ports are all taken */
	uint64_t connections;		/* since the event before */
};

/* struct client_event - a notification; what it is not about is zero */
struct client_event {
	uint8_t command;		/* IPMASQ_CMD_POLICY_CHANGED, _PORTS_EXHAUSTED */
	/* IPMASQ_CMD_POLICY_CHANGED */
	uint64_t generation;
	uint8_t cause;			/* enum ipmasq_cmd */
	uint8_t origin;			/* 0 where the event names none */
	uint32_t port_id;		/* netlink port of the writer; 0 for the kernel itself */
	uint32_t entries_config;
	uint32_t entries_static;
	/* IPMASQ_CMD_PORTS_EXHAUSTED */
	struct client_exhaustion exhaustion;
};

/* Every int function returns 0 or a negative errno; client_error() then has one
 * line for a person, the kernel's own reason (extack) included. -ENOTSUP from
 * any of them means that the module is not loaded (any more). based_on is a
 * generation, 0 for any.
 *
 * client_open() sets *client after a failure too, for client_error(): close it
 * in either case. */
int client_open(struct client **client);
void client_close(struct client *client);
const char *client_error(const struct client *client);

int client_policy_get(struct client *client, struct client_status *status);
void client_status_clear(struct client_status *status);
int client_policy_set(struct client *client, const struct policy_settings *settings,
		      uint64_t based_on);
int client_policy_delete(struct client *client, uint64_t based_on, bool now);
int client_drain_end(struct client *client);

/* Reads the entries of one origin (0 for all), within one prefix (NULL for all);
 * asks again when the dump was interrupted, so that it is of one generation. */
int client_list(struct client *client, uint8_t origin, const struct cidr *within,
		struct policy *policy, uint64_t *generation);
/* Settings and all entries, of one generation; policy_clear() frees them. */
int client_policy_read(struct client *client, struct policy *policy, uint64_t *generation);
int client_add(struct client *client, const struct policy_entry *entries, size_t count,
	       uint8_t origin, bool replace, uint64_t based_on);
int client_delete(struct client *client, const struct policy_entry *entries, size_t count,
		  uint8_t origin, uint64_t based_on);

/* One transaction: begin, as many adds as the entries need, commit. Replaces the
 * entries of origin and changes the settings that are named. Sorts a copy of the
 * entries and leaves out duplicates. progress may be NULL. */
int client_replace(struct client *client, uint8_t origin, const struct policy *policy,
		   uint64_t based_on, uint64_t *generation,
		   void (*progress)(size_t done, size_t all, void *data), void *data);

int client_explain(struct client *client, const struct client_flow *flow,
		   struct client_explanation *explanation);
void client_explanation_clear(struct client_explanation *explanation);
int client_statistics(struct client *client, struct client_statistics *statistics);

/* What an earlier policy had counted, for one that takes its place after the module was
 * replaced. The generation is possible without a policy only. */
int client_carry_generation(struct client *client, uint64_t generation);
int client_carry_counters(struct client *client, const struct policy *policy,
			  const struct client_statistics *statistics);

/* Events come over a second, non-blocking socket, so that a request never has
 * to sort them out. client_subscribe() gives its descriptor for poll. A read
 * that finds none is -EAGAIN; -ENOBUFS says that some were lost. */
int client_subscribe(struct client *client, int *descriptor);
int client_next_event(struct client *client, struct client_event *event);

#endif
