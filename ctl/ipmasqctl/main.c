// SPDX-License-Identifier: GPL-2.0-or-later
/* The command table, and what every subcommand has in common. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"

/* In the order in which help lists them: look, ask, change, files, the rest. */
static const struct command *const commands[] = {
	&command_show,
	&command_list,
	&command_stats,
	&command_monitor,
	&command_trace,
	&command_explain,
	&command_conns,
	&command_ports,
	&command_add,
	&command_del,
	&command_flush,
	&command_replace,
	&command_set,
	&command_save,
	&command_restore,
	&command_check,
	&command_diff,
	&command_apply,
	&command_doctor,
	&command_migrate,
	&command_module,
	&command_version,
	&command_help,
	NULL
};
_Static_assert(sizeof(commands) / sizeof(commands[0]) <= COMMANDS_MAX + 1, "COMMANDS_MAX");

/* Takes options about the output out, wherever they are. Returns the new argc. */
static int take_output(struct invocation *invocation, int argc, char **argv)
{
	int kept = 1;
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-j") == 0 || strcmp(argv[i], "--json") == 0) {
			invocation->json = true;
		} else if (strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--compact") == 0) {
			invocation->json = true;
			print_json_compactly();
		} else if (strcmp(argv[i], "--no-header") == 0) {
			invocation->no_header = true;
		} else {
			argv[kept++] = argv[i];
		}
	}
	argv[kept] = NULL;
	return kept;
}

/*
 * Moves into a network namespace, which is a name of "ip netns" or a file as
 * /proc/PID/ns/net. Threads do not follow: there are none yet.
 */
static int enter_namespace(const struct invocation *invocation, const char *name)
{
	char path[512];
	int descriptor = -1;
	int error = 0;

	if (!*name || snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/",
			       name) >= (int)sizeof(path))
		return misuse(invocation, "the name of the network namespace is %s",
			      *name ? "too long" : "empty");
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || setns(descriptor, CLONE_NEWNET))
		error = errno;
	if (descriptor >= 0)
		close(descriptor);
	return error ? refuse_errno(invocation, error,
				    "cannot enter the network namespace \"%s\": %s", name,
				    strerror(error)) : 0;
}

static bool is_help(const char *word)
{
	return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	char *help[] = { (char *)"help", NULL, NULL };
	const char *name = argv[1];

	if (!name)
		return misuse(invocation, "a command is missing");
	if (strcmp(name, "-V") == 0 || strcmp(name, "--version") == 0)
		name = "version";
	else if (is_help(name))
		name = "help";
	else if (name[0] == '-')
		return misuse(invocation, "there is no option \"%s\"", name);

	invocation->command = command_find(invocation, name);
	if (!invocation->command)
		return command_unknown(invocation, name);
	/* Further on it belongs to the command: check reads the daemon's flags. */
	if (argc > 2 && is_help(argv[2])) {
		help[1] = (char *)invocation->command->name;
		invocation->command = &command_help;
		return command_help.run(invocation, 2, help);
	}
	return invocation->command->run(invocation, argc - 1, argv + 1);
}

static bool is_option(const char *word, const char *brief, const char *name)
{
	return word && (strcmp(word, brief) == 0 || strcmp(word, name) == 0);
}

/* Reads the options that stand before the command and take a value, and takes them off
 * @argv. Returns 0 or the exit code.
 */
static int read_options(const struct invocation *invocation, int *argc, char ***argv,
			uint64_t *seconds)
{
	int result = 0;

	for (; !result && *argc > 1; *argc -= 2, *argv += 2) {
		const char *option = (*argv)[1], *value = (*argv)[2];
		bool netns = is_option(option, "-n", "--netns");

		if (!netns && !is_option(option, "-w", "--watch"))
			break;
		if (!value)
			result = misuse(invocation, "%s is missing after \"%s\"",
					netns ? "a network namespace" : "a number of seconds", option);
		else if (netns)
			result = enter_namespace(invocation, value);
		else
			result = argument_number(invocation, value, "number of seconds", 1, 86400,
						 seconds);
	}
	return result;
}

/* Whether a command only looks, so that it may be repeated. */
static bool command_looks(const char *name)
{
	static const char *const looks[] = {
		"show", "list", "stats", "explain", "conns", "ports", "check", "diff", "doctor",
		"version",
	};
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strcmp(looks[i], name) == 0)
			return true;
	return false;
}

/* Again and again until somebody ends it, or standard output; on a terminal in the same
 * place.
 */
static int watch(struct invocation *invocation, int argc, char **argv, uint64_t seconds)
{
	const struct command *command = argc > 1 ? command_find(invocation, argv[1]) : NULL;
	int result;

	if (command && !command_looks(command->name))
		return misuse(invocation, "--watch is for commands that look, not for \"%s\"",
			      command->name);
	do {
		if (is_terminal(STDOUT_FILENO))
			fputs("\033[H\033[J", stdout);
		result = run(invocation, argc, argv);
	} while (result != EXIT_USAGE && !fflush(stdout) && !sleep((unsigned int)seconds));
	return result;
}

int main(int argc, char **argv)
{
	const char *no_colour = getenv("NO_COLOR");
	struct invocation invocation = { .commands = commands };
	uint64_t seconds = 0;
	int result;

	if (argc < 1)
		return EXIT_USAGE;
	argc = take_output(&invocation, argc, argv);
	/* https://no-color.org: set and not empty. */
	invocation.colour = is_terminal(STDOUT_FILENO) && !(no_colour && *no_colour);

	result = read_options(&invocation, &argc, &argv, &seconds);
	if (!result)
		result = seconds ? watch(&invocation, argc, argv, seconds) :
				   run(&invocation, argc, argv);

	/* Output that is lost is an error, as for a full disk. */
	errno = 0;
	if ((fflush(stdout) || ferror(stdout)) && (result == EXIT_DONE || invocation.json)) {
		fprintf(stderr, "ipmasqctl: cannot write to standard output%s%s\n",
			errno ? ": " : "", errno ? strerror(errno) : "");
		if (result == EXIT_DONE)
			result = EXIT_REFUSED;
	}
	return result;
}
