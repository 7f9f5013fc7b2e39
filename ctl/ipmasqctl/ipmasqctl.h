/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_H
#define IPMASQCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

struct client;
struct cidr;

/* What every subcommand returns and the program exits with. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,	/* refused, not found, or not possible */
	EXIT_USAGE = 2,		/* the command line makes no sense */
};

/**
 * struct invocation - how the program was called
 * @commands: the command table, ended by NULL
 * @command: the subcommand that runs; NULL before one is known
 * @json: -j or --json was given, anywhere on the command line
 * @no_header: so was --no-header: tables have no names of columns
 * @colour: standard output is a terminal that knows colours and NO_COLOR is not set
 */
struct invocation {
	const struct command *const *commands;
	const struct command *command;
	bool json;
	bool no_header;
	bool colour;
};

/**
 * struct command - one row of the command table in main.c
 * @name: the word on the command line
 * @arguments: synopsis of what follows it, "" for nothing
 * @print_arguments: prints that instead
 * @summary: one line without a full stop, for the list of commands
 * @description: what "help COMMAND" prints below the synopsis, lines of at
 *	most 78 columns, ends with a newline
 * @print_more: prints what follows that; NULL for nothing
 * @ending: what follows that; NULL for nothing
 * @run: does it. argv[0] is the command's name, argv[argc] is NULL; -j and
 *	--json have been taken out. Returns enum exit_code after printing
 *	either its output or exactly one error, by the functions below.
 */
struct command {
	const char *name;
	const char *arguments;
	void (*print_arguments)(FILE *stream);
	const char *summary;
	const char *description;
	void (*print_more)(FILE *stream);
	const char *ending;
	int (*run)(const struct invocation *invocation, int argc, char **argv);
};

extern const struct command command_add;
extern const struct command command_apply;
extern const struct command command_check;
extern const struct command command_conns;
extern const struct command command_del;
extern const struct command command_diff;
extern const struct command command_doctor;
extern const struct command command_explain;
extern const struct command command_flush;
extern const struct command command_help;
extern const struct command command_list;
extern const struct command command_migrate;
extern const struct command command_module;
extern const struct command command_monitor;
extern const struct command command_ports;
extern const struct command command_replace;
extern const struct command command_restore;
extern const struct command command_save;
extern const struct command command_set;
extern const struct command command_show;
extern const struct command command_stats;
extern const struct command command_trace;
extern const struct command command_version;

/* Rows that the table may have. */
#define COMMANDS_MAX 64

const struct command *command_find(const struct invocation *invocation, const char *name);
int command_unknown(const struct invocation *invocation, const char *name);

/*
 * Output. With invocation->json a command prints one JSON value through
 * print_json() and nothing else; without it, text on standard output, aligned
 * for people. Names in JSON are lower case with underscores and stay as they
 * are once published. What a command found out on the way but does not fail for
 * goes through warn().
 *
 * Errors. Without JSON one goes to standard error as "ipmasqctl: MESSAGE"; with
 * JSON it goes to standard output as
 *	{"error": {"message": MESSAGE, "code": "refused" | "usage" | "EEXIST"...}}
 * with the members of details besides. Each of these functions returns the exit
 * code to return from run().
 */
bool is_terminal(int descriptor);
int line_columns(void);
void print_header(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int print_json(json_t *value);
void print_json_compactly(void);
const char *json_break(unsigned int indent);
void print_filled(int start, const char *text);
void warn(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void warn_of_daemon(const struct invocation *invocation);
int refuse(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int refuse_errno(const struct invocation *invocation, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int refuse_details(const struct invocation *invocation, json_t *details,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));
int refuse_client(const struct invocation *invocation, const struct client *client, int error);
int misuse(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
