// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl flush */
#include <errno.h>

#include "arguments.h"
#include "client.h"

/* Times that a flush is tried when others change the policy meanwhile. */
#define ATTEMPTS	20

static const char *const keywords[] = { "static", "config", "all", "policy", "origin", "--dry-run" };
static const char *const policy_keywords[] = { "now" };

/*
 * Empties one origin. A namespace without a policy must not get one by this, for
 * an empty policy masquerades everything; so every try is bound to a generation
 * that was seen to have entries.
 */
static int flush_origin(struct client *client, uint8_t origin, bool dry, json_int_t *flushed)
{
	const struct policy empty = { 0 };
	struct client_status status;
	uint32_t entries;
	int attempt;
	int error;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		error = client_policy_get(client, &status);
		client_status_clear(&status);
		if (error)
			return error;
		entries = origin == IPMASQ_ORIGIN_CONFIG ? status.entries_config :
							   status.entries_static;
		if (dry)
			*flushed += entries;
		if (!entries || dry)
			return 0;
		error = client_replace(client, origin, &empty, status.generation, NULL, NULL,
				       NULL);
		if (!error)
			*flushed += entries;
		if (error != -ESTALE)
			return error;
	}
	return error;
}

/**
 * struct flushing - what to take away
 * @config: config entries
 * @fixed: static entries
 * @now: the policy, without waiting for connections
 * @dry: say what would be deleted, and delete nothing
 */
struct flushing {
	bool config;
	bool fixed;
	bool now;
	bool dry;
};

static int flush(const struct invocation *invocation, struct client *client, void *data)
{
	const struct flushing *flushing = data;
	json_int_t flushed = 0;
	int error = 0;

	if (flushing->config && !flushing->dry)
		warn_of_daemon(invocation);
	if (flushing->fixed)
		error = flush_origin(client, IPMASQ_ORIGIN_STATIC, flushing->dry, &flushed);
	if (!error && flushing->config)
		error = flush_origin(client, IPMASQ_ORIGIN_CONFIG, flushing->dry, &flushed);
	if (!error && invocation->json)
		return print_json(json_pack("{s:I}", flushing->dry ? "would_delete" : "deleted",
					    flushed));
	if (!error && flushing->dry)
		printf("would delete %" JSON_INTEGER_FORMAT " entries\n", flushed);
	return error;
}

static int say_policy(const struct invocation *invocation, const struct client_status *status)
{
	json_int_t entries = (json_int_t)status->entries_config + status->entries_static;

	if (invocation->json)
		return print_json(json_pack("{s:I, s:b}", "would_delete", entries,
					    "would_remove_policy", status->generation != 0));
	if (status->generation)
		printf("would remove the policy with its %" JSON_INTEGER_FORMAT " entries\n",
		       entries);
	else
		puts("no policy in this network namespace");
	return EXIT_DONE;
}

static int flush_policy(const struct invocation *invocation, struct client *client, void *data)
{
	const struct flushing *flushing = data;
	struct client_status status;
	int error;

	if (!flushing->dry)
		warn_of_daemon(invocation);
	error = client_policy_get(client, &status);
	client_status_clear(&status);
	if (!error && flushing->dry)
		return say_policy(invocation, &status);
	if (!error && (status.generation || (flushing->now && status.draining)))
		error = client_policy_delete(client, 0, flushing->now);
	if (!error && invocation->json)
		return print_json(json_pack("{s:I, s:b}", "deleted",
					    (json_int_t)status.entries_config +
					    status.entries_static,
					    "policy_removed", status.generation != 0));
	return error;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct flushing flushing = { 0 };
	const char *what;

	if (argc > 1 && word_is(argv[argc - 1], "--dry-run")) {
		flushing.dry = true;
		argc--;
	}
	what = argc > 1 ? argv[1] : "static";
	/* As in the other commands, "origin" may stand before it. */
	if (word_is(what, "origin")) {
		argc--;
		argv++;
		if (argc < 2)
			return misuse(invocation, "an origin is missing after \"origin\"");
		what = argv[1];
	}
	if (argc > 2 && word_is(what, "policy")) {
		flushing.now = word_is(argv[2], "now");
		if (!flushing.now)
			return argument_unknown(invocation, argv[2], policy_keywords, 1);
		argc--;
		argv++;
	}
	if (argc > 2)
		return argument_unknown(invocation, argv[2], NULL, 0);

	if (word_is(what, "policy"))
		return with_client(invocation, flush_policy, &flushing);
	flushing.config = word_is(what, "config") || word_is(what, "all");
	flushing.fixed = word_is(what, "static") || word_is(what, "all");
	if (flushing.config || flushing.fixed)
		return with_client(invocation, flush, &flushing);
	return argument_unknown(invocation, what, keywords,
				sizeof(keywords) / sizeof(keywords[0]));
}

const struct command command_flush = {
	.name = "flush",
	.arguments = "[static|config|all|policy [now]] [--dry-run]",
	.summary = "delete all entries, or the policy as a whole",
	.description =
		"  static   the entries that were added by hand (the default)\n"
		"  config   those of the daemon's config; ipmasqd puts them back while it runs\n"
		"  all      both\n"
		"  policy   the policy itself, entries and settings; no new connection is\n"
		"           masqueraded in this network namespace any more. Connections that\n"
		"           were masqueraded go on until they end, and the module stays in use\n"
		"           (\"show\" counts them); with \"now\" they break, and it does not\n"
		"  --dry-run, as the last word\n"
		"           say what would be deleted, and delete nothing\n"
		"\n"
		"Take care: a policy without entries masquerades every connection that is not\n"
		"to this node. To stop masquerading and keep the table, use \"set enabled off\".\n"
		"Where there is nothing to delete, that is no error and nothing changes.\n",
	.run = run,
};
