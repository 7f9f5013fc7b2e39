/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CTL_POLICY_H
#define IPMASQ_CTL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ipmasq.h>

#include "cidr.h"
#include "config/setting.h"
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
 * struct policy_list - the value of a setting that is a list
 * @items: struct port_range, struct policy_interface or, for the others, struct cidr,
 *	host prefixes where they are addresses; owned by struct policy_settings
 * @count: how many; 0 for no restriction
 * @named: whether a change names it
 */
struct policy_list {
	void *items;
	size_t count;
	bool named;
};

/**
 * struct policy_settings - what a policy says apart from its table
 * @flags: IPMASQ_FLAG_*
 * @flags_named: which of them a change names; all, in what was read
 * @list: of each setting_is_policy_list(); freed by policy_settings_clear()
 */
struct policy_settings {
	uint32_t flags;
	uint32_t flags_named;
	struct policy_list list[SETTING_COUNT];
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
bool policy_setting_named(const struct policy_settings *settings, enum setting setting);
bool policy_settings_named(const struct policy_settings *settings);
void policy_settings_name_lists(struct policy_settings *settings);
size_t policy_item_size(enum setting setting);
bool policy_setting_equal(const struct policy_settings *wanted,
			  const struct policy_settings *present, enum setting setting);
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
bool policy_verdict_translates(uint8_t verdict);
const char *policy_action_name(uint8_t action);
const char *policy_origin_name(uint8_t origin);
const char *policy_command_name(uint8_t command);
uint8_t policy_action_find(const char *word, size_t length);
uint8_t policy_origin_find(const char *word, size_t length);

#endif
