// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints the kernel policy that a configuration asks for, for tests/compat/run.
 *
 * usage: policy FILE [FLAG]...
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <jansson.h>

#include "config.h"
#include "config_flags.h"
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
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < settings->port_range_count; i++) {
		char *text = port_ranges_format(&settings->port_ranges[i], 1);

		json_array_append_new(array, json_string(text));
		free(text);
	}
	return array;
}

static void print_policy(const struct policy *policy)
{
	json_t *object = json_pack("{s:o, s:o, s:o, s:b, s:b, s:b}",
				   "ipv4", entries_json(policy, AF_INET),
				   "ipv6", entries_json(policy, AF_INET6),
				   "ports", ports_json(&policy->settings),
				   "enabled", policy->settings.flags & IPMASQ_FLAG_ENABLED,
				   "random_fully",
				   policy->settings.flags & IPMASQ_FLAG_RANDOM_FULLY,
				   "enabled_ipv6", policy->settings.flags & IPMASQ_FLAG_IPV6);

	json_dumpf(object, stdout, 0);
	putchar('\n');
	json_decref(object);
}

int main(int argc, char **argv)
{
	struct config_command_line line;
	struct config_problems problems = { 0 };
	struct config config = { 0 };
	struct policy policy = { 0 };
	char *error = NULL;
	int result;

	if (argc < 2)
		return 2;
	config_flags_init(&line);
	result = config_flags_parse(&line, argc - 2, argv + 2, NULL, 0, &error);
	if (result >= 0)
		result = config_flags_finish(&line, &error);
	if (!result)
		result = config_read(argv[1], &line.flags, &config, &problems);
	if (!result)
		result = policy_from_config(&config, &policy);
	if (result)
		fprintf(stderr, "%s: %s\n", argv[1], error ? error : strerror(-result));
	else
		print_policy(&policy);

	policy_clear(&policy);
	config_clear(&config);
	config_problems_clear(&problems);
	config_flags_clear(&line);
	free(error);
	return result ? 1 : 0;
}
