// SPDX-License-Identifier: GPL-2.0-or-later
/* Problems of a file: collect, sort and format them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "text.h"

/* A line of the file is shown up to this many characters, around the place. */
#define SHOWN_MAX 120
#define SHOWN_BEFORE 60

static size_t next_character(const char *text, size_t length)
{
	uint32_t character;
	size_t width = utf8_decode(text, length, &character);

	return width ? width : 1;
}

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

/* Where the part of the line that is shown begins: at the line's start, or some
 * characters before the place where that is far away.
 */
static size_t find_start(const char *text, size_t line_start, size_t place, size_t column,
			 size_t *shown_before)
{
	size_t from = place;

	*shown_before = column - 1;
	if (column <= SHOWN_MAX)
		return line_start;
	for (*shown_before = 0; *shown_before < SHOWN_BEFORE; (*shown_before)++) {
		from--;
		while (from > line_start && (text[from] & 0xc0) == 0x80)
			from--;
	}
	return from;
}

/* Fills in the line, the column, and the part of the line that is shown. */
static void locate(struct config_source *source, size_t offset, struct config_problem *problem)
{
	const char *text = source->text;
	const char *before, *after = "";
	size_t from, to, shown_before;
	size_t count = 0;
	char *shown;

	problem->line = config_source_line(source, offset);
	problem->column = (int)(source->fixed.line ? source->fixed.column :
						     source->mark.column + source->indent);
	from = find_start(text, source->mark.line_start, source->mark.offset,
			  source->mark.column, &shown_before);
	before = from > source->mark.line_start ? "..." : "";

	for (to = from; to < source->text_length && !ends_line(text[to]); count++) {
		if (count == SHOWN_MAX) {
			after = "...";
			break;
		}
		to += next_character(text + to, source->text_length - to);
	}
	shown = text_printable(text + from, to - from);
	if (!shown)
		return;
	if (asprintf(&problem->source, "%s%s%s", before, shown, after) < 0)
		problem->source = NULL;
	else
		problem->caret = (int)(strlen(before) + shown_before + 1);
	free(shown);
}

static bool is_after(const struct config_problem *a, const struct config_problem *b)
{
	if (a->line != b->line)
		return a->line > b->line;
	return a->column > b->column;
}

/* Problems of one file stand in the order of its lines, whatever found them. */
static void insert(struct config_problems *problems, const struct config_problem *problem)
{
	size_t i = problems->count++;

	while (i && problems->list[i - 1].file && problem->file &&
	       !strcmp(problems->list[i - 1].file, problem->file) &&
	       is_after(&problems->list[i - 1], problem)) {
		problems->list[i] = problems->list[i - 1];
		i--;
	}
	problems->list[i] = *problem;
	if (problem->severity == CONFIG_ERROR)
		problems->errors++;
}

static bool grow(struct config_problems *problems)
{
	struct config_problem *larger;

	/* Room is a power of two, so a count that is one is full. */
	if (problems->count & (problems->count - 1))
		return true;
	larger = reallocarray(problems->list, problems->count ? problems->count * 2 : 1,
			      sizeof(*larger));
	if (larger)
		problems->list = larger;
	return larger;
}

/* Make a message one line, whatever characters the file names in it contain. */
static char *format_message(const char *format, va_list arguments)
{
	char *printable;
	char *text;
	int length = vasprintf(&text, format, arguments);

	if (length < 0)
		return NULL;
	printable = text_printable(text, (size_t)length);
	free(text);
	return printable;
}

static void vreport(struct config_source *source, enum config_severity severity, size_t offset,
		    const char *format, va_list arguments)
{
	struct config_problems *problems = source->problems;
	struct config_problem problem = { .severity = severity };

	if (problems->count >= CONFIG_PROBLEMS_MAX &&
	    (problems->errors || severity == CONFIG_WARNING)) {
		source->unsaid++;
		return;
	}
	if (!grow(problems)) {
		/* Without memory for the text the verdict still has to be right. */
		problems->errors += severity == CONFIG_ERROR;
		return;
	}
	problem.message = format_message(format, arguments);
	problem.file = strdup(source->path);
	if (offset != CONFIG_NOWHERE && source->text)
		locate(source, offset, &problem);
	insert(problems, &problem);
}

/**
 * config_report() - report a problem at a place
 * @source: the file
 * @severity: whether the file is refused for it
 * @offset: byte of the file's text, or CONFIG_NOWHERE
 * @format: what is wrong with the value in quotes; what would be right
 */
void config_report(struct config_source *source, enum config_severity severity, size_t offset,
		   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vreport(source, severity, offset, format, arguments);
	va_end(arguments);
}

/**
 * config_complain() - config_report() of an error
 * @source: the file
 * @offset: byte of the file's text, or CONFIG_NOWHERE
 * @format: what is wrong with the value in quotes; what would be right
 */
void config_complain(struct config_source *source, size_t offset, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vreport(source, CONFIG_ERROR, offset, format, arguments);
	va_end(arguments);
}

/**
 * config_warn() - config_report() of what is an error under --strict
 * @source: the file
 * @offset: byte of the file's text, or CONFIG_NOWHERE
 * @format: what is wrong with the value in quotes; what would be right
 */
void config_warn(struct config_source *source, size_t offset, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vreport(source, source->flags->strict ? CONFIG_ERROR : CONFIG_WARNING, offset, format,
		arguments);
	va_end(arguments);
}

/**
 * config_report_unsaid() - report how many problems were left out
 * @source: the file, read to its end
 */
void config_report_unsaid(struct config_source *source)
{
	struct config_problem problem = { 0 };

	if (!source->unsaid || !grow(source->problems))
		return;
	problem.severity = source->problems->errors ? CONFIG_ERROR : CONFIG_WARNING;
	if (asprintf(&problem.message, "%zu more problems are not listed", source->unsaid) < 0)
		problem.message = NULL;
	problem.file = strdup(source->path);
	source->problems->list[source->problems->count++] = problem;
	source->problems->errors += problem.severity == CONFIG_ERROR;
	source->unsaid = 0;
}

/**
 * config_problems_clear() - free what a reading found
 * @problems: is empty afterwards
 */
void config_problems_clear(struct config_problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		free(problems->list[i].file);
		free(problems->list[i].message);
		free(problems->list[i].source);
	}
	free(problems->list);
	memset(problems, 0, sizeof(*problems));
}

/* Blanks up to the caret, with the tabs of the line, so that it lines up. */
static char *caret_line(const struct config_problem *problem)
{
	size_t length = strlen(problem->source);
	char *line = malloc(length + (size_t)problem->caret + 2);
	size_t offset = 0;
	int column;

	if (!line)
		return NULL;
	for (column = 1; column < problem->caret; column++) {
		line[column - 1] = offset < length && problem->source[offset] == '\t' ? '\t' : ' ';
		if (offset < length)
			offset += next_character(problem->source + offset, length - offset);
	}
	strcpy(line + column - 1, "^");
	return line;
}

/**
 * config_problem_format() - a problem as text, the same wherever it is shown
 * @problem: the problem
 *
 * Return: "file:line:column: error: message", and where a place is known two
 * more lines: the file's line and a caret. No newline at the end. The caller
 * frees it. NULL without memory.
 */
char *config_problem_format(const struct config_problem *problem)
{
	const char *severity = problem->severity == CONFIG_ERROR ? "error" : "warning";
	const char *message = problem->message ? problem->message : "out of memory";
	const char *path = problem->file ? problem->file : "configuration";
	char *file = text_printable(path, strlen(path));
	char *caret = NULL;
	char *text = NULL;
	int length;

	if (!file)
		return NULL;
	if (problem->line && problem->source && problem->caret)
		caret = caret_line(problem);
	if (!problem->line)
		length = asprintf(&text, "%s: %s: %s", file, severity, message);
	else if (caret)
		length = asprintf(&text, "%s:%d:%d: %s: %s\n    %s\n    %s", file, problem->line,
				  problem->column, severity, message, problem->source, caret);
	else
		length = asprintf(&text, "%s:%d:%d: %s: %s", file, problem->line, problem->column,
				  severity, message);
	free(caret);
	free(file);
	return length < 0 ? NULL : text;
}
