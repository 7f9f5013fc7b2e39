// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Deep nesting between brackets: how much of it libyaml is asked to read, which
 * looks through all open brackets at each token, and that the verdict is libyaml's.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <yaml.h>

#include "config_fixture.h"

/* Each of this many brackets one deeper, and libyaml has looked through four million. */
#define EVENTS_MAX 3000

static unsigned int events;

int __real_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);

int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event)
{
	events++;
	return __real_yaml_parser_parse(parser, event);
}

static void repeat(FILE *file, const char *text, size_t times)
{
	while (times--)
		fputs(text, file);
}

/* The file "x: ", so often an opening, what is inside, and so often a closing text. */
static int read_nested(struct fixture *fixture, size_t opened, const char *opening,
		       const char *inside, size_t closed, const char *closing)
{
	size_t length;
	char *text;
	FILE *file = open_memstream(&text, &length);

	assert_non_null(file);
	fputs("x: ", file);
	repeat(file, opening, opened);
	fputs(inside, file);
	repeat(file, closing, closed);
	assert_false(fclose(file));
	write_bytes(fixture, "ip-masq-agent", text, length);
	free(text);
	events = 0;
	return read_file(fixture);
}

static void stops_early_where_the_end_is_certain(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_nested(fixture, 500000, "[", "", 0, ""), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 10003, "nested too deeply");
	assert_in_range(events, 1, EVENTS_MAX);

	assert_int_equal(read_nested(fixture, 500000, "[ # [\n", "", 0, ""), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 10000, 1, "nested too deeply");
	assert_in_range(events, 1, EVENTS_MAX);

	assert_int_equal(read_nested(fixture, 20000, "[a, 'b[', ", "", 20000, "]"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 64764, "(6476 brackets are open)");
	assert_in_range(events, 1, 3 * EVENTS_MAX);

	/* It is not deep enough to be refused for that, but it never ends. */
	assert_int_equal(read_nested(fixture, 9000, "[", "", 0, ""), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 9004, "a value is missing (found the end");
	assert_in_range(events, 1, EVENTS_MAX);
	assert_int_equal(read_nested(fixture, 9000, "[", "a\n", 0, ""), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 9003, "not closed (found the end");
	assert_in_range(events, 1, EVENTS_MAX);
	assert_int_equal(read_nested(fixture, 9000, "[", "a", 100, "}"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 9005, "not closed (found \"}\")");
	assert_in_range(events, 1, EVENTS_MAX);

	/* What makes too much work is counted ahead too. */
	assert_int_equal(read_nested(fixture, 9000, "[", "a", 9000, ", a"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 16477, "(9000 brackets are open)");
	assert_in_range(events, 1, EVENTS_MAX);
}

/* As with the reference agent; all of it is read by libyaml then. */
static void accepts_what_is_as_deep_as_allowed(void **state)
{
	struct fixture *fixture = *state;

	expect_accepted(fixture, read_nested(fixture, 9999, "[", "", 9999, "]"), 1);
	assert_true(events > 2 * 9999);
	assert_int_equal(read_nested(fixture, 10000, "[", "", 10000, "]"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 10003, "nested too deeply");
}

/* Brackets that are none do not count, and what is only unusual is no error. */
static void knows_brackets_from_text(void **state)
{
	static const char *const inside[] = {
		"'[[[[''[[', \"{{\\\"[[\", a'a, b \"c, d",
		"# [[[[ {{{{ '\n",
		"a# # [[[[\n , b\n# ]\n",
		"&a a, *a, &b , &c c\n",
		"{a: b, c: {d: '}'}}, {c: }, {c, 'd': e}",
		"-a, - # [\n",
		"!t a, !!str b",
		"a: b, c: d",
		"\xe2\x80\xa8# [[\n",
		"\xc3\xa9, '\xc3\xa9]'",
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		int result = read_nested(fixture, 4, "[", inside[i], 4, "]");

		assert_int_equal(read_nested(fixture, 4000, "[", inside[i], 4000, "]"), result);
		if (strncmp(inside[i], "-a, ", 4))
			expect_accepted(fixture, result, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stops_early_where_the_end_is_certain),
		TEST(accepts_what_is_as_deep_as_allowed),
		TEST(knows_brackets_from_text),
	};

	return cmocka_run_group_tests_name("config nesting", tests, NULL, NULL);
}
