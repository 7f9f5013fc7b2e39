/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_FLAGS_H
#define IPMASQ_CONFIG_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config.h"

enum config_flag_kind {
	CONFIG_FLAG_BOOL,	/* -x, -x=VALUE; target is a bool */
	CONFIG_FLAG_TEXT,	/* -x VALUE, -x=VALUE; target is a const char * */
};

/**
 * struct config_flag - one flag of the program's own
 * @name: without dashes
 * @kind: whether it takes a value
 * @target: bool * or const char ** (borrowed from argv); NULL to check and forget
 */
struct config_flag {
	const char *name;
	enum config_flag_kind kind;
	void *target;
};

/**
 * struct config_command_line - values of the flags
 * @flags: for config_read() and config_read_directory()
 * @config_directory: --config-dir, NULL where it was not given
 * @masq_chain: --masq-chain, NULL where it was not given; has no effect here
 * @text: of a setting that is no bool what the last of its flags said, NULL where there
 *	was none
 * @ended: "--" was met, whatever follows is not a flag
 *
 * The strings are borrowed from argv.
 */
struct config_command_line {
	struct config_flags flags;
	const char *config_directory;
	const char *masq_chain;
	const char *text[SETTING_COUNT];
	bool ended;
};

/* Returned for -h, -help and --help. */
#define CONFIG_FLAGS_HELP (-1000)

void config_flags_init(struct config_command_line *line);
int config_flags_parse(struct config_command_line *line, int argc, char **argv,
		       const struct config_flag *own, size_t own_count, char **error);
bool config_flags_are_reference(int argc, char **argv);
int config_flags_finish(struct config_command_line *line, char **error);
void config_flags_help(FILE *stream, int column);
void config_flags_print_help(FILE *stream, int column, const char *help);
void config_flags_clear(struct config_command_line *line);

#endif
