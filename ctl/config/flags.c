// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reference agent's command line, read as Go's package flag reads it: one
 * or two dashes, "=value" or the next word for a value, a bool alone is true,
 * and the first word that is no flag ends the flags.
 */
#include "flags.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "go/klog.h"
#include "duration.h"
#include "suggest.h"
#include "text.h"

/* Flags that both programs have: the reference agent's own, of which most are settings,
 * and then ours.
 */
enum shared_flag {
	FLAG_MASQ_CHAIN = SETTING_COUNT,
	REFERENCE_FLAGS,
	FLAG_STRICT = REFERENCE_FLAGS,
	FLAG_CONFIG_DIR,
	SHARED_FLAGS
};

#define HELP_COLUMNS 78

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

__attribute__((format(printf, 2, 3)))
static int report(char **error, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(error, format, arguments);
	va_end(arguments);
	if (length >= 0)
		return -EINVAL;
	*error = NULL;
	return -ENOMEM;
}

/* NULL for a setting that is no flag. */
static const char *flag_name(enum setting setting, char word[SETTING_WORD_MAX])
{
	const struct setting_row *row = &setting_table[setting];

	if (row->flag_name || !row->flag)
		return row->flag_name;
	return setting_word(setting, word);
}

static void describe_shared(struct config_command_line *line, struct config_flag *shared,
			    char words[SETTING_COUNT][SETTING_WORD_MAX])
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		shared[i] = (struct config_flag) {
			flag_name((enum setting)i, words[i]), CONFIG_FLAG_TEXT, &line->text[i] };
		if (row->type == SETTING_TYPE_BOOL)
			shared[i] = (struct config_flag) {
				shared[i].name, CONFIG_FLAG_BOOL, &line->flags.value[i].truth };
	}
	shared[FLAG_MASQ_CHAIN] = (struct config_flag) {
		"masq-chain", CONFIG_FLAG_TEXT, &line->masq_chain };
	shared[FLAG_STRICT] = (struct config_flag) {
		"strict", CONFIG_FLAG_BOOL, &line->flags.strict };
	shared[FLAG_CONFIG_DIR] = (struct config_flag) {
		"config-dir", CONFIG_FLAG_TEXT, &line->config_directory };
}

static const struct config_flag *find_flag(const char *name, size_t length,
					   const struct config_flag *table, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (table[i].name && text_equals(name, length, table[i].name))
			return &table[i];
	}
	return NULL;
}

/* The words that Go's strconv.ParseBool takes, and no others. */
static int parse_bool(const char *text, bool *value)
{
	static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
	static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };
	size_t i;

	for (i = 0; i < COUNT(yes); i++) {
		if (!strcmp(text, yes[i])) {
			*value = true;
			return 0;
		}
		if (!strcmp(text, no[i])) {
			*value = false;
			return 0;
		}
	}
	return -EINVAL;
}

static int unknown_flag(const char *name, size_t length, const struct config_flag *shared,
			const struct config_flag *own, size_t own_count, char **error)
{
	const char *known[SHARED_FLAGS + 64];
	const char *nearest = NULL;
	size_t count = 0;
	size_t i;
	char *word;

	for (i = 0; i < SHARED_FLAGS; i++) {
		if (shared[i].name)
			known[count++] = shared[i].name;
	}
	for (i = 0; i < own_count && count < COUNT(known); i++)
		known[count++] = own[i].name;

	word = strndup(name, length);
	if (word)
		nearest = suggest_nearest(word, known, count);
	free(word);
	if (nearest)
		return report(error, "unknown flag --%.*s, did you mean --%s?", (int)length, name,
			      nearest);
	return report(error, "unknown flag --%.*s", (int)length, name);
}

static int set_flag(const struct config_flag *flag, const char *value, char **error)
{
	bool boolean;

	if (flag->kind == CONFIG_FLAG_TEXT) {
		if (flag->target)
			*(const char **)flag->target = value;
		return 0;
	}
	if (!value)
		value = "true";
	if (parse_bool(value, &boolean))
		return report(error, "--%s is \"%s\", expected true or false", flag->name, value);
	if (flag->target)
		*(bool *)flag->target = boolean;
	return 0;
}

/**
 * config_flags_init() - initialize the values for a command line without flags
 * @line: is overwritten
 */
void config_flags_init(struct config_command_line *line)
{
	int i;

	*line = (struct config_command_line) { 0 };
	for (i = 0; i < SETTING_COUNT; i++) {
		if (setting_table[i].type == SETTING_TYPE_BOOL)
			line->flags.value[i].truth = setting_table[i].initial;
	}
}

/**
 * config_flags_parse() - read flags up to the first word that is none
 * @line: from config_flags_init(); a flag overwrites its earlier value
 * @argc: words in @argv
 * @argv: the words, without the program's name; line borrows from them
 * @own: additional flags of the calling program
 * @own_count: how many of them
 * @error: set to one line that explains an error; the caller frees it
 *
 * The shared flags are those of the reference agent (klog's included, which do
 * nothing), --strict and --config-dir. A "--" is read too and ends the flags;
 * see @line->ended. Call config_flags_finish() once after the last call.
 *
 * Return: how many words were read, -EINVAL with @error, CONFIG_FLAGS_HELP,
 * or -ENOMEM.
 */
int config_flags_parse(struct config_command_line *line, int argc, char **argv,
		       const struct config_flag *own, size_t own_count, char **error)
{
	char words[SETTING_COUNT][SETTING_WORD_MAX];
	struct config_flag shared[SHARED_FLAGS];
	int i;

	*error = NULL;
	describe_shared(line, shared, words);
	for (i = 0; i < argc && !line->ended; i++) {
		const struct klog_flag *logging = NULL;
		const struct config_flag *flag;
		const char *word = argv[i];
		const char *value = NULL;
		size_t length;
		int result;

		if (word[0] != '-' || !word[1])
			break;
		if (!strcmp(word, "--")) {
			line->ended = true;
			continue;
		}
		word += word[1] == '-' ? 2 : 1;
		if (*word == '-' || *word == '=')
			return report(error, "bad flag \"%s\", expected --NAME or --NAME=VALUE",
				      argv[i]);
		length = strcspn(word, "=");
		if (word[length])
			value = word + length + 1;

		flag = find_flag(word, length, shared, COUNT(shared));
		if (!flag)
			flag = find_flag(word, length, own, own_count);
		if (!flag)
			logging = klog_flag_find(word, length);
		if (logging)
			flag = &logging->flag;
		if (!flag && ((length == 1 && *word == 'h') ||
			      text_equals(word, length, "help")))
			return CONFIG_FLAGS_HELP;
		if (!flag)
			return unknown_flag(word, length, shared, own, own_count, error);

		if (flag->kind == CONFIG_FLAG_TEXT && !value) {
			if (i + 1 == argc)
				return report(error, "--%s needs a value", flag->name);
			value = argv[++i];
		}
		if (logging && logging->takes && !logging->takes(value))
			return report(error, "--%s is \"%s\", expected %s", flag->name, value,
				      logging->expected);
		result = set_flag(flag, value, error);
		if (result)
			return result;
	}
	return i;
}

/**
 * config_flags_are_reference() - whether the reference agent has each of the flags
 * @argc: words in @argv
 * @argv: the words, without the program's name; also those behind a word that ends
 *	the flags are looked at
 *
 * On such a command line a word that is no flag has to mean what it means there:
 * that it and what follows it is ignored. On any other it is a mistake.
 *
 * Return: whether no word that looks like a flag is another one.
 */
bool config_flags_are_reference(int argc, char **argv)
{
	char words[SETTING_COUNT][SETTING_WORD_MAX];
	struct config_flag shared[SHARED_FLAGS];
	struct config_command_line line;
	int i;

	describe_shared(&line, shared, words);
	for (i = 0; i < argc; i++) {
		const char *name = argv[i];
		size_t length;

		if (name[0] != '-' || !name[1] || !strcmp(name, "--"))
			continue;
		name += name[1] == '-' ? 2 : 1;
		length = strcspn(name, "=");
		if (!find_flag(name, length, shared, REFERENCE_FLAGS) &&
		    !klog_flag_find(name, length))
			return false;
	}
	return true;
}

/* A number is one of seconds, as for ip-masq-agent-v2, of at most this many digits. */
#define SECONDS_DIGITS_MAX 9

static int finish_duration(struct config_command_line *line, enum setting key, char **error)
{
	const char *text = line->text[key];
	size_t digits = strspn(text, "0123456789");
	char word[SETTING_WORD_MAX];
	const char *reason = NULL;
	int64_t time = 0;

	if (digits && digits <= SECONDS_DIGITS_MAX && !text[digits])
		time = strtol(text, NULL, 10) * INT64_C(1000000000);
	else if (duration_parse(text, strlen(text), &time, &reason) || time < 0)
		return report(error, "--%s is \"%s\", expected seconds or a duration such as 90s",
			      flag_name(key, word), text);
	/* 0 is for none. */
	line->flags.value[key].number = time ? time : CONFIG_RESYNC_MIN;
	return 0;
}

static int finish_text(struct config_command_line *line, enum setting key, char **error)
{
	struct config_ports *ports = &line->flags.value[key].ports;
	char word[SETTING_WORD_MAX];
	char *reason = NULL;
	int result;

	if (setting_table[key].type == SETTING_TYPE_DURATION && line->text[key])
		return finish_duration(line, key, error);
	if (setting_table[key].type != SETTING_TYPE_PORTS || !line->text[key] || !*line->text[key])
		return 0;
	result = port_ranges_parse(line->text[key], &ports->ranges, &ports->count, &reason);
	if (result && reason)
		result = report(error, "--%s: %s", flag_name(key, word), reason);
	free(reason);
	return result;
}

/**
 * config_flags_finish() - work out what needs all flags
 * @line: after the last config_flags_parse()
 * @error: set to one line that explains an error; the caller frees it
 *
 * Reads the last --to-ports; as in the reference agent an empty one is none.
 *
 * Return: 0, -EINVAL with @error, or -ENOMEM.
 */
int config_flags_finish(struct config_command_line *line, char **error)
{
	int result = 0;
	int i;

	*error = NULL;
	for (i = 0; i < SETTING_COUNT && !result; i++)
		result = finish_text(line, (enum setting)i, error);
	return result;
}

/**
 * config_flags_print_help() - write an explanation; its words fill the lines
 * @stream: where to
 * @column: at which each line begins, and at which the first one is
 * @help: the explanation
 */
void config_flags_print_help(FILE *stream, int column, const char *help)
{
	int length = 0;

	while (*help) {
		int word = (int)strcspn(help, " ");

		if (length && column + length + 1 + word > HELP_COLUMNS) {
			fprintf(stream, "\n%*s", column, "");
			length = 0;
		}
		length += fprintf(stream, "%s%.*s", length ? " " : "", word, help);
		help += word + (help[word] == ' ');
	}
	fputc('\n', stream);
}

/**
 * config_flags_help() - explain the flags that are the reference agent's
 * @stream: where to
 * @column: at which the explanations begin
 */
void config_flags_help(FILE *stream, int column)
{
	char word[SETTING_WORD_MAX];
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];
		int used;

		if (!row->flag)
			continue;
		used = fprintf(stream, "  --%s%s%s", flag_name((enum setting)i, word),
			       row->value ? " " : row->initial ? "[=false]" : "",
			       row->value ? row->value : "");
		if (used + 1 > column)
			used = fprintf(stream, "\n") - 1;
		fprintf(stream, "%*s", column - used, "");
		config_flags_print_help(stream, column, row->help);
	}
}

/**
 * config_flags_clear() - free what config_flags_finish() made
 * @line: is as config_flags_init() leaves it afterwards
 */
void config_flags_clear(struct config_command_line *line)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (setting_table[i].type == SETTING_TYPE_PORTS)
			free(line->flags.value[i].ports.ranges);
	}
	config_flags_init(line);
}
