// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A policy as a file, of the save command and of the daemon. A line that begins with set has settings, in the words of the
 * set command, and each other line an entry, in the words of files of entries, and
 * its origin:
 *
 *	set enabled on
 *	set enable-ipv6 off
 *	set random-fully on
 *	set to-ports any
 *	set source-cidrs any
 *	set output-interfaces any
 *	set snat-addresses none
 *	10.0.0.0/8 skip config
 *	198.51.100.0/24 snat 192.0.2.20,192.0.2.21 static
 *	203.0.113.0/24 masquerade for 9m58.123s static
 *
 * "no policy" alone stands for a network namespace without one. Settings that are not
 * there have the value that they have in a new policy.
 * Whatever is not understood is an error, so that a policy is restored as it was or
 * not at all.
 */
#include "saved_policy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "entry_detail.h"
#include "entry_file.h"
#include "policy_text.h"
#include "text.h"

/**
 * struct saved_reader - a saved policy that is being read
 * @lines: the file; the first member, so that the one is found from the other
 * @absent: it says "no policy"
 */
struct saved_reader {
	struct entry_reader lines;
	bool absent;
};

/**
 * saved_policy_print() - write a policy that there is as saved_policy_read() reads it
 * @file: to write to; the caller looks for errors
 * @policy: settings, those that it names, and entries
 *
 * Return: 0 or -ENOMEM.
 */
int saved_policy_print(FILE *file, const struct policy *policy)
{
	size_t i;

	if (policy_settings_print(file, &policy->settings))
		return -ENOMEM;
	for (i = 0; i < policy->count; i++) {
		if (entry_print(file, &policy->entries[i]))
			return -ENOMEM;
		fprintf(file, " %s\n", policy_origin_name(policy->entries[i].origin));
	}
	return 0;
}

/**
 * saved_policy_write() - write what is in force as saved_policy_read() reads it
 * @file: to write to; the caller looks for errors
 * @policy: what is in force
 * @generation: its generation, 0 for no policy
 *
 * Return: 0 or -ENOMEM.
 */
int saved_policy_write(FILE *file, const struct policy *policy, uint64_t generation)
{
	if (!generation) {
		fputs("no policy\n", file);
		return 0;
	}
	fprintf(file, "# generation %" PRIu64 "\n", generation);
	return saved_policy_print(file, policy);
}

/* What settings were called in version 0.1.0, whose files are read until 0.3.0. */
static int find_old(const char *word, const char *end)
{
	static const struct {
		const char *word;
		enum setting setting;
	} old[] = {
		{ "ipv6", SETTING_ENABLE_IPV6 },
		{ "source", SETTING_SOURCE_CIDRS },
		{ "interface", SETTING_OUTPUT_INTERFACES },
		{ "snat", SETTING_SNAT_ADDRESSES },
	};
	size_t i;

	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		if (text_equals(word, end - word, old[i].word))
			return old[i].setting;
	}
	return -1;
}

static int take_value(const struct entry_reader *reader, enum setting setting, const char *word,
		      const char *end)
{
	char *text = strndup(word, end - word);
	char name[SETTING_WORD_MAX];
	char *reason = NULL;
	int error;

	if (!text)
		return entry_line_refuse(reader, -ENOMEM, "out of memory");
	error = policy_setting_read(&reader->policy->settings, setting, text, &reason);
	if (error)
		entry_line_refuse(reader, error, "%s: %s", setting_word(setting, name),
				  reason ? reason : "out of memory");
	free(reason);
	free(text);
	return error;
}

static int take_setting(const struct entry_reader *reader, const char *name, const char *name_end,
			const char *value, const char *value_end)
{
	int setting = policy_setting_find(name, name_end - name);
	char expected[POLICY_EXPECTED_MAX];

	if (setting < 0)
		setting = find_old(name, name_end);
	if (setting < 0)
		return entry_word_refuse(reader, name, name_end - name, "no setting");
	if (policy_setting_named(&reader->policy->settings, (enum setting)setting))
		return entry_word_refuse(reader, name, name_end - name, "there twice");
	if (value == value_end)
		return entry_line_refuse(reader, -EINVAL, "%s is missing after %.*s",
					 policy_setting_expected((enum setting)setting, expected),
					 (int)(name_end - name), name);
	return take_value(reader, (enum setting)setting, value, value_end);
}

static int take_settings(const struct entry_reader *reader, const char *line, const char *end)
{
	const char *name = entry_next_word(&line, end);
	const char *name_end;
	const char *value;
	int error;

	while (name != line) {
		name_end = line;
		value = entry_next_word(&line, end);
		error = take_setting(reader, name, name_end, value, line);
		if (error)
			return error;
		name = entry_next_word(&line, end);
	}
	return 0;
}

static int take_origin(const struct entry_reader *reader, const char *line, const char *end,
		       struct policy_entry *entry)
{
	const char *word = entry_next_word(&line, end);

	entry->origin = policy_origin_find(word, line - word);
	if (!entry->origin)
		return entry_word_refuse(reader, word, line - word,
					 "no origin, expected config or static");
	word = entry_next_word(&line, end);
	if (word != line)
		return entry_word_refuse(reader, word, line - word,
					 "too much, a line is a CIDR, an action, a time and an origin");
	return 0;
}

static int take_entry(const struct entry_reader *reader, const char *line, const char *end)
{
	struct policy_entry entry;
	int error;

	error = entry_line_read(reader, &line, end, &entry);
	if (!error)
		error = take_origin(reader, line, end, &entry);
	if (!error)
		error = entry_append(reader, &entry);
	free(entry.detail);
	return error;
}

static int take_line(const struct entry_reader *reader, const char *line, const char *end)
{
	struct saved_reader *saved = (struct saved_reader *)reader;
	const char *word = line;

	word = entry_next_word(&line, end);
	if (text_equals(word, line - word, "set"))
		return take_settings(reader, line, end);
	if (*word == '{')
		return entry_line_refuse(reader, -EINVAL,
					 "this is JSON; what \"save\" writes without -j is restored");
	if (!text_equals(word, line - word, "no"))
		return take_entry(reader, word, end);
	word = entry_next_word(&line, end);
	if (!text_equals(word, line - word, "policy"))
		return entry_word_refuse(reader, word, line - word, "not understood after no");
	saved->absent = true;
	return 0;
}

/* What files of an older version do not have yet. Only who switches a policy off says so. */
static void take_initial(struct policy_settings *settings)
{
	int i;

	policy_settings_name_lists(settings);
	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		if (i == SETTING_ENABLED || settings->flags_named & row->policy_flag)
			continue;
		settings->flags_named |= row->policy_flag;
		if (row->initial)
			settings->flags |= row->policy_flag;
	}
}

/* Half a file restored would be a policy that never was: in files of all versions the
 * ports follow the flags.
 */
static int check_complete(struct saved_reader *saved)
{
	const struct entry_reader *reader = &saved->lines;
	struct policy *policy = reader->policy;

	saved->lines.line = 0;
	if (saved->absent && (policy_settings_named(&policy->settings) || policy->count))
		return entry_line_refuse(reader, -EINVAL, "it has both a policy and \"no policy\"");
	if (saved->absent)
		return 0;
	if (!policy->settings.flags_named ||
	    !policy_setting_named(&policy->settings, SETTING_TO_PORTS))
		return entry_line_refuse(reader, -EINVAL,
					 "settings are missing; this is no file that \"save\" wrote");
	take_initial(&policy->settings);
	return 0;
}

static void begin(struct saved_reader *saved, const char *name, struct policy *policy,
		  char **error)
{
	*saved = (struct saved_reader) {
		.lines = {
			.name = name,
			.policy = policy,
			.error = error,
			.take = take_line,
		},
	};
}

/**
 * saved_policy_read() - read what saved_policy_write() wrote
 * @descriptor: open for reading; stays open
 * @name: what to call the file in errors
 * @policy: empty; gets the settings and the entries with their origins. All settings are
 *	named, but whether it is enabled only where the file says so
 * @exists: set to false where the file says that there is no policy
 * @error: as in entry_lines_read()
 *
 * Return: as entry_lines_read().
 */
int saved_policy_read(int descriptor, const char *name, struct policy *policy, bool *exists,
		      char **error)
{
	struct saved_reader saved;
	int failed;

	begin(&saved, name, policy, error);
	failed = entry_lines_read(&saved.lines, descriptor);
	if (!failed)
		failed = check_complete(&saved);
	*exists = !saved.absent;
	return failed;
}

/**
 * saved_policy_read_text() - read a text that saved_policy_write() could have written
 * @text: the text
 * @length: its bytes
 * @name: what to call it in errors
 * @policy: as for saved_policy_read()
 * @error: as in entry_lines_read()
 *
 * Return: as entry_lines_read().
 */
int saved_policy_read_text(const char *text, size_t length, const char *name,
			   struct policy *policy, char **error)
{
	struct saved_reader saved;
	int failed;

	begin(&saved, name, policy, error);
	failed = entry_text_read(&saved.lines, text, length);
	return failed ? failed : check_complete(&saved);
}
