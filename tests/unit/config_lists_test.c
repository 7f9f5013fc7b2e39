// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lists that the reference agent does not have: sources, interfaces, pools of
 * source addresses, and what they contradict. And the policy that they make.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_fixture.h"
#include "policy.h"

/* A prefix that is left alone cannot be forced too, nor have a pool. */
static void names_both_lines_of_a_contradiction(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_text(fixture, "nonMasqueradeCIDRs:\n"
				   "- 8.8.8.0/24\n"
				   "- 10.0.0.0/8\n"
				   "- 9.9.9.0/24\n"
				   "masqueradeCIDRs: [8.8.0.0/16, 8.8.8.0/24]\n"
				   "snatAddresses:\n"
				   "- 9.9.9.0/24: 192.0.2.1\n"
				   "  9.9.0.0/16: 192.0.2.1\n"), -EINVAL);
	assert_int_equal(fixture->problems.errors, 2);
	expect_problem(fixture, 0, CONFIG_ERROR, 5, 31, "\"8.8.8.0/24\" in masqueradeCIDRs is also "
		       "in nonMasqueradeCIDRs on line 2");
	expect_problem(fixture, 1, CONFIG_ERROR, 7, 3, "\"9.9.9.0/24\" in snatAddresses is also "
		       "in nonMasqueradeCIDRs on line 4");

	/* Nobody wrote the defaults, and a pool is a way to masquerade. */
	expect_accepted(fixture, read_text(fixture, "masqueradeCIDRs: [10.0.0.0/8, 8.8.8.0/24]\n"
					   "snatAddresses: [8.8.8.0/24: 192.0.2.1, "
					   "172.16.0.0/12: 192.0.2.1]\n"), 0);
	assert_int_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.count, 1);
	assert_string_equal(fixture->config.value[SETTING_NON_MASQUERADE_CIDRS].list.items[0].text,
			    "192.168.0.0/16");
	/* What is wrong elsewhere hides nothing of it. */
	assert_int_equal(read_text(fixture, "nonMasqueradeCIDRs: [10.0.0.0/8, 10.0.0.1/8]\n"
				   "masqueradeCIDRs: [10.0.0.0/8]\n"), -EINVAL);
	assert_int_equal(fixture->problems.errors, 2);
}

static void expect_pool(const struct config_pool *pool, const char *destination,
			const char *addresses)
{
	struct cidr found[IPMASQ_SNAT_ADDRESSES_MAX];
	const struct config_range *beyond;
	char text[IPMASQ_SNAT_ADDRESSES_MAX * CIDR_TEXT_MAX] = "";
	char address[CIDR_TEXT_MAX];
	size_t count = config_pool_addresses(pool, found, IPMASQ_SNAT_ADDRESSES_MAX, &beyond);
	size_t i;

	assert_null(beyond);
	for (i = 0; i < count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, cidr_format_address(&found[i], address));
	}
	assert_string_equal(text, addresses);
	if (destination)
		assert_string_equal(pool->destination.text, destination);
	else
		assert_null(pool->destination.text);
}

static void reads_pools(void **state)
{
	struct fixture *fixture = *state;
	const struct config *config = &fixture->config;
	const struct config_pools *pools = &config->value[SETTING_SNAT_ADDRESSES].pools;
	int round;

	/* As YAML with all it has, and as JSON. */
	for (round = 0; round < 2; round++) {
		expect_accepted(fixture, read_text(fixture, round == 0 ?
			"enableIPv6: true\n"
			"snatAddresses:\n"
			"- 203.0.113.0/24: &pool [192.0.2.9, 192.0.2.254-192.0.3.1]\n"
			"- 192.0.2.1\n"
			"- 192.0.2.1-192.0.2.3\n"
			"- 2001:db8::ffff-2001:db8::1:1\n"
			"- {9.0.0.0/8: *pool, 203.0.113.0/24: 192.0.2.10}\n"
			"- 2001:db8:5::/48:\n"
			"    2001:db8::9\n" :
			"{\"enableIPv6\": true, \"snatAddresses\": ["
			"{\"203.0.113.0/24\": [\"192.0.2.9\", \"192.0.2.254-192.0.3.1\"]},"
			"\"192.0.2.1\", \"192.0.2.1-192.0.2.3\", \"2001:db8::ffff-2001:db8::1:1\","
			"{\"9.0.0.0/8\": [\"192.0.2.9\", \"192.0.2.254-192.0.3.1\"],"
			"\"203.0.113.0/24\": \"192.0.2.10\"},"
			"{\"2001:db8:5::/48\": \"2001:db8::9\"}]}"), 0);
		assert_int_equal(pools->count, 4);
		expect_pool(&pools->list[0], NULL, "192.0.2.1 192.0.2.2 192.0.2.3 "
			    "2001:db8::ffff 2001:db8::1:0 2001:db8::1:1");
		expect_pool(&pools->list[1], "9.0.0.0/8",
			    "192.0.2.9 192.0.2.254 192.0.2.255 192.0.3.0 192.0.3.1");
		expect_pool(&pools->list[2], "203.0.113.0/24",
			    "192.0.2.9 192.0.2.10 192.0.2.254 192.0.2.255 192.0.3.0 192.0.3.1");
		expect_pool(&pools->list[3], "2001:db8:5::/48", "2001:db8::9");
		assert_int_equal(pools->list[0].ranges[0].line, round ? 1 : 4);
		assert_true(config->given & 1U << SETTING_SNAT_ADDRESSES);
	}
	expect_accepted(fixture, read_text(fixture, "snatAddresses: []\n"), 0);
	assert_int_equal(pools->count, 0);
	expect_accepted(fixture, read_text(fixture, "snatAddresses:\n"), 0);
	assert_int_equal(pools->count, 0);
}

static void refuses_pools(void **state)
{
	static const struct {
		const char *item;
		int column;
		const char *says;
	} cases[] = {
		{ "192.0.2.0/30", 3, "did you mean 192.0.2.0-192.0.2.3?" },
		{ "192.0.2.7/32", 3, "did you mean 192.0.2.7?" },
		{ "192.0.2.0/24", 3, "a prefix is not an address" },
		{ "192.0.2.256", 3, "above 255" },
		{ "192.0.2.1 - 192.0.2.2", 3, "something follows the IPv4 address" },
		{ "192.0.2.1-", 3, "there is no address" },
		{ "192.0.2.9-192.0.2.1", 3, "the range is inverted" },
		{ "192.0.2.1-2001:db8::1", 3, "mixes IPv4 and IPv6" },
		{ "192.0.2.1-192.0.2.65", 3, "more than 64" },
		{ "2001:db8::-2001:db8:ffff::1", 3, "more than 64" },
		{ "0.0.0.0", 3, "not a unicast address" },
		{ "127.0.0.1", 3, "not a unicast address" },
		{ "239.255.255.255-240.0.0.1", 3, "not a unicast address" },
		{ "255.255.255.254-255.255.255.255", 3, "not a unicast address" },
		{ "'::'", 3, "not a unicast address" },
		{ "::1", 3, "not a unicast address" },
		{ "ff02::1", 3, "not a unicast address" },
		{ "::ffff:192.0.2.1", 3, "not a unicast address" },
		{ "''", 3, "there is no address" },
		{ "5", 3, "not the number 5" },
		{ "[192.0.2.1]", 3, "not a list" },
		{ "", 2, "not no value" },
		{ "{10.0.0.1/8: 192.0.2.1}", 4, "did you mean 10.0.0.0/8?" },
		{ "{5: 192.0.2.1}", 4, "not the number 5" },
		{ "{10.0.0.0/8: }", 16, "not no value" },
		{ "{10.0.0.0/8: []}", 16, "not a list" },
		{ "{10.0.0.0/8: [5]}", 17, "not the number 5" },
		{ "{10.0.0.0/8: {9.0.0.0/8: 192.0.2.1}}", 16, "not a mapping" },
		{ "{10.0.0.0/8: 192.0.2.1/32}", 16, "did you mean 192.0.2.1?" },
		{ "{10.0.0.0/8: 2001:db8::1}", 16, "expected an IPv4 address" },
		{ "{'2001:db8::/32': 192.0.2.1}", 21, "expected an IPv6 address" },
	};
	struct fixture *fixture = *state;
	size_t i;

	fixture->flags.value[SETTING_ENABLE_IPV6].truth = true;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "snatAddresses:\n- %s\n", cases[i].item);
		assert_int_equal(read_text(fixture, text), -EINVAL);
		if (fixture->problems.errors != 1)
			fail_msg("%s: %zu errors", cases[i].item, fixture->problems.errors);
		expect_problem(fixture, 0, CONFIG_ERROR, 2, cases[i].column, cases[i].says);
	}
	assert_int_equal(read_text(fixture, "snatAddresses: 192.0.2.1\n"), -EINVAL);
	expect_problem(fixture, 0, CONFIG_ERROR, 1, 16, "snatAddresses must be a list");

	/* Each of them is told. */
	fixture->flags.value[SETTING_ENABLE_IPV6].truth = false;
	assert_int_equal(read_text(fixture, "snatAddresses:\n"
				   "- 2001:db8::1\n"
				   "- 5\n"
				   "- 2001:db8::/32: 2001:db8::1\n"
				   "  10.0.0.1/8: [192.0.2.0/24, 192.0.2.1]\n"), -EINVAL);
	assert_int_equal(fixture->problems.errors, 6);
	expect_problem(fixture, 0, CONFIG_ERROR, 2, 3, "in snatAddresses, but IPv6 is off");
	expect_problem(fixture, 2, CONFIG_ERROR, 4, 3, "in snatAddresses, but IPv6 is off");
	expect_problem(fixture, 3, CONFIG_ERROR, 4, 18, "in snatAddresses, but IPv6 is off");
	expect_problem(fixture, 5, CONFIG_ERROR, 5, 16, "a prefix is not an address");
}

static void reads_sources_and_interfaces(void **state)
{
	static const struct {
		const char *item;
		const char *says;
	} wrong[] = {
		{ "eth 0", "cannot contain blanks" }, { "a/b", "cannot contain blanks, /" }, { "eth0:1", "/ or :" },
		{ ".", "reserved name" }, { "..", "reserved name" },
		{ "a234567890123456", "longer than 15" }, { "''", "the name is empty" },
		{ "\"a\\0b\"", "cannot contain blanks" }, { "\xc3\xa4", "cannot contain blanks" }, { "5", "the number 5" },
		{ "~", "not null" },
	};
	struct fixture *fixture = *state;
	const struct config *config = &fixture->config;
	size_t i;

	expect_accepted(fixture, read_text(fixture, "sourceCIDRs: [10.244.0.0/16, 10.245.0.0/16]\n"
					   "outputInterfaces:\n- eth*\n- '*'\n- a23456789012345\n"
					   "- eth*\napplyToExisting: true\n"), 0);
	assert_int_equal(config->value[SETTING_SOURCE_CIDRS].list.count, 2);
	assert_string_equal(config->value[SETTING_SOURCE_CIDRS].list.items[1].text, "10.245.0.0/16");
	assert_int_equal(config->value[SETTING_OUTPUT_INTERFACES].list.count, 4);
	assert_string_equal(config->value[SETTING_OUTPUT_INTERFACES].list.items[1].text, "*");
	assert_int_equal(config->value[SETTING_OUTPUT_INTERFACES].list.items[1].line, 4);
	assert_true(config->value[SETTING_APPLY_TO_EXISTING].truth);

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "outputInterfaces:\n- %s\n", wrong[i].item);
		assert_int_equal(read_text(fixture, text), -EINVAL);
		assert_int_equal(fixture->problems.errors, 1);
		expect_problem(fixture, 0, CONFIG_ERROR, 2, 3, wrong[i].says);
	}
	assert_int_equal(read_text(fixture, "sourceCIDRs: [10.0.0.1/8, fd00::/8, 5]\n"
				   "outputInterfaces: eth0\napplyToExisting: 1\n"), -EINVAL);
	assert_int_equal(fixture->problems.errors, 5);
	expect_problem(fixture, 1, CONFIG_ERROR, 1, 27, "IPv6 prefix \"fd00::/8\" in sourceCIDRs");
	expect_problem(fixture, 3, CONFIG_ERROR, 2, 19, "outputInterfaces must be a list");
	expect_problem(fixture, 4, CONFIG_ERROR, 3, 18, "applyToExisting must be true or false");
}

static void joins_lists_of_files(void **state)
{
	struct fixture *fixture = *state;
	const struct config_pools *pools =
		&fixture->config.value[SETTING_SNAT_ADDRESSES].pools;

	write_file(fixture, "ip-masq-c", "enableIPv6: true\n");
	write_file(fixture, "ip-masq-a", "sourceCIDRs: [10.1.0.0/16, 10.2.0.0/16]\n"
		   "outputInterfaces: [eth*]\n"
		   "snatAddresses: [192.0.2.1, 9.0.0.0/8: 192.0.2.5]\n");
	write_file(fixture, "ip-masq-b", "sourceCIDRs: [10.2.0.0/16, 10.3.0.0/16]\n"
		   "outputInterfaces: [eth*, wan]\napplyToExisting: true\n"
		   "snatAddresses: [9.0.0.0/8: 192.0.2.6, 192.0.2.2, fd00::1]\n");
	expect_accepted(fixture, read_directory(fixture), 0);
	assert_int_equal(fixture->config.value[SETTING_SOURCE_CIDRS].list.count, 3);
	assert_int_equal(fixture->config.value[SETTING_SOURCE_CIDRS].list.items[2].file, 1);
	assert_int_equal(fixture->config.value[SETTING_OUTPUT_INTERFACES].list.count, 2);
	assert_int_equal(pools->count, 2);
	expect_pool(&pools->list[0], NULL, "192.0.2.1 192.0.2.2 fd00::1");
	expect_pool(&pools->list[1], "9.0.0.0/8", "192.0.2.5 192.0.2.6");
	assert_true(fixture->config.value[SETTING_APPLY_TO_EXISTING].truth);
}

/* Writes a list of count items of a form with one number in it. */
static char *numbered(const char *key, const char *format, unsigned int count)
{
	char *text = malloc(32 + (size_t)count * 64);
	size_t used;
	unsigned int i;

	assert_non_null(text);
	used = (size_t)sprintf(text, "%s:\n", key);
	for (i = 0; i < count; i++)
		used += (size_t)sprintf(text + used, format, i >> 8, i & 255);
	return text;
}

static void says_which_limit(void **state)
{
	static const struct {
		const char *key;
		const char *format;
		unsigned int most;
		int column;
		const char *says;
	} cases[] = {
		{ "sourceCIDRs", "- 10.%u.%u.0/24\n", IPMASQ_SOURCE_CIDRS_MAX, 3,
		  "too many entries in sourceCIDRs (257, at most 256)" },
		{ "outputInterfaces", "- e%u.%u\n", IPMASQ_INTERFACES_MAX, 3,
		  "too many entries in outputInterfaces (65, at most 64)" },
		{ "snatAddresses", "- 192.0.%u.%u\n", IPMASQ_SNAT_ADDRESSES_MAX, 3,
		  "too many addresses for all destinations in snatAddresses (at most 64)" },
		{ "snatAddresses", "- 9.0.0.0/8: 192.0.%u.%u\n", IPMASQ_SNAT_ADDRESSES_MAX, 14,
		  "too many addresses for 9.0.0.0/8 in snatAddresses (at most 64)" },
		{ "snatAddresses", "- 10.%u.%u.0/24: 192.0.2.1\n", IPMASQ_DETAILS_MAX, 3,
		  "too many prefixes in snatAddresses (4097, at most 4096)" },
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = numbered(cases[i].key, cases[i].format, cases[i].most);

		expect_accepted(fixture, read_text(fixture, text), 0);
		free(text);
		text = numbered(cases[i].key, cases[i].format, cases[i].most + 1);
		assert_int_equal(read_text(fixture, text), -EINVAL);
		free(text);
		assert_int_equal(fixture->problems.errors, 1);
		expect_problem(fixture, 0, CONFIG_ERROR, (int)cases[i].most + 2, cases[i].column,
			       cases[i].says);
	}
	/* Each address counts once. */
	expect_accepted(fixture, read_text(fixture, "snatAddresses: [192.0.2.1-192.0.2.64, "
					   "192.0.2.33-192.0.2.64, 192.0.2.5]\n"), 0);
	/* Files together have the limits of one. */
	{
		char *text = numbered("sourceCIDRs", "- 10.%u.%u.0/24\n", 200);

		write_file(fixture, "ip-masq-a", text);
		free(text);
		write_file(fixture, "ip-masq-b", "snatAddresses: [192.0.2.1-192.0.2.40]\n");
		expect_accepted(fixture, read_directory(fixture), 0);
		text = numbered("sourceCIDRs", "- 11.%u.%u.0/24\n", 57);
		write_file(fixture, "ip-masq-c", text);
		free(text);
		write_file(fixture, "ip-masq-d", "snatAddresses: [192.0.2.41-192.0.2.65]\n");
		assert_int_equal(read_directory(fixture), -EINVAL);
		assert_int_equal(fixture->problems.errors, 2);
		assert_non_null(strstr(fixture->problems.list[0].file, "/ip-masq-c"));
		assert_non_null(strstr(fixture->problems.list[1].file, "/ip-masq-d"));
	}
}

/* What is wanted of the kernel, and what of it counts as a difference. */
static void makes_a_policy_with_pools(void **state)
{
	static const char before[] =
		"enableIPv6: true\n"
		"sourceCIDRs: [10.245.0.0/16, 10.244.0.0/16, 10.245.0.0/16]\n"
		"outputInterfaces: [wan, eth*, wan]\n"
		"snatAddresses: [192.0.2.2, 192.0.2.1, 2001:db8::1, 10.0.0.0/8: 192.0.2.9,"
		" 8.8.8.0/24: [192.0.2.7, 192.0.2.6], 9.0.0.0/8: 192.0.2.7]\n"
		"masqueradeCIDRs: [8.8.8.0/24]\n";
	/* The same in another order. */
	static const char same[] =
		"enableIPv6: true\n"
		"sourceCIDRs: [10.244.0.0/16, 10.245.0.0/16]\n"
		"outputInterfaces: [eth*, wan]\n"
		"snatAddresses: [2001:db8::1, 192.0.2.1-192.0.2.2, 9.0.0.0/8: 192.0.2.7,"
		" 8.8.8.0/24: 192.0.2.6-192.0.2.7, 10.0.0.0/8: 192.0.2.9]\n";
	static const struct {
		const char *from;
		const char *to;
		enum setting setting;
		size_t entries;
	} changes[] = {
		{ "10.244.0.0/16", "10.243.0.0/16", SETTING_SOURCE_CIDRS, 0 },
		{ "10.244.0.0/16,", "", SETTING_SOURCE_CIDRS, 0 },
		{ "eth*", "eth0", SETTING_OUTPUT_INTERFACES, 0 },
		{ "192.0.2.1-192.0.2.2", "192.0.2.1-192.0.2.3", SETTING_SNAT_ADDRESSES, 0 },
		{ "2001:db8::1, ", "", SETTING_SNAT_ADDRESSES, 0 },
		{ "192.0.2.6-192.0.2.7", "192.0.2.6", SETTING_COUNT, 1 },
		{ "9.0.0.0/8: 192.0.2.7", "9.0.0.0/8: 192.0.2.8", SETTING_COUNT, 1 },
		{ ", 10.0.0.0/8: 192.0.2.9", "", SETTING_COUNT, 1 },
		{ "enableIPv6: true", "enableIPv6: true\ntoPorts: '9'", SETTING_TO_PORTS, 0 },
	};
	struct fixture *fixture = *state;
	struct policy policy, other;
	char text[CIDR_TEXT_MAX];
	size_t i, j;

	expect_accepted(fixture, read_text(fixture, before), 0);
	assert_int_equal(policy_from_config(&fixture->config, &policy), 0);
	assert_int_equal(policy.settings.list[SETTING_SOURCE_CIDRS].count, 2);
	assert_string_equal(cidr_format((struct cidr *)policy.settings.list[SETTING_SOURCE_CIDRS].items,
					text), "10.244.0.0/16");
	assert_int_equal(policy.settings.list[SETTING_OUTPUT_INTERFACES].count, 2);
	assert_string_equal(policy.settings.list[SETTING_OUTPUT_INTERFACES].items, "wan");
	assert_int_equal(policy.settings.list[SETTING_SNAT_ADDRESSES].count, 3);
	/* 8.8.8/24, 9/8, 10/8, 169.254/16, 172.16/12, 192.168/16 and fe80::/10 */
	assert_int_equal(policy.count, 7);
	for (i = 0; i < 3; i++) {
		assert_int_equal(policy.entries[i].action, IPMASQ_ACTION_SNAT);
		assert_int_equal(policy.entries[i].detail->timeout, 0);
	}
	assert_int_equal(policy.entries[0].detail->address_count, 2);
	assert_int_equal(policy.entries[2].detail->address_count, 1);
	assert_string_equal(cidr_format(&policy.entries[2].cidr, text), "10.0.0.0/8");
	assert_int_equal(policy.entries[3].action, IPMASQ_ACTION_SKIP);
	assert_null(policy.entries[3].detail);

	expect_accepted(fixture, read_text(fixture, same), 0);
	assert_int_equal(policy_from_config(&fixture->config, &other), 0);
	assert_true(policy_settings_equal(&policy.settings, &other.settings));
	assert_int_equal(policy_compare(&policy, &other, NULL, NULL), 0);

	/* Somebody gives one of them a timeout. */
	other.entries[1].detail->timeout = 5000;
	assert_int_equal(policy_compare(&policy, &other, NULL, NULL), 1);
	policy.entries[1].detail->timeout = 4000;
	assert_int_equal(policy_compare(&policy, &other, NULL, NULL), 0);
	policy.entries[1].detail->timeout = 0;
	other.entries[3].detail = policy_detail_new(1, NULL, 0);
	assert_int_equal(policy_compare(&policy, &other, NULL, NULL), 2);
	policy_clear(&other);

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *at = strstr(same, changes[i].from);
		char changed[512];

		assert_non_null(at);
		snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - same), same, changes[i].to,
			 at + strlen(changes[i].from));
		expect_accepted(fixture, read_text(fixture, changed), 0);
		assert_int_equal(policy_from_config(&fixture->config, &other), 0);
		for (j = 0; j < SETTING_COUNT; j++)
			assert_int_equal(policy_setting_equal(&policy.settings, &other.settings,
							      (enum setting)j),
					 j != changes[i].setting);
		assert_int_equal(policy_compare(&policy, &other, NULL, NULL), changes[i].entries);
		policy_clear(&other);
	}
	policy_clear(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_both_lines_of_a_contradiction),
		TEST(reads_pools),
		TEST(refuses_pools),
		TEST(reads_sources_and_interfaces),
		TEST(joins_lists_of_files),
		TEST(says_which_limit),
		TEST(makes_a_policy_with_pools),
	};

	return cmocka_run_group_tests_name("config lists", tests, NULL, NULL);
}
