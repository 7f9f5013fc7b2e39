// SPDX-License-Identifier: GPL-2.0-or-later
/* What the tests of configurations share: files, and what becomes of them. */
#include "config_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/**
 * fixture_setup() - begin a test with a directory of its own
 * @state: set to a struct fixture
 */
int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture)
		return -1;
	strcpy(fixture->directory, "/tmp/config_test.XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	snprintf(fixture->path, sizeof(fixture->path), "%s/ip-masq-agent", fixture->directory);
	fixture->flags.value[SETTING_RANDOM_FULLY].truth = true;
	*state = fixture;
	return 0;
}

static void forget(struct fixture *fixture)
{
	config_clear(&fixture->config);
	config_problems_clear(&fixture->problems);
}

/**
 * fixture_teardown() - end a test
 * @state: its directory is removed
 */
int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	forget(fixture);
	snprintf(command, sizeof(command), "rm -rf %s", fixture->directory);
	if (system(command))
		return -1;
	free(fixture);
	return 0;
}

/**
 * write_bytes() - make a file of any bytes
 * @fixture: in whose directory
 * @name: of the file
 * @bytes: what is in it
 * @length: of @bytes
 */
void write_bytes(struct fixture *fixture, const char *name, const char *bytes, size_t length)
{
	char path[192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/**
 * write_file() - make a file of text
 * @fixture: in whose directory
 * @name: of the file
 * @text: what is in it
 */
void write_file(struct fixture *fixture, const char *name, const char *text)
{
	write_bytes(fixture, name, text, strlen(text));
}

/**
 * read_file() - read the configuration's file
 * @fixture: gets what it says, and what is wrong with it
 */
int read_file(struct fixture *fixture)
{
	forget(fixture);
	return config_read(fixture->path, &fixture->flags, &fixture->config,
			   &fixture->problems);
}

/**
 * read_text() - read a configuration
 * @fixture: as for read_file()
 * @text: of the file
 */
int read_text(struct fixture *fixture, const char *text)
{
	write_file(fixture, "ip-masq-agent", text);
	return read_file(fixture);
}

/**
 * read_directory() - read the directory as a configuration
 * @fixture: as for read_file()
 */
int read_directory(struct fixture *fixture)
{
	forget(fixture);
	return config_read_directory(fixture->directory, &fixture->flags, &fixture->config,
				     &fixture->problems);
}

/**
 * expect_problem() - a problem stands at a place and its message holds a text
 * @fixture: after reading
 * @index: of the problem
 * @severity: of the problem
 * @line: its place
 * @column: its place
 * @says: a part of the message
 */
void expect_problem(struct fixture *fixture, size_t index,
			   enum config_severity severity, int line, int column,
			   const char *says)
{
	const struct config_problem *problem;

	if (index >= fixture->problems.count)
		fail_msg("there is no problem %zu", index);
	problem = &fixture->problems.list[index];
	if (problem->severity != severity || problem->line != line ||
	    problem->column != column || !strstr(problem->message, says))
		fail_msg("problem %zu: %d:%d: %s: %s", index, problem->line, problem->column,
			 problem->severity == CONFIG_ERROR ? "error" : "warning",
			 problem->message);
}

/**
 * expect_accepted() - a reading was good
 * @fixture: after it
 * @result: of it
 * @warnings: how many there are
 */
void expect_accepted(struct fixture *fixture, int result, size_t warnings)
{
	if (result && fixture->problems.count)
		fail_msg("%s", fixture->problems.list[0].message);
	assert_int_equal(result, 0);
	assert_int_equal(fixture->problems.errors, 0);
	if (fixture->problems.count != warnings)
		fail_msg("%zu warnings: %s", fixture->problems.count,
			 fixture->problems.list[0].message);
}
