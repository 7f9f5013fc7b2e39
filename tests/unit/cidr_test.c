// SPDX-License-Identifier: GPL-2.0-or-later
/* Prefixes: what is taken, what is refused, and that text and value agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "cidr.h"
#include "policy.h"

static void takes_prefixes(void **state)
{
	static const struct {
		const char *text;
		const char *canonical;
	} cases[] = {
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "128.0.0.0/1", "128.0.0.0/1" },
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.1.2.128/25", "10.1.2.128/25" },
		{ "255.255.255.255/32", "255.255.255.255/32" },
		{ "::/0", "::/0" },
		{ "::1/128", "::1/128" },
		{ "FD00::/8", "fd00::/8" },
		{ "2001:db8:0:0::/64", "2001:db8::/64" },
		{ "2001:db8::1/128", "2001:db8::1/128" },
		{ "1:2:3:4:5:6:7::/112", "1:2:3:4:5:6:7:0/112" },
		{ "::2:3:4:5:6:7:8/128", "0:2:3:4:5:6:7:8/128" },
		{ "1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8/128" },
		{ "64:ff9b::10.0.0.0/120", "64:ff9b::a00:0/120" },
		{ "::10.0.0.0/104", "::10.0.0.0/104" },
		{ "1:2:3:4:5:6:1.2.3.4/128", "1:2:3:4:5:6:102:304/128" },
		{ "::fffe:10.0.0.0/128", "::fffe:a00:0/128" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[CIDR_TEXT_MAX];
		const char *reason = NULL;
		struct cidr again;
		struct cidr cidr;

		if (cidr_parse(cases[i].text, strlen(cases[i].text), &cidr, &reason))
			fail_msg("%s: %s", cases[i].text, reason);
		assert_string_equal(cidr_format(&cidr, text), cases[i].canonical);
		assert_int_equal(cidr_parse(text, strlen(text), &again, NULL), 0);
		assert_int_equal(cidr_compare(&cidr, &again), 0);
	}
}

static void refuses_others(void **state)
{
	static const char *const cases[] = {
		"", "/", "/8", "10.0.0.0", "10.0.0.0/", "10/8", "10.0/16", "10.0.0/24",
		"10.0.0.0.0/8", "10..0.0/8", ".10.0.0/8", "10.0.0./8", "256.0.0.0/8",
		"1000.0.0.0/8", "010.0.0.0/8", "10.00.0.0/8", "0x0a.0.0.0/8", "10.0.0.-1/32",
		"+10.0.0.0/8", "10.0.0.0/+8", "10.0.0.0/-1", "10.0.0.0/33", "10.0.0.0/08",
		"0.0.0.0/00", "10.0.0.0/8.0", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0",
		"10.0.0.0/99999999999999999999", "10.0.0.1/8", "10.0.0.0/8 ", " 10.0.0.0/8",
		"10.0.0.0%eth0/8", "10.0.0.0/8%eth0", "localhost/8", "\xd9\xa1.0.0.0/8",
		":/0", ":::/0", "::1::/64", "1:2:3:4:5:6:7/112", "1:2:3:4:5:6:7:8:9/128",
		"1:2:3:4:5:6:7:8::/128", "1:2:3:4:5:6:7:8:/128", "02001:db8::/32", "g::/16",
		"2001:db8:/32", "2001:db8::/129", "2001:db8::/048", "2001:db8::1/32",
		"[2001:db8::]/32", "fe80::%eth0/64", "::1.2.3/128", "::1.2.3.4:5/128",
		"1:2:3:4:5:6:7:1.2.3.4/128", "1.2.3.4::/32", "::ffff:10.0.0.0/104",
		"::ffff:0:0/96", "::ffff:10.0.0.1/128", "::ffff:10.0.0.0/8",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *reason = NULL;
		struct cidr cidr;

		if (!cidr_parse(cases[i], strlen(cases[i]), &cidr, &reason))
			fail_msg("\"%s\" was taken", cases[i]);
		assert_non_null(reason);
	}
}

static void ends_where_the_length_says(void **state)
{
	const char *reason = NULL;
	struct cidr cidr;

	(void)state;
	assert_int_equal(cidr_parse("10.0.0.0/88", 10, &cidr, &reason), 0);
	assert_int_equal(cidr.prefix_len, 8);
	assert_int_not_equal(cidr_parse("10.0.0.0/8\0", 11, &cidr, &reason), 0);
}

static void masks_host_bits(void **state)
{
	char text[CIDR_TEXT_MAX];
	struct cidr cidr;

	(void)state;
	assert_int_equal(cidr_parse_address("10.255.255.255", 14, &cidr, NULL), 0);
	assert_int_equal(cidr.prefix_len, 32);
	cidr.prefix_len = 9;
	cidr_mask(&cidr);
	assert_string_equal(cidr_format(&cidr, text), "10.128.0.0/9");
	cidr.prefix_len = 0;
	cidr_mask(&cidr);
	assert_string_equal(cidr_format(&cidr, text), "0.0.0.0/0");
	assert_int_equal(cidr_parse_address("2001:db8:ffff::1", 16, &cidr, NULL), 0);
	cidr.prefix_len = 33;
	cidr_mask(&cidr);
	assert_string_equal(cidr_format(&cidr, text), "2001:db8:8000::/33");
	cidr.prefix_len = 128;
	cidr_mask(&cidr);
	assert_string_equal(cidr_format_address(&cidr, text), "2001:db8:8000::");
}

static void sorts_as_the_kernel(void **state)
{
	static const char *const sorted[] = {
		"0.0.0.0/0", "0.0.0.0/8", "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16",
		"255.0.0.0/8", "::/0", "::/1", "2001:db8::/32", "fe80::/10",
	};
	struct cidr cidrs[sizeof(sorted) / sizeof(sorted[0])];
	size_t count = sizeof(sorted) / sizeof(sorted[0]);
	size_t i, j;

	(void)state;
	for (i = 0; i < count; i++)
		assert_int_equal(cidr_parse(sorted[i], strlen(sorted[i]), &cidrs[i], NULL), 0);
	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++) {
			int order = cidr_compare(&cidrs[i], &cidrs[j]);

			assert_int_equal(order < 0, i < j);
			assert_int_equal(order > 0, i > j);
		}
	}
}

static int compare_entries(const void *a, const void *b)
{
	return policy_entry_compare(a, b);
}

/* Beside qsort(): few addresses and lengths, so that many entries are alike up to
 * any byte, and some altogether.
 */
static void sorts_many(void **state)
{
	static struct policy_entry entries[4000];
	static struct policy_entry sorted[4000];
	struct policy policy = { .entries = entries };
	size_t i, j, connections;
	unsigned int number = 1;

	(void)state;
	for (policy.count = 0; policy.count <= 4000; policy.count += 80) {
		memset(entries, 0, sizeof(entries));
		for (i = 0; i < policy.count; i++) {
			struct policy_entry *entry = &entries[i];
			size_t bytes;

			number = number * 1103515245 + 12345;
			entry->cidr.family = number >> 16 & 1 ? AF_INET : AF_INET6;
			bytes = entry->cidr.family == AF_INET ? 4 : 16;
			for (j = 0; j < bytes; j++) {
				number = number * 1103515245 + 12345;
				entry->cidr.address[j] = number >> 30 ? 10 : number >> 16;
			}
			entry->cidr.prefix_len = 24 + (number >> 20) % 3;
			entry->origin = number >> 24 & 1;
			entry->connections = i;
		}
		memcpy(sorted, entries, sizeof(entries));
		qsort(sorted, policy.count, sizeof(sorted[0]), compare_entries);
		policy_sort(&policy);
		connections = 0;
		for (i = 0; i < policy.count; i++) {
			assert_int_equal(policy_entry_compare(&entries[i], &sorted[i]), 0);
			connections += entries[i].connections;
		}
		/* None twice, none lost. */
		assert_int_equal(connections, policy.count ? policy.count * (policy.count - 1) / 2 :
				 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_prefixes),
		cmocka_unit_test(refuses_others),
		cmocka_unit_test(ends_where_the_length_says),
		cmocka_unit_test(masks_host_bits),
		cmocka_unit_test(sorts_as_the_kernel),
		cmocka_unit_test(sorts_many),
	};

	return cmocka_run_group_tests_name("cidr", tests, NULL, NULL);
}
