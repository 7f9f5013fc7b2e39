// SPDX-License-Identifier: GPL-2.0-or-later
/* What a policy says apart from its table. */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

/**
 * policy_settings_clear() - free what settings own
 * @settings: name nothing afterwards and can be used again
 */
void policy_settings_clear(struct policy_settings *settings)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++)
		free(settings->list[i].items);
	memset(settings, 0, sizeof(*settings));
}

/**
 * policy_setting_named() - whether a change names a setting
 * @settings: the change
 * @setting: any
 */
bool policy_setting_named(const struct policy_settings *settings, enum setting setting)
{
	return settings->list[setting].named ||
	       settings->flags_named & setting_table[setting].policy_flag;
}

/**
 * policy_settings_named() - whether a change names any setting
 * @settings: the change
 */
bool policy_settings_named(const struct policy_settings *settings)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (policy_setting_named(settings, (enum setting)i))
			return true;
	}
	return false;
}

/**
 * policy_settings_name_lists() - make a change name all lists
 * @settings: the change
 */
void policy_settings_name_lists(struct policy_settings *settings)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++)
		settings->list[i].named = setting_is_policy_list((enum setting)i);
}

/**
 * policy_item_size() - bytes of an item of struct policy_list
 * @setting: a list
 */
size_t policy_item_size(enum setting setting)
{
	static const size_t sizes[SETTING_TYPES] = {
		[SETTING_TYPE_PORTS] = sizeof(struct port_range),
		[SETTING_TYPE_CIDRS] = sizeof(struct cidr),
		[SETTING_TYPE_INTERFACES] = sizeof(struct policy_interface),
		[SETTING_TYPE_POOLS] = sizeof(struct cidr),
	};

	return sizes[setting_table[setting].type];
}

static bool is_subset(const struct cidr *part, size_t part_count, const struct cidr *whole,
		      size_t whole_count)
{
	size_t i, j;

	for (i = 0; i < part_count; i++) {
		for (j = 0; j < whole_count && cidr_compare(&part[i], &whole[j]); j++)
			;
		if (j == whole_count)
			return false;
	}
	return true;
}

/**
 * policy_addresses_equal() - whether two lists hold the same, in whatever order
 * @a: a list of prefixes or of addresses
 * @a_count: of @a
 * @b: another
 * @b_count: of @b
 */
bool policy_addresses_equal(const struct cidr *a, size_t a_count,
			    const struct cidr *b, size_t b_count)
{
	return is_subset(a, a_count, b, b_count) && is_subset(b, b_count, a, a_count);
}

static bool patterns_are_subset(const struct policy_list *part, const struct policy_list *whole)
{
	const struct policy_interface *a = part->items;
	const struct policy_interface *b = whole->items;
	size_t i, j;

	for (i = 0; i < part->count; i++) {
		for (j = 0; j < whole->count && strcmp(a[i].pattern, b[j].pattern); j++)
			;
		if (j == whole->count)
			return false;
	}
	return true;
}

static bool ranges_equal(const struct policy_list *a, const struct policy_list *b)
{
	return a->count == b->count &&
	       (!a->count || !memcmp(a->items, b->items, a->count * sizeof(struct port_range)));
}

/**
 * policy_setting_equal() - whether a setting is the same in two policies
 * @wanted: of one
 * @present: of the other
 * @setting: any; those that are none of a policy are always the same
 */
bool policy_setting_equal(const struct policy_settings *wanted,
			  const struct policy_settings *present, enum setting setting)
{
	const struct policy_list *a = &wanted->list[setting];
	const struct policy_list *b = &present->list[setting];

	switch (setting_table[setting].type) {
	case SETTING_TYPE_BOOL:
		return !((wanted->flags ^ present->flags) & setting_table[setting].policy_flag);
	case SETTING_TYPE_PORTS:
		return ranges_equal(a, b);
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_POOLS:
		return policy_addresses_equal(a->items, a->count, b->items, b->count);
	case SETTING_TYPE_INTERFACES:
		return patterns_are_subset(a, b) && patterns_are_subset(b, a);
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		break;
	}
	return true;
}

/**
 * policy_settings_equal() - whether a change would change anything
 * @wanted: the change: only what it names is compared
 * @present: the settings in force
 */
bool policy_settings_equal(const struct policy_settings *wanted,
			   const struct policy_settings *present)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (policy_setting_named(wanted, (enum setting)i) &&
		    !policy_setting_equal(wanted, present, (enum setting)i))
			return false;
	}
	return true;
}
