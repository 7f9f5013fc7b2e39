// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl del */
#include "arguments.h"
#include "client.h"

static const char *const keywords[] = { "origin", "generation" };

struct deletion {
	struct policy policy;
	uint8_t origin;
	uint64_t generation;
};

static int read_word(struct arguments *arguments, struct deletion *deletion)
{
	const struct invocation *invocation = arguments->invocation;
	const char *word = *arguments->next++;
	struct policy_entry entry = { 0 };
	int wrong;

	if (word_is(word, "origin"))
		return argument_origin(arguments, &deletion->origin);
	if (word_is(word, "generation"))
		return argument_generation(arguments, &deletion->generation);
	if (!looks_like_address(word))
		return argument_unknown(invocation, word, keywords,
					sizeof(keywords) / sizeof(keywords[0]));

	wrong = argument_cidr(invocation, word, &entry.cidr);
	if (wrong)
		return wrong;
	if (policy_append(&deletion->policy, &entry))
		return refuse(invocation, "out of memory");
	return 0;
}

static int delete(const struct invocation *invocation, struct client *client, void *data)
{
	const struct deletion *deletion = data;
	const struct policy *policy = &deletion->policy;
	int error;

	if (deletion->origin == IPMASQ_ORIGIN_CONFIG)
		warn_of_daemon(invocation);
	error = client_delete(client, policy->entries, policy->count, deletion->origin,
			      deletion->generation);
	if (!error && invocation->json)
		return print_json(json_pack("{s:I}", "deleted", (json_int_t)policy->count));
	return error;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct deletion deletion = { .origin = IPMASQ_ORIGIN_STATIC };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &deletion);
	if (!result && !deletion.policy.count)
		result = misuse(invocation, "a CIDR is missing");
	if (!result)
		result = with_client(invocation, delete, &deletion);
	policy_clear(&deletion.policy);
	return result;
}

const struct command command_del = {
	.name = "del",
	.arguments = "CIDR... [origin static|config] [generation N]",
	.summary = "delete entries from the table",
	.description =
		"Deletes all CIDRs in one step, or none of them. Each must be there with\n"
		"exactly that prefix length.\n"
		"\n"
		"  origin        delete static entries, yours (the default), or those of the\n"
		"                daemon's config, which ipmasqd puts back while it runs\n"
		"  generation N  only if the policy in force is still number N (\"show\" has it)\n"
		"\n"
		"  ipmasqctl del 192.168.0.0/16\n",
	.run = run,
};
