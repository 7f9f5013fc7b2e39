// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a YAML scalar means: YAML 1.1 as go-yaml v2 has it, which the reference
 * agent reads its file with. "yes" and "y" are true, 0x40, 0o100 and 0100 are 64,
 * 1_000 is 1000, 1:30 is text.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../private.h"
#include "text.h"

#define PREFIX "tag:yaml.org,2002:"

struct word {
	const char *text;
	enum config_kind kind;
	double value;		/* for CONFIG_NUMBER */
	bool truth;		/* for CONFIG_BOOL */
};

static const struct word words[] = {
	{ "y", CONFIG_BOOL, 0, true }, { "Y", CONFIG_BOOL, 0, true },
	{ "yes", CONFIG_BOOL, 0, true }, { "Yes", CONFIG_BOOL, 0, true },
	{ "YES", CONFIG_BOOL, 0, true }, { "true", CONFIG_BOOL, 0, true },
	{ "True", CONFIG_BOOL, 0, true }, { "TRUE", CONFIG_BOOL, 0, true },
	{ "on", CONFIG_BOOL, 0, true }, { "On", CONFIG_BOOL, 0, true },
	{ "ON", CONFIG_BOOL, 0, true },
	{ "n", CONFIG_BOOL, 0, false }, { "N", CONFIG_BOOL, 0, false },
	{ "no", CONFIG_BOOL, 0, false }, { "No", CONFIG_BOOL, 0, false },
	{ "NO", CONFIG_BOOL, 0, false }, { "false", CONFIG_BOOL, 0, false },
	{ "False", CONFIG_BOOL, 0, false }, { "FALSE", CONFIG_BOOL, 0, false },
	{ "off", CONFIG_BOOL, 0, false }, { "Off", CONFIG_BOOL, 0, false },
	{ "OFF", CONFIG_BOOL, 0, false },
	{ "", CONFIG_NULL, 0, false }, { "~", CONFIG_NULL, 0, false },
	{ "null", CONFIG_NULL, 0, false }, { "Null", CONFIG_NULL, 0, false },
	{ "NULL", CONFIG_NULL, 0, false },
	{ ".nan", CONFIG_NUMBER, NAN, false }, { ".NaN", CONFIG_NUMBER, NAN, false },
	{ ".NAN", CONFIG_NUMBER, NAN, false }, { ".inf", CONFIG_NUMBER, INFINITY, false },
	{ ".Inf", CONFIG_NUMBER, INFINITY, false }, { ".INF", CONFIG_NUMBER, INFINITY, false },
	{ "+.inf", CONFIG_NUMBER, INFINITY, false }, { "+.Inf", CONFIG_NUMBER, INFINITY, false },
	{ "+.INF", CONFIG_NUMBER, INFINITY, false }, { "-.inf", CONFIG_NUMBER, -INFINITY, false },
	{ "-.Inf", CONFIG_NUMBER, -INFINITY, false }, { "-.INF", CONFIG_NUMBER, -INFINITY, false },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 36;
}

static bool is_word(struct config_node *node)
{
	size_t i;

	if (node->length > 5)
		return false;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].text) != node->length ||
		    memcmp(words[i].text, node->text, node->length))
			continue;
		node->kind = (uint8_t)words[i].kind;
		if (words[i].kind == CONFIG_BOOL) {
			node->truth = words[i].truth;
		} else if (words[i].kind == CONFIG_NUMBER) {
			node->number = CONFIG_FLOAT;
			node->float_value = words[i].value;
		}
		return true;
	}
	return false;
}

/* An unsigned number in a base, or in the base that its prefix names where base
 * is 0: strconv.ParseUint(text, base, 64), without its underscores.
 */
static int parse_unsigned(const char *text, unsigned int base, uint64_t *value)
{
	if (!*text)
		return -EINVAL;
	if (!base) {
		base = 10;
		if (*text == '0') {
			char letter = text[1] && text[2] ? text[1] : '\0';

			base = 8;
			if (letter == 'x' || letter == 'X')
				base = 16;
			else if (letter == 'b' || letter == 'B')
				base = 2;
			text += letter == 'x' || letter == 'X' || letter == 'b' || letter == 'B' ||
				letter == 'o' || letter == 'O' ? 2 : 1;
		}
	}
	*value = 0;
	for (; *text; text++) {
		unsigned int digit = (unsigned int)digit_value(*text);

		if (digit >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit, value))
			return -ERANGE;
	}
	return 0;
}

/* strconv.ParseInt(text, base, 64) */
static int parse_signed(const char *text, unsigned int base, int64_t *value)
{
	bool negative = *text == '-';
	uint64_t magnitude;
	int result;

	if (*text == '-' || *text == '+')
		text++;
	result = parse_unsigned(text, base, &magnitude);
	if (result)
		return result;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

/* [-+]? (\.[0-9]+ | [0-9]+(\.[0-9]*)?) ([eE][-+]?[0-9]+)? */
static bool is_float(const char *text)
{
	const char *digits;

	if (*text == '-' || *text == '+')
		text++;
	for (digits = text; is_digit(*text); text++)
		;
	if (*text == '.') {
		bool leading = text != digits;

		for (digits = ++text; is_digit(*text); text++)
			;
		if (!leading && text == digits)
			return false;
	} else if (text == digits) {
		return false;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		if (*text == '-' || *text == '+')
			text++;
		for (digits = text; is_digit(*text); text++)
			;
		if (text == digits)
			return false;
	}
	return !*text;
}

static bool set_float(struct config_node *node, const char *text)
{
	double value;

	if (!is_float(text))
		return false;
	value = strtod(text, NULL);
	if (isinf(value))
		return false;
	node->kind = CONFIG_NUMBER;
	node->number = CONFIG_FLOAT;
	node->float_value = value;
	return true;
}

static bool set_signed(struct config_node *node, int64_t value)
{
	node->kind = CONFIG_NUMBER;
	node->number = CONFIG_SIGNED;
	node->signed_value = value;
	return true;
}

static bool set_unsigned(struct config_node *node, uint64_t value)
{
	node->kind = CONFIG_NUMBER;
	node->number = CONFIG_UNSIGNED;
	node->unsigned_value = value;
	return true;
}

/* Copies the text without its underscores. They separate digits and mean nothing,
 * but where the text begins with a point Go wants a digit on both sides of each.
 */
static bool drop_underscores(const struct config_node *node, char *plain)
{
	bool strict = node->text[0] == '.';
	size_t used = 0;
	size_t i;

	for (i = 0; i < node->length; i++) {
		if (node->text[i] != '_')
			plain[used++] = node->text[i];
		else if (strict && (!is_digit(node->text[i - 1]) || i + 1 == node->length ||
				    !is_digit(node->text[i + 1])))
			return false;
	}
	plain[used] = '\0';
	return true;
}

static bool is_number(struct config_node *node, const char *plain)
{
	uint64_t magnitude;
	int64_t value;

	if (node->text[0] == '.')
		return set_float(node, plain);
	if (!parse_signed(plain, 0, &value))
		return set_signed(node, value);
	if (!parse_unsigned(plain, 0, &magnitude))
		return set_unsigned(node, magnitude);
	if (set_float(node, plain))
		return true;
	/* A sign after the prefix is taken for this base alone. */
	if (plain[0] == '0' && plain[1] == 'b' && !parse_signed(plain + 2, 2, &value))
		return set_signed(node, value);
	return false;
}

/* Reads a number of one or two digits that is at least least. */
static bool parse_field(const char **text, int least, int most, int *value)
{
	if (!is_digit(**text))
		return false;
	*value = *(*text)++ - '0';
	if (is_digit(**text))
		*value = *value * 10 + (*(*text)++ - '0');
	return *value >= least && *value <= most;
}

/* 2006-1-2, the same with " 15:4:5.9", or with T15:4:5.9Z or T15:4:5.9+07:00. */
static bool is_timestamp(const char *text)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = 0;
	int month, day, value, i;
	char separator;

	for (i = 0; i < 4; i++, text++) {
		if (!is_digit(*text))
			return false;
		year = year * 10 + (*text - '0');
	}
	if (*text++ != '-' || !parse_field(&text, 1, 12, &month) || *text++ != '-' ||
	    !parse_field(&text, 1, 31, &day))
		return false;
	if (day > days[month - 1] &&
	    !(month == 2 && day == 29 && !(year % 4) && (year % 100 || !(year % 400))))
		return false;
	separator = *text;
	if (!separator)
		return true;
	if (separator != ' ' && separator != 'T' && separator != 't')
		return false;
	text++;
	if (!parse_field(&text, 0, 23, &value) || *text++ != ':' ||
	    !parse_field(&text, 0, 59, &value) || *text++ != ':' ||
	    !parse_field(&text, 0, 59, &value))
		return false;
	if ((*text == '.' || *text == ',') && is_digit(text[1])) {
		for (text++; is_digit(*text); text++)
			;
	}
	if (separator == ' ')
		return !*text;
	if (*text == 'Z')
		return !text[1];
	if (*text != '+' && *text != '-')
		return false;
	text++;
	if (!is_digit(text[0]) || !is_digit(text[1]) || !parse_field(&text, 0, 24, &value) ||
	    *text++ != ':')
		return false;
	return is_digit(text[0]) && is_digit(text[1]) && parse_field(&text, 0, 60, &value) &&
	       !*text;
}

/* The prefix is enough of a hint of what a scalar might be. */
static int resolve_plain(struct config_tree *tree, struct config_node *node)
{
	char first = node->length ? node->text[0] : '\0';
	char room[128];
	char *plain = room;
	size_t i;

	node->kind = CONFIG_TEXT;
	if (node->length && !is_digit(first) && !strchr("+-.yYnNtTfFoO~", first))
		return 0;
	if (is_word(node) || !(is_digit(first) || strchr("+-.", first)))
		return 0;
	for (i = 0; i < node->length; i++) {
		if (digit_value(node->text[i]) == 36 &&
		    (!node->text[i] || !strchr("+-._", node->text[i])))
			return 0;
	}
	if (node->length >= sizeof(room))
		plain = config_tree_allocate(tree, node->length + 1);
	if (!plain)
		return -E2BIG;
	if (drop_underscores(node, plain))
		is_number(node, plain);
	return 0;
}

static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Base64 with padding; line breaks anywhere. */
static int decode_binary(struct config_tree *tree, struct config_node *node)
{
	char *data = config_tree_text(tree, node->text, node->length);
	uint32_t group = 0;
	size_t used = 0;
	size_t padding = 0;
	size_t count = 0;
	size_t i;

	if (!data)
		return -E2BIG;
	for (i = 0; i < node->length; i++) {
		char c = node->text[i];
		int value = base64_value(c);

		if (c == '\n' || c == '\r')
			continue;
		if (c == '=' && count % 4 >= 2) {
			padding++;
			value = 0;
		} else if (value < 0 || padding) {
			return -EINVAL;
		}
		group = group << 6 | (uint32_t)value;
		if (++count % 4)
			continue;
		data[used++] = (char)(group >> 16);
		data[used++] = (char)(group >> 8);
		data[used++] = (char)group;
		if (padding && i + 1 < node->length &&
		    strspn(node->text + i + 1, "\r\n") != node->length - i - 1)
			return -EINVAL;
		if (padding)
			break;
	}
	if (count % 4)
		return -EINVAL;
	node->text = data;
	node->length = (uint32_t)(used - padding);
	return 0;
}

static bool fits_tag(struct config_node *node, const char *tag)
{
	if (!strcmp(tag, "null"))
		return node->kind == CONFIG_NULL;
	if (!strcmp(tag, "bool"))
		return node->kind == CONFIG_BOOL;
	if (!strcmp(tag, "timestamp"))
		return node->kind == CONFIG_TEXT && is_timestamp(node->text);
	if (node->kind != CONFIG_NUMBER)
		return false;
	if (!strcmp(tag, "int"))
		return node->number != CONFIG_FLOAT;
	if (node->number == CONFIG_SIGNED) {
		node->float_value = (double)node->signed_value;
		node->number = CONFIG_FLOAT;
	}
	return node->number == CONFIG_FLOAT;
}

static bool is_resolvable(const char *tag)
{
	static const char *const tags[] = { "null", "bool", "int", "float", "timestamp" };
	size_t i;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (!strcmp(tag, tags[i]))
			return true;
	}
	return false;
}

/**
 * config_scalar() - find out what a scalar is
 * @source: the file
 * @tree: where new text is taken from
 * @node: a scalar with its text; its kind and value are set
 * @tag: its tag, "tag:yaml.org,2002:int" for "!!int"; NULL for none
 * @plain: it had neither quotes nor a tag
 *
 * The rules are those of go-yaml's resolve.go: without a tag what is quoted is
 * text, a tag that is not known makes it text, a known one must fit.
 *
 * Return: 0, or -EINVAL after it reported why.
 */
int config_scalar(struct config_source *source, struct config_tree *tree,
		  struct config_node *node, const char *tag, bool plain)
{
	const char *known = NULL;
	char *quoted;
	int result;

	node->kind = CONFIG_TEXT;
	if (tag && *tag) {
		if (strncmp(tag, PREFIX, strlen(PREFIX)))
			return 0;
		known = tag + strlen(PREFIX);
		if (!strcmp(known, "binary")) {
			result = decode_binary(tree, node);
			if (result == -EINVAL)
				config_complain(source, node->offset,
						"not valid base64, but tagged !!binary");
			goto check;
		}
		if (!is_resolvable(known))
			return 0;
	} else if (!plain) {
		return 0;
	}
	result = resolve_plain(tree, node);
	if (!result && known && !fits_tag(node, known)) {
		quoted = text_quote(node->text, node->length, 40);
		config_complain(source, node->offset,
				"%s does not match its tag !!%s; remove the tag",
				quoted ? quoted : "the value", known);
		free(quoted);
		return -EINVAL;
	}
check:
	if (result == -E2BIG) {
		config_complain(source, node->offset,
				"too many values (they take more than %zu MiB)",
				CONFIG_TREE_MAX >> 20);
		result = -EINVAL;
	}
	return result;
}
