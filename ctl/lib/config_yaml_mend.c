// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * YAML that the reference agent's parser takes and libyaml does not: replaced by
 * something that both take, one character for one, so that lines and columns
 * stay, and put back in the texts that come out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_yaml.h"
#include "text.h"

/* How much may be read again after config_mend(). */
#define MENDED_MAX ((size_t)4 << 20)

/* The private use area begins at U+E000. */
#define STAND_IN_FIRST 0xe000
#define STAND_IN_COUNT 0x100

/* As much as go-yaml has read with the second of two byte order marks. */
#define SECOND_MARK_REACH 505

enum mend {
	MEND_NONE,
	MEND_COLON,		/* ':' */
	MEND_QUOTE,		/* "'" */
	MEND_NOTHING,		/* a backslash that is dropped */
	MEND_MARK,		/* a byte order mark inside the file */
	MEND_STAND_INS,
	MEND_BLANK = MEND_STAND_INS,	/* the start of a line that is not read */
	MEND_TAG,		/* part of a tag, which may become anything */
};

_Static_assert(MEND_STAND_INS == CONFIG_STAND_INS, "a place for each stand-in");

/* Finds characters that the file does not hold, to stand in for others. */
static bool find_stand_ins(struct config_mending *mending)
{
	const struct config_source *source = mending->source;
	bool taken[STAND_IN_COUNT] = { false };
	size_t next = MEND_COLON;
	size_t offset = 0;

	while (offset < source->text_length) {
		uint32_t character = 0;
		size_t width = utf8_decode(source->text + offset, source->text_length - offset,
					   &character);

		if (width && character >= STAND_IN_FIRST &&
		    character < STAND_IN_FIRST + STAND_IN_COUNT)
			taken[character - STAND_IN_FIRST] = true;
		offset += width ? width : 1;
	}
	for (offset = 0; offset < STAND_IN_COUNT && next < MEND_STAND_INS; offset++) {
		if (!taken[offset])
			mending->stand_ins[next++] = STAND_IN_FIRST + (uint32_t)offset;
	}
	return next == MEND_STAND_INS;
}

/* Notes what go-yaml would have taken at the place of libyaml's error: "\'" in
 * double quotes, a colon before a bracket or a comma inside a plain text, and a
 * bracket or a comma inside a tag.
 */
static bool note_mends(struct config_mending *mending, const yaml_parser_t *parser,
		       size_t offset)
{
	const struct config_source *source = mending->source;
	const char *text = source->text;
	size_t end = source->text_length;

	if (parser->error != YAML_SCANNER_ERROR)
		return false;
	if (!strcmp(parser->problem, "found unexpected ':'") && offset < end &&
	    text[offset] == ':') {
		mending->places[offset] = MEND_COLON;
		return true;
	}
	/* Of such a tag nothing is known either way, so its text is free; what
	 * stands in must not make it the handle of a %TAG line.
	 */
	if ((!strcmp(parser->problem, "did not find expected whitespace or line break") ||
	     !strcmp(parser->problem, "did not find expected tag URI")) &&
	    offset < end && memchr(",[]", text[offset], 3)) {
		mending->places[offset] = MEND_TAG;
		return true;
	}
	if (strcmp(parser->problem, "found unknown escape character") || offset + 1 >= end ||
	    text[offset] != '\\' || text[offset + 1] != '\'')
		return false;
	/* The rest of this text at once, it may be full of them. */
	while (offset + 1 < end && text[offset] != '"') {
		if (text[offset] != '\\') {
			offset++;
			continue;
		}
		if (text[offset + 1] == '\'') {
			mending->places[offset] = MEND_NOTHING;
			mending->places[offset + 1] = MEND_QUOTE;
		}
		offset += 2;
	}
	return true;
}

static int rebuild_input(struct config_mending *mending)
{
	const struct config_source *source = mending->source;
	size_t used = 0;
	size_t i;
	char *input;

	input = malloc(source->text_length * 3 + 1);
	if (!input)
		return -ENOMEM;
	for (i = 0; i < source->text_length; i++) {
		uint8_t place = mending->places[i];

		if (place == MEND_NONE)
			input[used++] = source->text[i];
		else if (place == MEND_TAG)
			input[used++] = ';';
		else if (place == MEND_BLANK)
			input[used++] = ' ';
		else
			used += utf8_encode(mending->stand_ins[place], input + used);
		if (place == MEND_MARK || (place == MEND_BLANK && !i))
			i += strlen(CONFIG_BYTE_ORDER_MARK) - 1;
	}
	free(mending->rebuilt);
	mending->rebuilt = input;
	mending->input = input;
	mending->input_length = used;
	return 0;
}

static int make_places(struct config_mending *mending)
{
	if (!mending->places)
		mending->places = calloc(mending->source->text_length + 1, 1);
	return mending->places ? 0 : -ENOMEM;
}

/* With two byte order marks at the start go-yaml takes each line that begins while they
 * are in its buffer for one that begins with one, and skips its first character.
 */
static void note_second_mark(struct config_mending *mending)
{
	const struct config_source *source = mending->source;
	size_t i;

	mending->places[0] = MEND_BLANK;
	for (i = strlen(CONFIG_BYTE_ORDER_MARK);
	     i + 1 < source->text_length && i < SECOND_MARK_REACH; i++) {
		if (source->text[i] == '\n' && (source->text[i + 1] & 0x80) == 0)
			mending->places[++i] = MEND_BLANK;
	}
	config_warn(mending->source, 0,
		    "the file begins with two byte order marks, so that the first characters of its lines are not read, expected none");
}

/**
 * config_mend_start() - what libyaml is given at first
 * @mending: is overwritten; config_mend_clear() frees it
 * @source: the file
 *
 * A byte order mark inside the file is text for go-yaml; libyaml skips it at the
 * start of a line. So those are replaced at once.
 *
 * Return: 0 or -ENOMEM.
 */
int config_mend_start(struct config_mending *mending, struct config_source *source)
{
	const char *end = source->text + source->text_length;
	const char *place = source->text;
	bool found = false;

	*mending = (struct config_mending) {
		.source = source,
		.input = source->data,
		.input_length = source->length,
	};
	/* Text that was converted is not what libyaml is given. */
	if (source->converted)
		return 0;
	for (;;) {
		place = memmem(place, (size_t)(end - place), CONFIG_BYTE_ORDER_MARK,
			       strlen(CONFIG_BYTE_ORDER_MARK));
		if (!place)
			break;
		if (make_places(mending))
			return -ENOMEM;
		if (place == source->text)
			note_second_mark(mending);
		else
			mending->places[place - source->text] = MEND_MARK;
		found = true;
		place += strlen(CONFIG_BYTE_ORDER_MARK);
	}
	if (!found || !find_stand_ins(mending))
		return 0;
	return rebuild_input(mending);
}

/**
 * config_mend() - replace what libyaml has refused, if go-yaml takes it
 * @mending: its input is another one afterwards
 * @parser: the parser after its error
 * @problem: byte of the file's text where it stopped
 *
 * Return: 1 to read again, 0 if the refusal stands, -ENOMEM.
 */
int config_mend(struct config_mending *mending, const yaml_parser_t *parser, size_t problem)
{
	if (mending->source->converted || mending->effort > MENDED_MAX ||
	    parser->error != YAML_SCANNER_ERROR)
		return 0;
	/* A small file does not become free by being small. */
	mending->effort += mending->source->text_length + 1024;
	if (make_places(mending))
		return -ENOMEM;
	if (!note_mends(mending, parser, problem))
		return 0;
	if (!mending->stand_ins[MEND_COLON] && !find_stand_ins(mending))
		return 0;
	return rebuild_input(mending) ? -ENOMEM : 1;
}

/**
 * config_mend_restore() - put back what was replaced
 * @mending: the input that a text came from
 * @text: the text; becomes shorter where something was replaced
 * @length: bytes of it
 *
 * Return: how many are left.
 */
size_t config_mend_restore(const struct config_mending *mending, char *text, size_t length)
{
	static const char *const originals[MEND_STAND_INS] = {
		[MEND_COLON] = ":",
		[MEND_QUOTE] = "'",
		[MEND_NOTHING] = "",
		[MEND_MARK] = CONFIG_BYTE_ORDER_MARK,
	};
	size_t from = 0;
	size_t to = 0;

	if (!mending->rebuilt)
		return length;
	while (from < length) {
		uint32_t character = 0;
		size_t width = utf8_decode(text + from, length - from, &character);
		const char *original = NULL;
		int i;

		for (i = MEND_COLON; i < MEND_STAND_INS && width && character >= STAND_IN_FIRST;
		     i++) {
			if (character == mending->stand_ins[i])
				original = originals[i];
		}
		if (!width)
			width = 1;
		memmove(text + to, original ? original : text + from,
			original ? strlen(original) : width);
		to += original ? strlen(original) : width;
		from += width;
	}
	return to;
}

/**
 * config_mend_clear() - free what was made
 * @mending: must not be used any more
 */
void config_mend_clear(struct config_mending *mending)
{
	free(mending->rebuilt);
	free(mending->places);
}
