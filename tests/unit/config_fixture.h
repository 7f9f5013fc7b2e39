/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_FIXTURE_H
#define IPMASQ_CONFIG_FIXTURE_H

#include <stddef.h>

#include "config/config.h"

/* A directory for the files of one test, and what was read last. */
struct fixture {
	char directory[64];
	char path[128];
	struct config_flags flags;
	struct config config;
	struct config_problems problems;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);
void write_bytes(struct fixture *fixture, const char *name, const char *bytes, size_t length);
void write_file(struct fixture *fixture, const char *name, const char *text);
int read_file(struct fixture *fixture);
int read_text(struct fixture *fixture, const char *text);
int read_directory(struct fixture *fixture);
void expect_problem(struct fixture *fixture, size_t index, enum config_severity severity,
		    int line, int column, const char *says);
void expect_accepted(struct fixture *fixture, int result, size_t warnings);

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
