// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * YAML to a tree, through libyaml's events. The reference agent reads YAML with go-yaml,
 * a port of an older libyaml.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "private.h"
#include "text.h"

/* go-yaml reads its input in pieces of this size and stops after the first
 * document; what it never reads may be anything.
 */
#define PIECE 512

#define PREFIX "tag:yaml.org,2002:"

#define TAG_LINES_MAX 100

struct anchor {
	const char *name;
	struct config_node *node;
};

/* One collection that is not closed yet. */
struct frame {
	struct config_node *node;
	struct config_node *last;
};

struct reading {
	struct config_source *source;
	struct config_tree *tree;
	yaml_parser_t parser;
	size_t input_taken;
	void *anchors;
	struct frame frames[CONFIG_DEPTH_MAX];
	size_t depth;
	/* The last place that was looked up. libyaml counts characters, problems need bytes. */
	size_t mark_index;
	size_t mark_offset;
};

static int take_input(void *data, unsigned char *buffer, size_t size, size_t *got)
{
	struct reading *reading = data;
	size_t left = reading->source->length - reading->input_taken;
	size_t kept = (size_t)(buffer - reading->parser.raw_buffer.start);
	size_t piece = kept < PIECE ? PIECE - kept : 1;

	if (piece > size)
		piece = size;
	if (piece > left)
		piece = left;
	memcpy(buffer, reading->source->data + reading->input_taken, piece);
	reading->input_taken += piece;
	*got = piece;
	return 1;
}

/* The byte of the file's text at which libyaml's character number index is. */
static size_t offset_of(struct reading *reading, size_t index)
{
	const struct config_source *source = reading->source;

	if (index < reading->mark_index) {
		reading->mark_index = 0;
		reading->mark_offset = 0;
	}
	while (reading->mark_index < index && reading->mark_offset < source->text_length) {
		uint32_t character;
		size_t width = utf8_decode(source->text + reading->mark_offset,
					   source->text_length - reading->mark_offset,
					   &character);

		reading->mark_offset += width ? width : 1;
		reading->mark_index++;
	}
	return reading->mark_offset;
}

static int compare_anchors(const void *a, const void *b)
{
	return strcmp(((const struct anchor *)a)->name, ((const struct anchor *)b)->name);
}

static void keep_anchor(void *anchor)
{
	(void)anchor;
}

static int too_much(struct reading *reading, size_t offset)
{
	if (reading->tree->starved)
		return -ENOMEM;
	config_complain(reading->source, offset,
			"too many values (they take more than %zu MiB)",
			CONFIG_TREE_MAX >> 20);
	return -EINVAL;
}

/* A later anchor of the same name replaces the earlier one. */
static int set_anchor(struct reading *reading, const yaml_char_t *name,
		      struct config_node *node)
{
	struct anchor **found;
	struct anchor *anchor;

	if (!name)
		return 0;
	anchor = config_tree_allocate(reading->tree, sizeof(*anchor));
	if (!anchor)
		return too_much(reading, node->offset);
	anchor->name = config_tree_text(reading->tree, (const char *)name,
					strlen((const char *)name));
	if (!anchor->name)
		return too_much(reading, node->offset);
	found = tsearch(anchor, &reading->anchors, compare_anchors);
	if (!found)
		return -ENOMEM;
	(*found)->node = node;
	return 0;
}

static int add_alias(struct reading *reading, const yaml_event_t *event,
		     struct config_node *node)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct anchor wanted = { .name = name };
	struct anchor **found = tfind(&wanted, &reading->anchors, compare_anchors);
	char *quoted;

	if (found) {
		node->target = (*found)->node;
		return 0;
	}
	quoted = text_quote(name, strlen(name), 40);
	config_complain(reading->source, node->offset,
			"unknown anchor %s; no value above has it", quoted ? quoted : "");
	free(quoted);
	return -EINVAL;
}

static bool begins_with(const struct config_source *source, size_t offset, char c)
{
	return offset < source->text_length && source->text[offset] == c;
}

/* YAML 1.2's escape, which libyaml takes and go-yaml refuses. */
static int check_escapes(struct config_source *source, size_t offset, size_t end)
{
	for (; offset + 1 < end; offset++) {
		if (source->text[offset] != '\\')
			continue;
		if (source->text[++offset] == '/') {
			config_complain(source, offset - 1,
					"unknown escape \"\\/\" in YAML 1.1; did you mean \"/\"?");
			return -EINVAL;
		}
	}
	return 0;
}

static int add_scalar(struct reading *reading, const yaml_event_t *event,
		      struct config_node *node)
{
	const char *tag = (const char *)event->data.scalar.tag;
	const char *value = (const char *)event->data.scalar.value;
	bool plain = event->data.scalar.plain_implicit;
	size_t length = event->data.scalar.length;
	char *text = config_tree_text(reading->tree, value, length);

	if (!text)
		return too_much(reading, node->offset);
	if (event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE &&
	    check_escapes(reading->source, node->offset,
			  offset_of(reading, event->end_mark.index)))
		return -EINVAL;
	node->text = text;
	node->length = (uint32_t)length;
	node->is_merge = length == 2 && !memcmp(text, "<<", 2) &&
			 (plain || (tag && !strcmp(tag, PREFIX "merge")));

	/* libyaml drops the tag "!" and go-yaml keeps it, so that "! true" is text. */
	if (!tag && plain && (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
			      begins_with(reading->source, node->offset, '!')))
		tag = "!";
	return config_scalar(reading->source, reading->tree, node, tag, plain);
}

static int open_collection(struct reading *reading, struct config_node *node)
{
	if (reading->depth == CONFIG_DEPTH_MAX)
		return config_refuse_depth(reading->source, node->offset);
	reading->frames[reading->depth++] = (struct frame) { .node = node };
	return 0;
}

/* Makes a node the next child of the collection that is open. */
static void append(struct reading *reading, struct config_node *node)
{
	struct frame *frame;

	if (!reading->depth) {
		reading->tree->root = node;
		return;
	}
	frame = &reading->frames[reading->depth - 1];
	if (frame->last)
		frame->last->next = node;
	else
		frame->node->first = node;
	frame->last = node;
	frame->node->length++;
}

static int add_node(struct reading *reading, const yaml_event_t *event)
{
	size_t offset = offset_of(reading, event->start_mark.index);
	enum config_kind kind;
	struct config_node *node;
	int result;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		kind = CONFIG_ALIAS;
		break;
	case YAML_SEQUENCE_START_EVENT:
		kind = CONFIG_SEQUENCE;
		break;
	case YAML_MAPPING_START_EVENT:
		kind = CONFIG_MAPPING;
		break;
	default:
		kind = CONFIG_TEXT;
		break;
	}
	node = config_tree_node(reading->tree, kind, offset);
	if (!node)
		return too_much(reading, offset);
	append(reading, node);

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return add_alias(reading, event, node);
	case YAML_SEQUENCE_START_EVENT:
		result = set_anchor(reading, event->data.sequence_start.anchor, node);
		return result ? result : open_collection(reading, node);
	case YAML_MAPPING_START_EVENT:
		result = set_anchor(reading, event->data.mapping_start.anchor, node);
		return result ? result : open_collection(reading, node);
	default:
		result = set_anchor(reading, event->data.scalar.anchor, node);
		return result ? result : add_scalar(reading, event, node);
	}
}

static int check_version(struct reading *reading, const yaml_event_t *event)
{
	const yaml_version_directive_t *version = event->data.document_start.version_directive;

	if (!version || (version->major == 1 && version->minor == 1))
		return 0;
	config_complain(reading->source, offset_of(reading, event->start_mark.index),
			"unsupported YAML version \"%d.%d\"; remove the %%YAML line",
			version->major, version->minor);
	return -EINVAL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_comment(const struct config_source *source, size_t offset)
{
	while (offset < source->text_length && source->text[offset] != '\n' &&
	       source->text[offset] != '\r')
		offset++;
	return offset;
}

/* Whether "---" or "..." stands there, alone or before a blank. */
static bool is_marker(const struct config_source *source, size_t offset)
{
	const char *text = source->text + offset;

	if (offset && source->text[offset - 1] != '\n' && source->text[offset - 1] != '\r')
		return false;
	if (source->text_length - offset < 3 || (memcmp(text, "---", 3) && memcmp(text, "...", 3)))
		return false;
	return source->text_length - offset == 3 || is_blank(text[3]);
}

/* Nothing is read after the first document, as in go-yaml. It ends at "---" or "...", and
 * also, which few expect, where a line is indented less than the first key.
 */
static void warn_rest(struct config_source *source, size_t offset, bool marked)
{
	while (offset < source->text_length) {
		if (is_blank(source->text[offset])) {
			offset++;
		} else if (source->text[offset] == '#') {
			offset = skip_comment(source, offset);
		} else if (is_marker(source, offset)) {
			offset += 3;
			marked = true;
		} else {
			break;
		}
	}
	if (offset == source->text_length)
		return;
	config_warn(source, offset, marked ?
		    "the rest of the file is ignored: only the first YAML document is read" :
		    "the rest of the file is ignored: this line does not continue the mapping above; are all keys indented alike?");
}

/* Reads the first document. Whatever follows it is left alone. Returns 1 where
 * libyaml itself refused the input.
 */
static int read_document(struct reading *reading)
{
	int result = 0;
	bool done = false;

	while (!result && !done) {
		yaml_event_t event;

		if (!yaml_parser_parse(&reading->parser, &event))
			return 1;
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
			break;
		case YAML_DOCUMENT_START_EVENT:
			result = check_version(reading, &event);
			break;
		case YAML_SEQUENCE_END_EVENT:
		case YAML_MAPPING_END_EVENT:
			reading->depth--;
			break;
		case YAML_DOCUMENT_END_EVENT:
			warn_rest(reading->source, offset_of(reading, event.end_mark.index),
				  !event.data.document_end.implicit);
			done = true;
			break;
		case YAML_STREAM_END_EVENT:
		case YAML_NO_EVENT:
			done = true;
			break;
		default:
			result = add_node(reading, &event);
			break;
		}
		yaml_event_delete(&event);
	}
	return result;
}

/* Limit the %TAG lines: libyaml compares each with all lines before it. */
static int check_directives(struct config_source *source)
{
	static const char word[] = "%TAG";
	const char *end = source->text + source->text_length;
	const char *place = source->text;
	unsigned int count = 0;

	while ((place = memmem(place, (size_t)(end - place), word, strlen(word)))) {
		if (++count > TAG_LINES_MAX) {
			config_complain(source, (size_t)(place - source->text),
					"too many %%TAG lines (at most %d)", TAG_LINES_MAX);
			return -EINVAL;
		}
		place += strlen(word);
	}
	return 0;
}

/**
 * config_parse_yaml() - read the first YAML document of a file
 * @source: the file, as config_source_read() left it
 * @tree: empty; takes the values
 *
 * Return: 0 with @tree->root, NULL for an empty file; -EINVAL after it reported
 * why; -ENOMEM.
 */
int config_parse_yaml(struct config_source *source, struct config_tree *tree)
{
	struct reading reading = { .source = source, .tree = tree };
	const yaml_parser_t *parser = &reading.parser;
	int result = check_directives(source);

	if (result)
		return result;
	if (!yaml_parser_initialize(&reading.parser))
		return -ENOMEM;
	yaml_parser_set_input(&reading.parser, take_input, &reading);
	result = read_document(&reading);
	if (result == 1 && parser->error == YAML_MEMORY_ERROR) {
		result = -ENOMEM;
	} else if (result == 1) {
		config_explain_yaml(source, parser, offset_of(&reading, parser->problem_mark.index),
				    offset_of(&reading, parser->context_mark.index));
		result = -EINVAL;
	}
	yaml_parser_delete(&reading.parser);
	tdestroy(reading.anchors, keep_anchor);
	return result;
}
