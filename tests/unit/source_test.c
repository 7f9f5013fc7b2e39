// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A configuration file in the hands of those who write it, and which policy the
 * source of the daemon wants meanwhile. The states are made one after another, so
 * that what a writer passes through in a moment is looked at here for sure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../ctl/ipmasqd/source.h"
#include "config/flags.h"

static char folder[64];
static char path[PATH_MAX];
static struct config_command_line line;
static struct source source;

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int make_source(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/ipmasq-source-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/config", folder);
	config_flags_init(&line);
	source = (struct source) { .path = path, .flags = &line.flags };
	source_open(&source);
	write_text("nonMasqueradeCIDRs: [10.0.0.0/8]\n");
	return source_start(&source) == SOURCE_TAKEN ? 0 : -1;
}

static int remove_source(void **state)
{
	char command[128];

	(void)state;
	source_close(&source);
	config_flags_clear(&line);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* The policy that is wanted did not move. */
static void expect_first_policy(void)
{
	assert_int_equal(source.serial, 1);
	assert_int_equal(source.kind, SOURCE_FILE);
}

static void wait_as_long_as_told(void)
{
	struct timespec pause = { .tv_nsec = SOURCE_GONE_WAIT };

	while (nanosleep(&pause, &pause))
		;
}

static void renamed_away(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(source_reload(&source, false), SOURCE_GONE);
	expect_first_policy();
	write_text("nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]\n");
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
	assert_int_equal(source.serial, 2);
	assert_int_equal(source.kind, SOURCE_FILE);
}

static void truncated(void **state)
{
	(void)state;
	write_text("");
	assert_int_equal(source_reload(&source, false), SOURCE_GONE);
	expect_first_policy();
	write_text("nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]\n");
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
	assert_int_equal(source.serial, 2);
}

/* Renamed away, and then made anew by a writer that was slow to begin. */
static void made_anew(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(source_reload(&source, false), SOURCE_GONE);
	write_text("");
	assert_int_equal(source_reload(&source, false), SOURCE_GONE);
	expect_first_policy();
	write_text("nonMasqueradeCIDRs: [10.0.0.0/8]\n");
	assert_int_equal(source_reload(&source, false), SOURCE_SAME);
	expect_first_policy();
}

static void empty_for_good(void **state)
{
	(void)state;
	write_text("");
	assert_int_equal(source_reload(&source, false), SOURCE_GONE);
	wait_as_long_as_told();
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
	assert_int_equal(source.serial, 2);
	assert_int_equal(source.wanted.count, 4);
}

static void gone_for_good(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(source_reload(&source, false), SOURCE_GONE);
	wait_as_long_as_told();
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
	assert_int_equal(source.kind, SOURCE_DEFAULTS);
}

/* Who asks for it does not want to wait. */
static void empty_and_asked_for(void **state)
{
	(void)state;
	write_text("");
	assert_int_equal(source_reload(&source, true), SOURCE_TAKEN);
	assert_int_equal(source.serial, 2);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, make_source, remove_source)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(renamed_away),
		STORY(truncated),
		STORY(made_anew),
		STORY(empty_for_good),
		STORY(gone_for_good),
		STORY(empty_and_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
