// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of a policy that more than one command prints as JSON. */
#include "ipmasqctl.h"
#include "policy_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy_text.h"

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
 * addresses_json() - a list of addresses
 * @addresses: host prefixes
 * @count: how many
 *
 * Return: a new value, or NULL without memory.
 */
json_t *addresses_json(const struct cidr *addresses, size_t count)
{
	json_t *list = json_array();
	char text[CIDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(list, json_string(cidr_format_address(&addresses[i], text)));
	return list;
}

/* "NAME": VALUE, for each setting; NULL without memory. */
static char *settings_text(const struct policy_settings *settings, const char *begin,
			   const char *separator, const char *end)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	fputs(begin, file);
	policy_settings_json(file, settings, separator);
	fputs(end, file);
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

/**
 * settings_json() - settings, under the names that every command gives them
 * @settings: those that are named
 *
 * Return: a new object, or NULL without memory.
 */
json_t *settings_json(const struct policy_settings *settings)
{
	char *text = settings_text(settings, "{", ",", "}");
	json_t *object = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	return object;
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

/**
 * detail_json() - add what few entries have
 * @object: gets a member for the timeout and one for the addresses, where the
 *	entry has them
 * @prefix: of the members' names
 * @detail: of an entry, NULL for none
 */
void detail_json(json_t *object, const char *prefix, const struct policy_detail *detail)
{
	char name[64];

	if (!detail)
		return;
	if (detail->timeout) {
		snprintf(name, sizeof(name), "%stimeout_milliseconds", prefix);
		json_object_set_new(object, name, json_integer((json_int_t)detail->timeout));
	}
	if (detail->address_count) {
		snprintf(name, sizeof(name), "%saddresses", prefix);
		json_object_set_new(object, name,
				    addresses_json(detail->addresses, detail->address_count));
	}
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

static void print_settings(const struct policy_settings *settings)
{
	char between[8];
	char *text;

	snprintf(between, sizeof(between), ",%s", json_break(2));
	text = settings_text(settings, json_break(2), between, ",");
	fputs(text ? text : "", stdout);
	free(text);
}

static void print_detail(const struct policy_detail *detail)
{
	char text[CIDR_TEXT_MAX];
	size_t i;

	if (detail->timeout)
		printf(", \"timeout_milliseconds\": %" PRIu64, detail->timeout);
	if (!detail->address_count)
		return;
	printf(", \"addresses\": [");
	for (i = 0; i < detail->address_count; i++)
		printf("%s\"%s\"", i ? ", " : "",
		       cidr_format_address(&detail->addresses[i], text));
	printf("]");
}

/**
 * print_policy_json() - print a table as JSON
 * @policy: the table
 * @generation: its generation
 * @settings: print the settings as well, under the names that show has
 *
 * An entry that has a timeout or a pool has members for them; others do not.
 *
 * Not through jansson, which would take half a gigabyte and most of the time for
 * a million entries. None of the texts has a character to be escaped.
 */
void print_policy_json(const struct policy *policy, uint64_t generation, bool settings)
{
	char text[CIDR_TEXT_MAX];
	size_t i;

	printf("{%s\"generation\": %" PRIu64 ",", json_break(2), generation);
	if (settings)
		print_settings(&policy->settings);
	printf("%s\"entries\": [", json_break(2));
	for (i = 0; i < policy->count; i++) {
		const struct policy_entry *entry = &policy->entries[i];

		printf("%s%s{\"cidr\": \"%s\", \"action\": \"%s\", \"origin\": \"%s\", "
		       "\"connections\": %" PRIu64 ", \"shadowed\": %s", i ? "," : "",
		       json_break(4), cidr_format(&entry->cidr, text),
		       policy_action_name(entry->action), policy_origin_name(entry->origin), entry->connections,
		       truth(entry->shadowed));
		if (entry->detail)
			print_detail(entry->detail);
		printf("}");
	}
	printf("%s]%s}\n", policy->count ? json_break(2) : "", json_break(0));
}
