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

#define OLD_SETTINGS "set enabled on ipv6 off random-fully on to-ports any\n"
#define FLAGS "set enabled on\nset enable-ipv6 off\nset random-fully on\n"
#define NO_LISTS "set source-cidrs any\nset output-interfaces any\nset snat-addresses none\n"
#define SETTINGS FLAGS "set to-ports any\n" NO_LISTS

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
		"# generation 7\nset enabled off\nset enable-ipv6 on\nset random-fully off\n"
		"set to-ports 1024-29999,32768\n"
		NO_LISTS
		"0.0.0.0/0 masquerade config\n"
		"10.0.0.0/8 skip config\n"
		"10.0.0.0/8 masquerade static\n"
		"fd00::/8 skip static\n",
		"# generation 7\n" FLAGS "set to-ports any\n"
		"set source-cidrs 10.244.0.0/16,fd00:10:244::/48\n"
		"set output-interfaces eth0,wlan*\n"
		"set snat-addresses 192.0.2.20,2001:db8::20\n"
		"198.51.100.0/24 snat 192.0.2.21,192.0.2.22 for 9m58.123s config\n"
		"198.51.100.0/24 snat 192.0.2.21 static\n"
		"203.0.113.0/24 masquerade for 23h0m1s static\n",
		/* Names that interfaces can have. */
		"# generation 7\n" FLAGS "set to-ports any\n"
		"set source-cidrs any\nset output-interfaces a\\x2cb,\\x23x,\\x5c\\xff\\x1b,any\nset snat-addresses none\n",
		"# generation 7\n" FLAGS "set to-ports any\n"
		"set source-cidrs any\nset output-interfaces \\x61ny\nset snat-addresses none\n",
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
		  "FILE:8: \"\" is no origin, expected config or static" },
		{ SETTINGS "10.0.0.0/8 static\n",
		  "FILE:8: \"static\" is no action, expected skip, masquerade or snat" },
		{ SETTINGS "10.0.0.0/8 skip static now\n",
		  "FILE:8: \"now\" is too much, a line is a CIDR, an action, a time and an origin" },
		{ SETTINGS SETTINGS, "FILE:8: \"enabled\" is there twice" },
		{ SETTINGS "set source-cidrs any", "FILE:8: \"source-cidrs\" is there twice" },
		{ "set source-cidrs 10.0.0.1/8", "FILE:1: source-cidrs: \"10.0.0.1/8\" is no CIDR: bits are set after the prefix length, the prefix is 10.0.0.0/8" },
		{ "set snat-addresses 192.0.2.20,x", "FILE:1: snat-addresses: \"x\" is no address: that is no IP address" },
		{ "set output-interfaces eth0,", "FILE:1: output-interfaces: \"\" is no interface, expected a name or a pattern" },
		{ "set output-interfaces interface-too-long",
		  "FILE:1: output-interfaces: \"interface-too-long\" is no interface: its name has 15 bytes at most" },
		{ "set output-interfaces a\\b", "FILE:1: output-interfaces: \"a\\\\b\" is no interface: a \\ stands before xHH only" },
		{ "set output-interfaces a\\x00", "FILE:1: output-interfaces: \"a\\\\x00\" is no interface: its name has 15 bytes at most" },
		{ "set snat-addresses", "FILE:1: a list of source addresses or none is missing after snat-addresses" },
		{ SETTINGS "10.0.0.0/8 skip static for 5m",
		  "FILE:8: \"for\" is too much, a line is a CIDR, an action, a time and an origin" },
		{ "set to-ports any to-ports any", "FILE:1: \"to-ports\" is there twice" },
		{ "set enable-ipv6 maybe", "FILE:1: enable-ipv6: \"maybe\" is no value, expected on or off" },
		{ "set enable-ipv6", "FILE:1: on or off is missing after enable-ipv6" },
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

/* Files of version 0.1.0 have other words, and of some no lists but the ports. */
static void test_old(void **state)
{
	char *seen = read_and_write(OLD_SETTINGS "10.0.0.0/8 skip config\n");

	(void)state;
	assert_string_equal(seen, "# generation 7\n" SETTINGS "10.0.0.0/8 skip config\n");
	free(seen);

	seen = read_and_write(OLD_SETTINGS "set source 10.244.0.0/16\nset interface eth*\n"
			      "set snat 192.0.2.20\n");
	assert_string_equal(seen, "# generation 7\n" FLAGS "set to-ports any\n"
			    "set source-cidrs 10.244.0.0/16\nset output-interfaces eth*\n"
			    "set snat-addresses 192.0.2.20\n");
	free(seen);
	seen = read_and_write(OLD_SETTINGS "set enable-ipv6 on\n");
	assert_string_equal(seen, "FILE:2: \"enable-ipv6\" is there twice");
	free(seen);
}

/* The longest lists that the module takes are a line. */
static void test_long(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	char *seen;
	size_t i;

	(void)state;
	assert_non_null(out);
	fputs("# generation 7\n" FLAGS "set to-ports any\nset source-cidrs ", out);
	for (i = 0; i < IPMASQ_SOURCE_CIDRS_MAX; i++)
		fprintf(out, "%s2001:1111:2222:3333:4444:5555:6666:7%03zx/128", i ? "," : "", i);
	fputs("\nset output-interfaces ", out);
	for (i = 0; i < IPMASQ_INTERFACES_MAX; i++)
		fprintf(out, "%sinterface-%05zu", i ? "," : "", i);
	fputs("\nset snat-addresses ", out);
	for (i = 0; i < IPMASQ_SNAT_ADDRESSES_MAX; i++)
		fprintf(out, "%s2001:1111:2222:3333:4444:5555:6666:7%03zx", i ? "," : "", i);
	fputs("\n", out);
	fclose(out);
	seen = read_and_write(text);
	assert_string_equal(seen, text);
	free(seen);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
