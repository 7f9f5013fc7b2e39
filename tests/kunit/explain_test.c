// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explanations in the namespace that the guest made (tests/uml/guest/kunit): a dummy
 * interface "bare" without an address, with a route to 198.51.100.0/24, and no address
 * anywhere that the kernel could take for it. Everything else that explain says is
 * looked at in the VM suite, beside what the hook then does.
 */
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "explain.h"
#include "suites.h"

static int explain(struct kunit *test, const char *destination, u8 protocol, u16 source_port,
		   struct ipmasq_answer *answer)
{
	struct ipmasq_question question = {
		.protocol = protocol,
		.source_port = source_port,
	};
	struct prefix address;

	parse_address_text(test, destination, &address);
	question.ipv6 = address.ipv6;
	memcpy(&question.destination, address.address, sizeof(question.destination));
	parse_address_text(test, address.ipv6 ? "fd00:244::2" : "10.244.1.2", &address);
	memcpy(&question.source, address.address, sizeof(question.source));
	return ipmasq_explain(&init_net, in_force(test), &question, answer);
}

static void explain_without_address(struct kunit *test)
{
	struct ipmasq_answer answer;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, IPMASQ_ORIGIN_CONFIG,
				     "10.0.0.0/8"), 0);
	KUNIT_ASSERT_EQ(test, explain(test, "198.51.100.7", IPPROTO_TCP, 0, &answer), 0);
	KUNIT_EXPECT_STREQ(test, answer.interface, "bare");
	KUNIT_EXPECT_EQ(test, (int)answer.verdict, (int)IPMASQ_VERDICT_FAILED);
	KUNIT_EXPECT_FALSE(test, answer.has_address);
	KUNIT_EXPECT_FALSE(test, answer.has_ports);

	/* A pool needs no address there. */
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC,
				     "198.51.100.0/24>192.0.2.77"), 0);
	KUNIT_ASSERT_EQ(test, explain(test, "198.51.100.7", IPPROTO_TCP, 0, &answer), 0);
	KUNIT_EXPECT_EQ(test, (int)answer.verdict, (int)IPMASQ_VERDICT_SNAT);
	KUNIT_EXPECT_TRUE(test, answer.has_entry);
	KUNIT_EXPECT_TRUE(test, answer.has_address);
	KUNIT_EXPECT_EQ(test, answer.address.s6_addr32[0], htonl(0xc000024d));
	KUNIT_EXPECT_TRUE(test, answer.has_ports);
}

static void explain_without_route(struct kunit *test)
{
	struct ipmasq_answer answer;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, IPMASQ_ORIGIN_CONFIG, ""), 0);
	KUNIT_EXPECT_EQ(test, explain(test, "100.64.0.1", IPPROTO_TCP, 0, &answer), -ENETUNREACH);
	KUNIT_EXPECT_EQ(test, explain(test, "2001:db8:7::7", IPPROTO_TCP, 0, &answer),
			-ENETUNREACH);
}

static const struct ports_case {
	const char *name;
	u8 protocol;
	u16 source_port;
	bool has_ports;
	u16 first;
	u16 last;
} ports_cases[] = {
	{ "no port", IPPROTO_TCP, 0, true, 1024, 65535 },
	{ "port 1", IPPROTO_TCP, 1, true, 1, 511 },
	{ "port 511", IPPROTO_UDP, 511, true, 1, 511 },
	{ "port 512", IPPROTO_UDP, 512, true, 600, 1023 },
	{ "port 1023", IPPROTO_UDPLITE, 1023, true, 600, 1023 },
	{ "port 1024", IPPROTO_SCTP, 1024, true, 1024, 65535 },
	{ "DCCP", IPPROTO_DCCP, 65535, true, 1024, 65535 },
	{ "ICMP", IPPROTO_ICMP, 0, false, 0, 0 },
	{ "GRE", IPPROTO_GRE, 7, false, 0, 0 },
};

static void describe_ports(const struct ports_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ports, ports_cases, describe_ports);

static void explain_ports(struct kunit *test)
{
	const struct ports_case *one = test->param_value;
	struct ipmasq_answer answer;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, IPMASQ_ORIGIN_CONFIG,
				     "0.0.0.0/0>192.0.2.77"), 0);
	KUNIT_ASSERT_EQ(test, explain(test, "198.51.100.7", one->protocol, one->source_port,
				      &answer), 0);
	KUNIT_EXPECT_EQ(test, answer.has_ports, one->has_ports);
	KUNIT_EXPECT_EQ(test, answer.first, one->first);
	KUNIT_EXPECT_EQ(test, answer.last, one->last);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(explain_without_address),
	KUNIT_CASE(explain_without_route),
	KUNIT_CASE_PARAM(explain_ports, ports_gen_params),
	{}
};

struct kunit_suite explain_suite = {
	.name = "ipmasq_explain",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
