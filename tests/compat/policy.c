// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints the kernel policies that configurations ask for, for tests/compat/run.
 *
 * Each line of the standard input is a JSON array of a file and the flags beside it. To
 * each the answer is a line with an object: the policy, or the member "error". One
 * process for all of them, because a process takes ASan and its search for leaks longer
 * than a configuration does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <jansson.h>

#include "config/config.h"
#include "config/flags.h"
#include "policy.h"

static json_t *entries_json(const struct policy *policy, uint8_t family)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < policy->count; i++) {
		const struct policy_entry *entry = &policy->entries[i];
		char text[CIDR_TEXT_MAX];

		if (entry->cidr.family != family || entry->action != IPMASQ_ACTION_SKIP)
			continue;
		cidr_format(&entry->cidr, text);
		json_array_append_new(array, json_string(text));
	}
	return array;
}

static json_t *ports_json(const struct policy_settings *settings)
{
	const struct policy_list *list = &settings->list[SETTING_TO_PORTS];
	const struct port_range *ranges = list->items;
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->count; i++) {
		char *text = port_ranges_format(&ranges[i], 1);

		json_array_append_new(array, json_string(text));
		free(text);
	}
	return array;
}

static json_t *policy_json(const struct policy *policy)
{
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:b}",
			 "ipv4", entries_json(policy, AF_INET),
			 "ipv6", entries_json(policy, AF_INET6),
			 "ports", ports_json(&policy->settings),
			 "enabled", policy->settings.flags & IPMASQ_FLAG_ENABLED,
			 "random_fully",
			 policy->settings.flags & IPMASQ_FLAG_RANDOM_FULLY,
			 "enabled_ipv6", policy->settings.flags & IPMASQ_FLAG_IPV6);
}

/* What is asked with a line's array. */
static json_t *answer(const json_t *words)
{
	struct config_command_line line;
	struct config_problems problems = { 0 };
	struct config config = { 0 };
	struct policy policy = { 0 };
	const char *file = json_string_value(json_array_get(words, 0));
	size_t count = json_array_size(words), i;
	char *error = NULL;
	json_t *object;
	char **flags;
	int result;

	flags = calloc(count, sizeof(*flags));
	if (!file || !flags)
		abort();
	for (i = 1; i < count; i++)
		flags[i - 1] = (char *)json_string_value(json_array_get(words, i));
	config_flags_init(&line);
	result = config_flags_parse(&line, (int)count - 1, flags, NULL, 0, &error);
	if (result >= 0)
		result = config_flags_finish(&line, &error);
	if (!result)
		result = config_read(file, &line.flags, &config, &problems);
	if (!result)
		result = policy_from_config(&config, &policy);
	object = result ? json_pack("{s:s}", "error", error ? error : strerror(-result)) :
			  policy_json(&policy);

	policy_clear(&policy);
	config_clear(&config);
	config_problems_clear(&problems);
	config_flags_clear(&line);
	free(error);
	free(flags);
	return object;
}

int main(void)
{
	json_t *words, *object;
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, stdin) > 0) {
		words = json_loads(text, 0, NULL);
		object = answer(words);
		json_dumpf(object, stdout, 0);
		putchar('\n');
		fflush(stdout);
		json_decref(object);
		json_decref(words);
	}
	free(text);
	return 0;
}
