// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON to a tree, by the rules of Go's encoding/json: RFC 8259 to the letter,
 * except that bytes which are no UTF-8 are taken for U+FFFD.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "text.h"

#define REPLACEMENT 0xfffd

struct scanning {
	struct config_source *source;
	struct config_tree *tree;
	const char *text;
	size_t length;
	size_t at;
};

/**
 * config_looks_like_json() - whether a file is read as JSON and not as YAML
 * @text: its bytes
 * @length: how many
 *
 * It is JSON if the first character that is no space, in the sense of Unicode,
 * is a brace.
 */
bool config_looks_like_json(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		uint32_t c = 0;
		size_t width = utf8_decode(text + at, length - at, &c);

		if (c == '{')
			return true;
		if (!width)
			return false;
		if (!((c >= '\t' && c <= '\r') || c == ' ' || c == 0x85 || c == 0xa0 ||
		      c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
		      c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000))
			return false;
		at += width;
	}
	return false;
}

static bool follows_comma(const struct scanning *scanning)
{
	size_t at = scanning->at;

	while (at && memchr(" \t\r\n", scanning->text[at - 1], 4))
		at--;
	return at && scanning->text[at - 1] == ',';
}

static int complain(struct scanning *scanning, const char *expected)
{
	const char *hint = "";
	char c = scanning->at < scanning->length ? scanning->text[scanning->at] : '\0';
	char *found;

	if (scanning->at >= scanning->length) {
		config_complain(scanning->source, scanning->length,
				"unexpected end of file in JSON; expected %s",
				expected);
		return -EINVAL;
	}
	if (c == '/' || c == '#')
		hint = "; JSON has no comments";
	else if (c == '\'')
		hint = "; JSON text needs double quotes";
	else if ((c == '}' || c == ']') && follows_comma(scanning))
		hint = "; remove the comma before it";
	found = text_quote(&c, 1, 1);
	if ((unsigned char)c >= 0x80) {
		free(found);
		found = strdup("non-ASCII character");
	}
	config_complain(scanning->source, scanning->at, "unexpected %s in JSON; expected %s%s",
			found ? found : "text", expected, hint);
	free(found);
	return -EINVAL;
}

static int too_much(struct scanning *scanning)
{
	if (scanning->tree->starved)
		return -ENOMEM;
	config_complain(scanning->source, scanning->at,
			"too many values (they take more than %zu MiB)",
			CONFIG_TREE_MAX >> 20);
	return -EINVAL;
}

static void skip_space(struct scanning *scanning)
{
	while (scanning->at < scanning->length &&
	       memchr(" \t\r\n", scanning->text[scanning->at], 4))
		scanning->at++;
}

static bool take(struct scanning *scanning, char c)
{
	if (scanning->at == scanning->length || scanning->text[scanning->at] != c)
		return false;
	scanning->at++;
	return true;
}

static bool is_digit_next(const struct scanning *scanning)
{
	return scanning->at < scanning->length && scanning->text[scanning->at] >= '0' &&
	       scanning->text[scanning->at] <= '9';
}

static int take_digits(struct scanning *scanning)
{
	if (!is_digit_next(scanning))
		return complain(scanning, "a digit");
	while (is_digit_next(scanning))
		scanning->at++;
	return 0;
}

static int take_hex(struct scanning *scanning, uint32_t *value)
{
	int i;

	*value = 0;
	for (i = 0; i < 4; i++, scanning->at++) {
		char c = scanning->at < scanning->length ? scanning->text[scanning->at] : '\0';

		if (c >= '0' && c <= '9')
			*value = *value << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			*value = *value << 4 | (uint32_t)(c - 'A' + 10);
		else
			return complain(scanning, "four hexadecimal digits after \\u");
	}
	return 0;
}

/* Half of a pair alone is U+FFFD, and what follows it stays what it is. */
static int take_unicode(struct scanning *scanning, uint32_t *character)
{
	size_t before;
	uint32_t low;
	int result = take_hex(scanning, character);

	if (result || *character < 0xd800 || *character > 0xdfff)
		return result;
	before = scanning->at;
	if (*character < 0xdc00 && take(scanning, '\\') && take(scanning, 'u')) {
		result = take_hex(scanning, &low);
		if (result)
			return result;
		if (low >= 0xdc00 && low <= 0xdfff) {
			*character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
			return 0;
		}
	}
	scanning->at = before;
	*character = REPLACEMENT;
	return 0;
}

static int take_escape(struct scanning *scanning, uint32_t *character)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (take(scanning, 'u'))
		return take_unicode(scanning, character);
	c = scanning->at < scanning->length ? scanning->text[scanning->at] : '\0';
	found = c ? strchr(letters, c) : NULL;
	if (!found)
		return complain(scanning, "one of \"\\/bfnrtu after a backslash");
	*character = (unsigned char)meanings[found - letters];
	scanning->at++;
	return 0;
}

/* How much the text between the quotes can need at most: U+FFFD for a byte. */
static size_t string_room(const struct scanning *scanning)
{
	size_t room = 4;
	size_t i;

	for (i = scanning->at; i < scanning->length && scanning->text[i] != '"'; i++) {
		/* Six characters of an escape make three bytes at most. */
		if (scanning->text[i] == '\\' && i + 1 < scanning->length)
			i++;
		room += (unsigned char)scanning->text[i] < 0x80 ? 1 : 3;
	}
	return room;
}

static int take_string(struct scanning *scanning, struct config_node **node)
{
	size_t start = scanning->at;
	size_t used = 0;
	char *text;

	scanning->at++;
	*node = config_tree_node(scanning->tree, CONFIG_TEXT, start);
	text = config_tree_allocate(scanning->tree, string_room(scanning));
	if (!*node || !text)
		return too_much(scanning);
	for (;;) {
		uint32_t character = 0;
		size_t width;
		int result;

		if (scanning->at == scanning->length)
			return complain(scanning, "\" at the end of the text");
		if (take(scanning, '"'))
			break;
		if ((unsigned char)scanning->text[scanning->at] < 0x20)
			return complain(scanning, "an escape such as \\n");
		if (take(scanning, '\\')) {
			result = take_escape(scanning, &character);
			if (result)
				return result;
		} else {
			width = utf8_decode(scanning->text + scanning->at,
					    scanning->length - scanning->at, &character);
			if (!width)
				character = REPLACEMENT;
			scanning->at += width ? width : 1;
		}
		used += utf8_encode(character, text + used);
	}
	(*node)->text = text;
	(*node)->length = (uint32_t)used;
	return 0;
}

static int take_number(struct scanning *scanning, struct config_node **node)
{
	size_t start = scanning->at;

	take(scanning, '-');
	if (!take(scanning, '0') && take_digits(scanning))
		return -EINVAL;
	if (take(scanning, '.') && take_digits(scanning))
		return -EINVAL;
	if (take(scanning, 'e') || take(scanning, 'E')) {
		if (!take(scanning, '+'))
			take(scanning, '-');
		if (take_digits(scanning))
			return -EINVAL;
	}
	*node = config_tree_node(scanning->tree, CONFIG_NUMBER, start);
	if (!*node)
		return too_much(scanning);
	(*node)->number = CONFIG_LITERAL;
	(*node)->length = (uint32_t)(scanning->at - start);
	(*node)->text = config_tree_text(scanning->tree, scanning->text + start,
					 (*node)->length);
	return (*node)->text ? 0 : too_much(scanning);
}

static int take_word(struct scanning *scanning, struct config_node **node)
{
	static const struct {
		const char *text;
		enum config_kind kind;
		bool truth;
	} words[] = {
		{ "true", CONFIG_BOOL, true },
		{ "false", CONFIG_BOOL, false },
		{ "null", CONFIG_NULL, false },
	};
	const char *text = scanning->text + scanning->at;
	size_t left = scanning->length - scanning->at;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i].text);

		if (left < length || memcmp(text, words[i].text, length))
			continue;
		*node = config_tree_node(scanning->tree, words[i].kind, scanning->at);
		if (!*node)
			return too_much(scanning);
		(*node)->truth = words[i].truth;
		(*node)->text = words[i].text;
		(*node)->length = 0;
		scanning->at += length;
		return 0;
	}
	return complain(scanning, "a value: text in double quotes, a number, true, false, null, [ or {");
}

static int take_value(struct scanning *scanning, unsigned int depth, struct config_node **node);

static int take_member(struct scanning *scanning, unsigned int depth, struct config_node **last,
		       struct config_node *object)
{
	struct config_node *key;
	int result;

	skip_space(scanning);
	if (scanning->at == scanning->length || scanning->text[scanning->at] != '"')
		return complain(scanning, "a key in double quotes");
	result = take_string(scanning, &key);
	if (result)
		return result;
	skip_space(scanning);
	if (!take(scanning, ':'))
		return complain(scanning, "a colon after the key");
	if (*last)
		(*last)->next = key;
	else
		object->first = key;
	object->length += 2;
	result = take_value(scanning, depth, &key->next);
	*last = key->next;
	return result;
}

static int take_item(struct scanning *scanning, unsigned int depth, struct config_node **last,
		     struct config_node *array)
{
	struct config_node *item = NULL;
	int result = take_value(scanning, depth, &item);

	if (result)
		return result;
	if (*last)
		(*last)->next = item;
	else
		array->first = item;
	array->length++;
	*last = item;
	return 0;
}

static int take_collection(struct scanning *scanning, unsigned int depth,
			   struct config_node **node, bool is_object)
{
	struct config_node *last = NULL;
	char close = is_object ? '}' : ']';
	int result;

	if (depth > CONFIG_DEPTH_MAX) {
		config_complain(scanning->source, scanning->at,
				"nested too deeply (at most %d levels)",
				CONFIG_DEPTH_MAX);
		return -EINVAL;
	}
	*node = config_tree_node(scanning->tree, is_object ? CONFIG_MAPPING : CONFIG_SEQUENCE,
				 scanning->at);
	if (!*node)
		return too_much(scanning);
	scanning->at++;
	skip_space(scanning);
	if (take(scanning, close))
		return 0;
	for (;;) {
		if (is_object)
			result = take_member(scanning, depth + 1, &last, *node);
		else
			result = take_item(scanning, depth + 1, &last, *node);
		if (result)
			return result;
		skip_space(scanning);
		if (take(scanning, close))
			return 0;
		if (!take(scanning, ','))
			return complain(scanning, is_object ? "a comma or }" : "a comma or ]");
	}
}

static int take_value(struct scanning *scanning, unsigned int depth, struct config_node **node)
{
	char c;

	skip_space(scanning);
	c = scanning->at < scanning->length ? scanning->text[scanning->at] : '\0';
	switch (c) {
	case '{':
		return take_collection(scanning, depth, node, true);
	case '[':
		return take_collection(scanning, depth, node, false);
	case '"':
		return take_string(scanning, node);
	case '-':
		return take_number(scanning, node);
	default:
		if (c >= '0' && c <= '9')
			return take_number(scanning, node);
		return take_word(scanning, node);
	}
}

/**
 * config_parse_json() - read a file as JSON
 * @source: the file, as config_source_read() left it
 * @tree: empty; takes the values
 *
 * Return: 0 with @tree->root, or -EINVAL after it reported why.
 */
int config_parse_json(struct config_source *source, struct config_tree *tree)
{
	struct scanning scanning = {
		.source = source,
		.tree = tree,
		.text = source->text,
		.length = source->text_length,
	};
	int result = take_value(&scanning, 1, &tree->root);

	if (result)
		return result;
	skip_space(&scanning);
	if (scanning.at == scanning.length)
		return 0;
	return complain(&scanning, "nothing after the closing }");
}
