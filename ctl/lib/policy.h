/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CTL_POLICY_H
#define IPMASQ_CTL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ipmasq.h>

#include "cidr.h"
#include "ports.h"

/**
 * struct policy_entry - one prefix of the kernel's table
 * @cidr: the prefix
 * @action: enum ipmasq_action
 * @origin: enum ipmasq_origin
 * @shadowed: a static entry for the same prefix decides instead
 * @connections: decided by this entry so far; 0 in a policy built here
 */
struct policy_entry {
	struct cidr cidr;
	uint8_t action;
	uint8_t origin;
	bool shadowed;
	uint64_t connections;
};

/**
 * struct policy_settings - what a policy says apart from its table
 * @flags: IPMASQ_FLAG_*
 * @flags_named: which of them a change names; all, in what was read
 * @port_ranges_named: whether a change names the port ranges
 * @port_range_count: entries in @port_ranges; 0 for no restriction
 * @port_ranges: owned by this struct, freed by policy_clear()
 */
struct policy_settings {
	uint32_t flags;
	uint32_t flags_named;
	bool port_ranges_named;
	size_t port_range_count;
	struct port_range *port_ranges;
};

/**
 * struct policy - settings and a table, as wanted or as read
 * @settings: settings
 * @entries: owned by this struct
 * @count: entries used
 * @room: entries allocated
 */
struct policy {
	struct policy_settings settings;
	struct policy_entry *entries;
	size_t count;
	size_t room;
};

struct config;

int policy_from_config(const struct config *config, struct policy *policy);
int policy_append(struct policy *policy, const struct policy_entry *entry);
void policy_sort(struct policy *policy);
void policy_clear(struct policy *policy);
int policy_entry_compare(const struct policy_entry *a, const struct policy_entry *b);
bool policy_settings_equal(const struct policy_settings *wanted,
			   const struct policy_settings *present);

/* Called for each difference: wanted is NULL for an entry to remove, present
 * is NULL for one to add; both are set where the action differs. */
typedef void (*policy_difference)(const struct policy_entry *wanted,
				  const struct policy_entry *present, void *data);
size_t policy_compare(const struct policy *wanted, const struct policy *present,
		      policy_difference report, void *data);

const char *policy_verdict_name(uint8_t verdict);
const char *policy_action_name(uint8_t action);
const char *policy_origin_name(uint8_t origin);
const char *policy_command_name(uint8_t command);

#endif
