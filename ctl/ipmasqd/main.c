// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cleanup.h"
#include "daemon.h"
#include "dry_run.h"
#include "existing.h"
#include "listener.h"
#include "log.h"
#include "options.h"
#include "presence.h"
#include "privileges.h"
#include "reconcile.h"
#include "source.h"

/* Asked to leave by another process: whoever supervises this one starts it again. */
#define EXIT_REPLACED 3

static enum reconcile_result apply(const struct source *source, struct reconciler *reconciler,
				   struct existing *existing)
{
	bool change = source->apply_to_existing && !reconcile_connect(reconciler);
	enum reconcile_result result;

	if (change)
		existing_before(existing, reconciler->client);
	result = reconcile(reconciler, &source->wanted, source->serial);
	if (result == RECONCILE_IN_FORCE)
		log_line(LOG_INFO, "nothing to change");
	else if (result == RECONCILE_WRITTEN && change)
		existing_changed(existing);
	else if (result == RECONCILE_WRITTEN && reconciler->first)
		existing_first(existing);
	existing_finish(existing);
	return result;
}

static int run_once(struct source *source)
{
	struct reconciler reconciler;
	enum source_news news = source_start(source);
	enum reconcile_result result;
	struct existing *existing;

	if (!source->serial)
		return -EINVAL;
	if (existing_open(&existing, NULL))
		return -ENOMEM;
	reconcile_open(&reconciler);
	result = apply(source, &reconciler, existing);
	reconcile_close(&reconciler);
	existing_close(existing);
	if (result != RECONCILE_IN_FORCE && result != RECONCILE_WRITTEN)
		return -EIO;
	source_in_force(source);
	source_save(source);
	return news == SOURCE_TAKEN ? 0 : -EINVAL;
}

static int run_dry(struct source *source)
{
	/* What is saved is no answer to what the configuration would change. */
	source->state_directory = NULL;
	if (source_start(source) != SOURCE_TAKEN)
		return -EINVAL;
	return dry_run(&source->wanted);
}

static int run_task(const struct options *options, struct source *source,
		    struct presence *presence)
{
	switch (options->task) {
	case TASK_ONCE:
		return run_once(source);
	case TASK_CLEANUP:
		return cleanup(options->state_directory, options->now);
	case TASK_DRY_RUN:
		return run_dry(source);
	default:
		return daemon_run(options, source, presence);
	}
}

/* A mistake that no time mends, unlike an address that is not there yet. */
static int check_address(const char *address)
{
	if (!address || listener_address_valid(address))
		return 0;
	log_line(LOG_ERR,
		 "--http-address \"%s\" is not valid, expected ADDRESS:PORT, [ADDRESS]:PORT or :PORT",
		 address);
	return -EINVAL;
}

static void log_start(const struct options *options)
{
	if (options->task == TASK_RUN)
		log_line(LOG_INFO, "ipmasqd " IPMASQ_VERSION);
	if (options->line.masq_chain)
		log_line(LOG_NOTICE, "--masq-chain has no effect: there are no iptables chains");
	if (options->ignored_word)
		log_line(LOG_WARNING, "\"%s\" and what follows is ignored: it is no flag",
			 options->ignored_word);
}

int main(int argc, char **argv)
{
	struct options options;
	struct source source = { 0 };
	struct presence presence = { .listener = -1, .netlink = -1 };
	int result;

	result = options_parse(&options, argc, argv);
	if (result) {
		options_clear(&options);
		return result == OPTIONS_PRINTED ? 0 : result == OPTIONS_USAGE ? 2 : 1;
	}
	log_open(options.log_json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT, options.debug);
	log_start(&options);

	source.path = options.line.config_directory ? options.line.config_directory :
						      options.config_file;
	source.prefix = options.line.config_directory ? CONFIG_FILE_PREFIX : NULL;
	source.state_directory = options.state_directory;
	source.flags = &options.line.flags;
	source_open(&source);

	source.as_reader = privileges_as_reader;
	result = check_address(options.http_address);
	if (!result)
		result = privileges_lower();
	if (!result)
		result = privileges_drop(source_is_denied(&source));
	if (!result && options.task != TASK_DRY_RUN)
		result = presence_claim(options.takeover, &presence);
	if (!result)
		result = run_task(&options, &source, &presence);

	source_close(&source);
	presence_release(&presence);
	options_clear(&options);
	return result == DAEMON_REPLACED ? EXIT_REPLACED : result ? 1 : 0;
}
