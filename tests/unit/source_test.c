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

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../ctl/ipmasqd/source.h"
#include "config/flags.h"

/* What the reading of a file fails with next, 0 for nothing; and the allocation of a
 * block of this size, which is that of a file's values.
 */
static int failure;
static bool no_memory;

int __real_config_read(const char *path, const struct config_flags *flags,
		       struct config *config, struct config_problems *problems);
int __wrap_config_read(const char *path, const struct config_flags *flags,
		       struct config *config, struct config_problems *problems);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

int __wrap_config_read(const char *path, const struct config_flags *flags,
		       struct config *config, struct config_problems *problems)
{
	return failure ? failure : __real_config_read(path, flags, config, problems);
}

void *__wrap_malloc(size_t size)
{
	return no_memory && size > 65536 ? NULL : __real_malloc(size);
}

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

/* A file that is not read for a reason that passes is read later, though it is what it
 * was.
 */
static void failed_for_now(void **state)
{
	static const int failures[] = { -ENOMEM, -EIO, -EMFILE, -EINTR };
	size_t i;

	(void)state;
	write_text("nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]\n");
	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		failure = failures[i];
		assert_int_equal(source_reload(&source, false), SOURCE_FAILED);
		expect_first_policy();
	}
	failure = 0;
	assert_int_equal(source.refused, 1);
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
	assert_int_equal(source.serial, 2);
	assert_int_equal(source_reload(&source, false), SOURCE_SAME);
}

static void no_memory_for_values(void **state)
{
	(void)state;
	write_text("nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]\n");
	no_memory = true;
	assert_int_equal(source_reload(&source, false), SOURCE_FAILED);
	no_memory = false;
	/* It is not the file that is wrong. */
	assert_int_equal(source.problems.errors, 0);
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
}

static void written(void **state)
{
	FILE *writer;

	(void)state;
	source.wait_for_writers = true;
	writer = fopen(path, "w");
	assert_non_null(writer);
	assert_int_equal(source_reload(&source, false), SOURCE_WRITING);
	fputs("nonMasqueradeCIDRs:\n- 10.0.0.0/8\n", writer);
	fflush(writer);
	assert_int_equal(source_reload(&source, true), SOURCE_WRITING);
	expect_first_policy();
	fputs("- 203.0.113.0/24\n", writer);
	fclose(writer);
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
	assert_int_equal(source.wanted.count, 3);
}

static void saved_once_in_force(void **state)
{
	char saved[PATH_MAX];

	(void)state;
	source.state_directory = folder;
	snprintf(saved, sizeof(saved), "%s/policy", folder);
	source_save(&source);
	assert_int_not_equal(access(saved, F_OK), 0);
	source_in_force(&source);
	write_text("nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]\n");
	assert_int_equal(source_reload(&source, false), SOURCE_TAKEN);
	source_save(&source);
	assert_int_not_equal(access(saved, F_OK), 0);
	source_in_force(&source);
	source_save(&source);
	assert_int_equal(access(saved, F_OK), 0);
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
		STORY(failed_for_now),
		STORY(no_memory_for_values),
		STORY(written),
		STORY(saved_once_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
