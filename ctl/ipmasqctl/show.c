// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl show */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "policy_json.h"
#include "policy_text.h"

static int show_json(const struct client_status *status,
		     const struct client_statistics *statistics)
{
	json_t *entries = json_pack("{s:I, s:I, s:I}",
				    "config", (json_int_t)status->entries_config,
				    "static", (json_int_t)status->entries_static,
				    "max", (json_int_t)status->max_entries);
	json_t *policy = json_pack("{s:b, s:I}", "policy", status->generation != 0,
				   "generation", (json_int_t)status->generation);
	json_t *settings = settings_json(&status->settings);
	json_t *rest = json_pack("{s:o, s:I, s:I, s:i, s:s, s:s, s:o}",
				 "entries", entries,
				 "draining", (json_int_t)status->draining,
				 "memory_bytes", (json_int_t)status->memory,
				 "hook_priority", status->priority,
				 "module_version", status->module_version,
				 "tool_version", IPMASQ_VERSION,
				 "connections", connections_json(statistics));

	if (!settings || !rest || json_object_update(policy, settings) ||
	    json_object_update(policy, rest)) {
		json_decref(policy);
		policy = NULL;
	}
	json_decref(settings);
	json_decref(rest);
	return print_json(policy);
}

static void print_memory(uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB" };
	double amount = bytes / 1024.0;
	size_t unit = 0;

	while (amount >= 1024 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		amount /= 1024;
		unit++;
	}
	printf("memory             %.1f %s\n", amount, units[unit]);
}

static int print_connections(const struct invocation *invocation,
			     const struct client_statistics *statistics)
{
	const char *separator = "";
	char *text = NULL;
	FILE *counts;
	size_t size;
	int verdict;

	counts = open_memstream(&text, &size);
	if (!counts)
		return refuse(invocation, "out of memory");
	for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++) {
		uint64_t count = statistics->connections[0][verdict] +
				 statistics->connections[1][verdict];

		if (!count)
			continue;
		fprintf(counts, "%s%" PRIu64 " %s", separator, count,
			policy_verdict_name(verdict));
		separator = ", ";
	}
	if (fclose(counts)) {
		free(text);
		return refuse(invocation, "out of memory");
	}
	print_filled(printf("connections        "), *text ? text : "none yet");
	putchar('\n');
	free(text);
	return EXIT_DONE;
}

static void print_version(const struct client_status *status)
{
	if (strcmp(status->module_version, IPMASQ_VERSION) == 0)
		printf("module             %s\n", status->module_version);
	else
		printf("module             %s, but this tool is %s: load or install the other\n",
		       status->module_version, IPMASQ_VERSION);
}

/* Only IPv6 drains where there is a policy, so the line is below the one about IPv6. */
static void print_draining(const struct client_status *status)
{
	if (status->draining)
		printf("%*sdraining, %" PRIu64 " connection%s\n",
		       status->generation ? 19 : 0, "", status->draining,
		       status->draining == 1 ? "" : "s");
}

/* Items of a list fill their lines, below each other. */
static int print_setting(const struct invocation *invocation,
			 const struct policy_settings *settings, enum setting setting)
{
	char *text = policy_setting_text(settings, setting);
	char word[SETTING_WORD_MAX];

	if (!text)
		return refuse(invocation, "out of memory");
	print_filled(printf("%-19s", setting_word(setting, word)), text);
	putchar('\n');
	free(text);
	return EXIT_DONE;
}

static int show_text(const struct invocation *invocation, const struct client_status *status,
		     const struct client_statistics *statistics)
{
	bool enabled = status->settings.flags & IPMASQ_FLAG_ENABLED;
	int i;

	if (!status->generation) {
		puts("no policy in this network namespace");
		print_draining(status);
		print_version(status);
		return EXIT_DONE;
	}
	printf("policy             %s%s%s, generation %" PRIu64 "\n",
	       invocation->colour ? (enabled ? "\033[32m" : "\033[31m") : "",
	       enabled ? "enabled" : "disabled", invocation->colour ? "\033[0m" : "",
	       status->generation);
	for (i = 0; i < SETTING_COUNT; i++) {
		/* The first line says it. */
		if (i == SETTING_ENABLED || !setting_is_policy((enum setting)i))
			continue;
		if (print_setting(invocation, &status->settings, (enum setting)i))
			return EXIT_REFUSED;
		if (i == SETTING_ENABLE_IPV6)
			print_draining(status);
	}
	printf("entries            %" PRIu32 " config, %" PRIu32 " static, at most %" PRIu32 "\n",
	       status->entries_config, status->entries_static, status->max_entries);
	print_memory(status->memory);
	printf("hook               postrouting, priority %" PRId32 "\n", status->priority);
	print_version(status);
	return print_connections(invocation, statistics);
}

static int show(const struct invocation *invocation, struct client *client, void *data)
{
	struct client_statistics statistics;
	struct client_status status;
	int result = client_policy_get(client, &status);

	(void)data;
	if (!result)
		result = client_statistics(client, &statistics);
	if (!result)
		result = invocation->json ? show_json(&status, &statistics) :
					    show_text(invocation, &status, &statistics);
	client_status_clear(&status);
	return result;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	int result = no_arguments(invocation, argc, argv);

	return result ? result : with_client(invocation, show, NULL);
}

const struct command command_show = {
	.name = "show",
	.arguments = "",
	.summary = "show the policy at a glance",
	.description =
		"Settings, number of entries by origin, memory, the hook's priority, versions\n"
		"and how many connections got which verdict (\"help stats\" explains them).\n"
		"Where no policy is in force it says so; no new connection is masqueraded then,\n"
		"and the exit status is 0. \"draining\" tells how many connections still need the\n"
		"module after the policy was removed or IPv6 was switched off.\n",
	.run = run,
};
