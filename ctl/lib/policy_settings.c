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
	free(settings->port_ranges);
	free(settings->source_cidrs);
	free(settings->interfaces);
	free(settings->snat_addresses);
	memset(settings, 0, sizeof(*settings));
}

/**
 * policy_settings_named() - whether a change names any setting
 * @settings: the change
 */
bool policy_settings_named(const struct policy_settings *settings)
{
	return settings->flags_named || settings->port_ranges_named ||
	       settings->source_cidrs_named || settings->interfaces_named ||
	       settings->snat_addresses_named;
}

static bool ranges_equal(const struct policy_settings *a, const struct policy_settings *b)
{
	size_t i;

	if (a->port_range_count != b->port_range_count)
		return false;
	for (i = 0; i < a->port_range_count; i++) {
		if (a->port_ranges[i].first != b->port_ranges[i].first ||
		    a->port_ranges[i].last != b->port_ranges[i].last)
			return false;
	}
	return true;
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

static bool patterns_are_subset(const struct policy_settings *part,
				const struct policy_settings *whole)
{
	size_t i, j;

	for (i = 0; i < part->interface_count; i++) {
		for (j = 0; j < whole->interface_count; j++) {
			if (!strcmp(part->interfaces[i].pattern, whole->interfaces[j].pattern))
				break;
		}
		if (j == whole->interface_count)
			return false;
	}
	return true;
}

/**
 * policy_settings_difference() - what a change would change
 * @wanted: the change: only what it names is compared
 * @present: the settings in force
 *
 * Return: POLICY_DIFFERS_* of each, 0 for none.
 */
unsigned int policy_settings_difference(const struct policy_settings *wanted,
					const struct policy_settings *present)
{
	unsigned int difference = 0;

	if ((wanted->flags ^ present->flags) & wanted->flags_named)
		difference |= POLICY_DIFFERS_FLAGS;
	if (wanted->port_ranges_named && !ranges_equal(wanted, present))
		difference |= POLICY_DIFFERS_PORTS;
	if (wanted->source_cidrs_named &&
	    !policy_addresses_equal(wanted->source_cidrs, wanted->source_cidr_count,
				    present->source_cidrs, present->source_cidr_count))
		difference |= POLICY_DIFFERS_SOURCES;
	if (wanted->interfaces_named &&
	    !(patterns_are_subset(wanted, present) && patterns_are_subset(present, wanted)))
		difference |= POLICY_DIFFERS_INTERFACES;
	if (wanted->snat_addresses_named &&
	    !policy_addresses_equal(wanted->snat_addresses, wanted->snat_address_count,
				    present->snat_addresses, present->snat_address_count))
		difference |= POLICY_DIFFERS_ADDRESSES;
	return difference;
}

/**
 * policy_settings_equal() - whether a change would change anything
 * @wanted: the change: only what it names is compared
 * @present: the settings in force
 */
bool policy_settings_equal(const struct policy_settings *wanted,
			   const struct policy_settings *present)
{
	return !policy_settings_difference(wanted, present);
}
