// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl add */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "entry_detail.h"
#include "policy_text.h"
#include "strangers.h"

static const char *const keywords[] = {
	"skip", "masquerade", "snat", "for", "origin", "replace", "generation"
};

/**
 * struct addition - what to add
 * @policy: the CIDRs
 * @action: of all of them, 0 before it was read
 * @origin: of all of them
 * @replace: change those that are there already
 * @generation: on which it is based, 0 for any
 * @timeout: milliseconds, 0 for entries that stay
 * @addresses: the pool; owned
 * @address_count: of @addresses
 */
struct addition {
	struct policy policy;
	uint8_t action;
	uint8_t origin;
	bool replace;
	uint64_t generation;
	uint64_t timeout;
	struct cidr *addresses;
	size_t address_count;
};

/* Takes the reason. */
static int misuse_reason(struct arguments *arguments, char *reason)
{
	int wrong = misuse(arguments->invocation, "%s", reason ? reason : "out of memory");

	free(reason);
	return wrong;
}

static int read_pool(struct arguments *arguments, struct addition *addition)
{
	const char *word = NULL;
	char *reason = NULL;
	int wrong;

	wrong = argument_value(arguments, "a list of addresses", &word);
	if (wrong)
		return wrong;
	if (addition->addresses)
		return misuse(arguments->invocation,
			      "\"snat\" is there twice, its addresses stand between commas");
	if (addresses_read(word, &addition->addresses, &addition->address_count, &reason))
		return misuse_reason(arguments, reason);
	return 0;
}

static int read_timeout(struct arguments *arguments, struct addition *addition)
{
	const char *word = NULL;
	char *reason = NULL;
	int wrong;

	wrong = argument_value(arguments, "a duration as in 10m", &word);
	if (wrong)
		return wrong;
	if (addition->timeout)
		return misuse(arguments->invocation, "\"for\" is there twice");
	if (entry_timeout_read(word, &addition->timeout, &reason))
		return misuse_reason(arguments, reason);
	return 0;
}

static int read_cidr(struct arguments *arguments, struct addition *addition, const char *word)
{
	const struct invocation *invocation = arguments->invocation;
	struct policy_entry entry = { 0 };
	int wrong;

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

static int read_word(struct arguments *arguments, struct addition *addition)
{
	const char *word = *arguments->next++;
	int wrong;

	if (word_is(word, "origin"))
		return argument_origin(arguments, &addition->origin);
	if (word_is(word, "generation"))
		return argument_generation(arguments, &addition->generation);
	if (word_is(word, "for"))
		return read_timeout(arguments, addition);
	if (word_is(word, "replace")) {
		addition->replace = true;
		return 0;
	}
	wrong = argument_action(arguments, word, &addition->action);
	if (!wrong && addition->action == IPMASQ_ACTION_SNAT)
		return read_pool(arguments, addition);
	return wrong < 0 ? read_cidr(arguments, addition, word) : wrong;
}

/* What was said of all CIDRs, for each of them. */
static int complete(struct arguments *arguments, struct addition *addition)
{
	struct policy *policy = &addition->policy;
	char *reason;
	size_t i;

	if (!policy->count)
		return misuse(arguments->invocation, "a CIDR is missing");
	for (i = 0; i < policy->count; i++) {
		struct policy_entry *entry = &policy->entries[i];

		entry->action = addition->action ? addition->action : IPMASQ_ACTION_SKIP;
		if (!addition->timeout && !addition->address_count)
			continue;
		if (entry_pool_check(&entry->cidr, addition->addresses, addition->address_count,
				     &reason))
			return misuse_reason(arguments, reason);
		/* policy_clear() frees it. */
		entry->detail = policy_detail_new(addition->timeout, addition->addresses,
						  addition->address_count);
		if (!entry->detail)
			return refuse(arguments->invocation, "out of memory");
	}
	return 0;
}

static int add(const struct invocation *invocation, struct client *client, void *data)
{
	const struct addition *addition = data;
	const struct policy *policy = &addition->policy;
	int error;

	if (addition->origin == IPMASQ_ORIGIN_CONFIG)
		warn_of_daemon(invocation);
	warn_of_strangers(invocation, addition->addresses, addition->address_count);
	error = client_add(client, policy->entries, policy->count, addition->origin,
			   addition->replace, addition->generation);
	if (error == -ENOENT)	/* There is no policy to add to. */
		return refuse_errno(invocation, error,
				    "%s; \"ipmasqctl set enabled on\" makes one",
				    client_error(client));
	if (!error && invocation->json)
		return print_json(json_pack("{s:I}", "added", (json_int_t)policy->count));
	return error;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct addition addition = { .origin = IPMASQ_ORIGIN_STATIC };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &addition);
	if (!result)
		result = complete(&arguments, &addition);
	if (!result)
		result = with_client(invocation, add, &addition);
	policy_clear(&addition.policy);
	free(addition.addresses);
	return result;
}

const struct command command_add = {
	.name = "add",
	.arguments = "CIDR... [skip|masquerade|snat ADDRESS[,ADDRESS...]]\n"
		     "                     [for DURATION] [replace] [origin static|config]\n"
		     "                     [generation N]",
	.summary = "add entries to the table",
	.description =
		"Adds all CIDRs in one step, or none of them.\n"
		"\n"
		"  skip          leave the source address of connections to them alone (the\n"
		"                default)\n"
		"  masquerade    give connections to them the node's address, or one of the\n"
		"                policy's pool, where a shorter prefix says skip\n"
		"  snat ADDRESS  give connections to them one of these addresses. A pod keeps its\n"
		"                address while it is among them; a warning tells of those that no\n"
		"                interface has\n"
		"  for DURATION  only so long, as in 90s, 10m or 1h30m, a year at most: when its\n"
		"                time is over the kernel deletes the entry. \"list\" shows what is\n"
		"                left of it\n"
		"  replace       change an entry that is there already, instead of refusing it:\n"
		"                its action, and its time, which without \"for\" ends no more\n"
		"  origin        whose entries they are: static, yours (the default), or config,\n"
		"                the daemon's, which ipmasqd puts back to what its file says\n"
		"  generation N  only if the policy in force is still number N (\"show\" has it)\n"
		"\n"
		"A connection is decided at its first packet: those that there are go on as they\n"
		"are (\"conns --stale\" lists them).\n"
		"\n"
		"There must be a policy: \"set enabled on\" and \"replace\" make one.\n"
		"An address without a prefix length is one host. The longest prefix that holds\n"
		"a destination decides; for one prefix with two origins static decides.\n"
		"\n"
		"  ipmasqctl add 10.0.0.0/8 192.168.0.0/16\n"
		"  ipmasqctl add 10.9.0.0/16 masquerade\n"
		"  ipmasqctl add 198.51.100.0/24 skip for 10m\n"
		"  ipmasqctl add 203.0.113.0/24 snat 192.0.2.20,192.0.2.21\n",
	.run = run,
};
