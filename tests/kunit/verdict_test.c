// SPDX-License-Identifier: GPL-2.0-only
/* The decision about one connection, by the policy in force. */
#include <linux/string.h>

#include "suites.h"
#include "verdict.h"

#define ENABLED IPMASQ_FLAG_ENABLED
#define IPV6 IPMASQ_FLAG_IPV6

static const struct verdict_case {
	const char *name;
	u32 flags;
	const char *destination;
	bool local;
	enum ipmasq_verdict verdict;
	const char *decider;
} verdict_cases[] = {
	{ "outside of all prefixes", ENABLED, "203.0.113.7", false,
	  IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "in a prefix that skips", ENABLED, "10.0.0.1", false,
	  IPMASQ_VERDICT_CIDR, "10.0.0.0/8" },
	{ "in a longer one that masquerades", ENABLED, "10.1.0.1", false,
	  IPMASQ_VERDICT_MASQUERADE, "10.1.0.0/16" },
	{ "in a longer one still that skips", ENABLED, "10.1.2.1", false,
	  IPMASQ_VERDICT_CIDR, "10.1.2.0/24" },
	{ "local, outside", ENABLED, "203.0.113.7", true, IPMASQ_VERDICT_LOCAL, NULL },
	{ "local, in a prefix that skips", ENABLED, "10.0.0.1", true,
	  IPMASQ_VERDICT_CIDR, "10.0.0.0/8" },
	{ "local, in a prefix that masquerades", ENABLED, "10.1.0.1", true,
	  IPMASQ_VERDICT_LOCAL, NULL },
	{ "switched off", 0, "203.0.113.7", false, IPMASQ_VERDICT_DISABLED, NULL },
	{ "switched off, in a prefix", 0, "10.0.0.1", false, IPMASQ_VERDICT_DISABLED, NULL },
	{ "switched off, local", 0, "10.0.0.1", true, IPMASQ_VERDICT_DISABLED, NULL },
	{ "switched off but for IPv6", IPV6, "2001:db8:7::7", false,
	  IPMASQ_VERDICT_DISABLED, NULL },
	{ "IPv6, which is off", ENABLED, "2001:db8:7::7", false, IPMASQ_VERDICT_DISABLED, NULL },
	{ "IPv6, which is off, in a prefix", ENABLED, "fd00::1", false,
	  IPMASQ_VERDICT_DISABLED, NULL },
	{ "IPv6, outside", ENABLED | IPV6, "2001:db8:7::7", false,
	  IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "IPv6, in a prefix that skips", ENABLED | IPV6, "fd00::1", false,
	  IPMASQ_VERDICT_CIDR, "fd00::/8" },
	{ "IPv6, in one that masquerades", ENABLED | IPV6, "fd00:1::1", false,
	  IPMASQ_VERDICT_MASQUERADE, "fd00:1::/32" },
	{ "IPv6, local", ENABLED | IPV6, "2001:db8:7::7", true, IPMASQ_VERDICT_LOCAL, NULL },
	{ "IPv4 while IPv6 is on", ENABLED | IPV6, "10.0.0.1", false,
	  IPMASQ_VERDICT_CIDR, "10.0.0.0/8" },
};

static void describe_verdict(const struct verdict_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(verdict, verdict_cases, describe_verdict);

static void verdict_decides(struct kunit *test)
{
	const struct verdict_case *one = test->param_value;
	struct ipmasq_refusal refusal;
	struct ipmasq_flow flow = {};
	struct in6_addr destination6;
	struct ipmasq_draft draft;
	struct ipmasq_decision decision;
	struct prefix prefix;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, IPMASQ_ORIGIN_CONFIG);
	draft.flags = one->flags;
	draft.flags_named = IPMASQ_FLAGS_ALL;
	draft_words(test, &draft,
		    "10.0.0.0/8 10.1.0.0/16! 10.1.2.0/24 fd00::/8 fd00:1::/32!");
	KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);

	parse_address_text(test, one->destination, &prefix);
	flow.local = one->local;
	flow.ipv6 = prefix.ipv6;
	if (prefix.ipv6) {
		memcpy(&destination6, prefix.address, sizeof(destination6));
		flow.destination6 = &destination6;
		flow.source6 = &destination6;
	} else {
		memcpy(&flow.destination4, prefix.address, sizeof(flow.destination4));
	}
	KUNIT_EXPECT_EQ(test, (int)ipmasq_decide(in_force(test), &flow, &decision),
			(int)one->verdict);
	if (one->decider) {
		struct in6_addr destination = { .s6_addr32 = { flow.destination4 } };
		struct ipmasq_entry wanted, decider;

		if (flow.ipv6)
			destination = destination6;
		parse_prefix_text(test, one->decider, &prefix);
		entry_from(test, &prefix, &wanted);
		KUNIT_ASSERT_TRUE(test, ipmasq_cidr_table_find(&in_force(test)->table, flow.ipv6,
							       &destination, &decider));
		KUNIT_EXPECT_EQ(test, ipmasq_prefix_compare(&decider, &wanted), 0);
		KUNIT_EXPECT_EQ(test, decision.match, ipmasq_match(decider.action, decider.counter));
	} else {
		KUNIT_EXPECT_EQ(test, decision.match, 0U);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(verdict_decides, verdict_gen_params),
	{}
};

struct kunit_suite verdict_suite = {
	.name = "ipmasq_verdict",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
