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
		flow.source4 = htonl(0x0af40102);
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

/* The lists come before the table, the pool after it. */
static const struct list_case {
	const char *name;
	const char *sources;
	const char *interfaces;
	const char *pool;
	const char *table;
	const char *source;
	const char *destination;
	bool local;
	enum ipmasq_verdict verdict;
	const char *address;
} list_cases[] = {
	{ "a source on the list", "10.244.0.0/16", NULL, NULL, "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "one that is not", "10.244.0.0/16", NULL, NULL, "10.0.0.0/8",
	  "10.245.1.2", "203.0.113.7", false, IPMASQ_VERDICT_SOURCE, NULL },
	{ "one that is not, to a prefix that skips", "10.244.0.0/16", NULL, NULL, "10.0.0.0/8",
	  "10.245.1.2", "10.0.0.1", false, IPMASQ_VERDICT_SOURCE, NULL },
	{ "one that is not, local", "10.244.0.0/16", NULL, NULL, "10.0.0.0/8",
	  "10.245.1.2", "203.0.113.7", true, IPMASQ_VERDICT_SOURCE, NULL },
	{ "one on the list, to a prefix that skips", "10.244.0.0/16", NULL, NULL, "10.0.0.0/8",
	  "10.244.1.2", "10.0.0.1", false, IPMASQ_VERDICT_CIDR, NULL },
	{ "IPv6, on a list of both", "10.244.0.0/16 fd00:244::/32", NULL, NULL, "10.0.0.0/8",
	  "fd00:244::2", "2001:db8:7::7", false, IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "IPv6, not on it", "10.244.0.0/16 fd00:244::/32", NULL, NULL, "10.0.0.0/8",
	  "fd00:245::2", "2001:db8:7::7", false, IPMASQ_VERDICT_SOURCE, NULL },
	{ "IPv6, a list of IPv4", "0.0.0.0/0", NULL, NULL, "10.0.0.0/8",
	  "fd00:244::2", "2001:db8:7::7", false, IPMASQ_VERDICT_SOURCE, NULL },
	{ "an interface on the list", NULL, "bond* eth*", NULL, "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "one that is not", NULL, "bond* wg0", NULL, "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_INTERFACE, NULL },
	{ "one that is not, to a prefix that skips", NULL, "wg0", NULL, "10.0.0.0/8",
	  "10.244.1.2", "10.0.0.1", false, IPMASQ_VERDICT_INTERFACE, NULL },
	{ "neither source nor interface", "10.244.0.0/16", "wg0", NULL, "10.0.0.0/8",
	  "10.245.1.2", "203.0.113.7", false, IPMASQ_VERDICT_SOURCE, NULL },
	{ "the source, not the interface", "10.244.0.0/16", "wg0", NULL, "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_INTERFACE, NULL },
	{ "both", "10.244.0.0/16", "eth0", NULL, "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "a pool", NULL, NULL, "192.0.2.1", "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_SNAT, "192.0.2.1" },
	{ "a pool, a prefix that skips", NULL, NULL, "192.0.2.1", "10.0.0.0/8",
	  "10.244.1.2", "10.0.0.1", false, IPMASQ_VERDICT_CIDR, NULL },
	{ "a pool, local", NULL, NULL, "192.0.2.1", "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", true, IPMASQ_VERDICT_LOCAL, NULL },
	{ "a pool, a prefix that masquerades", NULL, NULL, "192.0.2.1", "203.0.113.0/24!",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_SNAT, "192.0.2.1" },
	{ "an entry's pool", NULL, NULL, NULL, "203.0.113.0/24>192.0.2.2",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_SNAT, "192.0.2.2" },
	{ "an entry's pool, elsewhere", NULL, NULL, NULL, "203.0.113.0/24>192.0.2.2",
	  "10.244.1.2", "198.51.100.7", false, IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "an entry's pool before the policy's", NULL, NULL, "192.0.2.1",
	  "203.0.113.0/24>192.0.2.2", "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_SNAT,
	  "192.0.2.2" },
	{ "a longer prefix that skips", NULL, NULL, "192.0.2.1",
	  "203.0.113.0/24>192.0.2.2 203.0.113.0/25", "10.244.1.2", "203.0.113.7", false,
	  IPMASQ_VERDICT_CIDR, NULL },
	{ "a longer prefix with another pool", NULL, NULL, NULL,
	  "203.0.113.0/24>192.0.2.2 203.0.113.0/25>192.0.2.3", "10.244.1.2", "203.0.113.7",
	  false, IPMASQ_VERDICT_SNAT, "192.0.2.3" },
	{ "a pool of the other family", NULL, NULL, "2001:db8::1", "10.0.0.0/8",
	  "10.244.1.2", "203.0.113.7", false, IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "IPv6, a pool of both", NULL, NULL, "192.0.2.1,2001:db8::1", "10.0.0.0/8",
	  "fd00:244::2", "2001:db8:7::7", false, IPMASQ_VERDICT_SNAT, "2001:db8::1" },
	{ "IPv6, an entry's pool", NULL, NULL, NULL, "2001:db8:7::/48>2001:db8::2",
	  "fd00:244::2", "2001:db8:7::7", false, IPMASQ_VERDICT_SNAT, "2001:db8::2" },
	{ "no source yet", NULL, NULL, NULL, "10.0.0.0/8",
	  "0.0.0.0", "203.0.113.7", false, IPMASQ_VERDICT_SOURCE, NULL },
	{ "no source yet, a pool", NULL, NULL, "192.0.2.1", "10.0.0.0/8",
	  "0.0.0.0", "255.255.255.255", false, IPMASQ_VERDICT_SOURCE, NULL },
	{ "no source yet, to a prefix that skips", NULL, NULL, NULL, "10.0.0.0/8",
	  "0.0.0.0", "10.0.0.1", false, IPMASQ_VERDICT_CIDR, NULL },
	{ "IPv6, no source yet", NULL, NULL, NULL, "10.0.0.0/8",
	  "::", "2001:db8:7::7", false, IPMASQ_VERDICT_MASQUERADE, NULL },
	{ "a source that is not on the list, with a pool", "10.244.0.0/16", NULL, "192.0.2.1",
	  "10.0.0.0/8", "10.245.1.2", "203.0.113.7", false, IPMASQ_VERDICT_SOURCE, NULL },
};

static void describe_list(const struct list_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(list, list_cases, describe_list);

static void verdict_selects(struct kunit *test)
{
	const struct list_case *one = test->param_value;
	struct ipmasq_flow flow = { .interface = "eth0", .local = one->local };
	struct prefix source, destination, wanted;
	struct in6_addr source6, destination6;
	struct ipmasq_decision decision;
	const struct in6_addr *address;
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, IPMASQ_ORIGIN_CONFIG);
	draft_lists(test, &draft, one->sources, one->interfaces, one->pool);
	draft.flags = IPMASQ_FLAGS_ALL;
	draft.flags_named = IPMASQ_FLAGS_ALL;
	draft_words(test, &draft, one->table);
	KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);

	parse_address_text(test, one->source, &source);
	parse_address_text(test, one->destination, &destination);
	memcpy(&source6, source.address, sizeof(source6));
	memcpy(&destination6, destination.address, sizeof(destination6));
	flow.ipv6 = destination.ipv6;
	if (flow.ipv6) {
		flow.source6 = &source6;
		flow.destination6 = &destination6;
	} else {
		flow.source4 = source6.s6_addr32[0];
		flow.destination4 = destination6.s6_addr32[0];
	}
	KUNIT_ASSERT_EQ(test, (int)ipmasq_decide(in_force(test), &flow, &decision),
			(int)one->verdict);
	if (!one->address)
		return;
	address = ipmasq_pool_pick(decision.pool, flow.ipv6, &source6);
	KUNIT_ASSERT_NOT_NULL(test, address);
	parse_address_text(test, one->address, &wanted);
	KUNIT_EXPECT_EQ(test, memcmp(address, wanted.address, sizeof(*address)), 0);
}

/* What a pool is for. */
static const struct pool_case {
	const char *name;
	const char *source;
	const char *destination;
	bool own;
	bool broadcast;
	enum ipmasq_verdict verdict;
} pool_cases[] = {
	{ "a pod", "10.244.1.2", "203.0.113.7", false, false, IPMASQ_VERDICT_SNAT },
	{ "IPv6, a pod", "fd00:244::2", "2001:db8:7::7", false, false, IPMASQ_VERDICT_SNAT },
	{ "the node", "192.0.2.10", "203.0.113.7", true, false, IPMASQ_VERDICT_SOURCE },
	{ "IPv6, the node", "2001:db8::1", "2001:db8:7::7", true, false, IPMASQ_VERDICT_SOURCE },
	{ "the node, to a group", "192.0.2.10", "224.0.0.18", true, false,
	  IPMASQ_VERDICT_SOURCE },
	{ "the node, to all", "192.0.2.10", "192.0.2.255", true, true, IPMASQ_VERDICT_SOURCE },
	{ "a link-local source", "169.254.1.2", "203.0.113.7", false, false,
	  IPMASQ_VERDICT_SOURCE },
	{ "the last one", "169.254.255.255", "203.0.113.7", false, false,
	  IPMASQ_VERDICT_SOURCE },
	{ "beside it", "169.253.255.255", "203.0.113.7", false, false, IPMASQ_VERDICT_SNAT },
	{ "IPv6, a link-local source", "fe80::1", "2001:db8:7::7", false, false,
	  IPMASQ_VERDICT_SOURCE },
	{ "IPv6, the last one", "febf:ffff::1", "ff02::1:2", false, false,
	  IPMASQ_VERDICT_SOURCE },
	{ "IPv6, beside it", "fec0::1", "2001:db8:7::7", false, false, IPMASQ_VERDICT_SNAT },
	{ "IPv6, no source yet", "::", "2001:db8:7::7", false, false, IPMASQ_VERDICT_SOURCE },
	{ "to a link-local address", "10.244.1.2", "169.254.169.254", false, false,
	  IPMASQ_VERDICT_MASQUERADE },
	{ "to a group", "10.244.1.2", "224.0.0.251", false, false, IPMASQ_VERDICT_MASQUERADE },
	{ "to the last group", "10.244.1.2", "239.255.255.255", false, false,
	  IPMASQ_VERDICT_MASQUERADE },
	{ "behind the groups", "10.244.1.2", "240.0.0.1", false, false, IPMASQ_VERDICT_SNAT },
	{ "to all", "10.244.1.2", "255.255.255.255", false, false, IPMASQ_VERDICT_MASQUERADE },
	{ "to all of a network", "10.244.1.2", "10.244.1.255", false, true,
	  IPMASQ_VERDICT_MASQUERADE },
	{ "IPv6, to a link-local address", "fd00:244::2", "fe80::1", false, false,
	  IPMASQ_VERDICT_MASQUERADE },
	{ "IPv6, to a group", "fd00:244::2", "ff0e::1", false, false,
	  IPMASQ_VERDICT_MASQUERADE },
};

static void describe_pool(const struct pool_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pool, pool_cases, describe_pool);

static void verdict_spares(struct kunit *test)
{
	const struct pool_case *one = test->param_value;
	struct prefix source, destination;
	struct in6_addr source6, destination6;
	struct ipmasq_flow flow = {};

	parse_address_text(test, one->source, &source);
	parse_address_text(test, one->destination, &destination);
	memcpy(&source6, source.address, sizeof(source6));
	memcpy(&destination6, destination.address, sizeof(destination6));
	flow.ipv6 = destination.ipv6;
	if (flow.ipv6) {
		flow.source6 = &source6;
		flow.destination6 = &destination6;
	} else {
		flow.source4 = source6.s6_addr32[0];
		flow.destination4 = destination6.s6_addr32[0];
	}
	KUNIT_EXPECT_EQ(test, (int)ipmasq_decide_pool(&flow, one->own, one->broadcast),
			(int)one->verdict);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(verdict_decides, verdict_gen_params),
	KUNIT_CASE_PARAM(verdict_selects, list_gen_params),
	KUNIT_CASE_PARAM(verdict_spares, pool_gen_params),
	{}
};

struct kunit_suite verdict_suite = {
	.name = "ipmasq_verdict",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
