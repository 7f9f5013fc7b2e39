// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a configuration would change: entry by entry, and how many of the
 * connections that there are would have been decided differently.
 */
#include "difference.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conntrack.h"
#include "entry_detail.h"
#include "policy_json.h"
#include "policy_text.h"

/* The entries of one origin. */
static int copy_entries(const struct policy *from, uint8_t origin, struct policy *to)
{
	size_t i;

	for (i = 0; i < from->count; i++) {
		if (from->entries[i].origin == origin && policy_append(to, &from->entries[i]))
			return -ENOMEM;
	}
	return 0;
}

static void take_change(const struct policy_entry *wanted, const struct policy_entry *present,
			void *data)
{
	struct affected *affected = data;

	affected->changes[affected->change_count++] = (struct change) {
		.present = present,
		.wanted = wanted,
	};
}

/* The static entries are the same on both sides. */
static int compare_tables(struct difference *difference)
{
	struct affected *affected = &difference->affected;
	size_t count;

	affected->present = &difference->present;
	affected->wanted = &difference->wanted;
	affected->generation = difference->generation;
	count = policy_compare(&difference->wanted, &difference->present, NULL, NULL);
	affected->changes = calloc(count + 1, sizeof(*affected->changes));
	if (!affected->changes)
		return -ENOMEM;
	policy_compare(&difference->wanted, &difference->present, take_change, affected);
	return 0;
}

/**
 * difference_read() - compare the policy in force with a configuration
 * @invocation: how the program was called
 * @client: an open client
 * @config: from policy_from_config(); taken over and empty afterwards
 * @difference: filled; difference_clear() frees it in every case
 *
 * Return: 0, or the exit code after an error was printed.
 */
int difference_read(const struct invocation *invocation, struct client *client,
		    struct policy *config, struct difference *difference)
{
	int error;

	memset(difference, 0, sizeof(*difference));
	difference->wanted = *config;
	memset(config, 0, sizeof(*config));
	error = client_policy_read(client, &difference->present, &difference->generation);
	if (error)
		return refuse_client(invocation, client, error);
	/* Without a policy nothing is translated, as with one that is disabled. */
	if (!difference->generation)
		difference->present.settings.flags &= ~IPMASQ_FLAG_ENABLED;
	difference->settings = !difference->generation ||
			       !policy_settings_equal(&difference->wanted.settings,
						      &difference->present.settings);
	error = copy_entries(&difference->present, IPMASQ_ORIGIN_STATIC, &difference->wanted);
	if (!error) {
		policy_sort(&difference->wanted);
		error = compare_tables(difference);
	}
	if (error)
		return refuse(invocation, "out of memory");

	error = affected_count(client, &difference->affected);
	if (error)
		warn(invocation, "the connections cannot be counted: %s",
		     conntrack_strerror(error));
	difference->counted = !error;
	return 0;
}

/**
 * difference_none() - whether the configuration is in force already
 * @difference: from difference_read()
 */
bool difference_none(const struct difference *difference)
{
	return !difference->affected.change_count && !difference->settings;
}

/* How a line begins, and ends. */
static const char *begin_line(const struct invocation *invocation, char mark)
{
	if (invocation->colour)
		fputs(mark == '+' ? "\033[32m" : "\033[31m", stdout);
	printf("%c ", mark);
	return invocation->colour ? "\033[0m" : "";
}

/* What follows an entry's action, with a blank before it. NULL without memory. */
static char *entry_rest(const struct policy_detail *detail, size_t connections)
{
	char left[DURATION_TEXT_MAX];
	char *addresses = NULL;
	char *text = NULL;
	size_t size;
	FILE *rest;

	if (detail && detail->address_count) {
		addresses = addresses_text(detail->addresses, detail->address_count);
		if (!addresses)
			return NULL;
	}
	rest = open_memstream(&text, &size);
	if (rest) {
		if (addresses)
			fprintf(rest, " %s", addresses);
		if (detail && detail->timeout)
			fprintf(rest, " for %s", entry_time_left(detail->timeout, left));
		if (connections)
			fprintf(rest, " (%zu connection%s)", connections,
				connections == 1 ? "" : "s");
		if (fclose(rest)) {
			free(text);
			text = NULL;
		}
	}
	free(addresses);
	return text;
}

static void print_entry(const struct invocation *invocation, char mark,
			const struct policy_entry *entry, size_t connections)
{
	const char *ending = begin_line(invocation, mark);
	char *rest = entry_rest(entry->detail, connections);
	char text[CIDR_TEXT_MAX];
	int column;

	column = printf("%s %s", cidr_format(&entry->cidr, text),
			policy_action_name(entry->action)) + 2;
	/* Without memory the line ends here. */
	if (rest && *rest) {
		putchar(' ');
		print_filled(column + 1, rest + 1);
	}
	printf("%s\n", ending);
	free(rest);
}

/* The number stands where the entry that decides is. */
static void print_change(const struct invocation *invocation, const struct change *change)
{
	if (change->present)
		print_entry(invocation, '-', change->present,
			    change->wanted ? 0 : change->connections);
	if (change->wanted)
		print_entry(invocation, '+', change->wanted, change->connections);
}

static void print_setting(const struct invocation *invocation, char mark,
			  const struct policy_settings *settings, enum setting setting)
{
	char name[SETTING_WORD_MAX];
	char *value = policy_setting_text(settings, setting);
	const char *ending;

	if (!value)
		return;
	ending = begin_line(invocation, mark);
	print_filled(printf("set %s ", setting_word(setting, name)) + 2, value);
	printf("%s\n", ending);
	free(value);
}

static void print_settings(const struct invocation *invocation,
			   const struct difference *difference)
{
	const struct policy_settings *present = &difference->present.settings;
	const struct policy_settings *wanted = &difference->wanted.settings;
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const enum setting setting = (enum setting)i;

		if (!setting_is_policy(setting) ||
		    (difference->generation && policy_setting_equal(wanted, present, setting)))
			continue;
		if (difference->generation)
			print_setting(invocation, '-', present, setting);
		print_setting(invocation, '+', wanted, setting);
	}
}

static void print_connections(const struct affected *affected)
{
	printf("%zu of %zu connections would have been decided differently\n",
	       affected->differently, affected->connections);
	if (affected->by_settings && affected->by_settings < affected->differently)
		printf("%zu of these for the settings and not for a prefix\n",
		       affected->by_settings);
	if (affected->unknown)
		printf("%zu more may: it depends on the interface, which cannot be known\n",
		       affected->unknown);
}

/**
 * difference_print() - print a difference for people
 * @invocation: how the program was called
 * @difference: from difference_read()
 *
 * A line with - for what goes and one with + for what comes.
 */
void difference_print(const struct invocation *invocation, const struct difference *difference)
{
	size_t i;

	if (difference_none(difference)) {
		puts("no difference");
		return;
	}
	if (difference->settings)
		print_settings(invocation, difference);
	for (i = 0; i < difference->affected.change_count; i++)
		print_change(invocation, &difference->affected.changes[i]);
	if (difference->counted)
		print_connections(&difference->affected);
}

static json_t *change_json(const struct change *change, bool counted)
{
	const struct policy_entry *present = change->present;
	const struct policy_entry *wanted = change->wanted;
	char text[CIDR_TEXT_MAX];
	json_t *object;

	object = json_pack("{s:s, s:s?, s:s?}",
			   "cidr", cidr_format(wanted ? &wanted->cidr : &present->cidr, text),
			   "present", present ? policy_action_name(present->action) : NULL,
			   "wanted", wanted ? policy_action_name(wanted->action) : NULL);
	if (present)
		detail_json(object, "present_", present->detail);
	if (wanted)
		detail_json(object, "wanted_", wanted->detail);
	if (counted)
		json_object_set_new(object, "decided_differently",
				    json_integer((json_int_t)change->connections));
	return object;
}

/**
 * difference_json() - a difference as JSON
 * @difference: from difference_read()
 *
 * Return: a new object, NULL without memory.
 */
json_t *difference_json(const struct difference *difference)
{
	const struct affected *affected = &difference->affected;
	json_t *entries = json_array();
	json_t *object;
	size_t i;

	for (i = 0; i < affected->change_count; i++)
		json_array_append_new(entries, change_json(&affected->changes[i],
							   difference->counted));
	object = json_pack("{s:b, s:I, s:o}", "different", (int)!difference_none(difference),
			   "generation", (json_int_t)difference->generation, "entries", entries);
	if (difference->settings && difference->generation)
		json_object_set_new(object, "settings_present",
				    settings_json(&difference->present.settings));
	if (difference->settings)
		json_object_set_new(object, "settings_wanted",
				    settings_json(&difference->wanted.settings));
	if (!difference->counted)
		return object;
	json_object_set_new(object, "connections", json_integer((json_int_t)affected->connections));
	json_object_set_new(object, "decided_differently",
			    json_integer((json_int_t)affected->differently));
	json_object_set_new(object, "decided_differently_by_settings",
			    json_integer((json_int_t)affected->by_settings));
	json_object_set_new(object, "interface_unknown",
			    json_integer((json_int_t)affected->unknown));
	return object;
}

/**
 * difference_clear() - free what difference_read() allocated
 * @difference: is empty afterwards
 */
void difference_clear(struct difference *difference)
{
	free(difference->affected.changes);
	policy_clear(&difference->present);
	policy_clear(&difference->wanted);
	memset(difference, 0, sizeof(*difference));
}
