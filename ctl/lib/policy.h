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
 * struct policy_detail - what few entries have
 * @timeout: milliseconds until the kernel deletes the entry; 0 for never
 * @address_count: of @addresses; above 0 for IPMASQ_ACTION_SNAT only
 * @addresses: the pool, host prefixes of the entry's family
 */
struct policy_detail {
	uint64_t timeout;
	size_t address_count;
	struct cidr addresses[];
};

/**
 * struct policy_entry - one prefix of the kernel's table
 * @cidr: the prefix
 * @action: enum ipmasq_action
 * @origin: enum ipmasq_origin
 * @shadowed: a static entry for the same prefix decides instead
 * @connections: decided by this entry so far; 0 in a policy built here
 * @detail: NULL for almost all entries; owned by the policy that the entry is in,
 *	freed by policy_clear()
 */
struct policy_entry {
	struct cidr cidr;
	uint8_t action;
	uint8_t origin;
	bool shadowed;
	uint64_t connections;
	struct policy_detail *detail;
};

/* A pattern for the names of interfaces, "*" for any characters, with its NUL. */
#define POLICY_INTERFACE_SIZE 16

struct policy_interface {
	char pattern[POLICY_INTERFACE_SIZE];
};

/**
 * struct policy_settings - what a policy says apart from its table
 * @flags: IPMASQ_FLAG_*
 * @flags_named: which of them a change names; all, in what was read
 * @port_ranges_named: whether a change names the port ranges
 * @source_cidrs_named: whether it names the source list
 * @interfaces_named: whether it names the output interfaces
 * @snat_addresses_named: whether it names the pool
 * @port_range_count: entries in @port_ranges; 0 for no restriction
 * @source_cidr_count: entries in @source_cidrs; 0 for any source
 * @interface_count: entries in @interfaces; 0 for any interface
 * @snat_address_count: entries in @snat_addresses; 0 for the interface's own
 * @port_ranges: source ports
 * @source_cidrs: only these sources are translated
 * @interfaces: only what leaves through these is translated
 * @snat_addresses: host prefixes, to which is translated
 *
 * The lists are owned by this struct, freed by policy_settings_clear().
 */
struct policy_settings {
	uint32_t flags;
	uint32_t flags_named;
	bool port_ranges_named;
	bool source_cidrs_named;
	bool interfaces_named;
	bool snat_addresses_named;
	size_t port_range_count;
	size_t source_cidr_count;
	size_t interface_count;
	size_t snat_address_count;
	struct port_range *port_ranges;
	struct cidr *source_cidrs;
	struct policy_interface *interfaces;
	struct cidr *snat_addresses;
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
void policy_truncate(struct policy *policy, size_t count);
void policy_sort(struct policy *policy);
void policy_clear(struct policy *policy);
int policy_entry_compare(const struct policy_entry *a, const struct policy_entry *b);
struct policy_detail *policy_detail_new(uint64_t timeout, const struct cidr *addresses,
					size_t count);
bool policy_entry_equal(const struct policy_entry *a, const struct policy_entry *b);

void policy_settings_clear(struct policy_settings *settings);
bool policy_settings_named(const struct policy_settings *settings);

#define POLICY_DIFFERS_FLAGS		(1U << 0)
#define POLICY_DIFFERS_PORTS		(1U << 1)
#define POLICY_DIFFERS_SOURCES		(1U << 2)
#define POLICY_DIFFERS_INTERFACES	(1U << 3)
#define POLICY_DIFFERS_ADDRESSES	(1U << 4)

unsigned int policy_settings_difference(const struct policy_settings *wanted,
					const struct policy_settings *present);
bool policy_settings_equal(const struct policy_settings *wanted,
			   const struct policy_settings *present);
bool policy_addresses_equal(const struct cidr *a, size_t a_count,
			    const struct cidr *b, size_t b_count);

/* Called for each difference: wanted is NULL for an entry to remove, present
 * is NULL for one to add; both are set where they are not policy_entry_equal(). */
typedef void (*policy_difference)(const struct policy_entry *wanted,
				  const struct policy_entry *present, void *data);
size_t policy_compare(const struct policy *wanted, const struct policy *present,
		      policy_difference report, void *data);

const char *policy_verdict_name(uint8_t verdict);
const char *policy_action_name(uint8_t action);
const char *policy_origin_name(uint8_t origin);
const char *policy_command_name(uint8_t command);

#endif
