// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the words of a command line. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arguments.h"
#include "client.h"
#include "suggest.h"
#include "text.h"

/* Of a word that is wrong, as much as fits on the line of an error. */
#define SHOWN	60

/**
 * word_is() - whether a word is the known one
 * @word: a word of the command line
 * @known: what it may be
 */
bool word_is(const char *word, const char *known)
{
	return strcmp(word, known) == 0;
}

/**
 * looks_like_address() - whether a word is meant as an address or a CIDR
 * @word: a word of the command line
 *
 * Tells a mistyped CIDR from a mistyped keyword, so that the error fits.
 */
bool looks_like_address(const char *word)
{
	return isdigit((unsigned char)word[0]) || strpbrk(word, ":/");
}

/* misuse() about a word: format has one %s for the word in quotes. */
static int misuse_word(const struct invocation *invocation, const char *before,
		       const char *word, const char *after)
{
	char *quoted = text_quote(word, strlen(word), SHOWN);
	int result;

	result = misuse(invocation, "%s%s%s", before, quoted ? quoted : "a word", after);
	free(quoted);
	return result;
}

/**
 * argument_value() - take the word that must follow a keyword
 * @arguments: @next stands after the keyword, and then after the value
 * @what: what is expected, as in "a file"
 * @value: set to the word
 */
int argument_value(struct arguments *arguments, const char *what, const char **value)
{
	if (!*arguments->next)
		return misuse(arguments->invocation, "%s is missing after \"%s\"", what,
			      arguments->next[-1]);
	*value = *arguments->next++;
	return 0;
}

/**
 * argument_cidr() - read a CIDR; an address alone stands for itself
 * @invocation: how the program was called
 * @word: the word
 * @cidr: set on success
 */
int argument_cidr(const struct invocation *invocation, const char *word, struct cidr *cidr)
{
	char why[CIDR_WHY_MAX];
	char after[CIDR_WHY_MAX + 8];

	if (!cidr_read(word, strlen(word), cidr, why))
		return 0;
	snprintf(after, sizeof(after), " is %s", why);
	return misuse_word(invocation, "", word, after);
}

/**
 * argument_prefix() - read the CIDR that follows a word like "from" or "to"
 * @arguments: @next stands after that word, and then after the CIDR
 * @cidr: set on success
 * @has: whether the word was there before; set
 */
int argument_prefix(struct arguments *arguments, struct cidr *cidr, bool *has)
{
	const char *word = NULL;
	int wrong;

	if (*has)
		return misuse(arguments->invocation, "\"%s\" is there twice",
			      arguments->next[-1]);
	*has = true;
	wrong = argument_value(arguments, "a CIDR or an address", &word);
	return wrong ? wrong : argument_cidr(arguments->invocation, word, cidr);
}

/**
 * argument_address() - read an address, with or without its full prefix length
 * @invocation: how the program was called
 * @word: the word
 * @host: set on success
 */
int argument_address(const struct invocation *invocation, const char *word, struct cidr *host)
{
	const char *reason = "that is no IP address";
	const char *slash = strchr(word, '/');
	size_t length = slash ? (size_t)(slash - word) : strlen(word);
	char after[160];

	if (!cidr_parse_address(word, length, host, &reason)) {
		if (!slash || word_is(slash, host->family == AF_INET ? "/32" : "/128"))
			return 0;
		reason = "one address is expected and not a prefix";
	}
	snprintf(after, sizeof(after), " is no address: %s", reason);
	return misuse_word(invocation, "", word, after);
}

/**
 * argument_number() - read a decimal number
 * @invocation: how the program was called
 * @word: the word
 * @what: what it is, as in "source port"
 * @least: lowest that is allowed
 * @most: highest that is allowed
 * @number: set on success
 */
int argument_number(const struct invocation *invocation, const char *word, const char *what,
		    uint64_t least, uint64_t most, uint64_t *number)
{
	unsigned long long value;
	char after[160];
	char *end;

	errno = 0;
	value = strtoull(word, &end, 10);
	/* strtoull() takes blanks and signs. */
	if (!isdigit((unsigned char)word[0]) || *end || errno || value < least || value > most) {
		snprintf(after, sizeof(after), " is no %s, expected a number from %llu to %llu",
			 what, (unsigned long long)least, (unsigned long long)most);
		return misuse_word(invocation, "", word, after);
	}
	*number = value;
	return 0;
}

/**
 * argument_origin() - read what follows the word "origin"
 * @arguments: @next stands after that word, and then after the origin
 * @origin: set on success
 */
int argument_origin(struct arguments *arguments, uint8_t *origin)
{
	const char *word = NULL;
	int wrong;

	wrong = argument_value(arguments, "an origin", &word);
	if (wrong)
		return wrong;
	*origin = policy_origin_find(word, strlen(word));
	if (!*origin)
		return misuse_word(arguments->invocation, "", word,
				   " is no origin, expected config or static");
	return 0;
}

/**
 * argument_generation() - read what follows the word "generation"
 * @arguments: @next stands after that word, and then after the number
 * @generation: set on success
 */
int argument_generation(struct arguments *arguments, uint64_t *generation)
{
	const char *word = NULL;
	int wrong;

	wrong = argument_value(arguments, "a number", &word);
	if (wrong)
		return wrong;
	return argument_number(arguments->invocation, word, "generation", 1, UINT64_MAX,
			       generation);
}

/**
 * argument_action() - read an action, if the word is one
 * @arguments: words of the command line
 * @word: the word
 * @action: 0 before an action was read; set on success
 *
 * Return: 0; -1 when @word is no action; or the exit code after it was said
 * that there are two.
 */
int argument_action(struct arguments *arguments, const char *word, uint8_t *action)
{
	uint8_t read = policy_action_find(word, strlen(word));

	if (!read)
		return -1;
	if (*action && *action != read)
		return misuse(arguments->invocation,
			      "one action for all CIDRs is expected, not %s and %s",
			      policy_action_name(*action), policy_action_name(read));
	*action = read;
	return 0;
}

/**
 * argument_family() - read -4 or -6
 * @word: a word of the command line
 * @family: set to AF_INET or AF_INET6 where it is one of them
 *
 * Return: whether it is one.
 */
bool argument_family(const char *word, uint8_t *family)
{
	if (!word_is(word, "-4") && !word_is(word, "-6"))
		return false;
	*family = word[1] == '4' ? AF_INET : AF_INET6;
	return true;
}

/**
 * argument_file() - open the file that a word names
 * @invocation: how the program was called
 * @name: the word, "-" for standard input; set to what errors should call it
 * @descriptor: set on success; the caller closes it
 */
int argument_file(const struct invocation *invocation, const char **name, int *descriptor)
{
	if (word_is(*name, "-")) {
		*descriptor = dup(STDIN_FILENO);
		*name = "standard input";
	} else {
		*descriptor = open(*name, O_RDONLY | O_CLOEXEC);
	}
	if (*descriptor < 0)
		return refuse_errno(invocation, errno, "%s: %s", *name, strerror(errno));
	return 0;
}

/**
 * argument_unknown() - say that a word means nothing here
 * @invocation: how the program was called
 * @word: the word
 * @known: the words that would have been right
 * @count: how many of them
 *
 * Return: EXIT_USAGE.
 */
int argument_unknown(const struct invocation *invocation, const char *word,
		     const char *const *known, size_t count)
{
	const char *nearest = suggest_nearest(word, known, count);
	char after[80] = " is not understood here";

	if (nearest)
		snprintf(after, sizeof(after), " is not understood here, did you mean \"%s\"?",
			 nearest);
	return misuse_word(invocation, "", word, after);
}

/**
 * no_arguments() - refuse words after a command that takes none
 * @invocation: how the program was called
 * @argc: as given to run()
 * @argv: as given to run()
 *
 * Return: 0 when there are none, else EXIT_USAGE.
 */
int no_arguments(const struct invocation *invocation, int argc, char **argv)
{
	if (argc < 2)
		return 0;
	return argument_unknown(invocation, argv[1], NULL, 0);
}

/**
 * connect_module() - open a client, or say why it cannot be
 * @invocation: how the program was called
 * @client: set on success; the caller closes it
 *
 * Return: 0, or the exit code after an error was printed.
 */
int connect_module(const struct invocation *invocation, struct client **client)
{
	int error;
	int result;

	error = client_open(client);
	if (!error)
		return 0;
	result = refuse_client(invocation, *client, error);
	client_close(*client);
	*client = NULL;
	return result;
}

/**
 * with_client() - do something with the module
 * @invocation: how the program was called
 * @act: does it: 0 or an exit code, or the negative errno of a call of the client that
 *	failed, of which nothing is printed yet
 * @data: handed to @act
 *
 * Return: the exit code.
 */
int with_client(const struct invocation *invocation, client_act act, void *data)
{
	struct client *client;
	int result = connect_module(invocation, &client);

	if (result)
		return result;
	result = act(invocation, client, data);
	if (result < 0)
		result = refuse_client(invocation, client, result);
	client_close(client);
	return result;
}
