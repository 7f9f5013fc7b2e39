// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The value of a key that is no list, by the rules of Go's encoding/json for the
 * reference agent's fields: an int, a bool, a duration in text.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "private.h"
#include "text.h"

/**
 * config_refuse_value() - report a value of the wrong kind
 * @source: the file
 * @key: the key
 * @value: its value
 * @expected: what it must be
 *
 * Return: -EINVAL.
 */
int config_refuse_value(struct config_source *source, enum setting key,
			const struct config_node *value, const char *expected)
{
	char *found = config_describe(value);

	config_complain(source, value->offset, "%s must be %s, not %s", setting_table[key].name,
			expected, found ? found : "something else");
	free(found);
	return -EINVAL;
}

static bool is_one_of(const struct config_node *node, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strlen(words[i]) == node->length &&
		    !strncasecmp(words[i], node->text, node->length))
			return true;
	}
	return false;
}

static int read_bool(struct config_source *source, enum setting key,
		     const struct config_node *value, bool *truth)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on", "off" };

	if (value->kind == CONFIG_BOOL) {
		*truth = value->truth;
		return 0;
	}
	if (value->kind == CONFIG_TEXT && is_one_of(value, words, 6))
		return config_refuse_value(source, key, value, "true or false without quotes");
	return config_refuse_value(source, key, value, "true or false");
}

/* A float goes through JSON as its shortest decimal text, without a fraction or
 * an exponent below 1e21, and is then read as an integer.
 */
static int float_to_integer(double value, int64_t *integer)
{
	char shortest[40];
	char digits[48];
	char *exponent;
	size_t used = 0;
	int precision, power, i;

	if (!(value > -1e21 && value < 1e21))
		return -EINVAL;
	/* From 2^53 on every float is whole. */
	if (value > -0x1p53 && value < 0x1p53 && value != (double)(int64_t)value)
		return -EINVAL;
	for (precision = 0; precision < 17; precision++) {
		snprintf(shortest, sizeof(shortest), "%.*e", precision, value);
		if (strtod(shortest, NULL) == value)
			break;
	}
	exponent = strchr(shortest, 'e');
	if (!exponent)
		return -EINVAL;
	*exponent = '\0';
	power = atoi(exponent + 1);
	for (i = 0; shortest[i]; i++) {
		if (shortest[i] == '.')
			continue;
		digits[used++] = shortest[i];
	}
	for (i = precision; i < power; i++)
		digits[used++] = '0';
	digits[used] = '\0';
	errno = 0;
	*integer = strtoll(digits, NULL, 10);
	return errno ? -ERANGE : 0;
}

static int literal_to_integer(const struct config_node *value, int64_t *integer)
{
	if (strspn(value->text, "-0123456789") != value->length)
		return -EINVAL;
	errno = 0;
	*integer = strtoll(value->text, NULL, 10);
	return errno ? -ERANGE : 0;
}

static int read_integer(struct config_source *source, enum setting key,
			const struct config_node *value, int64_t *integer)
{
	int result = -ERANGE;

	if (value->kind != CONFIG_NUMBER)
		return config_refuse_value(source, key, value,
				value->kind == CONFIG_TEXT && value->length &&
				strspn(value->text, "0123456789") == value->length ?
				"a whole number without quotes" : "a whole number");
	switch (value->number) {
	case CONFIG_SIGNED:
		*integer = value->signed_value;
		return 0;
	case CONFIG_FLOAT:
		result = float_to_integer(value->float_value, integer);
		break;
	case CONFIG_LITERAL:
		result = literal_to_integer(value, integer);
		break;
	default:
		break;
	}
	if (result == -ERANGE)
		return config_refuse_value(source, key, value,
				"at most 9223372036854775807");
	if (result)
		return config_refuse_value(source, key, value, "a whole number");
	return 0;
}

static void warn_short(struct config_source *source, enum setting key,
		       const struct config_node *value)
{
	int shown = value->length > CONFIG_SHOWN_MAX ? CONFIG_SHOWN_MAX : (int)value->length;

	config_report(source, CONFIG_WARNING, value->offset,
		      "%s \"%.*s%s\" is below a second; 1s is used",
		      setting_table[key].name, shown, value->text,
		      value->length > CONFIG_SHOWN_MAX ? "..." : "");
}

static int read_duration(struct config_source *source, enum setting key,
			 const struct config_node *value, int64_t *nanoseconds)
{
	const char *reason = NULL;
	char *quoted;

	if (value->kind == CONFIG_NUMBER)
		return config_refuse_value(source, key, value, "text with a unit, such as 60s");
	if (value->kind != CONFIG_TEXT)
		return config_refuse_value(source, key, value, "text such as 60s or 1h30m");
	if (!duration_parse(value->text, value->length, nanoseconds, &reason)) {
		/* Taken as the reference agent takes it, which would then do nothing else. */
		if (*nanoseconds < CONFIG_RESYNC_MIN)
			warn_short(source, key, value);
		return 0;
	}
	quoted = text_quote(value->text, value->length, CONFIG_SHOWN_MAX);
	config_complain(source, value->offset,
			"invalid %s %s: %s; expected numbers with units, such as 60s or 1h30m",
			setting_table[key].name, quoted ? quoted : "", reason);
	free(quoted);
	return -EINVAL;
}

static int read_ports(struct config_source *source, enum setting key,
		      const struct config_node *value, struct config_ports *ports)
{
	char *error = NULL;
	int result;

	free(ports->ranges);
	*ports = (struct config_ports) { 0 };
	if (value->kind == CONFIG_NUMBER)
		return config_refuse_value(source, key, value, "text in quotes");
	if (value->kind != CONFIG_TEXT || strlen(value->text) != value->length)
		return config_refuse_value(source, key, value,
				"text such as \"1024-29999,32768-65535\"");
	/* As with the flag: an empty text is no restriction. */
	if (!value->length)
		return 0;
	result = port_ranges_parse(value->text, &ports->ranges, &ports->count, &error);
	if (result == -EINVAL)
		config_complain(source, value->offset, "%s: %s", setting_table[key].name,
				error ? error : "not a port list");
	free(error);
	return result;
}

/**
 * config_read_scalar() - read the value of a key that is no list
 * @source: the file
 * @key: the key
 * @value: its value
 * @to: takes the value; the caller sets given
 *
 * Return: 0, -EINVAL after it reported why, or -ENOMEM.
 */
int config_read_scalar(struct config_source *source, enum setting key,
		       const struct config_node *value, union config_value *to)
{
	switch (setting_table[key].type) {
	case SETTING_TYPE_BOOL:
		return read_bool(source, key, value, &to->truth);
	case SETTING_TYPE_INTEGER:
		return read_integer(source, key, value, &to->number);
	case SETTING_TYPE_DURATION:
		return read_duration(source, key, value, &to->number);
	case SETTING_TYPE_PORTS:
		return read_ports(source, key, value, &to->ports);
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
	case SETTING_TYPE_POOLS:
		break;
	}
	return -EINVAL;
}
