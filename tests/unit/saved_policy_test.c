// SPDX-License-Identifier: GPL-2.0-or-later
/* Saved policies: what is written is read as the same, anything else is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "saved_policy.h"

#define SETTINGS "set enabled on ipv6 off random-fully on to-ports any\n"

/* The text as it is written again, or the error. */
static char *read_and_write(const char *text)
{
	int descriptor = memfd_create("saved", MFD_CLOEXEC);
	struct policy policy = { 0 };
	char *result = NULL;
	char *error = NULL;
	bool exists = false;
	size_t size;
	FILE *out;

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(descriptor, 0, SEEK_SET), 0);
	if (saved_policy_read(descriptor, "FILE", &policy, &exists, &error)) {
		assert_non_null(error);
		result = error;
	} else {
		assert_null(error);
		out = open_memstream(&result, &size);
		assert_non_null(out);
		assert_int_equal(saved_policy_write(out, &policy, exists ? 7 : 0), 0);
		fclose(out);
	}
	close(descriptor);
	policy_clear(&policy);
	return result;
}

static void test_round_trip(void **state)
{
	static const char *const saved[] = {
		"no policy\n",
		"# generation 7\n" SETTINGS,
		"# generation 7\nset enabled off ipv6 on random-fully off to-ports 1024-29999,32768\n"
		"0.0.0.0/0 masquerade config\n"
		"10.0.0.0/8 skip config\n"
		"10.0.0.0/8 masquerade static\n"
		"fd00::/8 skip static\n",
	};
	char *seen;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(saved) / sizeof(saved[0]); i++) {
		seen = read_and_write(saved[i]);
		assert_string_equal(seen, saved[i]);
		free(seen);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "", "FILE: settings are missing; this is no file that \"save\" wrote" },
		{ "10.0.0.0/8 skip config\n",
		  "FILE: settings are missing; this is no file that \"save\" wrote" },
		{ "set enabled on\n",
		  "FILE: settings are missing; this is no file that \"save\" wrote" },
		{ SETTINGS "no policy\n", "FILE: it has both a policy and \"no policy\"" },
		{ "no policy\n10.0.0.0/8 skip static\n",
		  "FILE: it has both a policy and \"no policy\"" },
		{ "no", "FILE:1: \"\" is not understood after no" },
		{ "{\n", "FILE:1: this is JSON; what \"save\" writes without -j is restored" },
		{ SETTINGS "10.0.0.0/8 skip\n",
		  "FILE:2: \"\" is no origin, expected config or static" },
		{ SETTINGS "10.0.0.0/8 static\n",
		  "FILE:2: \"static\" is no action, expected skip or masquerade" },
		{ SETTINGS "10.0.0.0/8 skip static now\n",
		  "FILE:2: \"now\" is too much, a line is a CIDR, an action and an origin" },
		{ SETTINGS SETTINGS, "FILE:2: \"enabled\" is there twice" },
		{ "set to-ports any to-ports any", "FILE:1: \"to-ports\" is there twice" },
		{ "set ipv6", "FILE:1: \"\" is no value, expected on or off" },
		{ "set to-ports", "FILE:1: a list of port ranges or any is missing after to-ports" },
		{ "set speed on", "FILE:1: \"speed\" is no setting" },
	};
	char *seen;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seen = read_and_write(cases[i].text);
		assert_string_equal(seen, cases[i].wanted);
		free(seen);
	}
	seen = read_and_write("set to-ports 5-4");
	assert_ptr_equal(strstr(seen, "FILE:1: to-ports: "), seen);
	free(seen);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
