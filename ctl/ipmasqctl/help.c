// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl help: everything comes from the command table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"

static const char introduction[] =
	"ipmasqctl - show, change and explain the masquerading of a network namespace\n"
	"\n"
	"usage: ipmasqctl [OPTIONS] COMMAND [ARGUMENTS]\n"
	"       ipmasqctl -V|--version\n"
	"\n";

static const char ending[] =
	"\n"
	"  -n, --netns NETNS  work in another network namespace: a name of \"ip netns\", or\n"
	"                     a file such as /proc/PID/ns/net; stands before the command\n"
	"  -w, --watch N      do it again every N seconds; stands before it too\n"
	"  -j, --json         print results and errors as JSON\n"
	"  -c, --compact      as JSON in one line\n"
	"      --no-header    print tables without the names of their columns\n"
	"\n"
	"A command may be abbreviated while it is unambiguous: \"ipmasqctl ex\".\n"
	"Tables are as wide as the terminal, or as $COLUMNS says. In a pipe, a record is\n"
	"one line.\n"
	"Exit status: 0 done, 1 refused or not found, 2 the command line is wrong.\n"
	"\"ipmasqctl help COMMAND\" says more about a command.\n";

static void print_arguments(FILE *stream, const struct command *command)
{
	if (command->print_arguments)
		command->print_arguments(stream);
	else
		fputs(command->arguments, stream);
}

static void print_description(FILE *stream, const struct command *command)
{
	fputs(command->description, stream);
	if (command->print_more)
		command->print_more(stream);
	if (command->ending)
		fputs(command->ending, stream);
}

static json_t *printed(const struct command *command,
		       void (*print)(FILE *stream, const struct command *command))
{
	char *text = NULL;
	json_t *value;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	print(stream, command);
	fclose(stream);
	value = json_string(text);
	free(text);
	return value;
}

static json_t *describe(const struct command *command)
{
	return json_pack("{s:s, s:o, s:s, s:o}", "name", command->name,
			 "arguments", printed(command, print_arguments),
			 "summary", command->summary,
			 "description", printed(command, print_description));
}

static int print_all(const struct invocation *invocation)
{
	const struct command *const *command;
	json_t *list;

	if (invocation->json) {
		list = json_array();
		for (command = invocation->commands; *command; command++)
			json_array_append_new(list, describe(*command));
		return print_json(json_pack("{s:o}", "commands", list));
	}
	fputs(introduction, stdout);
	for (command = invocation->commands; *command; command++)
		printf("  %s%-9s%s %s\n", invocation->colour ? "\033[1m" : "", (*command)->name,
		       invocation->colour ? "\033[0m" : "", (*command)->summary);
	fputs(ending, stdout);
	return EXIT_DONE;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return print_all(invocation);
	command = command_find(invocation, argv[1]);
	if (!command)
		return command_unknown(invocation, argv[1]);
	if (argc > 2)
		return argument_unknown(invocation, argv[2], NULL, 0);

	if (invocation->json)
		return print_json(describe(command));
	printf("ipmasqctl %s - %s\n\nusage: ipmasqctl %s", command->name, command->summary,
	       command->name);
	if (command->print_arguments || *command->arguments)
		putchar(' ');
	print_arguments(stdout, command);
	fputs("\n\n", stdout);
	print_description(stdout, command);
	return EXIT_DONE;
}

const struct command command_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "list the commands, or explain one",
	.description =
		"Without COMMAND, lists all commands with a line each.\n",
	.run = run,
};
