// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Durations as Go's time package reads and writes them: "1h30m", "1.5s",
 * "-300ms". What time.ParseDuration() takes is what the reference agent takes.
 */
#include "duration.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The magnitude of INT64_MIN: the most that Go keeps while it adds up. */
#define MAGNITUDE_MAX (UINT64_C(1) << 63)

static const struct {
	const char *name;
	uint64_t nanoseconds;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\u00b5s", 1000 },	/* micro sign */
	{ "\u03bcs", 1000 },	/* Greek letter mu */
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", UINT64_C(60) * 1000000000 },
	{ "h", UINT64_C(3600) * 1000000000 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int refuse(const char **reason, const char *why)
{
	if (reason)
		*reason = why;
	return -EINVAL;
}

static int parse_whole(const char **text, const char *end, uint64_t *value)
{
	*value = 0;
	for (; *text < end && is_digit(**text); (*text)++) {
		if (*value > MAGNITUDE_MAX / 10)
			return -ERANGE;
		*value = *value * 10 + (uint64_t)(**text - '0');
		if (*value > MAGNITUDE_MAX)
			return -ERANGE;
	}
	return 0;
}

/* Digits that no longer fit change nothing, and are passed over. */
static void parse_fraction(const char **text, const char *end, uint64_t *value, double *scale)
{
	bool full = false;

	*value = 0;
	*scale = 1;
	for (; *text < end && is_digit(**text); (*text)++) {
		uint64_t more;

		if (full)
			continue;
		if (*value > (MAGNITUDE_MAX - 1) / 10) {
			full = true;
			continue;
		}
		more = *value * 10 + (uint64_t)(**text - '0');
		if (more > MAGNITUDE_MAX) {
			full = true;
			continue;
		}
		*value = more;
		*scale *= 10;
	}
}

static uint64_t parse_unit(const char **text, const char *end)
{
	const char *start = *text;
	size_t i;

	while (*text < end && **text != '.' && !is_digit(**text))
		(*text)++;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t length = strlen(units[i].name);

		if (length == (size_t)(*text - start) && !memcmp(start, units[i].name, length))
			return units[i].nanoseconds;
	}
	return 0;
}

/* One number and its unit, as in "1.5h". */
static int parse_term(const char **text, const char *end, uint64_t *sum, const char **reason)
{
	const char *start = *text;
	uint64_t fraction = 0;
	uint64_t value, unit;
	double scale = 1;
	bool digits;

	if (**text != '.' && !is_digit(**text))
		return refuse(reason, "a number is expected there");
	if (parse_whole(text, end, &value))
		return refuse(reason, "it is longer than 292 years");
	digits = *text != start;
	if (*text < end && **text == '.') {
		const char *point = ++*text;

		parse_fraction(text, end, &fraction, &scale);
		digits |= *text != point;
	}
	if (!digits)
		return refuse(reason, "a number is expected there");
	if (*text == end || **text == '.')
		return refuse(reason, "the unit is missing");
	unit = parse_unit(text, end);
	if (!unit)
		return refuse(reason, "the unit is unknown");
	if (value > MAGNITUDE_MAX / unit)
		return refuse(reason, "it is longer than 292 years");
	value *= unit;
	if (fraction)
		value += (uint64_t)((double)fraction * ((double)unit / scale));
	if (value > MAGNITUDE_MAX || *sum + value > MAGNITUDE_MAX)
		return refuse(reason, "it is longer than 292 years");
	*sum += value;
	return 0;
}

/**
 * duration_parse() - read a duration, as in 60s or 1h30m
 * @text: the text, need not end with a NUL
 * @length: bytes of it
 * @nanoseconds: what it means; may be negative
 * @reason: a constant phrase that says what is wrong; may be NULL
 *
 * Return: 0 or -EINVAL.
 */
int duration_parse(const char *text, size_t length, int64_t *nanoseconds, const char **reason)
{
	const char *end = text + length;
	bool negative = false;
	uint64_t sum = 0;

	if (length && (*text == '-' || *text == '+'))
		negative = *text++ == '-';
	if (text == end)
		return refuse(reason, length ? "a number is expected there" : "it is empty");
	if (end - text == 1 && *text == '0') {
		*nanoseconds = 0;
		return 0;
	}
	while (text < end) {
		int result = parse_term(&text, end, &sum, reason);

		if (result)
			return result;
	}
	if (negative) {
		*nanoseconds = (int64_t)(0 - sum);
		return 0;
	}
	if (sum == MAGNITUDE_MAX)
		return refuse(reason, "it is longer than 292 years");
	*nanoseconds = (int64_t)sum;
	return 0;
}

/* Appends value / 10^digits with its unit, without zeros at the end. */
static size_t format_number(char *text, size_t room, uint64_t value, int digits,
			    const char *unit)
{
	uint64_t scale = 1;
	int length;
	int i;

	for (i = 0; i < digits; i++)
		scale *= 10;
	length = snprintf(text, room, "%llu", (unsigned long long)(value / scale));
	value %= scale;
	if (value)
		text[length++] = '.';
	while (value) {
		scale /= 10;
		text[length++] = (char)('0' + value / scale);
		value %= scale;
	}
	length += snprintf(text + length, room - (size_t)length, "%s", unit);
	return (size_t)length;
}

/**
 * duration_format() - a duration as Go's Duration.String() writes it
 * @nanoseconds: the duration
 * @text: room for the text
 *
 * Return: @text.
 */
const char *duration_format(int64_t nanoseconds, char text[DURATION_TEXT_MAX])
{
	uint64_t value = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
	const uint64_t second = 1000000000;
	const size_t room = DURATION_TEXT_MAX;
	uint64_t minutes = value / second / 60;
	size_t used = 0;

	text[0] = '\0';
	if (nanoseconds < 0)
		text[used++] = '-';
	if (!value) {
		strcpy(text, "0s");
	} else if (value < 1000) {
		format_number(text + used, room - used, value, 0, "ns");
	} else if (value < 1000000) {
		format_number(text + used, room - used, value, 3, "\u00b5s");
	} else if (value < second) {
		format_number(text + used, room - used, value, 6, "ms");
	} else {
		if (minutes >= 60)
			used += format_number(text + used, room - used, minutes / 60, 0, "h");
		if (minutes)
			used += format_number(text + used, room - used, minutes % 60, 0, "m");
		format_number(text + used, room - used, value % (60 * second), 9, "s");
	}
	return text;
}
