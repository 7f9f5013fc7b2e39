// SPDX-License-Identifier: GPL-2.0-or-later
/* How results and errors are printed, as text or as JSON. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client.h"
#include "ipmasqctl.h"
#include "presence_name.h"

/* Keys stay in the order in which they were set: that order is for people. */
#define JSON_FLAGS	(JSON_PRESERVE_ORDER | JSON_ENCODE_ANY)

/* How the whole of it is laid out. */
static size_t json_layout = JSON_INDENT(2);

/* What a terminal of which nothing is known has. */
#define COLUMNS 80

/**
 * is_terminal() - whether escape sequences may be written
 * @descriptor: standard output or standard error
 *
 * A terminal of which nothing is known, or that TERM calls dumb, would show them.
 */
bool is_terminal(int descriptor)
{
	const char *kind = getenv("TERM");

	return isatty(descriptor) && kind && *kind && strcmp(kind, "dumb") != 0;
}

/**
 * line_columns() - how many characters a line of standard output may have
 *
 * $COLUMNS where that is set, as for other programs; a terminal's own width; in a pipe or a
 * file no limit, so that a record is one line there.
 */
int line_columns(void)
{
	const char *set = getenv("COLUMNS");
	int columns = set ? atoi(set) : 0;
	struct winsize size;

	if (columns > 0)
		return columns;
	if (!isatty(STDOUT_FILENO))
		return INT_MAX;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? COLUMNS : size.ws_col;
}

/**
 * print_header() - print the names of a table's columns, unless --no-header was given
 * @invocation: how the program was called
 * @format: as of printf(), with the end of the line
 */
void print_header(const struct invocation *invocation, const char *format, ...)
{
	va_list arguments;

	if (invocation->no_header)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

/**
 * print_json_compactly() - from now on, print_json() prints one line without blanks
 */
void print_json_compactly(void)
{
	json_layout = JSON_COMPACT;
}

/**
 * json_break() - what separates lines of a value that is printed by hand
 * @indent: blanks ahead of the next line: 0, 2 or 4
 */
const char *json_break(unsigned int indent)
{
	static const char *const breaks[] = { "\n", [2] = "\n  ", [4] = "\n    " };

	return json_layout == JSON_COMPACT ? "" : breaks[indent];
}

/**
 * print_json() - print a value, and free it
 * @value: the whole output of a command; NULL stands for one that had no memory
 *
 * Return: enum exit_code. That standard output took it is checked by main().
 */
int print_json(json_t *value)
{
	int failed;

	if (!value) {
		fputs("ipmasqctl: out of memory\n", stderr);
		return EXIT_REFUSED;
	}
	failed = json_dumpf(value, stdout, JSON_FLAGS | json_layout);
	json_decref(value);
	putchar('\n');
	/* Either main() finds that standard output has failed, or it is this. */
	if (failed && !ferror(stdout)) {
		fputs("ipmasqctl: out of memory\n", stderr);
		return EXIT_REFUSED;
	}
	return EXIT_DONE;
}

/**
 * print_filled() - print a list behind its label
 * @start: the column where it stands: what is on the line already
 * @text: words with commas between them, or commas and blanks
 *
 * Lines end behind a comma before they are longer than line_columns(); the last one
 * does not end.
 */
void print_filled(int start, const char *text)
{
	int columns = line_columns();
	int column = start;

	for (;;) {
		int length = (int)strcspn(text, ",");
		bool last = !text[length];

		if (column > start && column + length + !last > columns) {
			printf("\n%*s", start, "");
			column = start;
			length -= *text == ' ';
			text += *text == ' ';
		}
		column += printf("%.*s%s", length, text, last ? "" : ",");
		if (last)
			break;
		text += length + 1;
	}
}

/* The symbol that <errno.h> has for a number; not every C library can tell. */
static const char *errno_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
#define NAME(symbol) { symbol, #symbol }
		NAME(E2BIG), NAME(EACCES), NAME(EADDRINUSE), NAME(EAFNOSUPPORT), NAME(EAGAIN),
		NAME(EBADMSG), NAME(EBUSY), NAME(EEXIST), NAME(EINTR), NAME(EINVAL), NAME(EIO),
		NAME(EISDIR), NAME(EMFILE), NAME(EMSGSIZE), NAME(ENETUNREACH), NAME(ENFILE),
		NAME(EHOSTUNREACH), NAME(ENOBUFS), NAME(ENODEV), NAME(ENOENT), NAME(ENOMEM),
		NAME(ENOSPC), NAME(ENOSYS), NAME(ENOTDIR), NAME(ENOTSUP), NAME(EPERM),
		NAME(EPROTONOSUPPORT), NAME(ERANGE), NAME(ESTALE),
#undef NAME
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return "refused";
}

/* One line on standard error. Names of files may hold what a terminal would act on, and line
 * breaks that would make it two.
 */
static void print_message(const char *message)
{
	for (; *message; message++) {
		if ((unsigned char)*message < ' ' || *message == 0x7f)
			fprintf(stderr, "\\x%02x", (unsigned char)*message);
		else
			fputc(*message, stderr);
	}
	fputc('\n', stderr);
}

/* Takes details over. */
static int print_error(const struct invocation *invocation, enum exit_code exit_code,
		       const char *code, json_t *details, const char *message)
{
	json_t *error;

	/* What was printed before belongs above the error. */
	fflush(stdout);
	if (!invocation->json) {
		fputs("ipmasqctl: ", stderr);
		print_message(message);
		json_decref(details);
		return exit_code;
	}

	error = json_pack("{s:s, s:s}", "message", message, "code", code);
	if (!error)	/* The message may hold bytes that are no UTF-8. */
		error = json_pack("{s:s, s:s}", "message", "the text of the error is not UTF-8",
				  "code", code);
	if (details) {
		json_object_update_missing(error, details);
		json_decref(details);
	}
	print_json(json_pack("{s:o}", "error", error));
	return exit_code;
}

static int vprint_error(const struct invocation *invocation, enum exit_code exit_code,
			const char *code, json_t *details, const char *format,
			va_list arguments)
{
	char *message;
	int result;

	if (vasprintf(&message, format, arguments) < 0)
		return print_error(invocation, exit_code, code, details, "out of memory");
	result = print_error(invocation, exit_code, code, details, message);
	free(message);
	return result;
}

/**
 * warn() - say something that is no error, on standard error
 * @invocation: how the program was called
 * @format: one line
 */
void warn(const struct invocation *invocation, const char *format, ...)
{
	va_list arguments;
	char *message;

	(void)invocation;
	va_start(arguments, format);
	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	va_end(arguments);
	fflush(stdout);
	fputs("ipmasqctl: warning: ", stderr);
	print_message(message ? message : "out of memory");
	free(message);
}

/**
 * warn_of_daemon() - say that a change will not last, where an ipmasqd is at work
 * @invocation: how the program was called
 *
 * For changes of settings and of config entries, before they are made.
 */
void warn_of_daemon(const struct invocation *invocation)
{
	char who[PRESENCE_TEXT_MAX];

	if (presence_look(who, sizeof(who)))
		warn(invocation,
		     "ipmasqd is at work here, %s, and puts back what its own file says; change that one instead",
		     who);
}

/**
 * refuse() - print an error
 * @invocation: how the program was called
 * @format: one line
 *
 * Return: EXIT_REFUSED.
 */
int refuse(const struct invocation *invocation, const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vprint_error(invocation, EXIT_REFUSED, "refused", NULL, format, arguments);
	va_end(arguments);
	return result;
}

/**
 * refuse_errno() - print an error that has an errno
 * @invocation: how the program was called
 * @error: errno, with either sign; it becomes the JSON code
 * @format: one line, which says the errno's text itself where that is of use
 *
 * Return: EXIT_REFUSED.
 */
int refuse_errno(const struct invocation *invocation, int error, const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vprint_error(invocation, EXIT_REFUSED, errno_name(abs(error)), NULL, format,
			      arguments);
	va_end(arguments);
	return result;
}

/**
 * refuse_details() - print an error that has more to say in JSON
 * @invocation: how the program was called
 * @details: members for the JSON object besides message and code, which it must
 *	not hold; taken over
 * @format: one line
 *
 * Return: EXIT_REFUSED.
 */
int refuse_details(const struct invocation *invocation, json_t *details,
		   const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vprint_error(invocation, EXIT_REFUSED, "refused", details, format, arguments);
	va_end(arguments);
	return result;
}

/**
 * refuse_client() - print what a failed call of the client said
 * @invocation: how the program was called
 * @client: the client, still open
 * @error: what the call returned
 *
 * Return: EXIT_REFUSED.
 */
int refuse_client(const struct invocation *invocation, const struct client *client, int error)
{
	return refuse_errno(invocation, error, "%s", client_error(client));
}

/**
 * misuse() - print what is wrong with the command line, and where to read on
 * @invocation: how the program was called
 * @format: one line
 *
 * Return: EXIT_USAGE.
 */
int misuse(const struct invocation *invocation, const char *format, ...)
{
	va_list arguments;
	char *message;
	int result;

	va_start(arguments, format);
	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	va_end(arguments);
	if (!message)
		return print_error(invocation, EXIT_USAGE, "usage", NULL, "out of memory");

	if (invocation->json) {
		result = print_error(invocation, EXIT_USAGE, "usage", NULL, message);
	} else {
		fflush(stdout);
		fprintf(stderr, "ipmasqctl: %s (see \"ipmasqctl help%s%s\")\n", message,
			invocation->command ? " " : "",
			invocation->command ? invocation->command->name : "");
		result = EXIT_USAGE;
	}
	free(message);
	return result;
}
