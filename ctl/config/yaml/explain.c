// SPDX-License-Identifier: GPL-2.0-or-later
/* What libyaml says, in words for the person who wrote the file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "text.h"

/**
 * struct explanation - what one of libyaml's problems means
 * @problem: libyaml's words
 * @wrong: what is wrong
 * @expected: what would have been right
 * @place: which place to show
 */
struct explanation {
	const char *problem;
	const char *wrong;
	const char *expected;
	enum {
		WHERE_IT_STOPPED,
		WHERE_IT_BEGAN,
		/* If it stopped on another line: what follows is not to blame then. */
		WHERE_IT_BEGAN_ABOVE,
	} place;
};

static const struct explanation explanations[] = {
	{ "found character that cannot start any token",
	  "nothing can start with this character",
	  "quotes around the text", WHERE_IT_STOPPED },
	{ "mapping values are not allowed in this context",
	  "a key cannot stand here",
	  "one KEY: VALUE on a line, and quotes around a text that holds \": \"", WHERE_IT_STOPPED },
	{ "could not find expected ':'",
	  "the line is neither a key nor a list item",
	  "KEY: VALUE, or \"- \" with a blank before an item", WHERE_IT_BEGAN },
	{ "did not find expected key",
	  "the line does not fit under the ones above",
	  "a key that starts in the same column as the keys above", WHERE_IT_STOPPED },
	{ "did not find expected '-' indicator",
	  "the list is not continued",
	  "\"- \" in the same column as the items above", WHERE_IT_STOPPED },
	{ "did not find expected ',' or ']'",
	  "the list is not closed",
	  "a comma or ]", WHERE_IT_BEGAN_ABOVE },
	{ "did not find expected ',' or '}'",
	  "the mapping is not closed",
	  "a comma or }", WHERE_IT_BEGAN_ABOVE },
	{ "did not find expected node content",
	  "a value is missing",
	  "a value, in quotes if it starts with a colon or a bracket", WHERE_IT_STOPPED },
	{ "found a tab character that violates indentation",
	  "the line is indented with a tab",
	  "blanks", WHERE_IT_STOPPED },
	{ "found a tab character where an indentation space is expected",
	  "the line is indented with a tab",
	  "blanks", WHERE_IT_STOPPED },
	{ "found unknown escape character",
	  "the escape is unknown",
	  "\\\\ for a backslash, or single quotes around the text", WHERE_IT_STOPPED },
	{ "did not find expected hexdecimal number",
	  "the escape is not complete",
	  "hexadecimal digits", WHERE_IT_STOPPED },
	{ "found invalid Unicode character escape code",
	  "the escape stands for no character",
	  "a character up to U+10FFFF", WHERE_IT_STOPPED },
	{ "found unexpected end of stream",
	  "the quotes are not closed",
	  "the same quotes again at the end of the text", WHERE_IT_BEGAN },
	{ "found unexpected document indicator",
	  "the quotes are not closed before the document ends",
	  "the same quotes again at the end of the text", WHERE_IT_BEGAN },
	{ "block sequence entries are not allowed in this context",
	  "a list item cannot stand here",
	  "it on a line of its own", WHERE_IT_STOPPED },
	{ "mapping keys are not allowed in this context",
	  "a key cannot stand here",
	  "it on a line of its own", WHERE_IT_STOPPED },
	{ "found unexpected ':'",
	  "a colon cannot stand here",
	  "quotes around the text", WHERE_IT_STOPPED },
	{ "did not find expected comment or line break",
	  "something follows the | or > of a text block",
	  "the text on the lines below, indented", WHERE_IT_STOPPED },
	{ "found incompatible YAML document",
	  "the YAML version is not supported",
	  "1.1 or no %YAML line", WHERE_IT_BEGAN },
	{ "found unknown directive name",
	  "the directive is unknown",
	  "%YAML, %TAG, or quotes around a text that starts with %", WHERE_IT_BEGAN },
	{ "found undefined tag handle",
	  "the tag is not defined",
	  "no tag", WHERE_IT_BEGAN },
	{ "did not find expected <document start>",
	  "a document cannot start here",
	  "--- on a line of its own", WHERE_IT_STOPPED },
};

static const struct explanation *find(const char *problem)
{
	size_t i;

	for (i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
		if (!strcmp(problem, explanations[i].problem))
			return &explanations[i];
	}
	return NULL;
}

/* Bytes that are no text at all. */
static void explain_reader(struct config_source *source, const yaml_parser_t *parser)
{
	size_t offset = CONFIG_NOWHERE;

	/* Of UTF-16 there is no text at the place, nor a line to show. */
	if (!source->converted)
		offset = parser->problem_offset - (size_t)(source->text - source->data);
	if (!strcmp(parser->problem, "control characters are not allowed"))
		config_complain(source, offset,
				"a control character is not allowed (found U+%04X), expected text",
				(unsigned int)parser->problem_value);
	else
		config_complain(source, offset, "the file is not UTF-8 (found %s), expected UTF-8",
				parser->problem);
}

/* Whether a place is on an earlier line than another. The end of a file that does
 * not end its last line is one line further down, as libyaml has it.
 */
static bool is_above(struct config_source *source, size_t offset, size_t other)
{
	return other >= source->text_length ||
	       config_source_line(source, offset) != config_source_line(source, other);
}

static char *describe_place(const struct config_source *source, size_t offset)
{
	uint32_t character;
	size_t width;

	if (offset >= source->text_length)
		return strdup("the end of the file");
	if (source->text[offset] == '\t')
		return strdup("a tab");
	if (source->text[offset] == '\n' || source->text[offset] == '\r')
		return strdup("the end of the line");
	width = utf8_decode(source->text + offset, source->text_length - offset, &character);
	return text_quote(source->text + offset, width ? width : 1, 1);
}

/* Where it stopped, and where the construct that it was reading began. */
static void explain(struct config_source *source, const char *words, size_t problem,
		    size_t context)
{
	const struct explanation *explanation = find(words);
	size_t offset = problem;
	const char *expected;
	char *found;

	if (!explanation) {
		config_complain(source, problem, "this is no YAML (%s), expected YAML 1.1", words);
		return;
	}
	if (context != CONFIG_NOWHERE &&
	    (explanation->place == WHERE_IT_BEGAN ||
	     (explanation->place == WHERE_IT_BEGAN_ABOVE && is_above(source, context, problem))))
		offset = context;
	/* Of a bracket it is of interest what came instead of its end. */
	found = describe_place(source, explanation->place == WHERE_IT_BEGAN_ABOVE ? problem : offset);
	expected = explanation->expected;
	if (offset < source->text_length && source->text[offset] == '\t')
		expected = "blanks";
	config_complain(source, offset, "%s (found %s), expected %s", explanation->wrong,
			found ? found : "something else", expected);
	free(found);
}

/**
 * config_explain_yaml() - report what libyaml refused
 * @source: the file
 * @parser: the parser after its error
 * @problem: byte of the file's text where it stopped
 * @context: byte where the construct that it was reading began
 */
void config_explain_yaml(struct config_source *source, const yaml_parser_t *parser,
			 size_t problem, size_t context)
{
	if (parser->error == YAML_READER_ERROR)
		explain_reader(source, parser);
	else
		explain(source, parser->problem, problem,
			parser->context ? context : CONFIG_NOWHERE);
}

/**
 * config_refuse_depth() - report a collection that is one too deep
 * @source: the file
 * @offset: byte of the file's text where it begins
 *
 * Return: -EINVAL.
 */
int config_refuse_depth(struct config_source *source, size_t offset)
{
	config_complain(source, offset,
			"the values are nested too deeply (more than %d levels), expected two",
			CONFIG_DEPTH_MAX);
	return -EINVAL;
}
