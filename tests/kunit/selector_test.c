// SPDX-License-Identifier: GPL-2.0-only
/* The lists: interfaces by pattern, sources by prefix. */
#include <linux/string.h>

#include "selector.h"
#include "suites.h"

static const struct pattern_case {
	const char *pattern;
	const char *name;
	bool fits;
} pattern_cases[] = {
	{ "eth0", "eth0", true },
	{ "eth0", "eth1", false },
	{ "eth0", "eth", false },
	{ "eth", "eth0", false },
	{ "eth0", "ETH0", false },
	{ "*", "eth0", true },
	{ "*", "a", true },
	{ "**", "eth0", true },
	{ "eth*", "eth0", true },
	{ "eth*", "eth", true },
	{ "eth*", "et", false },
	{ "eth*", "veth0", false },
	{ "*0", "eth0", true },
	{ "*0", "eth01", false },
	{ "*0", "eth010", true },
	{ "e*0", "eth0", true },
	{ "e*0", "e0", true },
	{ "e*0", "eth1", false },
	{ "*th*", "eth0", true },
	{ "*th*", "et0", false },
	{ "e*h*0", "eth0", true },
	{ "*ab*ab", "abab", true },
	{ "*ab*ab", "ab", false },
	{ "*aab", "aaab", true },
	{ "*ab*c", "xabyabzc", true },
	{ "*ab*c", "xabyabzd", false },
	{ "a*a*a*a*a*a*b", "aaaaaaaaaaaaaaa", false },
	{ "a?b", "axb", false },
	{ "[ab]", "a", false },
	{ "123456789012345", "123456789012345", true },
	{ "*.100", "eth0.100", true },
};

static void describe_pattern(const struct pattern_case *one, char *name)
{
	scnprintf(name, KUNIT_PARAM_DESC_SIZE, "%s and %s", one->pattern, one->name);
}

KUNIT_ARRAY_PARAM(pattern, pattern_cases, describe_pattern);

static void selector_patterns(struct kunit *test)
{
	const struct pattern_case *one = test->param_value;
	struct ipmasq_interfaces *interfaces = ipmasq_interfaces_create(1);

	KUNIT_ASSERT_NOT_NULL(test, interfaces);
	strscpy(interfaces->pattern[0], one->pattern, IFNAMSIZ);
	KUNIT_EXPECT_EQ(test, ipmasq_interfaces_have(interfaces, one->name), one->fits);
	ipmasq_interfaces_put(interfaces);
}

static void selector_interfaces(struct kunit *test)
{
	struct ipmasq_interfaces *interfaces = ipmasq_interfaces_create(2);

	KUNIT_ASSERT_NOT_NULL(test, interfaces);
	strscpy(interfaces->pattern[0], "eth*", IFNAMSIZ);
	strscpy(interfaces->pattern[1], "bond0", IFNAMSIZ);
	KUNIT_EXPECT_TRUE(test, ipmasq_interfaces_have(interfaces, "eth7"));
	KUNIT_EXPECT_TRUE(test, ipmasq_interfaces_have(interfaces, "bond0"));
	KUNIT_EXPECT_FALSE(test, ipmasq_interfaces_have(interfaces, "bond1"));
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_interfaces_get(interfaces), interfaces);
	ipmasq_interfaces_put(interfaces);
	KUNIT_EXPECT_TRUE(test, ipmasq_interfaces_have(interfaces, "eth0"));
	ipmasq_interfaces_put(interfaces);
	KUNIT_EXPECT_NULL(test, ipmasq_interfaces_get(NULL));
	ipmasq_interfaces_put(NULL);
}

static bool source_is_listed(struct kunit *test, const struct ipmasq_sources *sources,
			     const char *text)
{
	struct in6_addr address6;
	struct prefix address;
	__be32 address4;

	parse_address_text(test, text, &address);
	memcpy(&address6, address.address, sizeof(address6));
	memcpy(&address4, address.address, sizeof(address4));
	return address.ipv6 ? ipmasq_cidr_table_lookup6(&sources->table, &address6) :
			      ipmasq_cidr_table_lookup4(&sources->table, address4);
}

static void selector_sources(struct kunit *test)
{
	/* One inside another, in their order. */
	static const char *const words[] = { "10.0.0.0/8", "10.1.0.0/16", "fd00::/8" };
	struct ipmasq_entry entries[ARRAY_SIZE(words)];
	struct ipmasq_sources *sources;
	struct prefix prefix;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		parse_prefix_text(test, words[i], &prefix);
		entry_from(test, &prefix, &entries[i]);
		entries[i].counter = 0;
	}
	KUNIT_ASSERT_EQ(test, ipmasq_sources_create(entries, ARRAY_SIZE(words), &sources), 0);
	KUNIT_EXPECT_EQ(test, sources->count, 3U);
	KUNIT_EXPECT_TRUE(test, source_is_listed(test, sources, "10.0.0.0"));
	KUNIT_EXPECT_TRUE(test, source_is_listed(test, sources, "10.1.2.3"));
	KUNIT_EXPECT_TRUE(test, source_is_listed(test, sources, "10.255.255.255"));
	KUNIT_EXPECT_FALSE(test, source_is_listed(test, sources, "9.255.255.255"));
	KUNIT_EXPECT_FALSE(test, source_is_listed(test, sources, "11.0.0.0"));
	KUNIT_EXPECT_TRUE(test, source_is_listed(test, sources, "fd00::1"));
	KUNIT_EXPECT_FALSE(test, source_is_listed(test, sources, "2001:db8::1"));
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_sources_get(sources), sources);
	ipmasq_sources_put(sources);
	KUNIT_EXPECT_TRUE(test, source_is_listed(test, sources, "10.1.2.3"));
	ipmasq_sources_put(sources);
	KUNIT_EXPECT_NULL(test, ipmasq_sources_get(NULL));
	ipmasq_sources_put(NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(selector_patterns, pattern_gen_params),
	KUNIT_CASE(selector_interfaces),
	KUNIT_CASE(selector_sources),
	{}
};

struct kunit_suite selector_suite = {
	.name = "ipmasq_selector",
	.test_cases = cases,
};
