// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations: Go's text in, Go's text out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "duration.h"

static void takes_what_go_takes(void **state)
{
	static const struct {
		const char *text;
		int64_t nanoseconds;
		const char *canonical;
	} cases[] = {
		{ "0", 0, "0s" },
		{ "+0", 0, "0s" },
		{ "-0s", 0, "0s" },
		{ "60s", INT64_C(60000000000), "1m0s" },
		{ "1.5h", INT64_C(5400000000000), "1h30m0s" },
		{ "90m", INT64_C(5400000000000), "1h30m0s" },
		{ "1h30m", INT64_C(5400000000000), "1h30m0s" },
		{ "1s1s", INT64_C(2000000000), "2s" },
		{ ".5s", 500000000, "500ms" },
		{ "5.s", INT64_C(5000000000), "5s" },
		{ "1us", 1000, "1\u00b5s" },
		{ "1\u00b5s", 1000, "1\u00b5s" },
		{ "1\u03bcs", 1000, "1\u00b5s" },
		{ "1500ns", 1500, "1.5\u00b5s" },
		{ "1001us", 1001000, "1.001ms" },
		{ "1ns", 1, "1ns" },
		{ "0.1ns", 0, "0s" },
		{ "-1.5s", INT64_C(-1500000000), "-1.5s" },
		{ "00030s", INT64_C(30000000000), "30s" },
		{ "1h0.000000001s", INT64_C(3600000000001), "1h0m0.000000001s" },
		{ "2562047h47m16.854775807s", INT64_MAX, "2562047h47m16.854775807s" },
		{ "9223372036854775807ns", INT64_MAX, "2562047h47m16.854775807s" },
		{ "-9223372036854775808ns", INT64_MIN, "-2562047h47m16.854775808s" },
		{ "0.3333333333333333333h", INT64_C(1200000000000), "20m0s" },
		{ "1.000000000000000000000000000000001s", INT64_C(1000000000), "1s" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[DURATION_TEXT_MAX];
		const char *reason = NULL;
		int64_t nanoseconds = 77;
		int64_t again = 78;

		if (duration_parse(cases[i].text, strlen(cases[i].text), &nanoseconds, &reason))
			fail_msg("%s: %s", cases[i].text, reason);
		if (nanoseconds != cases[i].nanoseconds)
			fail_msg("%s: %lld", cases[i].text, (long long)nanoseconds);
		assert_string_equal(duration_format(nanoseconds, text), cases[i].canonical);
		assert_int_equal(duration_parse(text, strlen(text), &again, NULL), 0);
		assert_true(again == nanoseconds);
	}
}

static void refuses_others(void **state)
{
	static const char *const cases[] = {
		"", "+", "-", "1", "60", "s", ".s", ".", "1.", "1d", "1y", "30sec", "30 s",
		" 30s", "30s ", "1h-30m", "--1s", "1e3s", "0x10s", "1,5s", "1.5.5s", "1:30:00",
		"PT30S", "never", "1S", "1H", "9223372036854775808ns",
		"2562047h47m16.854775808s", "99999999999999999999h", "\xd9\xa3s", "1_0s",
		"-9223372036854775809ns",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *reason = NULL;
		int64_t nanoseconds;

		if (!duration_parse(cases[i], strlen(cases[i]), &nanoseconds, &reason))
			fail_msg("\"%s\" was taken", cases[i]);
		assert_non_null(reason);
	}
}

/* Every power of ten and its neighbours, and both ends. */
static void writes_what_it_reads(void **state)
{
	int64_t value = 1;
	int i, sign, step;

	(void)state;
	for (i = 0; i < 19; i++) {
		for (sign = -1; sign <= 1; sign += 2) {
			for (step = -1; step <= 1; step++) {
				char text[DURATION_TEXT_MAX];
				int64_t wanted = sign * (value + step);
				int64_t found;

				duration_format(wanted, text);
				assert_true(strlen(text) < DURATION_TEXT_MAX);
				assert_int_equal(duration_parse(text, strlen(text), &found, NULL),
						 0);
				assert_true(found == wanted);
			}
		}
		if (i < 18)
			value *= 10;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_go_takes),
		cmocka_unit_test(refuses_others),
		cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
