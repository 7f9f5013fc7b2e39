// SPDX-License-Identifier: GPL-2.0-or-later
/* Several files as one configuration, by the rules of ip-masq-agent-v2. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/**
 * struct part - one file of the directory
 * @path: the file; owned
 * @source: its bytes
 * @fields: its values
 */
struct part {
	char *path;
	struct config_source source;
	struct config_fields fields;
};

/**
 * struct merging - the files of a directory
 * @parts: in the order of their names; owned
 * @count: how many
 * @giver: for each key the part that gave it first, where one did
 * @merged: what they say together
 */
struct merging {
	struct part *parts;
	size_t count;
	struct part *giver[SETTING_COUNT];
	struct config_fields merged;
};

static int is_config_file(const struct dirent *entry)
{
	return !strncmp(entry->d_name, CONFIG_FILE_PREFIX, strlen(CONFIG_FILE_PREFIX));
}

static int find_files(const char *path, const struct config_flags *flags,
		      struct config_problems *problems, struct merging *merging)
{
	struct config_source directory = { .path = path, .flags = flags, .problems = problems };
	struct dirent **names;
	int count = scandir(path, &names, is_config_file, alphasort);
	int result = 0;
	int i;

	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0) {
		result = -errno;
		config_complain(&directory, CONFIG_NOWHERE,
				"cannot read the directory: %s",
				strerror(errno));
		return result;
	}
	if (count > CONFIG_FILES_MAX) {
		config_complain(&directory, CONFIG_NOWHERE,
				"too many files (%d named %s*, at most %d)",
				count, CONFIG_FILE_PREFIX, CONFIG_FILES_MAX);
		result = -EINVAL;
	}
	merging->parts = calloc((size_t)count + 1, sizeof(*merging->parts));
	if (!merging->parts)
		result = -ENOMEM;
	for (i = 0; i < count; i++) {
		struct part *part;

		if (!result) {
			part = &merging->parts[merging->count];
			if (asprintf(&part->path, "%s/%s", path, names[i]->d_name) < 0) {
				part->path = NULL;
				result = -ENOMEM;
			} else {
				merging->count++;
			}
		}
		free(names[i]);
	}
	free(names);
	return result;
}

/* A file that went away since the directory was listed is none of them. */
static int read_sources(const struct config_flags *flags, struct config_problems *problems,
			struct merging *merging)
{
	size_t total = 0;
	size_t kept = 0;
	int result = 0;
	size_t i;

	for (i = 0; i < merging->count; i++) {
		struct part *part = &merging->parts[i];
		int failed;

		part->source.path = part->path;
		part->source.flags = flags;
		part->source.problems = problems;
		failed = config_source_read(&part->source);
		total += part->source.length;
		if (!failed && total > CONFIG_FILE_MAX) {
			config_complain(&part->source, CONFIG_NOWHERE,
					"files too large together (more than %zu MiB)",
					CONFIG_FILE_MAX >> 20);
			failed = -EINVAL;
		}
		if (failed == -ENOENT) {
			config_source_clear(&part->source);
			free(part->path);
			continue;
		}
		if (failed)
			result = failed;
		part->source.index = (int)kept;
		merging->parts[kept++] = *part;
	}
	merging->count = kept;
	return result;
}

/* Report a value at its place, and name the place of the other file's value. */
static void report_conflict(struct part *part, struct part *other, enum setting key,
			    enum config_severity severity, const char *outcome)
{
	struct config_source *source = &part->source;
	int line = config_source_line(&other->source, other->fields.offset[key]);

	if (source->flags->strict)
		severity = CONFIG_ERROR;
	config_report(source, severity, part->fields.offset[key],
		      "%s differs from %s:%d; %s", setting_table[key].name, other->path, line,
		      outcome);
}

static bool ports_equal(const struct config_ports *a, const struct config_ports *b)
{
	return a->count == b->count &&
	       (!a->count || !memcmp(a->ranges, b->ranges, a->count * sizeof(*a->ranges)));
}

static bool values_equal(const union config_value *a, const union config_value *b,
			 enum setting key)
{
	switch (setting_table[key].type) {
	case SETTING_TYPE_BOOL:
		return a->truth == b->truth;
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		return a->number == b->number;
	case SETTING_TYPE_PORTS:
		return ports_equal(&a->ports, &b->ports);
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
	case SETTING_TYPE_POOLS:
		break;
	}
	return true;
}

static int append_list(struct config_list *to, struct config_list *from)
{
	struct config_item *items;

	if (!from->items)
		return 0;
	items = reallocarray(to->items, to->count + from->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	to->items = items;
	memcpy(items + to->count, from->items, from->count * sizeof(*items));
	to->count += from->count;
	free(from->items);
	memset(from, 0, sizeof(*from));
	return 0;
}

/* The first value, or what it becomes with another. Lists are taken out of @value. */
static int merge_value(union config_value *merged, union config_value *value, enum setting key)
{
	switch (setting_table[key].type) {
	case SETTING_TYPE_BOOL:
		merged->truth |= value->truth;
		return 0;
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		merged->number = value->number;
		return 0;
	case SETTING_TYPE_PORTS:
		return config_ports_copy(&merged->ports, &value->ports);
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
		return append_list(&merged->list, &value->list);
	case SETTING_TYPE_POOLS:
		return config_pools_append(&merged->pools, &value->pools);
	}
	return -EINVAL;
}

/* Lists of several files are joined, and masqLinkLocal and masqLinkLocalIPv6 or-ed, as in
 * ip-masq-agent-v2. Of the keys that it does not have two values cannot be one.
 */
static int merge_part(struct merging *merging, struct part *part)
{
	int result = 0;
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		enum setting key = (enum setting)i;
		struct part *giver = merging->giver[key];
		bool any_true = setting_table[key].any_true;

		if (!config_has(&part->fields, key))
			continue;
		if (giver && !values_equal(&giver->fields.value[key], &part->fields.value[key],
					   key)) {
			report_conflict(part, giver, key,
					any_true ? CONFIG_WARNING : CONFIG_ERROR,
					any_true ? "true is used" : "use one value in both files");
			if (!any_true || part->source.flags->strict)
				result = -EINVAL;
		}
		if (!giver)
			merging->giver[key] = part;
		if ((!giver || any_true || setting_is_list(key)) &&
		    merge_value(&merging->merged.value[key], &part->fields.value[key], key))
			return -ENOMEM;
		merging->merged.given |= 1U << key;
	}
	return result;
}

static int compare_entries(const void *a, const void *b)
{
	const struct config_item *x = *(const struct config_item *const *)a;
	const struct config_item *y = *(const struct config_item *const *)b;
	int order = strcmp(x->text, y->text);

	if (order)
		return order;
	return x < y ? -1 : x > y;
}

/* Equal texts count once: the first stays. */
static int drop_duplicates(struct config_list *list)
{
	struct config_item **sorted;
	size_t kept = 0;
	size_t i;

	if (!list->count)
		return 0;
	sorted = calloc(list->count, sizeof(struct config_item *));
	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < list->count; i++)
		sorted[i] = &list->items[i];
	qsort(sorted, list->count, sizeof(struct config_item *), compare_entries);
	for (i = list->count; i-- > 1;) {
		if (strcmp(sorted[i]->text, sorted[i - 1]->text))
			continue;
		free(sorted[i]->text);
		sorted[i]->text = NULL;
	}
	for (i = 0; i < list->count; i++) {
		if (list->items[i].text)
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
	free(sorted);
	return 0;
}

static int settle_value(union config_value *value, enum setting key)
{
	switch (setting_table[key].type) {
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
		return drop_duplicates(&value->list);
	case SETTING_TYPE_POOLS:
		return config_pools_settle(&value->pools);
	case SETTING_TYPE_BOOL:
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
	case SETTING_TYPE_PORTS:
		break;
	}
	return 0;
}

/* Over the files of all items. */
static int check_conflicts(struct merging *merging)
{
	struct config_source **sources;
	int result;
	size_t i;

	sources = calloc(merging->count + 1, sizeof(struct config_source *));
	if (!sources)
		return -ENOMEM;
	for (i = 0; i < merging->count; i++)
		sources[i] = &merging->parts[i].source;
	result = config_check_conflicts(sources, &merging->merged);
	for (i = 0; i < merging->count; i++)
		config_report_unsaid(sources[i]);
	free(sources);
	return result;
}

/* Whether IPv6 is on, and the limit, may be said by another file than the one
 * that it matters for. So the first look is for these two alone.
 */
static int look_ahead(struct merging *merging, struct config_outlook *outlook)
{
	size_t i;

	for (i = 0; i < merging->count; i++) {
		struct part *part = &merging->parts[i];
		struct config_problems unheard = { 0 };
		struct config_problems *problems = part->source.problems;
		struct config_fields fields;
		int result;

		part->source.problems = &unheard;
		result = config_read_fields(&part->source, outlook, &fields);
		part->source.problems = problems;
		part->source.unsaid = 0;
		if (config_has(&fields, SETTING_ENABLE_IPV6))
			outlook->enable_ipv6 = fields.value[SETTING_ENABLE_IPV6].truth;
		if (config_has(&fields, SETTING_CIDR_LIMIT))
			outlook->cidr_limit = fields.value[SETTING_CIDR_LIMIT].number;
		config_fields_clear(&fields);
		config_problems_clear(&unheard);
		if (result == -ENOMEM)
			return result;
	}
	return 0;
}

static int read_parts(struct merging *merging, const struct config_outlook *outlook)
{
	int result = 0;
	size_t i;

	for (i = 0; i < merging->count; i++) {
		struct part *part = &merging->parts[i];
		int failed = config_read_fields(&part->source, outlook, &part->fields);

		config_report_unsaid(&part->source);
		if (failed)
			result = failed;
		if (failed == -ENOMEM)
			return failed;
	}
	/* Look for conflicts only between files that are valid on their own. */
	for (i = 0; i < merging->count && !result; i++) {
		int failed = merge_part(merging, &merging->parts[i]);

		if (failed)
			result = failed;
	}
	for (i = 0; i < SETTING_COUNT && !result; i++)
		result = settle_value(&merging->merged.value[i], (enum setting)i);
	return result ? result : check_conflicts(merging);
}

static int resolve(const struct config_flags *flags, struct merging *merging,
		   struct config *config)
{
	struct config_fields *merged = &merging->merged;
	size_t i;

	if (!merging->count) {
		config->from_defaults = true;
		return config_resolve_fields(flags, merged, config);
	}
	for (i = 0; i < merging->count; i++) {
		int result = config_add_file(config, merging->parts[i].path);

		if (result)
			return result;
	}
	/* Where there are files, what none of them lists is not left alone. */
	merged->given |= 1U << SETTING_NON_MASQUERADE_CIDRS;
	return config_resolve_fields(flags, merged, config);
}

static void clear(struct merging *merging)
{
	size_t i;

	config_fields_clear(&merging->merged);
	for (i = 0; i < merging->count; i++) {
		config_fields_clear(&merging->parts[i].fields);
		config_source_clear(&merging->parts[i].source);
		free(merging->parts[i].path);
	}
	free(merging->parts);
}

static int merge(const struct config_flags *flags, struct merging *merging,
		 struct config *config)
{
	struct config_outlook outlook = config_outlook_of(flags);
	int result;

	outlook.default_cidrs = 0;
	result = look_ahead(merging, &outlook);
	if (!result)
		result = read_parts(merging, &outlook);
	return result ? result : resolve(flags, merging, config);
}

/**
 * config_merge() - merge the files that a ConfigMap object holds
 * @path: of the object
 * @flags: the command line's part
 * @object: the files; their sources are taken out of it
 * @config: is empty, and filled; config_clear() frees it, after errors too
 *
 * Return: as config_read_directory().
 */
int config_merge(const char *path, const struct config_flags *flags,
		 struct config_object *object, struct config *config)
{
	struct merging merging = { .parts = calloc(object->count + 1, sizeof(*merging.parts)) };
	int result = merging.parts ? 0 : -ENOMEM;

	while (!result && merging.count < object->count) {
		struct part *part = &merging.parts[merging.count];

		part->path = strdup(path);
		if (!part->path) {
			result = -ENOMEM;
			break;
		}
		part->source = object->files[merging.count];
		memset(&object->files[merging.count++], 0, sizeof(*object->files));
	}
	if (!result)
		result = merge(flags, &merging, config);
	clear(&merging);
	return result;
}

/**
 * config_read_directory() - read and merge every ip-masq* file of a directory
 * @path: the directory
 * @flags: the command line's part
 * @config: is overwritten; config_clear() frees it. Empty after an error
 * @problems: gets what is wrong, and warnings; config_problems_clear() frees it
 *
 * As with ip-masq-agent-v2 the lists are joined without duplicates, the flags for
 * link-local are or-ed, each file must be valid by itself, and without any file
 * (or directory) the defaults hold. Any other key with two values is an error that
 * names both files.
 *
 * Return: as config_read().
 */
int config_read_directory(const char *path, const struct config_flags *flags,
			  struct config *config, struct config_problems *problems)
{
	struct merging merging = { 0 };
	size_t errors = problems->errors;
	int result;

	memset(config, 0, sizeof(*config));
	result = find_files(path, flags, problems, &merging);
	if (!result)
		result = read_sources(flags, problems, &merging);
	if (!result)
		result = merge(flags, &merging, config);
	if (!result && problems->errors != errors)
		result = -EINVAL;
	if (result)
		config_clear(config);
	clear(&merging);
	return result;
}
