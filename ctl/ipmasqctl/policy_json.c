// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of a policy that more than one command prints as JSON. */
#include "policy_json.h"

#include <inttypes.h>
#include <stdio.h>

/**
 * port_ranges_json() - a list of objects with "first" and "last"
 * @ranges: the ranges
 * @count: how many; 0 makes an empty list, which stands for any port
 *
 * Return: a new value, or NULL without memory.
 */
json_t *port_ranges_json(const struct port_range *ranges, size_t count)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:i, s:i}", "first", ranges[i].first,
						      "last", ranges[i].last));
	return list;
}

/**
 * connections_json() - counts by family and verdict
 * @statistics: counts
 *
 * Return: a new value, or NULL without memory.
 */
json_t *connections_json(const struct client_statistics *statistics)
{
	static const char *const families[] = { "ipv4", "ipv6" };
	json_t *all = json_object();
	json_t *counts;
	int verdict;
	int family;

	for (family = 0; family < 2; family++) {
		counts = json_object();
		for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++)
			json_object_set_new(counts, policy_verdict_name(verdict),
					    json_integer(statistics->connections[family][verdict]));
		json_object_set_new(all, families[family], counts);
	}
	return all;
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

static void print_settings(const struct policy_settings *settings)
{
	size_t i;

	printf("  \"enabled\": %s,\n  \"ipv6\": %s,\n  \"random_fully\": %s,\n",
	       truth(settings->flags & IPMASQ_FLAG_ENABLED),
	       truth(settings->flags & IPMASQ_FLAG_IPV6),
	       truth(settings->flags & IPMASQ_FLAG_RANDOM_FULLY));
	printf("  \"port_ranges\": [");
	for (i = 0; i < settings->port_range_count; i++)
		printf("%s{\"first\": %d, \"last\": %d}", i ? ", " : "",
		       settings->port_ranges[i].first, settings->port_ranges[i].last);
	printf("],\n");
}

/**
 * print_policy_json() - print a table as JSON
 * @policy: the table
 * @generation: its generation
 * @settings: print the settings as well, under the names that show has
 *
 * Not through jansson, which would take half a gigabyte and most of the time for
 * a million entries. None of the texts has a character to be escaped.
 */
void print_policy_json(const struct policy *policy, uint64_t generation, bool settings)
{
	char text[CIDR_TEXT_MAX];
	size_t i;

	printf("{\n  \"generation\": %" PRIu64 ",\n", generation);
	if (settings)
		print_settings(&policy->settings);
	printf("  \"entries\": [");
	for (i = 0; i < policy->count; i++) {
		const struct policy_entry *entry = &policy->entries[i];

		printf("%s\n    {\"cidr\": \"%s\", \"action\": \"%s\", \"origin\": \"%s\", "
		       "\"connections\": %" PRIu64 ", \"shadowed\": %s}", i ? "," : "",
		       cidr_format(&entry->cidr, text), policy_action_name(entry->action),
		       policy_origin_name(entry->origin), entry->connections,
		       truth(entry->shadowed));
	}
	printf("%s]\n}\n", policy->count ? "\n  " : "");
}
