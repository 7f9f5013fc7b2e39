// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line: port ranges, and flags as Go's package flag reads them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/flags.h"

static void takes_port_ranges(void **state)
{
	static const struct {
		const char *text;
		const char *canonical;
	} cases[] = {
		{ "1024", "1024" },
		{ "1024-29999,32768-65535", "1024-29999,32768-65535" },
		{ "0", "0" },
		{ "0-10", "0-10" },
		{ "5-5", "5" },
		{ "01024", "1024" },
		{ "+1024", "1024" },
		{ "1-+2", "1-2" },
		{ "1024,1024", "1024,1024" },
		{ "1-10,5-20", "1-10,5-20" },
		{ "65535", "65535" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct port_range *ranges = NULL;
		char *error = NULL;
		size_t count = 0;
		char *text;

		if (port_ranges_parse(cases[i].text, &ranges, &count, &error))
			fail_msg("%s: %s", cases[i].text, error);
		text = port_ranges_format(ranges, count);
		assert_string_equal(text, cases[i].canonical);
		free(text);
		free(ranges);
	}
}

static void refuses_other_port_ranges(void **state)
{
	static const char *const cases[] = {
		"", " ", ",", "1024,", ",1024", "1024,,1025", "20-10", "65536", "1-65536",
		"1024-", "-1024", "1024--2048", "1-2-3", "1024 ", " 1024", "1024- 2048", "a",
		"1024-b", "1024:2048", "1024;2048", "1e3", "0x400", "1_024", "1024\n", "+",
		"1--1", "99999999999999999999", "none", "1024 -j ACCEPT", "\xd9\xa1",
	};
	char many[2 * 257 + 1];
	struct port_range *ranges = NULL;
	size_t count;
	char *error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		error = NULL;
		if (!port_ranges_parse(cases[i], &ranges, &count, &error))
			fail_msg("\"%s\" was taken", cases[i]);
		assert_non_null(error);
		free(error);
	}
	for (i = 0; i < 257; i++)
		memcpy(many + 2 * i, "1,", 3);
	many[2 * 257 - 1] = '\0';
	assert_int_equal(port_ranges_parse(many, &ranges, &count, NULL), -EINVAL);
	many[2 * 256 - 1] = '\0';
	assert_int_equal(port_ranges_parse(many, &ranges, &count, NULL), 0);
	assert_int_equal(count, 256);
	free(ranges);
}

/* Returns what config_flags_parse() returned, or config_flags_finish(). */
static int read_line(struct config_command_line *line, const char *const *words, char **error)
{
	char *argv[16];
	int argc = 0;
	int read;

	config_flags_init(line);
	for (; words[argc]; argc++)
		argv[argc] = (char *)words[argc];
	read = config_flags_parse(line, argc, argv, NULL, 0, error);
	if (read < 0)
		return read;
	if (config_flags_finish(line, error))
		return -EINVAL;
	return read;
}

#define WORDS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void reads_flags(void **state)
{
	struct config_command_line line;
	char *error = NULL;

	(void)state;
	assert_int_equal(read_line(&line, WORDS("word"), &error), 0);
	assert_true(line.flags.value[SETTING_RANDOM_FULLY].truth);
	assert_false(line.flags.value[SETTING_ENABLE_IPV6].truth ||
		     line.flags.value[SETTING_NOMASQ_ALL_RESERVED_RANGES].truth ||
		     line.flags.strict || line.ended);

	assert_int_equal(read_line(&line, WORDS("-enable-ipv6", "--random-fully=f",
						"--nomasq-all-reserved-ranges=T", "--strict"),
				   &error), 4);
	assert_true(line.flags.value[SETTING_ENABLE_IPV6].truth &&
		    !line.flags.value[SETTING_RANDOM_FULLY].truth &&
		    line.flags.value[SETTING_NOMASQ_ALL_RESERVED_RANGES].truth && line.flags.strict);

	/* A bool takes no word of its own; the first such word ends the flags. */
	assert_int_equal(read_line(&line, WORDS("--random-fully", "false", "--strict"), &error),
			 1);
	assert_true(line.flags.value[SETTING_RANDOM_FULLY].truth && !line.flags.strict);

	assert_int_equal(read_line(&line, WORDS("-masq-chain", "FOO", "--to-ports=1",
						"--to-ports", "2-3", "-v", "4",
						"--logtostderr=false"), &error), 8);
	assert_string_equal(line.masq_chain, "FOO");
	assert_int_equal(line.flags.value[SETTING_TO_PORTS].ports.count, 1);
	assert_int_equal(line.flags.value[SETTING_TO_PORTS].ports.ranges[0].first, 2);
	assert_int_equal(line.flags.value[SETTING_TO_PORTS].ports.ranges[0].last, 3);
	config_flags_clear(&line);

	/* Only the last --to-ports is read, and an empty one is none. */
	assert_int_equal(read_line(&line, WORDS("--to-ports=x", "--to-ports="), &error), 2);
	assert_int_equal(line.flags.value[SETTING_TO_PORTS].ports.count, 0);

	assert_int_equal(read_line(&line, WORDS("--resync-interval=30"), &error), 1);
	assert_true(line.flags.value[SETTING_RESYNC_INTERVAL].number == INT64_C(30000000000));
	assert_int_equal(read_line(&line, WORDS("--resync-interval", "1m30s"), &error), 2);
	assert_true(line.flags.value[SETTING_RESYNC_INTERVAL].number == INT64_C(90000000000));
	assert_int_equal(read_line(&line, WORDS("--resync-interval", "0"), &error), 2);
	assert_true(line.flags.value[SETTING_RESYNC_INTERVAL].number == CONFIG_RESYNC_MIN);

	assert_int_equal(read_line(&line, WORDS("--strict", "--", "--nope"), &error), 2);
	assert_true(line.ended);
	assert_int_equal(read_line(&line, WORDS("-", "--nope"), &error), 0);
	assert_int_equal(read_line(&line, WORDS("--masq-chain=", "--config-dir=/x=y"), &error), 2);
	assert_string_equal(line.masq_chain, "");
	assert_string_equal(line.config_directory, "/x=y");
	/* What looks like a flag is a value after a flag that needs one. */
	assert_int_equal(read_line(&line, WORDS("--masq-chain", "--strict"), &error), 2);
	assert_string_equal(line.masq_chain, "--strict");
}

static void refuses_flags(void **state)
{
	static const struct {
		const char *word;
		const char *says;
	} cases[] = {
		{ "--nope", "unknown flag --nope" },
		{ "--enable-ipv", "did you mean --enable-ipv6?" },
		{ "--random-fuly=1", "did you mean --random-fully?" },
		{ "--random-fully=no", "expected true or false" },
		{ "--enable-ipv6=", "expected true or false" },
		{ "--enable-ipv6=tRUE", "expected true or false" },
		{ "--to-ports", "needs a value" },
		{ "--resync-interval=x", "expected seconds or a duration" },
		{ "--resync-interval=-5", "expected seconds or a duration" },
		{ "--=x", "bad flag" },
		{ "---x", "bad flag" },
		{ "-=x", "bad flag" },
		{ "--to-ports=70000", "up to 65535" },
		{ "--v=x", "--v is \"x\", expected a number" },
		{ "--v=", "a number of 32 bits" },
		{ "--v=2147483648", "a number of 32 bits" },
		{ "--v= 1", "a number of 32 bits" },
		{ "--v=1_0", "a number of 32 bits" },
		{ "--v=0x1", "a number of 32 bits" },
		{ "--stderrthreshold=FOO", "INFO, WARNING, ERROR, FATAL or a number" },
		{ "--stderrthreshold=", "INFO, WARNING" },
		{ "--alsologtostderrthreshold=warn", "INFO, WARNING" },
		{ "--vmodule=a", "FILE=N" },
		{ "--vmodule=a=", "FILE=N" },
		{ "--vmodule==1", "FILE=N" },
		{ "--vmodule=a=1=2", "FILE=N" },
		{ "--vmodule=a=-1", "FILE=N" },
		{ "--vmodule=a=1,b", "FILE=N" },
		{ "--vmodule=a=2147483648", "FILE=N" },
		{ "--log_backtrace_at=a:1", "FILE.go:LINE" },
		{ "--log_backtrace_at=a.go", "FILE.go:LINE" },
		{ "--log_backtrace_at=a.go:0", "FILE.go:LINE" },
		{ "--log_backtrace_at=a.go:1:2", "FILE.go:LINE" },
		{ "--log_backtrace_at=a.go:x", "FILE.go:LINE" },
		{ "--log_file_max_size=18446744073709551616", "below 2^64" },
		{ "--log_file_max_size=-1", "below 2^64" },
		{ "--log_file_max_size=+1", "below 2^64" },
		{ "--log_file_max_size=", "below 2^64" },
		{ "--log_file_max_size=08", "below 2^64" },
		{ "--log_file_max_size=0x", "below 2^64" },
		{ "--log_file_max_size=1_", "below 2^64" },
		{ "--log_file_max_size=1__0", "below 2^64" },
		{ "--log_file_max_size=_1", "below 2^64" },
		{ "--logtostderr=yes", "expected true or false" },
	};
	struct config_command_line line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *error = NULL;

		assert_int_equal(read_line(&line, WORDS(cases[i].word), &error), -EINVAL);
		if (!error || !strstr(error, cases[i].says))
			fail_msg("%s: %s", cases[i].word, error);
		free(error);
	}
	for (i = 0; i < 3; i++) {
		static const char *const words[] = { "-h", "-help", "--help=x" };
		char *error = NULL;

		assert_int_equal(read_line(&line, WORDS(words[i]), &error), CONFIG_FLAGS_HELP);
	}
}

static bool are_reference(const char *const *words)
{
	int argc = 0;

	while (words[argc])
		argc++;
	return config_flags_are_reference(argc, (char **)words);
}

/* On whose command lines a word that is no flag is as in the reference agent. */
static void knows_flags_of_the_reference(void **state)
{
	(void)state;
	assert_true(are_reference(WORDS("word")));
	assert_true(are_reference(WORDS("-", "--", "word")));
	assert_true(are_reference(WORDS("--random-fully", "false", "-masq-chain=FOO", "--v", "2")));
	assert_false(are_reference(WORDS("word", "--version")));
	assert_false(are_reference(WORDS("--strict", "word")));
	assert_false(are_reference(WORDS("word", "-config-dir=/etc")));
	assert_false(are_reference(WORDS("--nope", "word")));
	assert_false(are_reference(WORDS("word", "--=")));
}

/* What klog takes. */
static void takes_logging_flags(void **state)
{
	static const char *const cases[] = {
		"--v=0", "--v=-1", "--v=+10", "--v=007", "--v=2147483647", "--v=-2147483648",
		"--stderrthreshold=info", "--stderrthreshold=WARNING", "--stderrthreshold=Error",
		"--stderrthreshold=FATAL", "--stderrthreshold=2", "--stderrthreshold=-7",
		"--alsologtostderrthreshold=ERROR", "--vmodule=", "--vmodule=,", "--vmodule=a=1,",
		"--vmodule=a=1,b*=2", "--vmodule=a=0", "--vmodule=a=+3", "--log_backtrace_at=",
		"--log_backtrace_at=a.go:1", "--log_backtrace_at=.:9223372036854775807",
		"--log_file_max_size=0", "--log_file_max_size=1800", "--log_file_max_size=0x1F",
		"--log_file_max_size=0b101", "--log_file_max_size=0o17", "--log_file_max_size=017",
		"--log_file_max_size=1_000", "--log_file_max_size=0x_ff", "--log_file_max_size=0_7",
		"--log_file_max_size=18446744073709551615", "--log_dir=", "--log_file=x",
		"--one_output", "--skip_headers=F",
	};
	struct config_command_line line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *error = NULL;

		if (read_line(&line, WORDS(cases[i]), &error) != 1)
			fail_msg("%s: %s", cases[i], error);
	}
}

static void takes_flags_of_the_program(void **state)
{
	const char *text = NULL;
	bool truth = false;
	const struct config_flag own[] = {
		{ "once", CONFIG_FLAG_BOOL, &truth },
		{ "state-dir", CONFIG_FLAG_TEXT, &text },
	};
	char *argv[] = { (char *)"--state-dir", (char *)"/x", (char *)"--once" };
	char *unknown[] = { (char *)"--state-dri" };
	struct config_command_line line;
	char *error = NULL;

	(void)state;
	config_flags_init(&line);
	assert_int_equal(config_flags_parse(&line, 3, argv, own, 2, &error), 3);
	assert_string_equal(text, "/x");
	assert_true(truth);
	assert_int_equal(config_flags_parse(&line, 1, unknown, own, 2, &error), -EINVAL);
	assert_non_null(strstr(error, "--state-dir"));
	free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_port_ranges),
		cmocka_unit_test(refuses_other_port_ranges),
		cmocka_unit_test(reads_flags),
		cmocka_unit_test(refuses_flags),
		cmocka_unit_test(knows_flags_of_the_reference),
		cmocka_unit_test(takes_logging_flags),
		cmocka_unit_test(takes_flags_of_the_program),
	};

	return cmocka_run_group_tests_name("flags", tests, NULL, NULL);
}
