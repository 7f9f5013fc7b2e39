// SPDX-License-Identifier: GPL-2.0-or-later
/* Explain libyaml's errors to the author of the file. */
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
 * @hint: what to write instead
 * @place: which place to show
 */
struct explanation {
	const char *problem;
	const char *wrong;
	const char *hint;
	enum {
		WHERE_IT_STOPPED,
		WHERE_IT_BEGAN,
		/* If it stopped on another line: what follows is not to blame then. */
		WHERE_IT_BEGAN_ABOVE,
	} place;
};

static const struct explanation explanations[] = {
	{ "found character that cannot start any token",
	  "invalid start of a value", "quote the text", WHERE_IT_STOPPED },
	{ "mapping values are not allowed in this context",
	  "misplaced key",
	  "write one KEY: VALUE per line, and quote a text that contains \": \"", WHERE_IT_STOPPED },
	{ "could not find expected ':'",
	  "neither a key nor a list item",
	  "expected KEY: VALUE, or \"- \" before an item", WHERE_IT_BEGAN },
	{ "did not find expected key",
	  "wrong indentation",
	  "start the key in the same column as the keys above", WHERE_IT_STOPPED },
	{ "did not find expected '-' indicator",
	  "list interrupted",
	  "start \"- \" in the same column as the items above", WHERE_IT_STOPPED },
	{ "did not find expected ',' or ']'",
	  "list not closed", "expected a comma or ]", WHERE_IT_BEGAN_ABOVE },
	{ "did not find expected ',' or '}'",
	  "mapping not closed", "expected a comma or }", WHERE_IT_BEGAN_ABOVE },
	{ "did not find expected node content",
	  "missing value",
	  "expected a value, quoted if it starts with a colon or a bracket", WHERE_IT_STOPPED },
	{ "found a tab character that violates indentation",
	  "indented with a tab", "use spaces", WHERE_IT_STOPPED },
	{ "found a tab character where an indentation space is expected",
	  "indented with a tab", "use spaces", WHERE_IT_STOPPED },
	{ "found unknown escape character",
	  "unknown escape", "write \\\\ for a backslash, or use single quotes", WHERE_IT_STOPPED },
	{ "did not find expected hexdecimal number",
	  "incomplete escape", "expected hexadecimal digits", WHERE_IT_STOPPED },
	{ "found invalid Unicode character escape code",
	  "invalid escape", "expected a character up to U+10FFFF", WHERE_IT_STOPPED },
	{ "found unexpected end of stream",
	  "quotes not closed", "close them at the end of the text", WHERE_IT_BEGAN },
	{ "found unexpected document indicator",
	  "quotes not closed before the document ends",
	  "close them at the end of the text", WHERE_IT_BEGAN },
	{ "block sequence entries are not allowed in this context",
	  "misplaced list item", "start it on a new line", WHERE_IT_STOPPED },
	{ "mapping keys are not allowed in this context",
	  "misplaced key", "start it on a new line", WHERE_IT_STOPPED },
	{ "found unexpected ':'",
	  "misplaced colon", "quote the text", WHERE_IT_STOPPED },
	{ "did not find expected comment or line break",
	  "text after | or >", "start the text on the next line, indented", WHERE_IT_STOPPED },
	{ "found incompatible YAML document",
	  "unsupported YAML version", "remove the %YAML line", WHERE_IT_BEGAN },
	{ "found unknown directive name",
	  "unknown directive", "quote a text that starts with %", WHERE_IT_BEGAN },
	{ "found undefined tag handle",
	  "undefined tag", "remove the tag", WHERE_IT_BEGAN },
	{ "did not find expected <document start>",
	  "misplaced start of a document", "start --- on a new line", WHERE_IT_STOPPED },
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
				"control character U+%04X is not allowed",
				(unsigned int)parser->problem_value);
	else
		config_complain(source, offset, "not valid UTF-8: %s",
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
		return strdup("end of file");
	if (source->text[offset] == '\t')
		return strdup("tab");
	if (source->text[offset] == '\n' || source->text[offset] == '\r')
		return strdup("end of line");
	width = utf8_decode(source->text + offset, source->text_length - offset, &character);
	return text_quote(source->text + offset, width ? width : 1, 1);
}

/* Where it stopped, and where the construct that it was reading began. */
static void explain(struct config_source *source, const char *words, size_t problem,
		    size_t context)
{
	const struct explanation *explanation = find(words);
	size_t offset = problem;
	const char *hint;
	char *found;

	if (!explanation) {
		config_complain(source, problem, "invalid YAML: %s", words);
		return;
	}
	if (context != CONFIG_NOWHERE &&
	    (explanation->place == WHERE_IT_BEGAN ||
	     (explanation->place == WHERE_IT_BEGAN_ABOVE && is_above(source, context, problem))))
		offset = context;
	/* Of a bracket it is of interest what came instead of its end. */
	found = describe_place(source, explanation->place == WHERE_IT_BEGAN_ABOVE ? problem : offset);
	hint = explanation->hint;
	if (offset < source->text_length && source->text[offset] == '\t')
		hint = "use spaces";
	config_complain(source, offset, "%s: unexpected %s; %s", explanation->wrong,
			found ? found : "text", hint);
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
			"nested too deeply (at most %d levels)",
			CONFIG_DEPTH_MAX);
	return -EINVAL;
}
