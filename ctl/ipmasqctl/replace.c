// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl replace */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "client.h"
#include "config/flags.h"
#include "config_policy.h"
#include "entry_file.h"
#include "transaction.h"

static const char *const keywords[] = { "-f", "--config", "origin", "generation" };

struct replacement {
	const char *file;
	const char *config;
	uint8_t origin;
	uint64_t generation;
	struct policy policy;
};

static int read_entries(const struct invocation *invocation, struct replacement *replacement)
{
	const char *name = replacement->file;
	char *reason = NULL;
	int descriptor;
	int result;
	int error;

	result = argument_file(invocation, &name, &descriptor);
	if (result)
		return result;
	error = entry_file_read(descriptor, name, &replacement->policy, &reason);
	if (error)
		result = refuse_errno(invocation, error, "%s", reason ? reason : "out of memory");
	free(reason);
	close(descriptor);
	return result;
}

static int replace(const struct invocation *invocation, struct client *client, void *data)
{
	const struct replacement *replacement = data;
	const struct policy *policy = &replacement->policy;
	uint64_t generation;
	int error;

	if (replacement->origin == IPMASQ_ORIGIN_CONFIG || replacement->config)
		warn_of_daemon(invocation);
	error = replace_entries(client, replacement->origin, policy, replacement->generation,
				&generation);
	if (error || !invocation->json)
		return error;
	return print_json(json_pack("{s:I, s:s, s:I}",
				    "entries", (json_int_t)policy->count,
				    "origin", policy_origin_name(replacement->origin),
				    "generation", (json_int_t)generation));
}

static int read_word(struct arguments *arguments, struct replacement *replacement)
{
	const char *word = *arguments->next++;

	if (word_is(word, "-f"))
		return argument_value(arguments, "a file", &replacement->file);
	if (word_is(word, "--config"))
		return argument_value(arguments, "a file", &replacement->config);
	if (word_is(word, "origin"))
		return argument_origin(arguments, &replacement->origin);
	if (word_is(word, "generation"))
		return argument_generation(arguments, &replacement->generation);
	return argument_unknown(arguments->invocation, word, keywords,
				sizeof(keywords) / sizeof(keywords[0]));
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct config_command_line line;
	struct replacement replacement = { 0 };
	int result = 0;

	(void)argc;
	config_flags_init(&line);
	while (*arguments.next && !result)
		result = read_word(&arguments, &replacement);
	if (result)
		return result;
	if (!replacement.file == !replacement.config)
		return misuse(invocation, "either -f FILE or --config FILE is expected");
	if (!replacement.origin)
		replacement.origin = replacement.config ? IPMASQ_ORIGIN_CONFIG :
							  IPMASQ_ORIGIN_STATIC;

	result = replacement.config ?
		 config_policy_read(invocation, replacement.config, &line.flags,
				    &replacement.policy) :
		 read_entries(invocation, &replacement);
	if (!result) {
		/* In place, so that the client needs no copy of a million entries. */
		policy_sort(&replacement.policy);
		result = with_client(invocation, replace, &replacement);
	}
	policy_clear(&replacement.policy);
	return result;
}

const struct command command_replace = {
	.name = "replace",
	.arguments = "-f FILE|- [origin static|config] [generation N]\n"
		     "       ipmasqctl replace --config FILE [origin static|config] [generation N]",
	.summary = "replace all entries of one origin in one step",
	.description =
		"The table in force stays until the new one is complete, and after any error.\n"
		"Entries of the other origin are left alone.\n"
		"\n"
		"  -f FILE        a line for each entry, \"CIDR [skip|masquerade|snat ADDRESSES]\n"
		"                 [for DURATION]\" as for \"add\"; skip where it is left out, #\n"
		"                 begins a comment, - is standard input. Replaces the static\n"
		"                 entries unless another origin is named. \"list plain\" writes\n"
		"                 such a file\n"
		"  --config FILE  a configuration file of ipmasqd or ip-masq-agent, with its\n"
		"                 settings. Replaces the config entries unless another origin is\n"
		"                 named. Where ipmasqd runs, it puts its own file back\n"
		"  generation N   only if the policy in force is still number N (\"show\" has it)\n"
		"\n"
		"  ipmasqctl replace -f saved\n"
		"  ipmasqctl replace --config /etc/config/ip-masq-agent\n",
	.run = run,
};
