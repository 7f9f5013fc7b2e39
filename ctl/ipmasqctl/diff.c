// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl diff, ipmasqctl apply */
#include "arguments.h"
#include "client.h"
#include "config_policy.h"
#include "difference.h"
#include "transaction.h"

static int show(const struct invocation *invocation, const struct difference *difference)
{
	if (invocation->json)
		return print_json(difference_json(difference));
	difference_print(invocation, difference);
	return EXIT_DONE;
}

/* Only on top of what was compared: another writer's change is not overwritten. */
static int apply(const struct invocation *invocation, struct client *client,
		 const struct difference *difference)
{
	struct policy config = { .settings = difference->wanted.settings };
	uint64_t generation;
	size_t i;
	int error = 0;

	for (i = 0; i < difference->wanted.count && !error; i++) {
		if (difference->wanted.entries[i].origin == IPMASQ_ORIGIN_CONFIG)
			error = policy_append(&config, &difference->wanted.entries[i]);
	}
	if (!error)
		error = replace_entries(client, IPMASQ_ORIGIN_CONFIG, &config,
					difference->generation, &generation);
	/* The lists are those of @difference. */
	config.settings = (struct policy_settings){ 0 };
	policy_clear(&config);
	return error ? refuse_client(invocation, client, error) : EXIT_DONE;
}

static int compare(const struct invocation *invocation, int argc, char **argv, bool change)
{
	struct difference difference = { 0 };
	struct policy config = { 0 };
	struct client *client = NULL;
	int result;

	result = config_policy_argument(invocation, argc, argv, &config);
	if (!result)
		result = connect_module(invocation, &client);
	if (!result)
		result = difference_read(invocation, client, &config, &difference);
	if (!result && change && !difference_none(&difference)) {
		warn_of_daemon(invocation);
		result = apply(invocation, client, &difference);
	}
	if (!result)
		result = show(invocation, &difference);
	difference_clear(&difference);
	policy_clear(&config);
	client_close(client);
	return result;
}

static int run_diff(const struct invocation *invocation, int argc, char **argv)
{
	return compare(invocation, argc, argv, false);
}

static int run_apply(const struct invocation *invocation, int argc, char **argv)
{
	return compare(invocation, argc, argv, true);
}

const struct command command_diff = {
	.name = "diff",
	.arguments = "FILE [FLAG]...",
	.summary = "say what a configuration file would change",
	.description =
		"Compares the policy in force with a configuration file of ipmasqd or\n"
		"ip-masq-agent, read with ipmasqd's flags (\"help check\" has them): a line with -\n"
		"for each entry and setting that would go, with + for each that would come, then\n"
		"how many of the connections that there are would have been decided differently,\n"
		"by which entry and in all. They go on as they are until they end; once FILE is\n"
		"in force \"conns --stale\" lists them. Static entries stay and are taken into\n"
		"account. Nothing is changed; the exit status is 0 with and without differences.\n"
		"FILE may be -, standard input.\n"
		"\n"
		"Conntrack tells what was done with a connection and not who did it. Counted are\n"
		"those which are as the policy in force has them and FILE would have otherwise.\n"
		"Not counted are connections\n"
		"\n"
		"  to this node, and of this node\n"
		"  to services, if they are translated: kube-proxy may have done that\n"
		"  that began before anything here translated, or that a helper announced\n"
		"  that have an address of a pool, though another of it would be chosen now\n"
		"\n"
		"What another program masquerades to the address of the interface, as the policy\n"
		"would have, is taken for the policy's. The interface is the one of the routing\n"
		"table now, without rules that look at marks or at where a packet came from;\n"
		"where there is none, or no policy to ask, a line says how many were left out.\n",
	.run = run_diff,
};

const struct command command_apply = {
	.name = "apply",
	.arguments = "FILE [FLAG]...",
	.summary = "put a configuration file in force",
	.description =
		"Makes settings and config entries those of FILE in one step, unless they are so\n"
		"already, and prints what \"diff\" would have. Static entries stay. It is refused\n"
		"if somebody else changes the policy meanwhile. FILE may be -, standard input.\n"
		"\n"
		"Where ipmasqd is at work it puts its own file back, and a warning says so.\n",
	.run = run_apply,
};
