// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The logging flags of klog that the reference agent has. A manifest that sets them
 * must go on working; they have no effect here, but a value that klog refuses is
 * refused.
 */
#include "klog.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Decimal, as Go's strconv.ParseInt reads it in base 10. */
static bool parse_integer(const char *text, size_t length, int64_t minimum, int64_t maximum)
{
	const char *digits = text + (length && (*text == '+' || *text == '-'));
	const char *end = text + length;
	char *stop;
	long long value;

	if (digits == end || strspn(digits, "0123456789") < (size_t)(end - digits))
		return false;
	errno = 0;
	value = strtoll(text, &stop, 10);
	return !errno && stop == end && value >= minimum && value <= maximum;
}

static bool takes_level(const char *value)
{
	return parse_integer(value, strlen(value), INT32_MIN, INT32_MAX);
}

static bool takes_severity(const char *value)
{
	static const char *const names[] = { "INFO", "WARNING", "ERROR", "FATAL" };
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		if (!strcasecmp(value, names[i]))
			return true;
	}
	return takes_level(value);
}

/* "FILE=N,...", with empty parts passed over. */
static bool takes_modules(const char *value)
{
	while (*value) {
		size_t length = strcspn(value, ",");
		const char *equals = memchr(value, '=', length);

		if (length) {
			if (!equals || equals == value)
				return false;
			equals++;
			/* A second "=" is no digit. */
			if (!parse_integer(equals, (size_t)(value + length - equals), 0, INT32_MAX))
				return false;
		}
		value += length;
		value += *value == ',';
	}
	return true;
}

/* "FILE:LINE" with a dot in the file's name, or nothing. */
static bool takes_place(const char *value)
{
	const char *colon = strchr(value, ':');

	if (!*value)
		return true;
	return colon && memchr(value, '.', (size_t)(colon - value)) &&
	       parse_integer(colon + 1, strlen(colon + 1), 1, INT64_MAX);
}

/* As Go's strconv.ParseUint in base 0: a prefix names the base, and single
 * underscores may stand between digits and behind the prefix.
 */
static bool takes_size(const char *value)
{
	unsigned int base = 10;
	bool may_separate = false;
	uint64_t sum = 0;
	bool any = false;

	if (*value == '0' && value[1]) {
		value++;
		base = 8;
		if (strchr("xX", *value))
			base = 16;
		else if (strchr("bB", *value))
			base = 2;
		if (strchr("xXbBoO", *value))
			value++;
		else
			any = true;
		may_separate = true;
	}
	for (; *value; value++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit;

		if (*value == '_') {
			if (!may_separate)
				return false;
			may_separate = false;
			continue;
		}
		digit = strchr(digits, *value | ('A' <= *value && *value <= 'F' ? 0x20 : 0));
		if (!digit || (size_t)(digit - digits) >= base ||
		    __builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(digit - digits), &sum))
			return false;
		any = true;
		may_separate = true;
	}
	/* An underscore at the end separates nothing. */
	return any && may_separate;
}

#define SEVERITY "INFO, WARNING, ERROR, FATAL or a number"

static const struct klog_flag flags[] = {
	{ { "add_dir_header", CONFIG_FLAG_BOOL, NULL }, NULL, NULL },
	{ { "alsologtostderr", CONFIG_FLAG_BOOL, NULL }, NULL, NULL },
	{ { "alsologtostderrthreshold", CONFIG_FLAG_TEXT, NULL }, takes_severity, SEVERITY },
	{ { "legacy_stderr_threshold_behavior", CONFIG_FLAG_BOOL, NULL }, NULL, NULL },
	{ { "log_backtrace_at", CONFIG_FLAG_TEXT, NULL }, takes_place, "FILE.go:LINE" },
	{ { "log_dir", CONFIG_FLAG_TEXT, NULL }, NULL, NULL },
	{ { "log_file", CONFIG_FLAG_TEXT, NULL }, NULL, NULL },
	{ { "log_file_max_size", CONFIG_FLAG_TEXT, NULL }, takes_size,
	  "a number of megabytes below 2^64" },
	{ { "logtostderr", CONFIG_FLAG_BOOL, NULL }, NULL, NULL },
	{ { "one_output", CONFIG_FLAG_BOOL, NULL }, NULL, NULL },
	{ { "skip_headers", CONFIG_FLAG_BOOL, NULL }, NULL, NULL },
	{ { "skip_log_headers", CONFIG_FLAG_BOOL, NULL }, NULL, NULL },
	{ { "stderrthreshold", CONFIG_FLAG_TEXT, NULL }, takes_severity, SEVERITY },
	{ { "v", CONFIG_FLAG_TEXT, NULL }, takes_level, "a number of 32 bits" },
	{ { "vmodule", CONFIG_FLAG_TEXT, NULL }, takes_modules,
	  "FILE=N,... with numbers from 0 on" },
};

/**
 * klog_flag_find() - a logging flag
 * @name: its name, need not end after @length
 * @length: of the name
 *
 * Return: the flag, or NULL for no such flag.
 */
const struct klog_flag *klog_flag_find(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < COUNT(flags); i++) {
		if (strlen(flags[i].flag.name) == length &&
		    !memcmp(flags[i].flag.name, name, length))
			return &flags[i];
	}
	return NULL;
}
