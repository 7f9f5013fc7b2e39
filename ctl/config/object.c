// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole ConfigMap object, as kubectl prints it, and the files that it holds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "text.h"

/**
 * config_parse() - read a file as what it looks like
 * @source: the file, as config_source_read() left it
 * @tree: empty; takes the values
 *
 * Return: 0 with @tree->root, NULL for an empty file; -EINVAL after it reported
 * why; -ENOMEM.
 */
int config_parse(struct config_source *source, struct config_tree *tree)
{
	int result;

	if (config_looks_like_json(source->data, source->length))
		return config_parse_json(source, tree);
	result = config_parse_yaml(source, tree);
	return result || !tree->root ? result : config_decode(source, tree->root);
}

/* The value of a key that is spelt exactly like that, NULL for none. */
static const struct config_node *find(const struct config_node *mapping, const char *name)
{
	const struct config_node *key;

	for (key = mapping->first; key; key = key->next->next) {
		if (key->kind == CONFIG_TEXT && text_equals(key->text, key->length, name))
			return config_follow(key->next);
	}
	return NULL;
}

/**
 * config_is_map() - whether a document is a ConfigMap object
 * @root: the document
 */
bool config_is_map(const struct config_node *root)
{
	const struct config_node *kind = root->kind == CONFIG_MAPPING ? find(root, "kind") : NULL;

	return kind && kind->kind == CONFIG_TEXT && config_is_name(kind, "ConfigMap");
}

static bool is_part(const struct config_node *key)
{
	return key->kind == CONFIG_TEXT && key->length >= strlen(CONFIG_FILE_PREFIX) &&
	       !memcmp(key->text, CONFIG_FILE_PREFIX, strlen(CONFIG_FILE_PREFIX));
}

static size_t count_spaces(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && text[count] == ' ')
		count++;
	return count;
}

/* Of a text block, "config: |", each line is a line of the file: puts lines ahead of it,
 * so that both have the same numbers, and notes by how much the file's is indented. Of
 * any other text nothing but its first line is known.
 */
static int place(const struct config_source *outer, const struct config_node *value,
		 struct config_source *inner)
{
	const char *block = outer->text + value->offset;
	const char *end = outer->text + outer->text_length;
	const char *line = block < end && *block == '|' ?
			   memchr(block, '\n', (size_t)(end - block)) : NULL;
	size_t ahead = line ? (size_t)inner->fixed.line : 0;

	inner->data = malloc(ahead + value->length + 1);
	if (!inner->data)
		return -ENOMEM;
	memset(inner->data, '\n', ahead);
	memcpy(inner->data + ahead, value->text, value->length);
	inner->length = ahead + value->length;
	inner->text = inner->data;
	inner->text_length = inner->length;
	if (line) {
		inner->fixed.line = 0;
		while (++line < end && (*line == '\n' || *line == '\r'))
			;
		inner->indent = count_spaces(line, (size_t)(end - line)) -
				count_spaces(value->text + strspn(value->text, "\n"),
					     value->length);
	}
	return config_source_index(inner);
}

static int add(struct config_source *outer, const struct config_node *value,
	       struct config_object *object)
{
	struct config_source *files = reallocarray(object->files, object->count + 1,
						   sizeof(*files));

	if (!files)
		return -ENOMEM;
	object->files = files;
	files[object->count] = (struct config_source) {
		.path = outer->path, .flags = outer->flags, .problems = outer->problems,
		.index = (int)object->count,
		.fixed.line = config_source_line(outer, value->offset),
	};
	files[object->count].fixed.column = outer->mark.column;
	return place(outer, value, &files[object->count++]);
}

static int refuse_value(struct config_source *source, const struct config_node *key)
{
	char *name = text_quote(key->text, key->length, CONFIG_SHOWN_MAX);
	char *found = config_describe(config_follow(key->next));

	config_complain(source, key->next->offset,
			"the value of %s in a ConfigMap must be text, not %s; is \"|\" missing after the key?",
			name ? name : "a key", found ? found : "something else");
	free(found);
	free(name);
	return -EINVAL;
}

/* The key "config" is the file that the reference agent reads; without it, what begins with
 * CONFIG_FILE_PREFIX is a directory of them.
 */
static int collect(struct config_source *source, const struct config_node *root,
		   struct config_object *object)
{
	const struct config_node *data = find(root, "data");
	bool has_config = data && data->kind == CONFIG_MAPPING && find(data, "config");
	const struct config_node *key;
	int result = 0;

	object->is_directory = !has_config;
	for (key = data && data->kind == CONFIG_MAPPING ? data->first : NULL; key && !result;
	     key = key->next->next) {
		if (has_config ? key->kind != CONFIG_TEXT ||
				 !text_equals(key->text, key->length, "config") : !is_part(key))
			continue;
		if (config_follow(key->next)->kind != CONFIG_TEXT)
			result = refuse_value(source, key);
		else if (object->count == CONFIG_FILES_MAX)
			result = -E2BIG;
		else
			result = add(source, config_follow(key->next), object);
	}
	if (result == -E2BIG || (!result && !object->count)) {
		config_complain(source, data ? data->offset : root->offset,
				object->count ? "too many files in the ConfigMap (at most %d)" :
				"the ConfigMap has neither a key \"config\" nor keys that begin with \"" CONFIG_FILE_PREFIX "\"",
				CONFIG_FILES_MAX);
		result = -EINVAL;
	}
	return result;
}

/**
 * config_object_read() - take the files out of a ConfigMap object
 * @source: a file, as config_source_read() left it
 * @object: is overwritten; config_object_clear() frees it, after errors too
 *
 * The files that it holds name @source in their problems, at the lines and, in a text
 * block, the columns of @source.
 *
 * Return: 0, with @object->count 0 for any other file; -EINVAL after it reported why
 * the object is none; -ENOMEM.
 */
int config_object_read(struct config_source *source, struct config_object *object)
{
	struct config_problems *problems = source->problems;
	struct config_problems unheard = { 0 };
	struct config_tree tree = { 0 };
	int result;

	*object = (struct config_object) { 0 };
	/* Most files need not be read twice. */
	if (!memmem(source->text, source->text_length, "ConfigMap", strlen("ConfigMap")))
		return 0;
	source->problems = &unheard;
	result = config_parse(source, &tree);
	source->problems = problems;
	source->unsaid = 0;
	config_problems_clear(&unheard);
	/* What is no YAML at all is reported when it is read as a configuration. */
	if (result == -EINVAL)
		result = 0;
	else if (!result && tree.root && config_is_map(config_follow(tree.root)))
		result = collect(source, config_follow(tree.root), object);
	config_tree_clear(&tree);
	return result;
}

/**
 * config_object_clear() - free what config_object_read() made
 * @object: is empty afterwards
 */
void config_object_clear(struct config_object *object)
{
	size_t i;

	for (i = 0; i < object->count; i++)
		config_source_clear(&object->files[i]);
	free(object->files);
	*object = (struct config_object) { 0 };
}
