// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl flush */
#include <errno.h>

#include "arguments.h"
#include "client.h"

/* Times that a flush is tried when others change the policy meanwhile. */
#define ATTEMPTS	20

static const char *const keywords[] = { "static", "config", "all", "policy", "origin" };
static const char *const policy_keywords[] = { "now" };

/*
 * Empties one origin. A namespace without a policy must not get one by this, for
 * an empty policy masquerades everything; so every try is bound to a generation
 * that was seen to have entries.
 */
static int flush_origin(struct client *client, uint8_t origin, json_int_t *flushed)
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
		if (!entries)
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

static int flush(const struct invocation *invocation, bool config, bool fixed)
{
	struct client *client;
	json_int_t flushed = 0;
	int result;
	int error = 0;

	result = connect_module(invocation, &client);
	if (result)
		return result;
	if (config)
		warn_of_daemon(invocation);
	if (fixed)
		error = flush_origin(client, IPMASQ_ORIGIN_STATIC, &flushed);
	if (!error && config)
		error = flush_origin(client, IPMASQ_ORIGIN_CONFIG, &flushed);
	if (error)
		result = refuse_client(invocation, client, error);
	else if (invocation->json)
		result = print_json(json_pack("{s:I}", "deleted", flushed));
	client_close(client);
	return result;
}

static int flush_policy(const struct invocation *invocation, bool now)
{
	struct client_status status;
	struct client *client;
	int result;
	int error;

	result = connect_module(invocation, &client);
	if (result)
		return result;
	warn_of_daemon(invocation);
	error = client_policy_get(client, &status);
	client_status_clear(&status);
	if (!error && (status.generation || (now && status.draining)))
		error = client_policy_delete(client, 0, now);
	if (error)
		result = refuse_client(invocation, client, error);
	else if (invocation->json)
		result = print_json(json_pack("{s:I, s:b}", "deleted",
					      (json_int_t)status.entries_config +
					      status.entries_static,
					      "policy_removed", status.generation != 0));
	client_close(client);
	return result;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "static";
	bool now = false;

	/* As in the other commands, "origin" may stand before it. */
	if (word_is(what, "origin")) {
		argc--;
		argv++;
		if (argc < 2)
			return misuse(invocation, "an origin is missing after \"origin\"");
		what = argv[1];
	}
	if (argc > 2 && word_is(what, "policy")) {
		now = word_is(argv[2], "now");
		if (!now)
			return argument_unknown(invocation, argv[2], policy_keywords, 1);
		argc--;
		argv++;
	}
	if (argc > 2)
		return argument_unknown(invocation, argv[2], NULL, 0);

	if (word_is(what, "static"))
		return flush(invocation, false, true);
	if (word_is(what, "config"))
		return flush(invocation, true, false);
	if (word_is(what, "all"))
		return flush(invocation, true, true);
	if (word_is(what, "policy"))
		return flush_policy(invocation, now);
	return argument_unknown(invocation, what, keywords,
				sizeof(keywords) / sizeof(keywords[0]));
}

const struct command command_flush = {
	.name = "flush",
	.arguments = "[static|config|all|policy [now]]",
	.summary = "delete all entries, or the policy as a whole",
	.description =
		"  static   the entries that were added by hand (the default)\n"
		"  config   those of the daemon's config; ipmasqd puts them back while it runs\n"
		"  all      both\n"
		"  policy   the policy itself, entries and settings; no new connection is\n"
		"           masqueraded in this network namespace any more. Connections that\n"
		"           were masqueraded go on until they end, and the module stays in use\n"
		"           (\"show\" counts them); with \"now\" they break, and it does not\n"
		"\n"
		"Take care: a policy without entries masquerades every connection that is not\n"
		"to this node. To stop masquerading and keep the table, use \"set enabled off\".\n"
		"Where there is nothing to delete, that is no error and nothing changes.\n",
	.run = run,
};
