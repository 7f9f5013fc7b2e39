// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What lies ahead between brackets, found without libyaml, which looks through all
 * open brackets at each token: of deep nesting that is refused in the end, it has
 * the verdict that libyaml would have led to, at the same place and in the same
 * words, for a tenth of the work.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_yaml.h"

/* What the last token was. */
enum last {
	LAST_NOTHING,	/* a bracket or a comma: a value may follow, or the end */
	LAST_COLON,	/* the same, and also a comma */
	LAST_ANCHOR,	/* or a tag, which may also be that of nothing */
	LAST_VALUE,	/* no other may follow */
};

/* Between brackets, from the outermost one on. */
struct walk {
	struct config_source *source;
	const struct config_nesting *nesting;
	uint64_t effort;
	size_t place;
	/* Of each open bracket its byte. */
	uint32_t *open;
	size_t depth;
	enum last last;
};

/* Refuses what cannot stand at this place, as libyaml would. */
static int refuse(const struct walk *walk)
{
	bool after_value = walk->last == LAST_ANCHOR || walk->last == LAST_VALUE;
	size_t context = walk->open[walk->depth - 1];
	const char *problem = "did not find expected node content";

	if (after_value)
		problem = walk->source->text[context] == '[' ?
			  "did not find expected ',' or ']'" : "did not find expected ',' or '}'";
	config_explain_problem(walk->source, problem, walk->place,
			       after_value ? context : CONFIG_NOWHERE);
	return -EINVAL;
}

static int begin_node(struct walk *walk)
{
	if (walk->last == LAST_VALUE)
		return refuse(walk);
	walk->effort += walk->depth;
	return walk->effort > CONFIG_EFFORT_MAX ?
	       config_refuse_effort(walk->source, walk->place, walk->depth) : 0;
}

static int enter(struct walk *walk)
{
	int result = begin_node(walk);

	if (result)
		return result;
	if (walk->nesting->depth + walk->depth == CONFIG_DEPTH_MAX)
		return config_refuse_depth(walk->source, walk->place);
	walk->open[walk->depth++] = (uint32_t)walk->place++;
	walk->last = LAST_NOTHING;
	return 0;
}

static int leave(struct walk *walk)
{
	const char *text = walk->source->text;

	/* "[" and "]", "{" and "}" are two apart. */
	if (text[walk->place] != text[walk->open[walk->depth - 1]] + 2)
		return refuse(walk);
	walk->depth--;
	walk->place++;
	walk->last = LAST_VALUE;
	return 0;
}

static bool is_among(const struct walk *walk, const char *characters, size_t count)
{
	return walk->place < walk->source->text_length &&
	       memchr(characters, walk->source->text[walk->place], count);
}

/**
 * config_quoted_end() - the end of a text in quotes
 * @source: the file
 * @offset: byte of the opening quote, single or double
 *
 * Return: the byte behind the closing quote, CONFIG_NOWHERE where there is none.
 */
size_t config_quoted_end(const struct config_source *source, size_t offset)
{
	const char *text = source->text;
	char quote = text[offset++];

	while (offset < source->text_length) {
		char c = text[offset++];

		if (c == '\\' && quote == '"') {
			offset++;
			continue;
		}
		if (c != quote)
			continue;
		/* Two single quotes are one of the text. */
		if (quote == '"' || offset == source->text_length || text[offset] != quote)
			return offset;
		offset++;
	}
	return CONFIG_NOWHERE;
}

/**
 * config_comment_end() - the end of a comment
 * @source: the file
 * @offset: a byte of the comment
 * @end: where to stop looking, at most the file's text_length
 *
 * Return: the byte of the line's end, or @end.
 */
size_t config_comment_end(const struct config_source *source, size_t offset, size_t end)
{
	while (offset < end && source->text[offset] != '\n' && source->text[offset] != '\r')
		offset++;
	return offset;
}

/* Returns false where the quotes do not close. */
static bool skip_quoted(struct walk *walk)
{
	size_t end = config_quoted_end(walk->source, walk->place);

	walk->place = end == CONFIG_NOWHERE ? walk->source->text_length : end;
	return end != CONFIG_NOWHERE;
}

static bool is_blank_or_end(const struct walk *walk, size_t place)
{
	return place >= walk->source->text_length || config_is_blank(walk->source->text[place]);
}

/* A text without quotes. Returns false for what may end it and may not. */
static bool skip_plain(struct walk *walk)
{
	const char *text = walk->source->text;
	bool after_blank = false;

	while (walk->place < walk->source->text_length && !is_among(walk, ",[]{}", 5)) {
		unsigned char c = (unsigned char)text[walk->place];
		bool blank = is_blank_or_end(walk, walk->place);

		if (after_blank && c == '#')
			return true;
		/* --- and ... end it at the start of a line. */
		if (after_blank && (c == '-' || c == '.'))
			return false;
		/* Some characters beyond ASCII end a line. */
		if (!blank && (c < 0x20 || c >= 0x7f))
			return false;
		if (c == ':' && is_blank_or_end(walk, walk->place + 1))
			return true;
		after_blank = blank;
		walk->place++;
	}
	return true;
}

static void skip_name(struct walk *walk)
{
	walk->place++;
	while (walk->place < walk->source->text_length &&
	       config_is_name_character(walk->source->text[walk->place]))
		walk->place++;
}

/* Returns false where it holds what it may or may not. */
static bool skip_tag(struct walk *walk)
{
	while (!is_blank_or_end(walk, walk->place)) {
		char c = walk->source->text[walk->place];

		if (c != '!' && !config_is_name_character(c))
			return false;
		walk->place++;
	}
	return true;
}

/* Returns 0 to go on, 1 where this reader knows too little of YAML, or -EINVAL. */
static int step(struct walk *walk)
{
	const char *text = walk->source->text;
	char c = text[walk->place];
	int result;

	switch (c) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
		walk->place++;
		return 0;
	case '#':
		walk->place = config_comment_end(walk->source, walk->place,
						 walk->source->text_length);
		return 0;
	case '[':
	case '{':
		return enter(walk);
	case ']':
	case '}':
		return leave(walk);
	case ',':
		if (walk->last == LAST_NOTHING)
			return refuse(walk);
		walk->place++;
		walk->last = LAST_NOTHING;
		return 0;
	case ':':
		/* In a list it makes a mapping, one level more, which is not counted. */
		if (walk->last != LAST_VALUE)
			return 1;
		walk->place++;
		walk->last = LAST_COLON;
		return 0;
	case '&':
		if (walk->last == LAST_VALUE)
			return refuse(walk);
		skip_name(walk);
		walk->last = LAST_ANCHOR;
		return 0;
	case '-':
	case '.':
		/* Of --- and ... nothing is known here, and little of "- ". */
		if (is_blank_or_end(walk, walk->place + 1) ||
		    memchr("-.", text[walk->place + 1], 2))
			return 1;
		break;
	case '!':
		if (walk->last == LAST_VALUE)
			return refuse(walk);
		walk->last = LAST_ANCHOR;
		return !skip_tag(walk);
	case '?':
	case '|':
	case '>':
	case '%':
	case '@':
	case '`':
		return 1;
	}
	result = begin_node(walk);
	if (result)
		return result;
	walk->last = LAST_VALUE;
	if (c == '*') {
		skip_name(walk);
		return 0;
	}
	if (c == '"' || c == '\'')
		return !skip_quoted(walk);
	return !skip_plain(walk);
}

/**
 * config_check_nesting() - whether what is between brackets is worth libyaml's work
 * @source: the file
 * @nesting: where the outermost bracket is, or its anchor
 *
 * Return: 0 if the brackets close again and are no more than libyaml is asked to
 * read; 1 where that cannot be told; -EINVAL after it reported what is wrong; -ENOMEM.
 */
int config_check_nesting(struct config_source *source, const struct config_nesting *nesting)
{
	struct walk walk = {
		.source = source,
		.nesting = nesting,
		.effort = nesting->effort,
		.place = nesting->offset,
	};
	int result = 0;

	/* After a second byte order mark some characters are not read. */
	if (config_begins_with_mark(source->text, source->text_length))
		return 1;
	walk.open = malloc(CONFIG_DEPTH_MAX * sizeof(*walk.open));
	if (!walk.open)
		return -ENOMEM;
	while (!result && !walk.depth && walk.place < source->text_length) {
		if (is_among(&walk, "[{&# \t\n\r", 8))
			result = step(&walk);
		else
			result = 1;
	}
	while (!result && walk.depth)
		result = walk.place < source->text_length ? step(&walk) : refuse(&walk);
	free(walk.open);
	return result;
}
