// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl stats */
#include <inttypes.h>
#include <stdio.h>

#include "arguments.h"
#include "client.h"
#include "policy_json.h"

static void print_table(const struct invocation *invocation,
			const struct client_statistics *statistics)
{
	int verdict;

	print_header(invocation, "%-10s  %14s  %14s\n", "VERDICT", "IPv4", "IPv6");
	for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++)
		printf("%-10s  %14" PRIu64 "  %14" PRIu64 "\n", policy_verdict_name(verdict),
		       statistics->connections[0][verdict], statistics->connections[1][verdict]);
}

static int stats(const struct invocation *invocation, struct client *client, void *data)
{
	struct client_statistics statistics;
	int error = client_statistics(client, &statistics);

	(void)data;
	if (error)
		return error;
	if (invocation->json)
		return print_json(json_pack("{s:I, s:o}", "generation",
					    (json_int_t)statistics.generation, "connections",
					    connections_json(&statistics)));
	print_table(invocation, &statistics);
	return EXIT_DONE;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	int result = no_arguments(invocation, argc, argv);

	return result ? result : with_client(invocation, stats, NULL);
}

const struct command command_stats = {
	.name = "stats",
	.arguments = "",
	.summary = "count the connections by verdict",
	.description =
		"New connections decided in this network namespace since its first policy.\n"
		"The first verdict that applies is the one that counts:\n"
		"\n"
		"  disabled    the policy is switched off\n"
		"  source      there is a list of sources and the source is not on it; or the\n"
		"              source is 0.0.0.0; or a pool would be used, and the source is the\n"
		"              node's own or link-local\n"
		"  interface   there is a list of interfaces and the output is not on it\n"
		"  cidr        the longest prefix for the destination says skip\n"
		"  local       the destination is this node\n"
		"  masquerade  the source became the node's address\n"
		"  snat        the source became an address of a pool\n"
		"  failed      the kernel could not translate: the interface had no address,\n"
		"              or none of the to-ports was free. Without to-ports a lack of\n"
		"              ports is seen by \"ports\" only\n",
	.run = run,
};
