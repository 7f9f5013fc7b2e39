// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of entries, as "ipmasqctl replace -f" reads them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "entry_detail.h"
#include "entry_file.h"

/* A file with these bytes, ready to be read. */
static int file_with(const char *text, size_t length)
{
	int descriptor = memfd_create("entries", MFD_CLOEXEC);

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, length), length);
	assert_int_equal(lseek(descriptor, 0, SEEK_SET), 0);
	return descriptor;
}

/* Reads the text and gives the entries back as text, or the error. */
static char *read_text(const char *text, size_t length)
{
	struct policy policy = { 0 };
	char *error = NULL;
	char *result = NULL;
	int descriptor = file_with(text, length);
	size_t size;
	FILE *out;
	size_t i;
	int failed;

	failed = entry_file_read(descriptor, "FILE", &policy, &error);
	close(descriptor);
	if (failed) {
		assert_int_equal(failed, -EINVAL);
		assert_non_null(error);
		policy_clear(&policy);
		return error;
	}
	assert_null(error);
	out = open_memstream(&result, &size);
	assert_non_null(out);
	for (i = 0; i < policy.count; i++) {
		assert_int_equal(entry_print(out, &policy.entries[i]), 0);
		fputc(';', out);
	}
	fclose(out);
	policy_clear(&policy);
	return result;
}

static void test_cases(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "", "" },
		{ "\n\n# nothing\n   \t# at all", "" },
		{ "10.0.0.0/8", "10.0.0.0/8 skip;" },
		{ "10.0.0.0/8\n", "10.0.0.0/8 skip;" },
		{ "10.0.0.0/8\r\n10.9.0.0/16 masquerade\r\n",
		  "10.0.0.0/8 skip;10.9.0.0/16 masquerade;" },
		{ "\t10.0.0.0/8\t skip#why", "10.0.0.0/8 skip;" },
		{ "10.0.0.1\n::1 masquerade", "10.0.0.1/32 skip;::1/128 masquerade;" },
		{ "0.0.0.0/0\n::/0", "0.0.0.0/0 skip;::/0 skip;" },
		{ "10.0.0.0/8\n10.0.0.0/8", "10.0.0.0/8 skip;10.0.0.0/8 skip;" },
		{ "10.0.0.0/8 skipp", "FILE:1: \"skipp\" is no action, expected skip, masquerade or snat" },
		{ "10.0.0.0/8 ski", "FILE:1: \"ski\" is no action, expected skip, masquerade or snat" },
		{ "10.0.0.0/8 skip x",
		  "FILE:1: \"x\" is too much, a line is a CIDR, an action and a time" },
		{ "10.0.0.0/8 for 10m\n11.0.0.0/8 masquerade for 1h0.5s",
		  "10.0.0.0/8 skip for 10m0s;11.0.0.0/8 masquerade for 1h0m0.5s;" },
		{ "10.0.0.0/8 for 1ns", "10.0.0.0/8 skip for 1ms;" },
		{ "10.0.0.0/8 for 8760h", "10.0.0.0/8 skip for 8760h0m0s;" },
		{ "10.0.0.0/8 snat 192.0.2.20,192.0.2.21 for 5m\nfd00::/8 snat 2001:db8::20",
		  "10.0.0.0/8 snat 192.0.2.20,192.0.2.21 for 5m0s;fd00::/8 snat 2001:db8::20;" },
		{ "10.0.0.0/8 for", "FILE:1: a duration is missing after for" },
		{ "10.0.0.0/8 for skip",
		  "FILE:1: \"skip\" is no duration as in 10m or 1h30m: a number is expected there" },
		{ "10.0.0.0/8 for 10",
		  "FILE:1: \"10\" is no duration as in 10m or 1h30m: the unit is missing" },
		{ "10.0.0.0/8 for 0s", "FILE:1: \"0s\" is no time for an entry, from 1ms to a year (8760h) is possible" },
		{ "10.0.0.0/8 for -1s", "FILE:1: \"-1s\" is no time for an entry, from 1ms to a year (8760h) is possible" },
		{ "10.0.0.0/8 for 8760h1ns", "FILE:1: \"8760h1ns\" is no time for an entry, from 1ms to a year (8760h) is possible" },
		{ "10.0.0.0/8 for 5m skip",
		  "FILE:1: \"skip\" is too much, a line is a CIDR, an action and a time" },
		{ "10.0.0.0/8 snat", "FILE:1: addresses are missing after snat" },
		{ "10.0.0.0/8 snat 192.0.2.20,",
		  "FILE:1: \"\" is no address: there is no address" },
		{ "10.0.0.0/8 snat 192.0.2.0/24",
		  "FILE:1: \"192.0.2.0/24\" is no address: something follows the IPv4 address" },
		{ "10.0.0.0/8 snat 2001:db8::20",
		  "FILE:1: an IPv4 connection to 10.0.0.0/8 cannot get the IPv6 address 2001:db8::20" },
		{ "\n#\nskip", "FILE:3: \"skip\" is no CIDR: that is no IP address" },
		{ "1.0.0.0/8\n10.0.0.0/33\n",
		  "FILE:2: \"10.0.0.0/33\" is no CIDR: the prefix length is above 32" },
		{ "10.1.2.3/8", "FILE:1: \"10.1.2.3/8\" is no CIDR: bits are set after the prefix length, the prefix is 10.0.0.0/8" },
		{ "fe80::1/10", "FILE:1: \"fe80::1/10\" is no CIDR: bits are set after the prefix length, the prefix is fe80::/10" },
	};
	char *seen;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seen = read_text(cases[i].text, strlen(cases[i].text));
		assert_string_equal(seen, cases[i].wanted);
		free(seen);
	}
}

static void test_odd_bytes(void **state)
{
	static const char nul[] = "10.0.0.0/8\0 skip\n";
	static const char escape[] = "\033[31m\xff/8\n";
	char *seen;

	(void)state;
	seen = read_text(nul, sizeof(nul) - 1);
	assert_ptr_equal(strstr(seen, "FILE:1: "), seen);
	free(seen);
	/* A terminal must not act on what the error quotes. */
	seen = read_text(escape, sizeof(escape) - 1);
	assert_null(strchr(seen, '\033'));
	assert_null(strchr(seen, '\xff'));
	free(seen);
}

static void test_long_lines(void **state)
{
	size_t size = 300 * 1000;
	char *text = malloc(size);
	char *seen;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', size);
	memcpy(text, "10.0.0.0/8", 10);
	text[16000] = '\n';
	memcpy(text + 16001, "10.0.0.0/8", 10);
	seen = read_text(text, 16011);
	assert_string_equal(seen, "10.0.0.0/8 skip;10.0.0.0/8 skip;");
	free(seen);
	/* Also where its end is in sight. */
	text[40000] = '\n';
	seen = read_text(text, 40001);
	assert_string_equal(seen, "FILE:2: the line is longer than 16384 bytes");
	free(seen);
	text[40000] = ' ';
	/* A line of 300 kB is not kept in memory to the end. */
	seen = read_text(text, size);
	assert_string_equal(seen, "FILE:2: the line is longer than 16384 bytes");
	free(seen);
	free(text);
}

/* Lines that the reader gets in pieces, at every place where one can be cut. */
static void test_pieces(void **state)
{
	static const char text[] = "10.0.0.0/8 skip\n2001:db8::/32 masquerade # far\r\n1.2.3.4";
	struct policy policy;
	char *error;
	size_t cut;
	int ends[2];

	(void)state;
	for (cut = 0; cut < sizeof(text); cut++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
		/* Each write is one read, and an empty one would be the end. */
		if (cut)
			assert_int_equal(write(ends[1], text, cut), cut);
		if (cut < sizeof(text) - 1)
			assert_true(write(ends[1], text + cut, sizeof(text) - 1 - cut) > 0);
		close(ends[1]);

		memset(&policy, 0, sizeof(policy));
		error = NULL;
		assert_int_equal(entry_file_read(ends[0], "FILE", &policy, &error), 0);
		assert_int_equal(policy.count, 3);
		assert_int_equal(policy.entries[1].action, IPMASQ_ACTION_MASQUERADE);
		assert_int_equal(policy.entries[2].cidr.prefix_len, 32);
		policy_clear(&policy);
		close(ends[0]);
	}
}

static void test_many(void **state)
{
	enum { COUNT = 100000 };
	struct policy policy = { 0 };
	char *error = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int descriptor;
	size_t i;

	(void)state;
	assert_non_null(out);
	for (i = 0; i < COUNT; i++)
		fprintf(out, "10.%zu.%zu.%zu%s\n", i >> 16, i >> 8 & 255, i & 255,
			i % 7 ? "" : " masquerade");
	fclose(out);
	descriptor = file_with(text, size);
	assert_int_equal(entry_file_read(descriptor, "FILE", &policy, &error), 0);
	assert_int_equal(policy.count, COUNT);
	for (i = 0; i < COUNT; i++) {
		const uint8_t *address = policy.entries[i].cidr.address;

		assert_int_equal(address[1] << 16 | address[2] << 8 | address[3], i);
		assert_int_equal(policy.entries[i].action,
				 i % 7 ? IPMASQ_ACTION_SKIP : IPMASQ_ACTION_MASQUERADE);
	}
	policy_clear(&policy);
	close(descriptor);
	free(text);
}

static void test_unreadable(void **state)
{
	struct policy policy = { 0 };
	char *error = NULL;
	int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(folder >= 0);
	assert_int_equal(entry_file_read(folder, "FOLDER", &policy, &error), -EISDIR);
	assert_string_equal(error, "FOLDER: Is a directory");
	free(error);
	close(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_odd_bytes),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
