// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One write to standard error for each line, so that lines never mix with
 * those of another process on the same pipe. The journal takes the level from
 * a "<N>" in front (sd-daemon(3)) and adds the time itself; anybody else gets
 * the time and the level as words, or a JSON object a line.
 */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "json_text.h"

/* Whoever reads standard error may be slow, or be stopped. A line waits for so long, and
 * those after it not at all, until there is room again.
 */
#define PATIENCE_MILLISECONDS 100

/* What a pipe or a socket that can be written takes without waiting: a pipe is writable
 * when so much is free (pipe(7), PIPE_BUF), a socket when most of its buffer is.
 */
#define PIECE_BYTES 4096

/* A line that is longer is cut; the caller's texts stay far below. */
#define LINE_MAX_BYTES 8192

static struct {
	enum log_format format;
	bool journal;
	bool debug;
	unsigned long lost;	/* lines that standard error did not take */
} settings;

static const char *level_name(int priority)
{
	switch (priority) {
	case LOG_ERR:
		return "error";
	case LOG_WARNING:
		return "warning";
	case LOG_NOTICE:
		return "notice";
	case LOG_DEBUG:
		return "debug";
	default:
		return "info";
	}
}

/* Whether standard error is the stream that the journal gave us: it says which
 * device and inode that is, because a later redirection leaves the variable set.
 */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat stat;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 ||
	    fstat(STDERR_FILENO, &stat))
		return false;
	return stat.st_dev == device && stat.st_ino == inode;
}

static void format_time(char *text, size_t room)
{
	struct timespec now;
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(text, room, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, room - used, ".%03ldZ", now.tv_nsec / 1000000);
}

/* The text of a file can hold anything; a log line must stay one line, and a
 * terminal that shows it must not obey it.
 */
static void put_printable(FILE *stream, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '\t' || (byte >= ' ' && byte != 0x7f))
			fputc(byte, stream);
		else
			fprintf(stream, "\\x%02x", byte);
	}
}

/* Whether standard error takes PIECE_BYTES within a time. */
static bool has_room(int milliseconds)
{
	struct pollfd output = { .fd = STDERR_FILENO, .events = POLLOUT };
	int result;

	do {
		result = poll(&output, 1, milliseconds);
	} while (result < 0 && errno == EINTR);
	return result > 0 && output.revents & POLLOUT;
}

static void put(const char *line, size_t length)
{
	while (length) {
		size_t piece = length < PIECE_BYTES ? length : PIECE_BYTES;
		ssize_t written;

		if (!has_room(settings.lost ? 0 : PATIENCE_MILLISECONDS)) {
			settings.lost++;
			return;
		}
		written = write(STDERR_FILENO, line, piece);
		/* Nobody is left to tell. */
		if (written <= 0)
			return;
		line += written;
		length -= (size_t)written;
	}
}

/* What nobody was there to read is counted, and said once somebody is. */
static void put_lost(void)
{
	unsigned long lost = settings.lost;

	if (!lost || !has_room(0))
		return;
	settings.lost = 0;
	log_line(LOG_WARNING, "%lu lines of the log were lost: standard error was blocked", lost);
}

static void put_json(int priority, const char *message, const struct config_problem *problem)
{
	char line[LINE_MAX_BYTES];
	char time[32];
	FILE *stream = fmemopen(line, sizeof(line) - 2, "w");
	long length;

	if (!stream)
		return;
	format_time(time, sizeof(time));
	fprintf(stream, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":", time,
		level_name(priority));
	json_text(stream, message);
	if (problem && problem->file) {
		fputs(",\"file\":", stream);
		json_text(stream, problem->file);
	}
	if (problem && problem->line > 0)
		fprintf(stream, ",\"line\":%d", problem->line);
	if (problem && problem->column > 0)
		fprintf(stream, ",\"column\":%d", problem->column);
	if (problem && problem->source) {
		fputs(",\"source\":", stream);
		json_text(stream, problem->source);
	}
	fputc('}', stream);
	fflush(stream);
	length = ftell(stream);
	fclose(stream);
	/* A cut object would be no JSON; say so in one that is. */
	if (length < 0 || (size_t)length >= sizeof(line) - 2)
		length = snprintf(line, sizeof(line) - 2,
				  "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"a message of more than %zu bytes was left out\"}",
				  time, level_name(priority), sizeof(line) - 2);
	line[length] = '\n';
	put(line, (size_t)length + 1);
}

static void put_text(int priority, const char *message, size_t length)
{
	char line[LINE_MAX_BYTES];
	char time[32];
	FILE *stream = fmemopen(line, sizeof(line) - 1, "w");
	long used;

	if (!stream)
		return;
	if (settings.journal) {
		fprintf(stream, "<%d>", priority);
	} else {
		format_time(time, sizeof(time));
		fprintf(stream, "%s %s ", time, level_name(priority));
	}
	put_printable(stream, message, length);
	fflush(stream);
	used = ftell(stream);
	fclose(stream);
	if (used < 0)
		return;
	if ((size_t)used > sizeof(line) - 1)
		used = sizeof(line) - 1;
	line[used] = '\n';
	put(line, (size_t)used + 1);
}

/**
 * log_open() - say how lines shall look
 * @format: text or JSON
 * @debug: also write what has priority LOG_DEBUG
 */
void log_open(enum log_format format, bool debug)
{
	settings.format = format;
	settings.debug = debug;
	settings.journal = is_journal();
}

/**
 * log_line() - write one message to standard error
 * @priority: LOG_ERR to LOG_DEBUG of syslog(3)
 * @format: as printf, without a newline at its end
 */
void log_line(int priority, const char *format, ...)
{
	char message[LINE_MAX_BYTES / 2];
	va_list arguments;

	if (priority == LOG_DEBUG && !settings.debug)
		return;
	put_lost();
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (settings.format == LOG_FORMAT_JSON)
		put_json(priority, message, NULL);
	else
		put_text(priority, message, strlen(message));
}

/**
 * log_problem() - write what is wrong with a configuration file
 * @problem: its place and text; in JSON they are members of their own
 */
void log_problem(const struct config_problem *problem)
{
	int priority = problem->severity == CONFIG_ERROR ? LOG_ERR : LOG_WARNING;
	const char *line;
	char *text;

	put_lost();
	if (settings.format == LOG_FORMAT_JSON) {
		put_json(priority, problem->message, problem);
		return;
	}
	text = config_problem_format(problem);
	for (line = text ? text : problem->message; *line; line += *line == '\n') {
		size_t length = strcspn(line, "\n");

		put_text(priority, line, length);
		line += length;
	}
	free(text);
}
