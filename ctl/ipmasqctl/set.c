// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl set */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "settings.h"
#include "strangers.h"

static const char *const keywords[] = {
	"enabled", "ipv6", "random-fully", "to-ports", "source", "interface", "snat", "generation"
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

/* Addresses cannot be the name of a setting, so they go on with the list; names of
 * interfaces could be one that was mistyped.
 */
static bool goes_on(enum settings_list list, const char *word)
{
	return (list == SETTINGS_SOURCE || list == SETTINGS_SNAT) && looks_like_address(word);
}

/* The words of a list as one, with commas between them. NULL without memory. */
static char *take_words(struct arguments *arguments, enum settings_list list, const char *word)
{
	char *text = strdup(word);
	char *longer;

	while (text && *arguments->next && goes_on(list, *arguments->next)) {
		if (asprintf(&longer, "%s,%s", text, *arguments->next++) < 0)
			longer = NULL;
		free(text);
		text = longer;
	}
	return text;
}

static int read_list(struct arguments *arguments, enum settings_list list,
		     struct policy_settings *settings)
{
	const char *name = settings_list_name(list);
	const char *word = NULL;
	char *reason = NULL;
	char *text;
	int wrong;

	wrong = argument_value(arguments, settings_list_expected(list), &word);
	if (wrong)
		return wrong;
	if (settings_list_named(settings, list))
		return misuse(arguments->invocation, "\"%s\" is there twice", name);
	text = take_words(arguments, list, word);
	if (!text || settings_list_read(settings, list, text, &reason))
		wrong = misuse(arguments->invocation, "%s: %s", name,
			       reason ? reason : "out of memory");
	free(reason);
	free(text);
	return wrong;
}

static int read_setting(struct arguments *arguments, struct policy_settings *settings,
			uint64_t *generation)
{
	const char *word = *arguments->next++;
	uint32_t flag = settings_flag(word, strlen(word));
	int list = settings_list(word, strlen(word));

	if (flag)
		return read_switch(arguments, flag, settings);
	if (list >= 0)
		return read_list(arguments, list, settings);
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
	warn_of_strangers(invocation, settings->snat_addresses, settings->snat_address_count);
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
		     "                     [to-ports RANGES|any] [source CIDR[,CIDR...]|any]\n"
		     "                     [interface PATTERN[,PATTERN...]|any]\n"
		     "                     [snat ADDRESS[,ADDRESS...]|none] [generation N]",
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
		"  source        only connections from these are masqueraded: networks of pods,\n"
		"                so that those which came in from outside keep their client's\n"
		"                address. In a policy with IPv6 name IPv6 sources too\n"
		"  interface     only what leaves through these is masqueraded; * in a pattern\n"
		"                stands for any characters, as in eth*\n"
		"  snat          the addresses to masquerade with, instead of the interface's.\n"
		"                A pod keeps its address while it is on the list. Where none is\n"
		"                of the connection's family it gets the interface's\n"
		"  generation N  only if the policy in force is still number N (\"show\" has it)\n"
		"\n"
		"Lists are words with commas. A warning tells of addresses that no interface has.\n"
		"ipmasqd puts settings back to what its file says while it runs.\n"
		"\n"
		"  ipmasqctl set enabled off\n"
		"  ipmasqctl set ipv6 on to-ports 32768-60999\n"
		"  ipmasqctl set source 10.244.0.0/16 interface eth0,wlan*\n",
	.run = run,
};
