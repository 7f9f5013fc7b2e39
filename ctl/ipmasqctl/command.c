// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking for a word in the command table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipmasqctl.h"
#include "suggest.h"
#include "text.h"

/**
 * command_find() - the row of the command table for a word
 * @invocation: how the program was called
 * @name: the command's name, or the beginning of one alone
 *
 * Return: the row, or NULL.
 */
const struct command *command_find(const struct invocation *invocation, const char *name)
{
	const struct command *const *command;
	const struct command *found = NULL;
	size_t length = strlen(name);
	bool several = false;

	for (command = invocation->commands; *command; command++) {
		if (strncmp((*command)->name, name, length) != 0)
			continue;
		if (!(*command)->name[length])
			return *command;
		several = found;
		found = *command;
	}
	return several || !length ? NULL : found;
}

/* The commands that begin with a word, with commas between them. */
static const char *beginnings(const struct invocation *invocation, const char *name, char *text,
			      size_t size)
{
	const struct command *const *command;
	size_t used = 0;

	*text = '\0';
	for (command = invocation->commands; *command && *name && used < size; command++)
		if (strncmp((*command)->name, name, strlen(name)) == 0)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used ? ", " : "", (*command)->name);
	return text;
}

/**
 * command_unknown() - say that there is no such command, and which is near
 * @invocation: how the program was called
 * @name: the word
 *
 * Return: EXIT_USAGE.
 */
int command_unknown(const struct invocation *invocation, const char *name)
{
	const char *names[COMMANDS_MAX];
	char *quoted = text_quote(name, strlen(name), 60);
	const char *nearest;
	char several[160];
	size_t count;
	int result;

	for (count = 0; count < COMMANDS_MAX && invocation->commands[count]; count++)
		names[count] = invocation->commands[count]->name;
	nearest = suggest_nearest(name, names, count);
	if (*beginnings(invocation, name, several, sizeof(several)))
		result = misuse(invocation, "%s may be %s", quoted ? quoted : "the command",
				several);
	else if (nearest)
		result = misuse(invocation, "there is no command %s, did you mean \"%s\"?",
				quoted ? quoted : "like that", nearest);
	else
		result = misuse(invocation, "there is no command %s",
				quoted ? quoted : "like that");
	free(quoted);
	return result;
}
