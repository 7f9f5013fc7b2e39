// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of entries: for each a line
 *
 *	CIDR [skip|masquerade|snat ADDRESS[,ADDRESS...]] [for DURATION]
 *
 * A # begins a comment, empty lines count for nothing, and a line may end as on
 * Windows.
 */
#include "entry_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entry_detail.h"
#include "policy_text.h"
#include "text.h"

/* A line that is wrong is shown up to here. */
#define SHOWN	60

/**
 * entry_line_refuse() - say what is wrong with the line that is being read
 * @reader: the file
 * @error: negative errno
 * @format: as for printf(), without the file's name
 *
 * Return: @error.
 */
int entry_line_refuse(const struct entry_reader *reader, int error, const char *format, ...)
{
	va_list arguments;
	char *reason;

	*reader->error = NULL;
	va_start(arguments, format);
	if (vasprintf(&reason, format, arguments) < 0)
		reason = NULL;
	va_end(arguments);
	if (!reason)
		return error;
	if (reader->line) {
		if (asprintf(reader->error, "%s:%zu: %s", reader->name, reader->line, reason) < 0)
			*reader->error = NULL;
	} else if (asprintf(reader->error, "%s: %s", reader->name, reason) < 0) {
		*reader->error = NULL;
	}
	free(reason);
	return error;
}

/**
 * entry_word_refuse() - say what is wrong with a word of that line
 * @reader: the file
 * @word: the word, shown in quotes
 * @length: its bytes
 * @why: what it is, as in "no action"
 *
 * Return: -EINVAL.
 */
int entry_word_refuse(const struct entry_reader *reader, const char *word, size_t length,
		      const char *why)
{
	char *quoted = text_quote(word, length, SHOWN);
	int result;

	result = entry_line_refuse(reader, -EINVAL, "%s is %s", quoted ? quoted : "a word", why);
	free(quoted);
	return result;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/**
 * entry_next_word() - the next word of a line
 * @text: where to look, moved behind the word
 * @end: of the line
 *
 * Return: where the word begins; it is empty when that is @text.
 */
const char *entry_next_word(const char **text, const char *end)
{
	const char *word = *text;

	while (word < end && is_blank(*word))
		word++;
	*text = word;
	while (*text < end && !is_blank(**text))
		(*text)++;
	return word;
}

/* Takes what says why something was refused. */
static int refuse_reason(const struct entry_reader *reader, char *reason)
{
	entry_line_refuse(reader, -EINVAL, "%s", reason ? reason : "out of memory");
	free(reason);
	return -EINVAL;
}

/* The word, so that it ends with NUL. Words of addresses and durations are short. */
static char *copy_word(const char *word, const char *end)
{
	return strndup(word, end - word);
}

static int take_pool(const struct entry_reader *reader, const char *word, const char *end,
		     const struct cidr *cidr, struct policy_detail **detail)
{
	char *text = copy_word(word, end);
	struct cidr *addresses = NULL;
	char *reason = NULL;
	size_t count = 0;
	int error;

	error = text ? addresses_read(text, &addresses, &count, &reason) : -ENOMEM;
	if (!error)
		error = entry_pool_check(cidr, addresses, count, &reason);
	if (error) {
		refuse_reason(reader, reason);
	} else {
		*detail = policy_detail_new(0, addresses, count);
		if (!*detail)
			error = entry_line_refuse(reader, -ENOMEM, "out of memory");
	}
	free(addresses);
	free(text);
	return error;
}

static int take_timeout(const struct entry_reader *reader, const char *word, const char *end,
			struct policy_detail **detail)
{
	char *text = copy_word(word, end);
	char *reason = NULL;
	uint64_t timeout;
	int error;

	error = text ? entry_timeout_read(text, &timeout, &reason) : -ENOMEM;
	free(text);
	if (error) {
		refuse_reason(reader, reason);
		return error;
	}
	if (!*detail)
		*detail = policy_detail_new(timeout, NULL, 0);
	if (!*detail)
		return entry_line_refuse(reader, -ENOMEM, "out of memory");
	(*detail)->timeout = timeout;
	return 0;
}

/* The action's word is read already. */
static int take_action(const struct entry_reader *reader, const char *word, const char **line,
		       const char *end, struct policy_entry *entry)
{
	entry->action = policy_action_find(word, *line - word);
	if (!entry->action)
		return entry_word_refuse(reader, word, *line - word,
					 "no action, expected skip, masquerade or snat");
	if (entry->action != IPMASQ_ACTION_SNAT)
		return 0;
	word = entry_next_word(line, end);
	if (word == *line)
		return entry_line_refuse(reader, -EINVAL, "addresses are missing after snat");
	return take_pool(reader, word, *line, &entry->cidr, &entry->detail);
}

/**
 * entry_line_read() - read a line but for what may follow the entry
 * @reader: the file
 * @line: the line's text, moved behind what was read
 * @end: of the line, or of what is not a comment
 * @entry: set, with no origin; the caller frees its detail, also after an error
 *
 * Return: 0, or a negative errno after entry_line_refuse().
 */
int entry_line_read(const struct entry_reader *reader, const char **line, const char *end,
		    struct policy_entry *entry)
{
	const char *word = entry_next_word(line, end);
	char why[CIDR_WHY_MAX];
	const char *ahead;
	int error;

	memset(entry, 0, sizeof(*entry));
	entry->action = IPMASQ_ACTION_SKIP;
	if (cidr_read(word, *line - word, &entry->cidr, why))
		return entry_word_refuse(reader, word, *line - word, why);

	ahead = *line;
	word = entry_next_word(&ahead, end);
	if (word != ahead && !text_equals(word, ahead - word, "for")) {
		*line = ahead;
		error = take_action(reader, word, line, end, entry);
		if (error)
			return error;
		ahead = *line;
		word = entry_next_word(&ahead, end);
	}
	if (!text_equals(word, ahead - word, "for"))
		return 0;
	*line = ahead;
	word = entry_next_word(line, end);
	if (word == *line)
		return entry_line_refuse(reader, -EINVAL, "a duration is missing after for");
	return take_timeout(reader, word, *line, &entry->detail);
}

/**
 * entry_append() - take an entry that was read
 * @reader: the file
 * @entry: is copied to the reader's policy
 *
 * Return: 0, or -E2BIG or -ENOMEM after entry_line_refuse().
 */
int entry_append(const struct entry_reader *reader, const struct policy_entry *entry)
{
	if (reader->policy->count == ENTRY_FILE_MAX)
		return entry_line_refuse(reader, -E2BIG, "the file has more than %d entries",
					 ENTRY_FILE_MAX);
	if (policy_append(reader->policy, entry))
		return entry_line_refuse(reader, -ENOMEM, "out of memory");
	return 0;
}

static int take_entry(const struct entry_reader *reader, const char *line, const char *end)
{
	struct policy_entry entry;
	const char *word;
	int error;

	error = entry_line_read(reader, &line, end, &entry);
	if (!error) {
		word = entry_next_word(&line, end);
		error = word == line ? entry_append(reader, &entry) :
			entry_word_refuse(reader, word, line - word,
					  "too much, a line is a CIDR, an action and a time");
	}
	free(entry.detail);
	return error;
}

/* A line without its comment goes on, unless it is empty then. */
static int take_line(const struct entry_reader *reader, const char *line, size_t length)
{
	const char *comment = memchr(line, '#', length);
	const char *end = comment ? comment : line + length;

	while (line < end && is_blank(*line))
		line++;
	return line == end ? 0 : reader->take(reader, line, end);
}

/* All complete lines of the buffer; *used is set to their bytes. */
static int take_lines(struct entry_reader *reader, const char *buffer, size_t length,
		      size_t *used)
{
	const char *line = buffer;
	const char *end;
	int error;

	while ((end = memchr(line, '\n', buffer + length - line)) &&
	       end - line <= ENTRY_LINE_MAX) {
		reader->line++;
		error = take_line(reader, line, end - line);
		if (error)
			return error;
		line = end + 1;
	}
	*used = line - buffer;
	/* What is left is a line that goes on, or one that is too long. */
	if (length - *used > ENTRY_LINE_MAX) {
		reader->line++;
		return entry_line_refuse(reader, -EINVAL, "the line is longer than %d bytes", ENTRY_LINE_MAX);
	}
	return 0;
}

/**
 * entry_lines_read() - read a file line by line
 * @reader: @name, @policy, @error and @take are set; @error gets one line,
 *	"NAME:LINE: what is wrong", which the caller frees, or NULL where there
 *	was no memory for it
 * @descriptor: open for reading; stays open
 *
 * Return: 0, -EINVAL for a wrong line, -E2BIG, -ENOMEM, or the negative errno of
 * reading.
 */
int entry_lines_read(struct entry_reader *reader, int descriptor)
{
	char buffer[64 * 1024];
	size_t kept = 0;
	size_t used;
	ssize_t got;
	int failed;

	for (;;) {
		got = read(descriptor, buffer + kept, sizeof(buffer) - kept);
		if (got < 0) {
			if (errno == EINTR)
				continue;
			failed = -errno;
			reader->line = 0;
			return entry_line_refuse(reader, failed, "%s", strerror(-failed));
		}
		if (got == 0)
			break;
		kept += got;
		failed = take_lines(reader, buffer, kept, &used);
		if (failed)
			return failed;
		kept -= used;
		memmove(buffer, buffer + used, kept);
	}
	/* The last line need not end. */
	reader->line++;
	return take_line(reader, buffer, kept);
}

/**
 * entry_text_read() - read the text of a file line by line
 * @reader: as for entry_lines_read()
 * @text: the text
 * @length: its bytes
 *
 * Return: as entry_lines_read().
 */
int entry_text_read(struct entry_reader *reader, const char *text, size_t length)
{
	size_t used;
	int error = take_lines(reader, text, length, &used);

	if (error)
		return error;
	reader->line++;
	return take_line(reader, text + used, length - used);
}

/**
 * entry_file_read() - read a file of entries
 * @descriptor: open for reading; stays open
 * @name: what to call the file in errors
 * @policy: the entries are appended, with no origin
 * @error: as in entry_lines_read()
 *
 * Return: as entry_lines_read().
 */
int entry_file_read(int descriptor, const char *name, struct policy *policy, char **error)
{
	struct entry_reader reader = {
		.name = name,
		.policy = policy,
		.error = error,
		.take = take_entry,
	};

	return entry_lines_read(&reader, descriptor);
}
