// SPDX-License-Identifier: GPL-2.0-or-later
/* The policy that a configuration file asks for, and what is wrong with the file. */
#include "config_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/flags.h"

/* "FILE:LINE:COLUMN: what is wrong", which the caller frees; NULL without memory. */
static char *problem_text(const struct config_problem *problem, const char *path)
{
	const char *file = problem->file ? problem->file : path;
	char *text;
	int length;

	if (problem->line)
		length = asprintf(&text, "%s:%d:%d: %s", file, problem->line, problem->column,
				  problem->message);
	else
		length = asprintf(&text, "%s: %s", file, problem->message);
	return length < 0 ? NULL : text;
}

/* Says every problem; the first error becomes the error of the command. */
static int report_problems(const struct invocation *invocation, const char *path,
			   const struct config_problems *problems, int error)
{
	char *first = NULL;
	char *text;
	size_t i;
	int result = 0;

	for (i = 0; i < problems->count; i++) {
		text = problem_text(&problems->list[i], path);
		if (!text)
			continue;
		if (error && !first && problems->list[i].severity == CONFIG_ERROR) {
			first = text;
			continue;
		}
		warn(invocation, "%s", text);
		free(text);
	}
	if (error)
		result = refuse_errno(invocation, error, "%s", first ? first : strerror(-error));
	free(first);
	return result;
}

/**
 * config_policy_input() - whether a file that was named is standard input
 * @path: as it was named; a name for messages after that
 * @flags: told to read it
 */
void config_policy_input(const char **path, struct config_flags *flags)
{
	if (strcmp(*path, "-"))
		return;
	*path = "standard input";
	flags->standard_input = true;
}

/**
 * config_policy_read() - read a configuration file
 * @invocation: how the program was called
 * @path: the file; - for standard input
 * @flags: what the daemon would be given on its command line
 * @policy: filled as by policy_from_config(); policy_clear() frees it
 *
 * Warnings are printed, and the first error becomes that of the command.
 *
 * Return: 0, or the exit code after an error was printed.
 */
int config_policy_read(const struct invocation *invocation, const char *path,
		       const struct config_flags *flags, struct policy *policy)
{
	struct config_problems problems = { 0 };
	struct config_flags reading = *flags;
	struct config config = { 0 };
	int result;
	int error;

	config_policy_input(&path, &reading);

	/* For the daemon a file that is not there means the defaults; here somebody
	 * has named it.
	 */
	if (!reading.standard_input && access(path, F_OK))
		return refuse_errno(invocation, errno, "%s: %s", path, strerror(errno));
	error = config_read(path, &reading, &config, &problems);
	result = report_problems(invocation, path, &problems, error);
	if (!result && policy_from_config(&config, policy))
		result = refuse(invocation, "out of memory");
	config_problems_clear(&problems);
	config_clear(&config);
	return result;
}

/**
 * config_policy_argument() - read "FILE [FLAG]..." and the file
 * @invocation: how the program was called
 * @argc: as given to run()
 * @argv: as given to run()
 * @policy: as for config_policy_read()
 *
 * Return: 0, or the exit code after an error was printed.
 */
int config_policy_argument(const struct invocation *invocation, int argc, char **argv,
			   struct policy *policy)
{
	struct config_command_line line;
	char *error = NULL;
	int taken;
	int result;

	if (argc < 2 || (argv[1][0] == '-' && argv[1][1]))
		return misuse(invocation, "the file is missing");
	config_flags_init(&line);
	taken = config_flags_parse(&line, argc - 2, argv + 2, NULL, 0, &error);
	if (taken >= 0 && taken < argc - 2)
		result = misuse(invocation, "\"%s\" is no flag of ipmasqd", argv[2 + taken]);
	else if (taken < 0 || config_flags_finish(&line, &error))
		result = misuse(invocation, "%s", error ? error : "expected flags of ipmasqd");
	else if (line.config_directory)
		result = misuse(invocation, "a file is expected, not --config-dir");
	else
		result = config_policy_read(invocation, argv[1], &line.flags, policy);
	free(error);
	config_flags_clear(&line);
	return result;
}
