// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl restore */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "client.h"
#include "saved_policy.h"
#include "transaction.h"

static const char *const keywords[] = { "-f", "origin", "generation" };

struct restoration {
	const char *file;
	uint8_t origin;
	uint64_t generation;
	bool exists;
	struct policy policy;
};

static int read_saved(const struct invocation *invocation, struct restoration *restoration)
{
	const char *name = restoration->file;
	char *reason = NULL;
	int descriptor;
	int result;
	int error;

	result = argument_file(invocation, &name, &descriptor);
	if (result)
		return result;
	error = saved_policy_read(descriptor, name, &restoration->policy, &restoration->exists,
				  &reason);
	if (error)
		result = refuse_errno(invocation, error, "%s", reason ? reason : "out of memory");
	free(reason);
	close(descriptor);
	return result;
}

/* Takes the first step back after the second failed. */
static int take_back(struct client *client, const struct policy *before, uint64_t generation,
		     uint64_t made)
{
	if (!generation)
		return client_policy_delete(client, made, false);
	return replace_origin(client, before, IPMASQ_ORIGIN_CONFIG, true, &made);
}

/* A transaction is about one origin, so the whole takes two: each on top of what the
 * one before made, so that nobody else's change comes in between.
 */
static int restore_whole(const struct invocation *invocation, struct client *client,
			 const struct restoration *restoration, uint64_t *generation)
{
	const struct policy *saved = &restoration->policy;
	struct policy before;
	uint64_t present;
	int result = 0;
	int error;

	error = client_policy_read(client, &before, &present);
	if (!error) {
		*generation = restoration->generation ? restoration->generation : present;
		error = replace_origin(client, saved, IPMASQ_ORIGIN_CONFIG, true, generation);
	}
	if (error) {
		result = refuse_client(invocation, client, error);
		goto clear;
	}
	error = replace_origin(client, saved, IPMASQ_ORIGIN_STATIC, false, generation);
	if (error) {
		result = refuse_client(invocation, client, error);
		if (take_back(client, &before, present, *generation))
			warn(invocation,
			     "the settings and the config entries are restored, the static ones are not, and the first step cannot be taken back: %s",
			     client_error(client));
	}
clear:
	policy_clear(&before);
	return result;
}

static int remove_policy(struct client *client, const struct restoration *restoration)
{
	struct client_status status;
	bool present;
	int error;

	error = client_policy_get(client, &status);
	present = status.generation != 0;
	client_status_clear(&status);
	if (error || !present)
		return error;
	return client_policy_delete(client, restoration->generation, false);
}

static int restore(const struct invocation *invocation, struct client *client, void *data)
{
	const struct restoration *restoration = data;
	uint64_t generation = restoration->generation;
	int result = 0;

	if (restoration->origin != IPMASQ_ORIGIN_STATIC)
		warn_of_daemon(invocation);
	if (!restoration->exists) {
		result = remove_policy(client, restoration);
		generation = 0;
	} else if (restoration->origin) {
		result = replace_origin(client, &restoration->policy, restoration->origin, false,
					&generation);
	} else {
		result = restore_whole(invocation, client, restoration, &generation);
	}
	if (result || !invocation->json)
		return result;
	return print_json(json_pack("{s:I, s:I}",
				    "entries", (json_int_t)restoration->policy.count,
				    "generation", (json_int_t)generation));
}

static int read_word(struct arguments *arguments, struct restoration *restoration)
{
	const char *word = *arguments->next++;

	if (word_is(word, "-f"))
		return argument_value(arguments, "a file", &restoration->file);
	if (word_is(word, "origin"))
		return argument_origin(arguments, &restoration->origin);
	if (word_is(word, "generation"))
		return argument_generation(arguments, &restoration->generation);
	return argument_unknown(arguments->invocation, word, keywords,
				sizeof(keywords) / sizeof(keywords[0]));
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct restoration restoration = { 0 };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &restoration);
	if (result)
		return result;
	if (!restoration.file)
		return misuse(invocation, "-f FILE is expected");

	result = read_saved(invocation, &restoration);
	if (!result)
		result = with_client(invocation, restore, &restoration);
	policy_clear(&restoration.policy);
	return result;
}

const struct command command_restore = {
	.name = "restore",
	.arguments = "-f FILE|- [origin static|config] [generation N]",
	.summary = "put a saved policy back",
	.description =
		"Reads what \"save\" wrote and makes the policy equal to it: settings and the\n"
		"entries of both origins. A temporary entry has the time that it had left when it\n"
		"was saved. The file is read in full first; after an error in it nothing has\n"
		"changed. The config entries and the settings are replaced in one step, then the\n"
		"static entries in another, so that for a moment the policy is half restored. If\n"
		"the second step is refused the first is taken back, unless somebody else has\n"
		"changed the policy since: then a warning says so.\n"
		"\n"
		"  -f FILE        what to restore, - is standard input\n"
		"  origin         only the entries of this origin, and no settings: static where\n"
		"                 ipmasqd writes the rest\n"
		"  generation N   only if the policy in force is still number N (\"show\" has it)\n"
		"\n"
		"  ipmasqctl restore -f saved\n"
		"  ipmasqctl save | ip netns exec other ipmasqctl restore -f -\n",
	.run = run,
};
