// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl set */
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "ports.h"
#include "settings.h"
#include "text.h"

static const char *const keywords[] = {
	"enabled", "ipv6", "random-fully", "to-ports", "generation"
};

static int read_switch(struct arguments *arguments, uint32_t flag,
		       struct policy_settings *settings)
{
	const char *name = arguments->next[-1];
	const char *word = NULL;
	int wrong;

	wrong = argument_value(arguments, "on or off", &word);
	if (wrong)
		return wrong;
	if (settings->flags_named & flag)
		return misuse(arguments->invocation, "\"%s\" is there twice", name);
	if (word_is(word, "on"))
		settings->flags |= flag;
	else if (!word_is(word, "off"))
		return misuse(arguments->invocation, "on or off is expected after \"%s\"", name);
	settings->flags_named |= flag;
	return 0;
}

static int read_ports(struct arguments *arguments, struct policy_settings *settings)
{
	const char *word = NULL;
	char *reason = NULL;
	int wrong;

	wrong = argument_value(arguments, "a list of port ranges or any", &word);
	if (wrong)
		return wrong;
	if (settings->port_ranges_named)
		return misuse(arguments->invocation, "\"to-ports\" is there twice");
	settings->port_ranges_named = true;
	if (word_is(word, "any"))
		return 0;
	if (!port_ranges_parse(word, &settings->port_ranges, &settings->port_range_count,
			       &reason))
		return 0;
	wrong = misuse(arguments->invocation, "to-ports: %s", reason ? reason : "out of memory");
	free(reason);
	return wrong;
}

static int read_setting(struct arguments *arguments, struct policy_settings *settings,
			uint64_t *generation)
{
	const char *word = *arguments->next++;
	uint32_t flag = settings_flag(word, strlen(word));

	if (flag)
		return read_switch(arguments, flag, settings);
	if (word_is(word, "to-ports"))
		return read_ports(arguments, settings);
	if (word_is(word, "generation"))
		return argument_generation(arguments, generation);
	return argument_unknown(arguments->invocation, word, keywords,
				sizeof(keywords) / sizeof(keywords[0]));
}

static int set(const struct invocation *invocation, const struct policy_settings *settings,
	       uint64_t generation)
{
	struct client *client;
	int result;
	int error;

	result = connect_module(invocation, &client);
	if (result)
		return result;
	warn_of_daemon(invocation);
	error = client_policy_set(client, settings, generation);
	if (error)
		result = refuse_client(invocation, client, error);
	else if (invocation->json)
		result = print_json(json_pack("{s:b}", "changed", 1));
	client_close(client);
	return result;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct policy_settings settings = { 0 };
	uint64_t generation = 0;
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_setting(&arguments, &settings, &generation);
	if (!result && !policy_settings_named(&settings))
		result = misuse(invocation, "a setting is missing");
	if (!result)
		result = set(invocation, &settings, generation);
	policy_settings_clear(&settings);
	return result;
}

const struct command command_set = {
	.name = "set",
	.arguments = "[enabled on|off] [ipv6 on|off] [random-fully on|off]\n"
		     "                     [to-ports RANGES|any] [generation N]",
	.summary = "change settings of the policy",
	.description =
		"Changes the settings that are named in one step and leaves the others alone.\n"
		"Where this network namespace has no policy it gets one with an empty table,\n"
		"which masquerades every connection that is not to this node.\n"
		"\n"
		"  enabled       off: the table stays, no new connection is masqueraded\n"
		"  ipv6          on: IPv6 connections are masqueraded too\n"
		"  random-fully  on: source ports are picked at random, which avoids clashes\n"
		"                between connections that start at the same time\n"
		"  to-ports      source ports of masqueraded TCP, UDP and SCTP connections, as in\n"
		"                1024-29999,32768-65535; any takes the restriction away\n"
		"  generation N  only if the policy in force is still number N (\"show\" has it)\n"
		"\n"
		"ipmasqd puts settings back to what its file says while it runs.\n"
		"\n"
		"  ipmasqctl set enabled off\n"
		"  ipmasqctl set ipv6 on to-ports 32768-60999\n",
	.run = run,
};
