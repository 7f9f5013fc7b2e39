// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl add */
#include <errno.h>

#include "arguments.h"
#include "client.h"

static const char *const keywords[] = {
	"skip", "masquerade", "origin", "replace", "generation"
};

struct addition {
	struct policy policy;
	uint8_t action;
	uint8_t origin;
	bool replace;
	uint64_t generation;
};

static int read_word(struct arguments *arguments, struct addition *addition)
{
	const struct invocation *invocation = arguments->invocation;
	const char *word = *arguments->next++;
	struct policy_entry entry = { 0 };
	int wrong;

	if (word_is(word, "origin"))
		return argument_origin(arguments, &addition->origin);
	if (word_is(word, "generation"))
		return argument_generation(arguments, &addition->generation);
	if (word_is(word, "replace")) {
		addition->replace = true;
		return 0;
	}
	wrong = argument_action(arguments, word, &addition->action);
	if (wrong >= 0)
		return wrong;
	if (!looks_like_address(word))
		return argument_unknown(invocation, word, keywords,
					sizeof(keywords) / sizeof(keywords[0]));

	wrong = argument_cidr(invocation, word, &entry.cidr);
	if (wrong)
		return wrong;
	if (policy_append(&addition->policy, &entry))
		return refuse(invocation, "out of memory");
	return 0;
}

static int add(const struct invocation *invocation, struct addition *addition)
{
	struct policy *policy = &addition->policy;
	struct client *client;
	int result;
	int error;
	size_t i;

	for (i = 0; i < policy->count; i++)
		policy->entries[i].action = addition->action;

	result = connect_module(invocation, &client);
	if (result)
		return result;
	if (addition->origin == IPMASQ_ORIGIN_CONFIG)
		warn_of_daemon(invocation);
	error = client_add(client, policy->entries, policy->count, addition->origin,
			   addition->replace, addition->generation);
	if (error == -ENOENT)	/* There is no policy to add to. */
		result = refuse_errno(invocation, error,
				      "%s; \"ipmasqctl set enabled on\" makes one",
				      client_error(client));
	else if (error)
		result = refuse_client(invocation, client, error);
	else if (invocation->json)
		result = print_json(json_pack("{s:I}", "added", (json_int_t)policy->count));
	client_close(client);
	return result;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct addition addition = { .origin = IPMASQ_ORIGIN_STATIC };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &addition);
	if (!result && !addition.policy.count)
		result = misuse(invocation, "a CIDR is missing");
	if (!addition.action)
		addition.action = IPMASQ_ACTION_SKIP;
	if (!result)
		result = add(invocation, &addition);
	policy_clear(&addition.policy);
	return result;
}

const struct command command_add = {
	.name = "add",
	.arguments = "CIDR... [skip|masquerade] [replace] [origin static|config]\n"
		     "                     [generation N]",
	.summary = "add entries to the table",
	.description =
		"Adds all CIDRs in one step, or none of them.\n"
		"\n"
		"  skip          leave the source address of connections to them alone (the\n"
		"                default)\n"
		"  masquerade    give connections to them the node's address, where a shorter\n"
		"                prefix says skip\n"
		"  replace       change the action of an entry that is there already, instead\n"
		"                of refusing it\n"
		"  origin        whose entries they are: static, yours (the default), or config,\n"
		"                the daemon's, which ipmasqd puts back to what its file says\n"
		"  generation N  only if the policy in force is still number N (\"show\" has it)\n"
		"\n"
		"There must be a policy: \"set enabled on\" and \"replace\" make one.\n"
		"An address without a prefix length is one host. The longest prefix that holds\n"
		"a destination decides; for one prefix with two origins static decides.\n"
		"\n"
		"  ipmasqctl add 10.0.0.0/8 192.168.0.0/16\n"
		"  ipmasqctl add 10.9.0.0/16 masquerade\n",
	.run = run,
};
