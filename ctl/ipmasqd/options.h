/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_OPTIONS_H
#define IPMASQD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/flags.h"

/* What the process is to do. */
enum options_task {
	TASK_RUN,		/* until it is told to stop */
	TASK_ONCE,		/* bring the kernel up to date and end */
	TASK_DRY_RUN,		/* print what that would change */
	TASK_CLEANUP,		/* take the configuration out of the kernel */
};

/* How options_parse() came out, beside 0. */
enum { OPTIONS_PRINTED = 1, OPTIONS_USAGE = 2 };

/**
 * struct options - the command line
 * @line: the flags that the reference agent and ipmasqctl share
 * @task: what to do
 * @config_file: the file; not used with --config-dir
 * @state_directory: where the last good policy is saved, NULL for nowhere
 * @http_address: ADDRESS:PORT to listen on, NULL for none
 * @start_timeout: nanoseconds after which the start counts as complete without a policy
 *	in force, 0 for never
 * @ports_warning: percentage of a destination's source ports that is warned of, 0
 *	for never
 * @log_json: JSON lines instead of text
 * @debug: also log what is of interest to developers only
 * @now: TASK_CLEANUP does not spare connections
 * @takeover: ask another daemon to leave
 * @sandbox: filter system calls
 * @ignored_word: the first word that is no flag, NULL for none
 *
 * The strings are borrowed from argv.
 */
struct options {
	struct config_command_line line;
	enum options_task task;
	const char *config_file;
	const char *state_directory;
	const char *http_address;
	int64_t start_timeout;
	unsigned int ports_warning;
	bool log_json;
	bool debug;
	bool now;
	bool takeover;
	bool sandbox;
	const char *ignored_word;
};

int options_parse(struct options *options, int argc, char **argv);
void options_clear(struct options *options);

#endif
