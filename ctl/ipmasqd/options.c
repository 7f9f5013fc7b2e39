// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "state.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of a word that is wrong, as much as fits on a line. */
#define QUOTED_MAX	60

static const char help_begin[] =
"ipmasqd " IPMASQ_VERSION ": keeps the kernel's masquerading policy as a ConfigMap says\n"
"\n"
"usage: ipmasqd [FLAGS]\n"
"\n"
"  --config FILE            the configuration, " CONFIG_PATH_DEFAULT " unless given;\n"
"                           where there is none the defaults hold\n"
"  --config-dir DIR         merge every ip-masq* file of DIR instead\n"
"  --strict                 an unknown key is an error and not a warning\n"
"  --state-dir DIR          where the last good policy is saved,\n"
"                           " STATE_DIRECTORY_DEFAULT " unless given, \"\" for nowhere\n"
"  --http-address ADDR:PORT serve /metrics, /healthz, /readyz and /config\n"
"  --start-timeout DURATION report the start as complete after this time, even without a\n"
"                           policy in force; 30s unless given, 0 to wait forever\n"
"  --ports-warning PERCENT  warn when so much of the source ports towards a destination\n"
"                           is held; 80 unless given, 0 for never\n"
"  --log-format text|json   lines for people (and the journal), or JSON objects\n"
"  --debug                  log more\n"
"  --takeover               where another ipmasqd is at work, ask it to leave\n"
"  --no-sandbox             do not filter system calls (for debuggers)\n"
"\n"
"instead of running on:\n"
"  --once                   bring the kernel up to date and end\n"
"  --dry-run                print what that would change, and change nothing\n"
"  --cleanup                take the configuration out of the kernel: its entries,\n"
"                           and the policy unless static entries are left; connections\n"
"                           that were masqueraded go on until they end\n"
"  --now                    with --cleanup: do not wait for them, they break\n"
"  --version, --help\n"
"\n"
"as ip-masq-agent has them; a key of the file wins over its flag:\n";

static const char help_end[] =
"  --masq-chain NAME and the logging flags are accepted and have no effect\n"
"\n"
"Stopping leaves the policy in force. SIGHUP reads the configuration again.\n";

static int usage(const char *text)
{
	fprintf(stderr, "ipmasqd: %s (see ipmasqd --help)\n", text);
	return OPTIONS_USAGE;
}

static int stray_word(const char *word)
{
	char *quoted = text_quote(word, strlen(word), QUOTED_MAX);

	fprintf(stderr, "ipmasqd: %s is no flag, expected --NAME or --NAME=VALUE "
		"(see ipmasqd --help)\n", quoted ? quoted : "a word");
	free(quoted);
	return OPTIONS_USAGE;
}

static int parse_percent(const char *text, unsigned int *percent)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	number = strtoul(text, &end, 10);
	if ((*end && strcmp(end, "%")) || number > 100)
		return -EINVAL;
	*percent = (unsigned int)number;
	return 0;
}

static int choose_task(struct options *options, bool once, bool dry_run, bool cleanup)
{
	if (options->now && !cleanup)
		return usage("--now goes with --cleanup only");
	if (once + dry_run + cleanup > 1)
		return usage("--once, --dry-run and --cleanup exclude each other");
	if (once)
		options->task = TASK_ONCE;
	else if (dry_run)
		options->task = TASK_DRY_RUN;
	else if (cleanup)
		options->task = TASK_CLEANUP;
	return 0;
}

/**
 * options_parse() - read the command line
 * @options: to fill; options_clear() frees it
 * @argc: as main() has it
 * @argv: as main() has it; borrowed
 *
 * Return: 0; OPTIONS_PRINTED after --help or --version; OPTIONS_USAGE after a
 * line on standard error that says what is wrong; or -ENOMEM.
 */
int options_parse(struct options *options, int argc, char **argv)
{
	const char *log_format = "text";
	const char *ports_warning = "80";
	const char *start_timeout = "30s";
	bool once = false, dry_run = false, cleanup = false, no_sandbox = false, version = false;
	const struct config_flag own[] = {
		{ "config", CONFIG_FLAG_TEXT, &options->config_file },
		{ "state-dir", CONFIG_FLAG_TEXT, &options->state_directory },
		{ "http-address", CONFIG_FLAG_TEXT, &options->http_address },
		{ "start-timeout", CONFIG_FLAG_TEXT, &start_timeout },
		{ "ports-warning", CONFIG_FLAG_TEXT, &ports_warning },
		{ "log-format", CONFIG_FLAG_TEXT, &log_format },
		{ "debug", CONFIG_FLAG_BOOL, &options->debug },
		{ "takeover", CONFIG_FLAG_BOOL, &options->takeover },
		{ "no-sandbox", CONFIG_FLAG_BOOL, &no_sandbox },
		{ "once", CONFIG_FLAG_BOOL, &once },
		{ "dry-run", CONFIG_FLAG_BOOL, &dry_run },
		{ "cleanup", CONFIG_FLAG_BOOL, &cleanup },
		{ "now", CONFIG_FLAG_BOOL, &options->now },
		{ "version", CONFIG_FLAG_BOOL, &version },
	};
	char *error = NULL;
	int result;

	*options = (struct options) {
		.config_file = CONFIG_PATH_DEFAULT,
		.state_directory = STATE_DIRECTORY_DEFAULT,
	};
	config_flags_init(&options->line);
	result = config_flags_parse(&options->line, argc - 1, argv + 1, own, COUNT(own), &error);
	if (result == CONFIG_FLAGS_HELP) {
		fputs(help_begin, stdout);
		config_flags_help(stdout, 27);
		fputs(help_end, stdout);
		return OPTIONS_PRINTED;
	}
	/* The reference agent ignores a word and all that follows it, so that is what
	 * its command lines go on to mean. Ours lose no flag that way.
	 */
	if (result >= 0 && result < argc - 1) {
		options->ignored_word = argv[1 + result];
		if (!config_flags_are_reference(argc - 1, argv + 1))
			return stray_word(options->ignored_word);
	}
	if (result >= 0)
		result = config_flags_finish(&options->line, &error);
	if (result < 0) {
		if (error)
			result = usage(error);
		else
			fputs("ipmasqd: out of memory\n", stderr);
		free(error);
		return result;
	}
	if (version) {
		puts("ipmasqd " IPMASQ_VERSION);
		return OPTIONS_PRINTED;
	}

	options->log_json = !strcmp(log_format, "json");
	if (!options->log_json && strcmp(log_format, "text"))
		return usage("--log-format is neither text nor json");
	if (duration_parse(start_timeout, strlen(start_timeout), &options->start_timeout, NULL) ||
	    options->start_timeout < 0)
		return usage("--start-timeout is not a valid duration, expected 30s, 2m or 0");
	if (parse_percent(ports_warning, &options->ports_warning))
		return usage("--ports-warning is no percentage, expected 0 to 100");
	if (!*options->config_file)
		return usage("--config is empty, expected a file");
	if (options->line.config_directory && !*options->line.config_directory)
		return usage("--config-dir is empty, expected a directory");
	if (options->http_address && !*options->http_address)
		options->http_address = NULL;
	if (!*options->state_directory)
		options->state_directory = NULL;
	options->sandbox = !no_sandbox;
	return choose_task(options, once, dry_run, cleanup);
}

/**
 * options_clear() - free what options_parse() made
 * @options: after options_parse(), whatever it returned
 */
void options_clear(struct options *options)
{
	config_flags_clear(&options->line);
}
