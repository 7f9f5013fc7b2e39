// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl show */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "policy_json.h"

static json_t *flag_json(const struct client_status *status, uint32_t flag)
{
	return json_boolean(status->settings.flags & flag);
}

static int show_json(const struct client_status *status,
		     const struct client_statistics *statistics)
{
	json_t *entries = json_pack("{s:I, s:I, s:I}",
				    "config", (json_int_t)status->entries_config,
				    "static", (json_int_t)status->entries_static,
				    "max", (json_int_t)status->max_entries);

	return print_json(json_pack("{s:b, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:i, s:s, s:s, s:o}",
				    "policy", status->generation != 0,
				    "generation", (json_int_t)status->generation,
				    "enabled", flag_json(status, IPMASQ_FLAG_ENABLED),
				    "ipv6", flag_json(status, IPMASQ_FLAG_IPV6),
				    "random_fully", flag_json(status, IPMASQ_FLAG_RANDOM_FULLY),
				    "port_ranges",
				    port_ranges_json(status->settings.port_ranges,
						     status->settings.port_range_count),
				    "entries", entries,
				    "memory_bytes", (json_int_t)status->memory,
				    "hook_priority", status->priority,
				    "module_version", status->module_version,
				    "tool_version", IPMASQ_VERSION,
				    "connections", connections_json(statistics)));
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
	printf("memory        %.1f %s\n", amount, units[unit]);
}

static void print_connections(const struct client_statistics *statistics)
{
	const char *separator = "";
	int verdict;

	printf("connections   ");
	for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++) {
		uint64_t count = statistics->connections[0][verdict] +
				 statistics->connections[1][verdict];

		if (!count)
			continue;
		printf("%s%" PRIu64 " %s", separator, count, policy_verdict_name(verdict));
		separator = ", ";
	}
	puts(*separator ? "" : "none yet");
}

static void print_version(const struct client_status *status)
{
	if (strcmp(status->module_version, IPMASQ_VERSION) == 0)
		printf("module        %s\n", status->module_version);
	else
		printf("module        %s, but this tool is %s: load or install the other one\n",
		       status->module_version, IPMASQ_VERSION);
}

static int show_text(const struct invocation *invocation, const struct client_status *status,
		     const struct client_statistics *statistics)
{
	uint32_t flags = status->settings.flags;
	bool enabled = flags & IPMASQ_FLAG_ENABLED;
	char *ports;

	if (!status->generation) {
		puts("no policy in this network namespace");
		print_version(status);
		return EXIT_DONE;
	}
	ports = port_ranges_format(status->settings.port_ranges,
				   status->settings.port_range_count);
	if (!ports)
		return refuse(invocation, "out of memory");

	printf("policy        %s%s%s, generation %" PRIu64 "\n",
	       invocation->colour ? (enabled ? "\033[32m" : "\033[31m") : "",
	       enabled ? "enabled" : "disabled", invocation->colour ? "\033[0m" : "",
	       status->generation);
	printf("IPv6          %s\n", flags & IPMASQ_FLAG_IPV6 ? "on" : "off");
	printf("random-fully  %s\n", flags & IPMASQ_FLAG_RANDOM_FULLY ? "on" : "off");
	printf("to-ports      %s\n", *ports ? ports : "any");
	printf("entries       %" PRIu32 " config, %" PRIu32 " static, at most %" PRIu32 "\n",
	       status->entries_config, status->entries_static, status->max_entries);
	print_memory(status->memory);
	printf("hook          postrouting, priority %" PRId32 "\n", status->priority);
	print_version(status);
	print_connections(statistics);
	free(ports);
	return EXIT_DONE;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct client_statistics statistics;
	struct client_status status;
	struct client *client;
	int result;
	int error;

	result = no_arguments(invocation, argc, argv);
	if (!result)
		result = connect_module(invocation, &client);
	if (result)
		return result;

	error = client_policy_get(client, &status);
	if (!error)
		error = client_statistics(client, &statistics);
	if (error)
		result = refuse_client(invocation, client, error);
	else if (invocation->json)
		result = show_json(&status, &statistics);
	else
		result = show_text(invocation, &status, &statistics);
	client_status_clear(&status);
	client_close(client);
	return result;
}

const struct command command_show = {
	.name = "show",
	.arguments = "",
	.summary = "show the policy at a glance",
	.description =
		"Settings, number of entries by origin, memory, the hook's priority, versions\n"
		"and how many connections got which verdict (\"help stats\" explains them).\n"
		"Where no policy is in force it says so; nothing is masqueraded then, and the\n"
		"exit status is 0.\n",
	.run = run,
};
