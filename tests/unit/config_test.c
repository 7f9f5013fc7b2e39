// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration files: places of errors, warnings, the keys that the reference
 * agent does not have, several files. What it does have is tests/compat.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_fixture.h"
#include "policy.h"

static void names_every_error_with_its_place(void **state)
{
	struct fixture *fixture = *state;
	int result = read_text(fixture,
			       "nonMasqueradeCIDRs:\n"
			       "  - 10.0.0.1/8\n"
			       "  - 8.8.8.0/24\n"
			       "  - 10.0.0.0\n"
			       "  - [a]\n"
			       "masqLinkLocal: \"true\"\n"
			       "masqLinkLocalIPv6: 1\n"
			       "resyncInterval: 60\n"
			       "cidrLimit: 64.5\n");

	assert_int_equal(result, -EINVAL);
	assert_int_equal(fixture->problems.errors, 7);
	expect_problem(fixture, 0, CONFIG_ERROR, 2, 5, "did you mean 10.0.0.0/8?");
	expect_problem(fixture, 1, CONFIG_ERROR, 4, 5, "did you mean 10.0.0.0/32?");
	expect_problem(fixture, 2, CONFIG_ERROR, 5, 5, "not a list");
	expect_problem(fixture, 3, CONFIG_ERROR, 6, 16, "not the text \"true\"");
	expect_problem(fixture, 4, CONFIG_ERROR, 7, 20, "not the number 1");
	expect_problem(fixture, 5, CONFIG_ERROR, 8, 17, "not the number 60");
	expect_problem(fixture, 6, CONFIG_ERROR, 9, 12, "not the number 64.5");

	result = read_text(fixture,
			   "nonMasqueradeCIDRs:\n"
			   "- 10.0.0.1/8\n"
			   "- 8.8.8.0/24\n"
			   "- 10.0.0.0\n"
			   "- fd00::/8\n"
			   "resyncInterval: 1d\n");
	assert_int_equal(result, -EINVAL);
	assert_int_equal(fixture->problems.errors, 4);
	expect_problem(fixture, 0, CONFIG_ERROR, 2, 3, "did you mean 10.0.0.0/8?");
	expect_problem(fixture, 1, CONFIG_ERROR, 4, 3, "did you mean 10.0.0.0/32?");
	expect_problem(fixture, 2, CONFIG_ERROR, 5, 3, "set enableIPv6: true or --enable-ipv6");
	expect_problem(fixture, 3, CONFIG_ERROR, 6, 17, "the unit is unknown");
}

static void suggests_what_was_meant(void **state)
{
	static const struct {
		const char *item;
		const char *says;
	} cases[] = {
		{ "10.1.2.3/8", "did you mean 10.0.0.0/8?" },
		{ "2001:db8::1/32", "did you mean 2001:db8::/32?" },
		{ "10.0.0.0/08", "did you mean 10.0.0.0/8?" },
		{ "2001:db8::/032", "did you mean 2001:db8::/32?" },
		{ "::ffff:10.0.0.0/104", "did you mean 10.0.0.0/8?" },
		{ "' 10.0.0.0/8 '", "did you mean 10.0.0.0/8?" },
		{ "10.0.0.1", "did you mean 10.0.0.1/32?" },
		{ "10.0.0.0/33", "invalid prefix" },
		{ "example.invalid", "invalid prefix" },
		{ "''", "it is empty" },
	};
	struct fixture *fixture = *state;
	size_t i;

	fixture->flags.value[SETTING_ENABLE_IPV6].truth = true;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "nonMasqueradeCIDRs:\n- %s\n", cases[i].item);
		assert_int_equal(read_text(fixture, text), -EINVAL);
		expect_problem(fixture, 0, CONFIG_ERROR, 2, 3, cases[i].says);
	}
}

static void shows_the_line_and_a_caret(void **state)
{
	struct fixture *fixture = *state;
	char expected[256];
	char *text;

	assert_int_equal(read_text(fixture, "x: {y:\t1,\tmasq: \xc3\xa4}\nmasqLinkLocal:\t5\n"),
			 -EINVAL);
	text = config_problem_format(&fixture->problems.list[1]);
	snprintf(expected, sizeof(expected),
		 "%s:2:16: error: masqLinkLocal must be true or false, not the number 5\n"
		 "    masqLinkLocal:\t5\n"
		 "                  \t^", fixture->path);
	assert_string_equal(text, expected);
	free(text);

	/* Columns are characters, not bytes. */
	assert_int_equal(read_text(fixture, "{\"\xc3\xa4\xc3\xb6\": 1, \"cidrLimit\": true}"),
			 -EINVAL);
	expect_problem(fixture, 1, CONFIG_ERROR, 1, 24, "not the boolean true");

	/* A control character does not reach the terminal. */
	assert_int_equal(read_text(fixture, "nonMasqueradeCIDRs: [\"a\\eb\"]\n"), -EINVAL);
	assert_non_null(strstr(fixture->problems.list[0].message, "\"a\\x1bb\""));
	assert_int_equal(read_text(fixture, "masqLinkLocal: \x1b[2J\n"), -EINVAL);
	assert_null(strchr(fixture->problems.list[0].source, '\x1b'));
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 16, "U+001B");
}

static void cuts_long_lines(void **state)
{
	struct fixture *fixture = *state;
	const struct config_problem *problem;
	char text[1024];

	memset(text, 'a', sizeof(text));
	memcpy(text, "{\"x\": \"", 7);
	snprintf(text + 600, sizeof(text) - 600, "\", \"cidrLimit\": null, \"masqLinkLocal\": 7, \"y\": \"%0200d\"}", 0);
	assert_int_equal(read_text(fixture, text), -EINVAL);
	assert_int_equal(fixture->problems.errors, 1);
	for (problem = fixture->problems.list; problem->severity != CONFIG_ERROR; problem++)
		;
	assert_int_equal(problem->line, 1);
	assert_int_equal(text[problem->column - 1], '7');
	assert_true(strlen(problem->source) < 140);
	assert_int_equal(problem->source[problem->caret - 1], '7');
}

static void warns_of_keys(void **state)
{
	struct fixture *fixture = *state;

	expect_accepted(fixture, read_text(fixture, "masqLinkLokal: true\n"
					   "nonMasqueradeCIDR: []\n"
					   "resyncIntervall: 1s\n"
					   "colour: blue\n"
					   "snatAddress: []\n"
					   "applyToExistin: true\n"
					   "5: five\n"), 7);
	expect_problem(fixture, 0, CONFIG_WARNING, 1, 1, "did you mean \"masqLinkLocal\"?");
	expect_problem(fixture, 1, CONFIG_WARNING, 2, 1, "did you mean \"nonMasqueradeCIDRs\"?");
	expect_problem(fixture, 2, CONFIG_WARNING, 3, 1, "did you mean \"resyncInterval\"?");
	expect_problem(fixture, 3, CONFIG_WARNING, 4, 1, "unknown key \"colour\" is ignored");
	expect_problem(fixture, 4, CONFIG_WARNING, 5, 1, "did you mean \"snatAddresses\"?");
	expect_problem(fixture, 5, CONFIG_WARNING, 6, 1, "did you mean \"applyToExisting\"?");
	expect_problem(fixture, 6, CONFIG_WARNING, 7, 1, "unknown");
	assert_false(fixture->config.value[SETTING_MASQ_LINK_LOCAL].truth);
	assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 3);

	expect_accepted(fixture, read_text(fixture, "masqLinkLocal: true\n"
					   "cidrLimit: 5\n"
					   "masqLinkLocal: false\n"), 1);
	expect_problem(fixture, 0, CONFIG_WARNING, 1, 1, "duplicate key \"masqLinkLocal\"; line 3 overrides it");
	assert_false(fixture->config.value[SETTING_MASQ_LINK_LOCAL].truth);

	/* Different spellings come sorted: the one in small letters is last. */
	expect_accepted(fixture, read_text(fixture, "masqLinkLocal: true\n"
					   "MASQLINKLOCAL: false\n"), 1);
	expect_problem(fixture, 0, CONFIG_WARNING, 2, 1, "duplicate key \"masqLinkLocal\"; line 1 overrides it");
	assert_true(fixture->config.value[SETTING_MASQ_LINK_LOCAL].truth);

	expect_accepted(fixture, read_text(fixture, "kind: ConfigMap\ndata: {config: x}\n"), 1);
	expect_problem(fixture, 0, CONFIG_WARNING, 1, 1, "whole ConfigMap");

	fixture->flags.strict = true;
	assert_int_equal(read_text(fixture, "masqLinkLokal: true\nsourceCIDR: []\n"
				   "cidrLimit: 5\ncidrLimit: 6\n"), -EINVAL);
	assert_int_equal(fixture->problems.errors, 3);
	expect_accepted(fixture, read_text(fixture, "masqLinkLocal: true\n"), 0);
}

/* What follows the first document is never read, as with the reference agent. */
static void warns_of_what_is_never_read(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *says;
	} cases[] = {
		{ " masqLinkLocal: true\nnonMasqueradeCIDRs:\n- 9.0.0.0/8\n", 2, "indented alike" },
		{ "masqLinkLocal: true\n...\n# x\ncidrLimit: 1\n", 4, "first YAML document" },
		{ "masqLinkLocal: true\n---\ncidrLimit: 1\n", 3, "first YAML document" },
		{ "---\nmasqLinkLocal: true\n--- {cidrLimit: 1}\n", 3, "first YAML document" },
		{ "---\n---\ncidrLimit: 1\n", 3, "first YAML document" },
		{ "  masqLinkLocal: true\n{\"a\":\"b\"}\n", 2, "indented alike" },
		{ "masqLinkLocal: true\n...\n", 0, NULL },
		{ "masqLinkLocal: true\n---\n\n# x\n...\n---", 0, NULL },
		{ "  masqLinkLocal: true\n# x\n", 0, NULL },
		{ "---\nmasqLinkLocal: true\n", 0, NULL },
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fixture->flags.strict = false;
		expect_accepted(fixture, read_text(fixture, cases[i].text), cases[i].says ? 1 : 0);
		assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 3);
		assert_true(fixture->config.value[SETTING_CIDR_LIMIT].number == 64);
		fixture->flags.strict = true;
		assert_int_equal(read_text(fixture, cases[i].text), cases[i].says ? -EINVAL : 0);
		if (!cases[i].says)
			continue;
		assert_int_equal(fixture->problems.count, 1);
		assert_int_equal(fixture->problems.list[0].line, cases[i].line);
		assert_non_null(strstr(fixture->problems.list[0].message, cases[i].says));
	}
}

static void own_keys_win_over_flags(void **state)
{
	struct port_range port = { 7, 9 };
	struct fixture *fixture = *state;

	fixture->flags.value[SETTING_TO_PORTS].ports.ranges = &port;
	fixture->flags.value[SETTING_TO_PORTS].ports.count = 1;
	expect_accepted(fixture, read_text(fixture, "enableIPv6: true\n"
					   "randomFully: false\n"
					   "toPorts: 1024-2047,4096\n"
					   "noMasqAllReservedRanges: true\n"
					   "masqueradeCIDRs: [8.8.8.0/24, 2001:db8::/32]\n"), 0);
	assert_true(fixture->config.value[SETTING_ENABLE_IPV6].truth);
	assert_false(fixture->config.value[SETTING_RANDOM_FULLY].truth);
	assert_int_equal(fixture->config.value[SETTING_TO_PORTS].ports.count, 2);
	assert_int_equal(fixture->config.value[SETTING_TO_PORTS].ports.ranges[1].first, 4096);
	assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 11);
	assert_int_equal(fixture->config.value[SETTING_MASQUERADE_CIDRS].list.count, 2);
	assert_int_equal(fixture->config.value[SETTING_MASQUERADE_CIDRS].list.items[1].line, 5);

	fixture->flags.value[SETTING_ENABLE_IPV6].truth = true;
	fixture->flags.value[SETTING_NOMASQ_ALL_RESERVED_RANGES].truth = true;
	expect_accepted(fixture, read_text(fixture, "enableIPv6: false\ntoPorts: ''\n"
					   "noMasqAllReservedRanges: false\n"), 0);
	assert_false(fixture->config.value[SETTING_ENABLE_IPV6].truth);
	assert_true(fixture->config.value[SETTING_RANDOM_FULLY].truth);
	assert_int_equal(fixture->config.value[SETTING_TO_PORTS].ports.count, 0);
	assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 3);

	/* The order of the keys does not matter for what they mean together. */
	assert_int_equal(read_text(fixture, "nonMasqueradeCIDRs: [fd00::/8]\n"
				   "enableIPv6: false\n"), -EINVAL);

	/* A key without a value says nothing. */
	expect_accepted(fixture, read_text(fixture, "enableIPv6:\ntoPorts:\nrandomFully:\n"), 0);
	assert_true(fixture->config.value[SETTING_ENABLE_IPV6].truth);
	assert_int_equal(fixture->config.value[SETTING_TO_PORTS].ports.ranges[0].first, 7);
	assert_int_equal(fixture->config.given, 0);

	assert_int_equal(read_text(fixture, "toPorts: 1024\n"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 10, "toPorts must be text in quotes");
	assert_int_equal(read_text(fixture, "toPorts: 70000-80000\n"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 10, "up to 65535");
}

/* A file of the reference agent keeps its meaning as far as can be. */
static void own_keys_are_spelt_exactly(void **state)
{
	struct fixture *fixture = *state;

	expect_accepted(fixture, read_text(fixture, "MasqueradeCIDRs: [8.8.8.0/24]\n"
					   "ENABLEIPV6: maybe\n"), 2);
	expect_problem(fixture, 0, CONFIG_WARNING, 1, 1, "did you mean \"masqueradeCIDRs\"?");
	expect_problem(fixture, 1, CONFIG_WARNING, 2, 1, "did you mean \"enableIPv6\"?");
	assert_int_equal(fixture->config.value[SETTING_MASQUERADE_CIDRS].list.count, 0);
	assert_int_equal(fixture->config.given, 0);
}

/* What go-yaml and libyaml read differently is read as go-yaml does. */
static void reads_yaml_as_the_reference_agent(void **state)
{
	static const struct {
		const char *text;
		bool accepted;
		bool link_local;
	} cases[] = {
		{ "x: \"a\\/b\"\nmasqLinkLocal: true\n", false, false },
		{ "x: \"a\\\\/b\"\nmasqLinkLocal: true\n", true, true },
		{ "x: a?b\nmasqLinkLocal: true\n", true, true },
		{ "%YAML 1.1\n---\nmasqLinkLocal: true\n", true, true },
		{ "%YAML 1.2\n---\nmasqLinkLocal: true\n", false, false },
		{ "masqLinkLocal: ! true\n", false, false },
		{ "masqLinkLocal: &a true\n", true, true },
		{ "x: &a\nmasqLinkLocal: !!bool 'yes'\n", true, true },
		{ "masqLinkLocal: true\n<<: {masqLinkLocal: false}\n", true, false },
		{ "x: {a: .inf, a: 1}\nmasqLinkLocal: true\n", true, true },
		{ "x: {a: 1, a: .inf}\nmasqLinkLocal: true\n", false, false },
		{ "x: {18446744073709551615: a}\n", false, false },
		{ "masqLinkLocal: true\n---\n\x01\n", false, false },
		{ "  masqLinkLocal: true\n{\"a\":\"b\"}\n", true, true },
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int result = read_text(fixture, cases[i].text);

		if (!result != cases[i].accepted)
			fail_msg("case %zu: %s", i, result ? fixture->problems.list[0].message :
							     "accepted");
		assert_int_equal(fixture->config.value[SETTING_MASQ_LINK_LOCAL].truth, cases[i].link_local);
	}
}

static void one_error_causes_no_other(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_text(fixture, "cidrLimit: many\n"
				   "enableIPv6: maybe\n"
				   "nonMasqueradeCIDRs: [fd00::/8]\n"), -EINVAL);
	assert_int_equal(fixture->problems.errors, 2);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 12, "cidrLimit must be a whole number");
	expect_problem(fixture, 1, CONFIG_ERROR, 2, 13, "enableIPv6 must be true or false");
}

static void points_to_what_is_not_closed(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_text(fixture, "cidrLimit: 3\n"
				   "nonMasqueradeCIDRs: [10.0.0.0/8,\n"
				   "resyncInterval: 60s\n"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 2, 21, "list not closed");
	/* On one line it is the character that does not fit. */
	assert_int_equal(read_text(fixture, "nonMasqueradeCIDRs: [10.0.0.0/8 }\n"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 33, "unexpected \"}\"");
	assert_int_equal(read_text(fixture, "x: {a: 1\n\n"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 4, "mapping not closed: unexpected end of file");
}

static void warns_of_a_short_interval(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_text(fixture, "resyncInterval: 999ms\n"), 0);
	expect_problem(fixture, 0, CONFIG_WARNING, 1, 17, "\"999ms\" is below a second");
	assert_int_equal(read_text(fixture, "resyncInterval: 1s\n"), 0);
	assert_int_equal(fixture->problems.count, 0);
}

static void shows_long_texts_in_part(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(200 * 1024 + 64);
	int i;

	assert_non_null(text);
	for (i = 0; i < 2; i++) {
		sprintf(text, i ? "resyncInterval: \"0.%0*d1s\"\n" : "x: *a%0*d\n", 200 * 1024, 0);
		assert_int_equal(read_text(fixture, text), i ? 0 : -EINVAL);
		assert_int_equal(fixture->problems.count, 1);
		assert_true(strlen(fixture->problems.list[0].message) < 200);
	}
	free(text);
}

static void says_how_many_more(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(64 * 1024);
	size_t used = 0;
	int i;

	used += (size_t)sprintf(text, "cidrLimit: 9999\nnonMasqueradeCIDRs:\n");
	for (i = 0; i < 2500; i++)
		used += (size_t)sprintf(text + used, "- 1.1.1.1/33\n");
	assert_int_equal(read_text(fixture, text), -EINVAL);
	free(text);
	assert_int_equal(fixture->problems.count, 1001);
	assert_string_equal(fixture->problems.list[1000].message,
			    "1500 more problems are not listed");
	expect_problem(fixture, 999, CONFIG_ERROR, 1002, 3, "above 32");
}

static void reads_files_of_any_kind(void **state)
{
	static const char utf16[] = "\xff\xfem\0a\0s\0q\0L\0i\0n\0k\0L\0o\0c\0a\0l\0:\0 \0t\0\n";
	struct fixture *fixture = *state;

	/* No file means the defaults; so does a link to nowhere. */
	expect_accepted(fixture, read_file(fixture), 0);
	assert_true(fixture->config.from_defaults);
	assert_int_equal(symlink("nowhere", fixture->path), 0);
	expect_accepted(fixture, read_file(fixture), 0);
	assert_true(fixture->config.from_defaults);
	assert_int_equal(unlink(fixture->path), 0);

	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_int_equal(read_file(fixture), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 0, 0, "a FIFO");
	assert_int_equal(unlink(fixture->path), 0);

	assert_int_equal(mkdir(fixture->path, 0700), 0);
	assert_int_equal(read_file(fixture), -EISDIR);
	expect_problem(fixture, 0, CONFIG_ERROR, 0, 0, "a directory");
	assert_int_equal(rmdir(fixture->path), 0);

	write_file(fixture, "ip-masq-agent", "");
	strcat(fixture->path, "/deeper");
	assert_int_equal(read_file(fixture), -ENOTDIR);
	assert_int_equal(fixture->problems.errors, 1);
	*strrchr(fixture->path, '/') = '\0';
	assert_int_equal(read_file(fixture), 0);
	assert_false(fixture->config.from_defaults);

	/* UTF-16, whose last character is cut in half, and whole. */
	write_bytes(fixture, "ip-masq-agent", utf16, sizeof(utf16) - 1);
	assert_int_equal(read_file(fixture), -EINVAL);
	write_bytes(fixture, "ip-masq-agent", utf16, sizeof(utf16) - 2);
	assert_int_equal(read_file(fixture), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 16, "not the text \"t\"");
}

static bool has_cidr(const struct config *config, const char *text, int file, int line)
{
	size_t i;

	for (i = 0; i < config->value[SETTING_NON_MASQUERADE_CIDRS].list.count; i++) {
		const struct config_item *entry = &config->value[SETTING_NON_MASQUERADE_CIDRS].list.items[i];

		if (!strcmp(entry->text, text))
			return entry->file == file && entry->line == line;
	}
	return false;
}

static void merges_a_directory(void **state)
{
	struct fixture *fixture = *state;

	expect_accepted(fixture, read_directory(fixture), 0);
	assert_true(fixture->config.from_defaults);
	assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 3);

	write_file(fixture, "ip-masq-b", "nonMasqueradeCIDRs: [9.9.9.0/24, 8.8.8.0/24]\n"
		   "masqLinkLocal: true\nresyncInterval: 10s\n");
	write_file(fixture, "ip-masq-a", "nonMasqueradeCIDRs:\n- 8.8.8.0/24\n- fd00::/8\n"
		   "resyncInterval: 10000ms\n");
	write_file(fixture, "ip-masq-c", "enableIPv6: true\n");
	write_file(fixture, "other", "this is not read: [\n");
	expect_accepted(fixture, read_directory(fixture), 0);
	assert_int_equal(fixture->config.file_count, 3);
	assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 3);
	assert_true(has_cidr(&fixture->config, "8.8.8.0/24", 0, 2));
	assert_true(has_cidr(&fixture->config, "fd00::/8", 0, 3));
	assert_true(has_cidr(&fixture->config, "9.9.9.0/24", 1, 1));
	assert_true(fixture->config.value[SETTING_MASQ_LINK_LOCAL].truth &&
		    fixture->config.value[SETTING_ENABLE_IPV6].truth);
	assert_true(fixture->config.value[SETTING_RESYNC_INTERVAL].number == INT64_C(10000000000));

	/* Where there are files, the defaults of the lists do not hold. */
	write_file(fixture, "ip-masq-a", "masqLinkLocal: false\n");
	write_file(fixture, "ip-masq-b", "{}");
	expect_accepted(fixture, read_directory(fixture), 0);
	assert_false(fixture->config.from_defaults);
	assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 0);
}

static void names_both_files_of_a_conflict(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "ip-masq-a", "# a\nresyncInterval: 10s\ntoPorts: '1'\n");
	write_file(fixture, "ip-masq-b", "toPorts: 1-2\nresyncInterval: 11s\n");
	assert_int_equal(read_directory(fixture), -EINVAL);
	assert_int_equal(fixture->problems.errors, 2);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 10, "/ip-masq-a:3; ");
	expect_problem(fixture, 1, CONFIG_ERROR, 2, 17, "/ip-masq-a:2; ");
	assert_non_null(strstr(fixture->problems.list[0].file, "/ip-masq-b"));

	/* Those that ip-masq-agent-v2 ors are a warning. */
	write_file(fixture, "ip-masq-a", "masqLinkLocal: true\n");
	write_file(fixture, "ip-masq-b", "masqLinkLocal: false\n");
	expect_accepted(fixture, read_directory(fixture), 1);
	expect_problem(fixture, 0, CONFIG_WARNING, 1, 16, "true is used");
	assert_true(fixture->config.value[SETTING_MASQ_LINK_LOCAL].truth);

	write_file(fixture, "ip-masq-a", "masqueradeCIDRs: [8.8.8.0/24]\n");
	write_file(fixture, "ip-masq-b", "\nnonMasqueradeCIDRs: [8.8.8.0/24]\n"
		   "snatAddresses: [8.8.8.0/24: 192.0.2.1]\napplyToExisting: true\n");
	write_file(fixture, "ip-masq-c", "applyToExisting: false\n");
	assert_int_equal(read_directory(fixture), -EINVAL);
	assert_int_equal(fixture->problems.errors, 1);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 18, "/ip-masq-b:4; ");
	write_file(fixture, "ip-masq-c", "applyToExisting: true\n");
	assert_int_equal(read_directory(fixture), -EINVAL);
	assert_int_equal(fixture->problems.errors, 2);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 19, "in masqueradeCIDRs is also in nonMasqueradeCIDRs");
	assert_non_null(strstr(fixture->problems.list[0].message, "/ip-masq-b:2; "));
	assert_non_null(strstr(fixture->problems.list[0].file, "/ip-masq-a"));
	expect_problem(fixture, 1, CONFIG_ERROR, 3, 17, "in snatAddresses is also in nonMasqueradeCIDRs on line 2");

	/* Every file that is wrong is told of, with its name. */
	write_file(fixture, "ip-masq-a", "cidrLimit: x\n");
	write_file(fixture, "ip-masq-b", "masqLinkLocal: [\n");
	assert_int_equal(read_directory(fixture), -EINVAL);
	assert_int_equal(fixture->problems.errors, 2);
	assert_non_null(strstr(fixture->problems.list[0].file, "/ip-masq-a"));
	assert_non_null(strstr(fixture->problems.list[1].file, "/ip-masq-b"));
}

static void makes_a_policy(void **state)
{
	struct fixture *fixture = *state;
	struct policy policy, other;
	char text[CIDR_TEXT_MAX];

	expect_accepted(fixture, read_text(fixture, "enableIPv6: true\ntoPorts: 5-6\n"
					   "masqueradeCIDRs: [10.0.0.0/8, 10.1.0.0/16]\n"
					   "nonMasqueradeCIDRs: [fd00::/8, FD00::/8]\n"), 0);
	assert_int_equal(policy_from_config(&fixture->config, &policy), 0);
	assert_int_equal(policy.count, 5);
	/* Duplicates are gone, and all is sorted. */
	assert_string_equal(cidr_format(&policy.entries[0].cidr, text), "10.0.0.0/8");
	assert_int_equal(policy.entries[0].action, IPMASQ_ACTION_MASQUERADE);
	assert_string_equal(cidr_format(&policy.entries[1].cidr, text), "10.1.0.0/16");
	assert_string_equal(cidr_format(&policy.entries[2].cidr, text), "169.254.0.0/16");
	assert_int_equal(policy.entries[2].action, IPMASQ_ACTION_SKIP);
	assert_string_equal(cidr_format(&policy.entries[3].cidr, text), "fd00::/8");
	assert_string_equal(cidr_format(&policy.entries[4].cidr, text), "fe80::/10");
	assert_int_equal(policy.settings.flags, IPMASQ_FLAGS_ALL);
	assert_int_equal(((const struct port_range *)
			  policy.settings.list[SETTING_TO_PORTS].items)->last, 6);

	expect_accepted(fixture, read_text(fixture, "masqLinkLocal: true\nrandomFully: false\n"),
			0);
	assert_int_equal(policy_from_config(&fixture->config, &other), 0);
	assert_int_equal(other.count, 3);
	assert_int_equal(other.settings.flags, IPMASQ_FLAG_ENABLED);
	assert_false(policy_settings_equal(&policy.settings, &other.settings));
	assert_int_equal(policy_compare(&policy, &other, NULL, NULL), 7);
	assert_int_equal(policy_compare(&policy, &policy, NULL, NULL), 0);
	policy_clear(&policy);
	policy_clear(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_every_error_with_its_place),
		TEST(suggests_what_was_meant),
		TEST(shows_the_line_and_a_caret),
		TEST(cuts_long_lines),
		TEST(warns_of_keys),
		TEST(warns_of_what_is_never_read),
		TEST(own_keys_win_over_flags),
		TEST(own_keys_are_spelt_exactly),
		TEST(reads_yaml_as_the_reference_agent),
		TEST(one_error_causes_no_other),
		TEST(points_to_what_is_not_closed),
		TEST(warns_of_a_short_interval),
		TEST(shows_long_texts_in_part),
		TEST(says_how_many_more),
		TEST(reads_files_of_any_kind),
		TEST(merges_a_directory),
		TEST(names_both_files_of_a_conflict),
		TEST(makes_a_policy),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
