// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * YAML to a tree, through libyaml's events.
 *
 * The reference agent reads YAML with go-yaml, a port of an older libyaml. Where
 * the two differ in what they take, the differences are made good here, by
 * config_mend() and refuse_unlike_reference().
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "config_yaml.h"
#include "text.h"

/* go-yaml reads its input in pieces of this size and stops after the first
 * document; what it never reads may be anything.
 */
#define PIECE 512

/* From this on it is looked ahead what comes of brackets: some 200 ms of a slow
 * processor. What cannot be told may cost four times that.
 */
#define EFFORT_LOOK (UINT64_C(4) << 20)
#define EFFORT_UNSURE (UINT64_C(16) << 20)

/* A key is no longer than that, so nothing is read further ahead for one. */
#define KEY_MAX 1024

#define PREFIX "tag:yaml.org,2002:"

struct anchor {
	const char *name;
	struct config_node *node;
};

/* One collection that is not closed yet. */
struct frame {
	struct config_node *node;
	struct config_node *last;
	bool flow;
};

struct reading {
	struct config_source *source;
	struct config_tree *tree;
	yaml_parser_t parser;
	struct config_mending mending;
	size_t input_taken;
	void *anchors;
	struct frame *frames;
	size_t depth;
	size_t room;
	size_t flow_depth;
	/* Open brackets that libyaml has looked through, and may. */
	uint64_t effort;
	uint64_t effort_max;
	struct config_nesting outermost;
	/* The place looked up last: libyaml counts characters, we want bytes. */
	size_t mark_index;
	size_t mark_offset;
};

static int take_input(void *data, unsigned char *buffer, size_t size, size_t *got)
{
	struct reading *reading = data;
	size_t left = reading->mending.input_length - reading->input_taken;
	size_t kept = (size_t)(buffer - reading->parser.raw_buffer.start);
	size_t piece = kept < PIECE ? PIECE - kept : 1;

	if (piece > size)
		piece = size;
	if (piece > left)
		piece = left;
	memcpy(buffer, reading->mending.input + reading->input_taken, piece);
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
	config_complain(reading->source, offset,
			"the file holds more values than there is room for (%zu MiB), expected a few lines",
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
			"the alias has no anchor (found %s), expected &%s before it",
			quoted ? quoted : "*", name);
	free(quoted);
	return -EINVAL;
}

static size_t skip_blank(const struct config_source *source, size_t offset)
{
	while (offset < source->text_length && config_is_blank(source->text[offset]))
		offset++;
	return offset;
}

static bool has_line_end(const struct config_source *source, size_t begin, size_t end)
{
	return memchr(source->text + begin, '\n', end - begin) ||
	       memchr(source->text + begin, '\r', end - begin);
}

/* Whether the properties of the scalar between two bytes hold the tag "!". libyaml
 * drops that tag and go-yaml keeps it, so that "! true" is text.
 */
static bool has_bare_tag(const struct config_source *source, size_t offset, size_t end)
{
	const char *text = source->text;

	if (offset < end && text[offset] == '&') {
		for (offset++; offset < end && config_is_name_character(text[offset]); offset++)
			;
		while (offset < end && config_is_blank(text[offset]))
			offset++;
		while (offset < end && text[offset] == '#') {
			offset = config_comment_end(source, offset, end);
			while (offset < end && config_is_blank(text[offset]))
				offset++;
		}
	}
	return offset < end && text[offset] == '!';
}

/* An escape that libyaml takes and go-yaml does not, of the text in double quotes that
 * begins at a byte.
 */
static int check_escapes(struct config_source *source, size_t offset, size_t end)
{
	for (offset++; offset + 1 < end; offset++) {
		if (source->text[offset] != '\\')
			continue;
		if (source->text[offset + 1] == '/') {
			config_complain(source, offset,
					"the escape is unknown in YAML 1.1 (found \\/), expected / alone");
			return -EINVAL;
		}
		offset++;
	}
	return 0;
}

/* What libyaml takes and go-yaml does not. */
static int refuse_unlike_reference(struct reading *reading, const yaml_event_t *event,
				   size_t offset, const char *text, size_t length)
{
	const struct config_source *source = reading->source;
	size_t end;

	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		if (reading->flow_depth && memchr(text, '?', length)) {
			config_complain(reading->source, offset,
					"the text has a question mark between brackets (found no quotes), expected it in quotes");
			return -EINVAL;
		}
		return 0;
	}
	if (event->data.scalar.style != YAML_DOUBLE_QUOTED_SCALAR_STYLE)
		return 0;
	end = offset_of(reading, event->end_mark.index);
	while (offset < end && source->text[offset] != '"')
		offset++;
	return check_escapes(reading->source, offset, end);
}

static int add_scalar(struct reading *reading, const yaml_event_t *event,
		      struct config_node *node)
{
	const char *tag = (const char *)event->data.scalar.tag;
	const char *value = (const char *)event->data.scalar.value;
	bool plain = event->data.scalar.plain_implicit;
	size_t length = event->data.scalar.length;
	char *text = config_tree_text(reading->tree, value, length);
	int result;

	if (!text)
		return too_much(reading, node->offset);
	length = config_mend_restore(&reading->mending, text, length);
	result = refuse_unlike_reference(reading, event, node->offset, text, length);
	if (result)
		return result;
	node->text = text;
	node->length = (uint32_t)length;
	node->is_merge = length == 2 && !memcmp(text, "<<", 2) &&
			 (plain || (tag && !strcmp(tag, PREFIX "merge")));

	if (!tag && plain &&
	    (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
	     has_bare_tag(reading->source, node->offset,
			  offset_of(reading, event->end_mark.index))))
		tag = "!";
	return config_scalar(reading->source, reading->tree, node, tag, plain);
}

/* Brackets, inside none: from here on it is to be looked ahead once. */
static void begin_flow(struct reading *reading, const struct config_node *node)
{
	reading->outermost = (struct config_nesting) {
		.offset = node->offset,
		.depth = reading->depth,
		.effort = reading->effort,
	};
	reading->effort_max = reading->effort > EFFORT_LOOK ? reading->effort : EFFORT_LOOK;
}

static int open_collection(struct reading *reading, struct config_node *node, bool flow)
{
	if (reading->depth == CONFIG_DEPTH_MAX)
		return config_refuse_depth(reading->source, node->offset);
	if (flow && !reading->flow_depth)
		begin_flow(reading, node);
	if (reading->depth == reading->room) {
		size_t room = reading->room ? reading->room * 2 : 16;
		struct frame *frames = reallocarray(reading->frames, room, sizeof(*frames));

		if (!frames)
			return -ENOMEM;
		reading->frames = frames;
		reading->room = room;
	}
	reading->frames[reading->depth++] = (struct frame) { .node = node, .flow = flow };
	reading->flow_depth += flow;
	return 0;
}

static void close_collection(struct reading *reading)
{
	reading->flow_depth -= reading->frames[--reading->depth].flow;
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

/* libyaml's work for a node, which is refused where it gets too much. */
static int count_effort(struct reading *reading, size_t offset)
{
	int result;

	reading->effort += reading->flow_depth;
	if (reading->effort <= reading->effort_max)
		return 0;
	if (reading->effort_max < EFFORT_UNSURE || reading->effort_max == reading->outermost.effort) {
		result = config_check_nesting(reading->source, &reading->outermost);
		if (result < 0)
			return result;
		reading->effort_max = result ? EFFORT_UNSURE : CONFIG_EFFORT_MAX;
		if (reading->effort <= reading->effort_max)
			return 0;
	}
	return config_refuse_effort(reading->source, offset, reading->flow_depth);
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

	result = count_effort(reading, offset);
	if (result)
		return result;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return add_alias(reading, event, node);
	case YAML_SEQUENCE_START_EVENT:
		result = set_anchor(reading, event->data.sequence_start.anchor, node);
		return result ? result :
		       open_collection(reading, node, event->data.sequence_start.style ==
						      YAML_FLOW_SEQUENCE_STYLE);
	case YAML_MAPPING_START_EVENT:
		result = set_anchor(reading, event->data.mapping_start.anchor, node);
		return result ? result :
		       open_collection(reading, node, event->data.mapping_start.style ==
						      YAML_FLOW_MAPPING_STYLE);
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
			"the YAML version is not supported (found %d.%d), expected 1.1 or no %%YAML line",
			version->major, version->minor);
	return -EINVAL;
}

/* Where a token ends that begins at a byte, as far as brackets and quotes go. */
static size_t token_end(const struct config_source *source, size_t offset)
{
	const char *text = source->text;
	size_t length = source->text_length;
	char first = text[offset++];

	if (memchr("[]{},:", first, 6))
		return offset;
	if (first == '"' || first == '\'') {
		size_t end = config_quoted_end(source, offset - 1);

		return end == CONFIG_NOWHERE ? length : end;
	}
	if (first == '#') {
		offset = config_comment_end(source, offset, length);
		return offset < length ? offset + 1 : length;
	}
	while (offset < length && !memchr("[]{},", text[offset], 5) &&
	       !(text[offset] == '#' && config_is_blank(text[offset - 1])) &&
	       !(text[offset] == ':' && (offset + 1 == length || config_is_blank(text[offset + 1]))))
		offset++;
	return offset;
}

/* A document that ends where something else begins: to know whether that is a key, both
 * parsers read on, to the end of its line and one token further, or to the colon. What
 * go-yaml does not take there it refuses, and with it the document before.
 */
static int check_read_ahead(struct reading *reading, size_t begin)
{
	struct config_source *source = reading->source;
	size_t offset = begin;
	size_t depth = 0;

	while (offset - begin <= KEY_MAX && !has_line_end(source, begin, offset)) {
		size_t end;
		char c;

		offset = skip_blank(source, offset);
		if (offset >= source->text_length)
			break;
		c = source->text[offset];
		/* No key, or one that is read to its end without any news. */
		if (!depth && !memchr("[]{}\"'", c, 6))
			break;
		end = token_end(source, offset);
		if (c == '"' && check_escapes(source, offset, end))
			return -EINVAL;
		depth += c == '[' || c == '{';
		depth -= depth && (c == ']' || c == '}');
		offset = end;
	}
	return 0;
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
			close_collection(reading);
			break;
		case YAML_DOCUMENT_END_EVENT:
			if (event.data.document_end.implicit)
				result = check_read_ahead(reading, offset_of(reading, event.end_mark.index));
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

static void forget(struct reading *reading)
{
	tdestroy(reading->anchors, keep_anchor);
	reading->anchors = NULL;
	reading->depth = 0;
	reading->flow_depth = 0;
	reading->effort = 0;
	config_tree_clear(reading->tree);
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
	int result = config_mend_start(&reading.mending, source);

	while (result >= 0) {
		size_t problem;

		if (!yaml_parser_initialize(&reading.parser)) {
			result = -ENOMEM;
			break;
		}
		reading.input_taken = 0;
		yaml_parser_set_input(&reading.parser, take_input, &reading);
		result = read_document(&reading);
		if (result == 1 && reading.parser.error == YAML_MEMORY_ERROR)
			result = -ENOMEM;
		if (result == 1) {
			problem = offset_of(&reading, reading.parser.problem_mark.index);
			result = config_mend(&reading.mending, &reading.parser, problem);
			if (!result) {
				config_explain_yaml(source, &reading.parser, problem,
						    offset_of(&reading, reading.parser.context_mark.index));
				result = -EINVAL;
			}
		} else if (!result) {
			yaml_parser_delete(&reading.parser);
			break;
		}
		yaml_parser_delete(&reading.parser);
		if (result == 1)
			forget(&reading);
	}
	tdestroy(reading.anchors, keep_anchor);
	free(reading.frames);
	config_mend_clear(&reading.mending);
	return result;
}
