// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Durations against sums of long doubles, whose 64 bits hold every duration
 * exactly; then as text and read again.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "duration.h"
#include "fuzz.h"

/* Go rounds each term down, and computes fractions in doubles. */
#define TERM_ERROR 1024.0L

/* The unit at the start of the text, or 0. */
static long double oracle_unit(const char *text, size_t length, size_t *width)
{
	static const struct {
		const char *name;
		long double nanoseconds;
	} units[] = {
		{ "ns", 1 }, { "us", 1e3L }, { "\xc2\xb5s", 1e3L }, { "\xce\xbcs", 1e3L },
		{ "ms", 1e6L }, { "s", 1e9L }, { "m", 60e9L }, { "h", 3600e9L },
	};
	size_t i;

	/* A unit ends where the next number begins. */
	for (*width = 0; *width < length && !strchr(".0123456789", text[*width]); (*width)++)
		;
	/* strchr() finds NUL too, which is in no unit. */
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == *width && !memcmp(units[i].name, text, *width))
			return units[i].nanoseconds;
	}
	return 0;
}

/* Whether the text is a duration apart from its size. */
static bool oracle(const char *text, size_t length, long double *sum, long double *error)
{
	bool negative = length && *text == '-';
	size_t i = length && (*text == '-' || *text == '+');

	*sum = 0;
	*error = 0;
	if (length - i == 1 && text[i] == '0')
		return true;
	if (i == length)
		return false;
	while (i < length) {
		long double value = 0, scale = 1, unit;
		bool digits = false, point = false;
		size_t width;

		for (; i < length && strchr(".0123456789", text[i]) && text[i]; i++) {
			if (text[i] == '.') {
				if (point)
					break;
				point = true;
				continue;
			}
			digits = true;
			value = value * 10 + (text[i] - '0');
			if (point)
				scale *= 10;
			/* Digits that no long double can hold change nothing. */
			if (scale > 1e30L) {
				value /= 10;
				scale /= 10;
			}
		}
		unit = oracle_unit(text + i, length - i, &width);
		if (!digits || unit == 0)
			return false;
		i += width;
		*sum += value / scale * unit;
		*error += TERM_ERROR;
	}
	if (negative)
		*sum = -*sum;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char room[DURATION_TEXT_MAX];
	long double wanted, error;
	const char *reason = NULL;
	int64_t value, again;
	bool right = oracle(text, size, &wanted, &error);
	int result = duration_parse(text, size, &value, &reason);

	if (result) {
		ALWAYS(reason && *reason);
		ALWAYS(!right || fabsl(wanted) >= 0x1p63L - error);
		return 0;
	}
	ALWAYS(right);
	/* Twice 2^63 ns are nothing, as in Go, whose 64 bits overflow unseen then. */
	ALWAYS(fabsl(remainderl(wanted - (long double)value, 0x1p64L)) <= error);
	duration_format(value, room);
	ALWAYS(strlen(room) < sizeof(room));
	ALWAYS(!duration_parse(room, strlen(room), &again, NULL));
	ALWAYS(again == value);
	return 0;
}
