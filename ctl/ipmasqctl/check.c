// SPDX-License-Identifier: GPL-2.0-or-later
/* check: what a configuration file means, or why it is refused. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/flags.h"
#include "config_policy.h"
#include "duration.h"
#include "ipmasqctl.h"
#include "text.h"

static json_t *list_json(const struct config_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->count; i++)
		json_array_append_new(array, json_string(list->items[i].text));
	return array;
}

/* As it is written in a file: addresses and ranges, and {PREFIX: [...]} for those
 * of a prefix.
 */
static json_t *pools_json(const struct config_pools *pools)
{
	json_t *array = json_array();
	size_t i, j;

	for (i = 0; i < pools->count; i++) {
		const struct config_pool *pool = &pools->list[i];
		json_t *addresses = pool->destination.text ? json_array() : array;

		for (j = 0; j < pool->count; j++)
			json_array_append_new(addresses, json_string(pool->ranges[j].text));
		if (addresses != array)
			json_array_append_new(array, json_pack("{s:o}", pool->destination.text,
							       addresses));
	}
	return array;
}

static json_t *ports_json(const struct config_ports *ports)
{
	char *text = port_ranges_format(ports->ranges, ports->count);
	json_t *value = json_string(text);

	free(text);
	return value;
}

static json_t *value_json(const struct config *config, enum setting key)
{
	const union config_value *value = &config->value[key];
	char interval[DURATION_TEXT_MAX];

	switch (setting_table[key].type) {
	case SETTING_TYPE_BOOL:
		return json_boolean(value->truth);
	case SETTING_TYPE_INTEGER:
		return json_integer(value->number);
	case SETTING_TYPE_DURATION:
		return json_string(duration_format(value->number, interval));
	case SETTING_TYPE_PORTS:
		return ports_json(&value->ports);
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
		if (key == SETTING_NON_MASQUERADE_CIDRS && config->cidrs_null)
			return json_null();
		return list_json(&value->list);
	case SETTING_TYPE_POOLS:
		return pools_json(&value->pools);
	}
	return NULL;
}

/* The reference agent's keys in its order, and of ours those that were given,
 * so that a file written for it comes out as it prints it.
 */
static json_t *resolved_json(const struct config *config)
{
	json_t *object = json_object();
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		if (row->hidden || (row->ours && !(config->given & 1U << i)))
			continue;
		if (json_object_set_new(object, row->name, value_json(config, (enum setting)i))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static void print_json_text(const char *before, const json_t *value)
{
	fputs(before, stdout);
	json_dumpf(value, stdout, JSON_ENCODE_ANY);
	putchar('\n');
}

/* An item of snatAddresses may have a list of its own. */
static void print_item(const json_t *item)
{
	const char *prefix;
	json_t *addresses;
	json_t *address;
	size_t i;

	if (!json_is_object(item)) {
		print_json_text("- ", item);
		return;
	}
	json_object_foreach((json_t *)item, prefix, addresses) {
		printf("- \"%s\":\n", prefix);
		json_array_foreach(addresses, i, address)
			print_json_text("  - ", address);
	}
}

static void print_value(const struct config *config, enum setting key)
{
	json_t *value = value_json(config, key);
	json_t *item;
	size_t i;

	/* A list that is empty is the default, but of this one. */
	if (!setting_is_list(key) || json_array_size(value) ||
	    key == SETTING_NON_MASQUERADE_CIDRS) {
		printf("%s:", setting_table[key].name);
		if (!setting_is_list(key))
			print_json_text(" ", value);
		else
			puts(json_array_size(value) ? "" : " []");
		json_array_foreach(value, i, item)
			print_item(item);
	}
	json_decref(value);
}

/* A line of its own, whatever the name holds. */
static void print_path(const char *path)
{
	char *printable = text_printable(path, strlen(path));

	printf("# %s\n", printable ? printable : "");
	free(printable);
}

/* A file again, in which everything is said, first the lists. */
static int print_resolved(const struct config *config)
{
	size_t i;

	if (config->from_defaults)
		puts("# the defaults, there is no file");
	for (i = 0; i < config->file_count; i++)
		print_path(config->files[i]);
	for (i = 0; i < SETTING_COUNT; i++) {
		if (setting_is_list((enum setting)i))
			print_value(config, (enum setting)i);
	}
	for (i = 0; i < SETTING_COUNT; i++) {
		if (!setting_is_list((enum setting)i) && !setting_table[i].hidden)
			print_value(config, (enum setting)i);
	}
	return EXIT_DONE;
}

static void print_problems(const struct config_problems *problems)
{
	size_t i;

	fflush(stdout);
	for (i = 0; i < problems->count; i++) {
		char *text = config_problem_format(&problems->list[i]);

		fprintf(stderr, "%s\n", text ? text : "out of memory");
		free(text);
	}
}

static json_t *problem_json(const struct config_problem *problem)
{
	json_t *object = json_object();

	json_object_set_new(object, "file", json_string(problem->file));
	if (problem->line) {
		json_object_set_new(object, "line", json_integer(problem->line));
		json_object_set_new(object, "column", json_integer(problem->column));
	}
	json_object_set_new(object, "message", json_string(problem->message));
	if (problem->source)
		json_object_set_new(object, "source", json_string(problem->source));
	return object;
}

static int refuse_problems(const struct invocation *invocation, const char *path,
			   const struct config_problems *problems)
{
	json_t *details = NULL;
	json_t *errors, *warnings;
	size_t i;

	if (!invocation->json) {
		print_problems(problems);
	} else {
		errors = json_array();
		warnings = json_array();
		for (i = 0; i < problems->count; i++)
			json_array_append_new(problems->list[i].severity == CONFIG_ERROR ?
					      errors : warnings,
					      problem_json(&problems->list[i]));
		details = json_pack("{s:o, s:o}", "errors", errors, "warnings", warnings);
	}
	return refuse_details(invocation, details, "%s is refused: %zu error%s", path,
			      problems->errors, problems->errors == 1 ? "" : "s");
}

/* For the daemon it means the defaults; a person, or a pipeline, has named it. */
static int refuse_missing(const struct invocation *invocation, const char *path, bool directory)
{
	if (!directory || access(path, F_OK))
		return refuse_errno(invocation, -ENOENT, "%s: %s", path, strerror(ENOENT));
	return refuse(invocation, "%s: no file whose name begins with \"" CONFIG_FILE_PREFIX "\"",
		      path);
}

/* The file's name in the volume that the daemon reads: an object that was put there has
 * no effect, as with the reference agent, and that is what check has to show.
 */
static bool is_mounted_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, strrchr(CONFIG_PATH_DEFAULT, '/') + 1);
}

static int check(const struct invocation *invocation, const char *path,
		 struct config_command_line *line, bool missing_ok)
{
	struct config_problems problems = { 0 };
	struct config config = { 0 };
	int result;

	if (line->config_directory) {
		result = config_read_directory(path, &line->flags, &config, &problems);
	} else {
		config_policy_input(&path, &line->flags);
		line->flags.config_map = !is_mounted_name(path);
		result = config_read(path, &line->flags, &config, &problems);
	}
	if (result && problems.errors) {
		result = refuse_problems(invocation, path, &problems);
	} else if (result) {
		result = refuse_errno(invocation, result, "%s: %s", path, strerror(-result));
	} else if (config.from_defaults && !missing_ok) {
		result = refuse_missing(invocation, path, line->config_directory);
	} else {
		print_problems(&problems);
		result = invocation->json ? print_json(resolved_json(&config)) :
					    print_resolved(&config);
	}
	config_clear(&config);
	config_problems_clear(&problems);
	return result;
}

/* A bad flag is refused and not misuse: it is part of what is checked. */
static int refuse_flags(const struct invocation *invocation, int result, char *error)
{
	if (result == CONFIG_FLAGS_HELP)
		result = refuse(invocation,
				"--help among the flags, expected flags of the daemon; see \"ipmasqctl help check\"");
	else
		result = refuse(invocation, "%s", error ? error : strerror(-result));
	free(error);
	return result;
}

/* The daemon ignores a word that is no flag and what follows it. A second file is a
 * mistake here, and so is what only looks like one.
 */
static bool is_ignored(const char *word, int argc, char **argv)
{
	return access(word, F_OK) && !strpbrk(word, "/.") && config_flags_are_reference(argc, argv);
}

static int run_check(const struct invocation *invocation, int argc, char **argv)
{
	bool missing_ok = false;
	const struct config_flag own[] = {
		{ "missing-ok", CONFIG_FLAG_BOOL, &missing_ok },
	};
	struct config_command_line line;
	const char *path = NULL;
	char *error = NULL;
	int next = 1;
	int result;

	config_flags_init(&line);
	for (;;) {
		result = config_flags_parse(&line, argc - next, argv + next, own, 1, &error);
		if (result < 0)
			goto refuse;
		next += result;
		/* Go ends the flags at the first word that is none; ours is the
		 * second, and the first is the file.
		 */
		if (next == argc || path || line.config_directory)
			break;
		path = argv[next++];
	}
	result = config_flags_finish(&line, &error);
	if (result)
		goto refuse;

	if (path && line.config_directory)
		result = misuse(invocation, "a file and --config-dir, expected one of them");
	else if (!path && !line.config_directory)
		result = misuse(invocation, "the file is missing");
	else if (next < argc && !missing_ok && !is_ignored(argv[next], argc - 1, argv + 1))
		result = misuse(invocation, "\"%s\" is not a flag of ipmasqd, and check takes one file at a time",
				argv[next]);
	else
		result = check(invocation, path ? path : line.config_directory, &line,
			       missing_ok);
	if (next < argc && result == EXIT_DONE)
		warn(invocation, "\"%s\" and what follows it is ignored, as the daemon ignores it",
		     argv[next]);
	config_flags_clear(&line);
	return result;
refuse:
	config_flags_clear(&line);
	return refuse_flags(invocation, result, error);
}

static void print_flags(FILE *stream)
{
	config_flags_help(stream, 33);
}

const struct command command_check = {
	.name = "check",
	.arguments = "FILE [FLAG]... | --config-dir DIRECTORY [FLAG]...",
	.summary = "say what a configuration file means, or why it is refused",
	.description =
		"Reads FILE as ipmasqd does with the same flags, needs neither the module nor\n"
		"root, and prints the configuration with the defaults filled in. FILE may be a\n"
		"whole ConfigMap object, as \"kubectl get -o yaml\" prints it, unless its name is\n"
		"ip-masq-agent, as that of the mounted file; - is standard input.\n"
		"\n",
	.print_more = print_flags,
	.ending =
		"  --masq-chain NAME              taken and without effect\n"
		"  --strict                       what is a warning otherwise is an error\n"
		"  --config-dir DIRECTORY         every ip-masq* file of a directory\n"
		"  --missing-ok                   as ipmasqd, use the defaults without a file\n",
	.run = run_check,
};
