// SPDX-License-Identifier: GPL-2.0-only
/* Replies: what they hold, and that they fit into the room computed for them. */
#include <linux/delay.h>
#include <linux/in.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "suites.h"

#define CONFIG IPMASQ_ORIGIN_CONFIG
#define STATIC IPMASQ_ORIGIN_STATIC

/* A policy with the longest of everything, or with nothing but entries. */
static void begin(struct kunit *test, bool with_all)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	draft_words(test, &draft, with_all ? "10.0.0.0/8>192.0.2.1~86400000 fd00::/8!" :
					     "10.0.0.0/8 fd00::/8!");
	if (with_all) {
		draft_lists(test, &draft, "fd00::/8 10.0.0.0/8", "eth* 123456789012345",
			    "192.0.2.1,2001:db8::1,192.0.2.2");
		draft.ports_named = true;
		draft.ports = kzalloc(struct_size(draft.ports, range, 2), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, draft.ports);
		draft.ports->count = 2;
		draft.ports->total = 3;
		draft.ports->range[0].first = 1024;
		draft.ports->range[0].last = 1025;
		draft.ports->range[1].first = 40000;
		draft.ports->range[1].last = 40000;
		draft.ports->range[1].before = 2;
	}
	KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, "10.0.0.0/8!"), 0);
}

/* What is asked for, so that one test can fill all of them. */
enum filler {
	FILL_POLICY,
	FILL_NO_POLICY,
	FILL_ENTRY,
	FILL_SHADOWED,
	FILL_ANSWER,
	FILL_ANSWER_PORTS,
	FILL_STATISTICS,
	FILL_EVENT,
	FILL_NO_EVENT,
	FILL_EXHAUSTED,
};

static const struct filler_case {
	const char *name;
	enum filler filler;
	bool with_all;
} filler_cases[] = {
	{ "policy", FILL_POLICY, false },
	{ "policy with all settings", FILL_POLICY, true },
	{ "no policy", FILL_NO_POLICY, false },
	{ "entry", FILL_ENTRY, false },
	{ "entry that another shadows", FILL_SHADOWED, false },
	{ "entry with a pool and a timeout", FILL_SHADOWED, true },
	{ "answer", FILL_ANSWER, false },
	{ "answer with the policy's port ranges", FILL_ANSWER, true },
	{ "answer with the kernel's ports", FILL_ANSWER_PORTS, false },
	{ "statistics", FILL_STATISTICS, false },
	{ "event", FILL_EVENT, false },
	{ "event without a policy", FILL_NO_EVENT, false },
	{ "event of exhausted ports", FILL_EXHAUSTED, false },
};

static void describe_filler(const struct filler_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(filler, filler_cases, describe_filler);

static const struct ipmasq_question udp_question = {
	.ipv6 = true,
	.protocol = IPPROTO_UDP,
};

/* A connection from a pod to port 443, over IPv6 because its addresses are longer. */
static void exhausted_connection(struct nf_conn *ct, u8 protocol)
{
	struct nf_conntrack_tuple *original = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	memset(ct, 0, sizeof(*ct));
	original->src.l3num = AF_INET6;
	original->dst.protonum = protocol;
	original->src.u3.in6.s6_addr32[3] = htonl(1);
	original->src.u.all = htons(4000);
	original->dst.u3.in6.s6_addr32[3] = htonl(2);
	original->dst.u.all = htons(80);
	/* Behind a service. */
	reply->src.u3.in6.s6_addr32[3] = htonl(3);
	reply->src.u.all = htons(443);
	reply->dst.u3.in6.s6_addr32[3] = htonl(4);
}

static int fill(struct kunit *test, struct sk_buff *skb, enum filler filler, size_t *size)
{
	const struct ipmasq_policy *policy = in_force(test);
	struct ipmasq_verdict_counts counts = { .connections = { { 0, 1, 2 }, { 0, 3, 4 } } };
	struct ipmasq_answer answer = {
		.verdict = IPMASQ_VERDICT_MASQUERADE,
		.has_entry = true,
		.output_interface = 3,
		.has_address = true,
		.has_ports = filler == FILL_ANSWER_PORTS,
		.first = 1024,
		.last = 65535,
	};
	struct nf_conn ct;
	bool shadowed;

	answer.entry = entry_at(test, filler == FILL_ENTRY ? 2 : 0, &shadowed);
	switch (filler) {
	case FILL_POLICY:
		*size = ipmasq_policy_size(policy);
		return ipmasq_fill_policy(skb, policy, 101, 3);
	case FILL_NO_POLICY:
		*size = ipmasq_policy_size(NULL);
		return ipmasq_fill_policy(skb, NULL, 101, 3);
	case FILL_ENTRY:
	case FILL_SHADOWED:
		*size = ipmasq_answer_size(policy);
		return ipmasq_fill_entry(skb, policy, &answer.entry, shadowed);
	case FILL_ANSWER:
	case FILL_ANSWER_PORTS:
		*size = ipmasq_answer_size(policy);
		return ipmasq_fill_answer(skb, policy, &udp_question, &answer);
	case FILL_STATISTICS:
		*size = ipmasq_statistics_size();
		return ipmasq_fill_statistics(skb, &counts);
	case FILL_EVENT:
		*size = ipmasq_event_size();
		return ipmasq_fill_event(skb, policy, IPMASQ_CMD_CIDR_ADD, STATIC, 42);
	case FILL_NO_EVENT:
		*size = ipmasq_event_size();
		return ipmasq_fill_event(skb, NULL, IPMASQ_CMD_POLICY_DEL, 0, 42);
	case FILL_EXHAUSTED:
		*size = ipmasq_exhausted_size();
		exhausted_connection(&ct, IPPROTO_TCP);
		return ipmasq_fill_exhausted(skb, &ct, 7);
	}
	return -EINVAL;
}

/* Room for room bytes, and not one more. */
static struct sk_buff *small_skb(struct kunit *test, size_t room)
{
	struct sk_buff *skb = alloc_skb(room, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_GE(test, skb_tailroom(skb), (int)room);
	skb_reserve(skb, skb_tailroom(skb) - room);
	return skb;
}

/* Whatever is written says so when there is less room than it takes, and fits into
 * the room that was computed.
 */
static void fill_fits(struct kunit *test)
{
	const struct filler_case *one = test->param_value;
	size_t room, needed, computed;
	struct sk_buff *skb;

	begin(test, one->with_all);
	skb = alloc_skb(8192, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, fill(test, skb, one->filler, &computed), 0);
	needed = skb->len;
	kfree_skb(skb);
	KUNIT_EXPECT_LE(test, needed, computed);

	/* By 8, for what is padded depends on where it begins. */
	for (room = 0; room < needed; room += 8) {
		skb = small_skb(test, room);
		KUNIT_EXPECT_EQ_MSG(test, fill(test, skb, one->filler, &computed), -EMSGSIZE,
				    "room %zu of %zu", room, needed);
		if (one->filler == FILL_ENTRY || one->filler == FILL_SHADOWED)
			KUNIT_EXPECT_EQ(test, skb->len, 0U);
		kfree_skb(skb);
	}
	skb = small_skb(test, computed);
	KUNIT_EXPECT_EQ(test, fill(test, skb, one->filler, &computed), 0);
	kfree_skb(skb);
}

static void fill_policy(struct kunit *test)
{
	struct nlattr *a[IPMASQ_A_MAX + 1];
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);
	struct nlattr *range[IPMASQ_A_PORT_RANGE_MAX + 1];
	const struct nlattr *attribute;
	u32 ranges = 0;
	int remaining;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	begin(test, true);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_policy(skb, in_force(test), 101, 0), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_GENERATION]), 2ULL);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_FLAGS]),
			(u32)(IPMASQ_FLAG_ENABLED | IPMASQ_FLAG_RANDOM_FULLY));
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_ENTRIES_CONFIG]), 2U);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_ENTRIES_STATIC]), 1U);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_MAX_ENTRIES]), 1048576U);
	KUNIT_EXPECT_EQ(test, nla_get_s32(a[IPMASQ_A_PRIORITY]), 101);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_MEMORY]),
			(u64)ipmasq_policy_memory(in_force(test)));
	KUNIT_EXPECT_STREQ(test, (char *)nla_data(a[IPMASQ_A_MODULE_VERSION]), IPMASQ_VERSION);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_DRAINING]);
	nla_for_each_attr(attribute, (struct nlattr *)skb->data, skb->len, remaining) {
		if (nla_type(attribute) != IPMASQ_A_PORT_RANGE)
			continue;
		KUNIT_ASSERT_EQ(test, nla_parse_nested(range, IPMASQ_A_PORT_RANGE_MAX, attribute,
						       NULL, NULL), 0);
		KUNIT_EXPECT_EQ(test, nla_get_u16(range[IPMASQ_A_PORT_RANGE_FIRST]),
				ranges ? 40000 : 1024);
		KUNIT_EXPECT_EQ(test, nla_get_u16(range[IPMASQ_A_PORT_RANGE_LAST]),
				ranges ? 40000 : 1025);
		ranges++;
	}
	KUNIT_EXPECT_EQ(test, ranges, 2U);

	skb_trim(skb, 0);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_policy(skb, NULL, 101, 3), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_GENERATION]), 0ULL);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_DRAINING]), 3ULL);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_FLAGS]);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_MEMORY]);
	kfree_skb(skb);
}

/* An answer says of ports only what applies to the connection. */
static void fill_answers(struct kunit *test)
{
	struct nlattr *a[IPMASQ_A_MAX + 1], *range[IPMASQ_A_PORT_RANGE_MAX + 1];
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);
	struct ipmasq_question question = { .protocol = IPPROTO_ICMP };
	struct ipmasq_answer answer = { .verdict = IPMASQ_VERDICT_LOCAL, .output_interface = 1 };

	KUNIT_ASSERT_NOT_NULL(test, skb);
	begin(test, true);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_answer(skb, in_force(test), &question, &answer), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_VERDICT]), IPMASQ_VERDICT_LOCAL);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_OUTPUT_INTERFACE]), 1U);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_CIDR]);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_MASQUERADE_ADDRESS]);

	/* Port ranges are for TCP, UDP and SCTP. */
	skb_trim(skb, 0);
	answer.verdict = IPMASQ_VERDICT_MASQUERADE;
	answer.has_address = true;
	answer.address.s6_addr32[0] = htonl(0xc000020a);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_answer(skb, in_force(test), &question, &answer), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_len(a[IPMASQ_A_MASQUERADE_ADDRESS]), 4);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_MASQUERADE_ADDRESS]), htonl(0xc000020a));
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_PORT_RANGE]);

	skb_trim(skb, 0);
	answer.has_ports = true;
	answer.first = 600;
	answer.last = 1023;
	question.protocol = IPPROTO_UDPLITE;
	question.ipv6 = true;
	KUNIT_ASSERT_EQ(test, ipmasq_fill_answer(skb, in_force(test), &question, &answer), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_len(a[IPMASQ_A_MASQUERADE_ADDRESS]), 16);
	KUNIT_ASSERT_NOT_NULL(test, a[IPMASQ_A_PORT_RANGE]);
	KUNIT_ASSERT_EQ(test, nla_parse_nested(range, IPMASQ_A_PORT_RANGE_MAX,
					       a[IPMASQ_A_PORT_RANGE], NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, nla_get_u16(range[IPMASQ_A_PORT_RANGE_FIRST]), 600);

	skb_trim(skb, 0);
	question.protocol = IPPROTO_SCTP;
	KUNIT_ASSERT_EQ(test, ipmasq_fill_answer(skb, in_force(test), &question, &answer), 0);
	parse_bare(test, skb, a);
	KUNIT_ASSERT_NOT_NULL(test, a[IPMASQ_A_PORT_RANGE]);
	KUNIT_ASSERT_EQ(test, nla_parse_nested(range, IPMASQ_A_PORT_RANGE_MAX,
					       a[IPMASQ_A_PORT_RANGE], NULL, NULL), 0);
	/* The last of the policy's. */
	KUNIT_EXPECT_EQ(test, nla_get_u16(range[IPMASQ_A_PORT_RANGE_FIRST]), 40000);
	kfree_skb(skb);
}

static void fill_statistics(struct kunit *test)
{
	struct nlattr *one[IPMASQ_A_STATS_MAX + 1];
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);
	struct ipmasq_verdict_counts counts = {};
	const struct nlattr *attribute;
	u32 verdict, seen = 0;
	int remaining;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++) {
		counts.connections[0][verdict] = 100 + verdict;
		counts.connections[1][verdict] = 200 + verdict;
	}
	KUNIT_ASSERT_EQ(test, ipmasq_fill_statistics(skb, &counts), 0);
	nla_for_each_attr(attribute, (struct nlattr *)skb->data, skb->len, remaining) {
		KUNIT_ASSERT_EQ(test, nla_type(attribute), IPMASQ_A_STATS);
		KUNIT_ASSERT_EQ(test, nla_parse_nested(one, IPMASQ_A_STATS_MAX, attribute, NULL,
						       NULL), 0);
		KUNIT_EXPECT_EQ(test, nla_get_u64(one[IPMASQ_A_STATS_CONNECTIONS]),
				(nla_get_u32(one[IPMASQ_A_STATS_FAMILY]) == AF_INET6 ? 200ULL :
				 100ULL) + nla_get_u32(one[IPMASQ_A_STATS_VERDICT]));
		seen++;
	}
	KUNIT_EXPECT_EQ(test, seen, 2U * IPMASQ_VERDICT_MAX);
	kfree_skb(skb);
}

static void fill_events(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);
	struct nlattr *a[IPMASQ_A_MAX + 1];

	KUNIT_ASSERT_NOT_NULL(test, skb);
	begin(test, false);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_event(skb, in_force(test), IPMASQ_CMD_CIDR_ADD, STATIC,
						42), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_GENERATION]), 2ULL);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_CAUSE]), IPMASQ_CMD_CIDR_ADD);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_ORIGIN]), STATIC);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_PORT_ID]), 42U);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_ENTRIES_CONFIG]), 2U);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_ENTRIES_STATIC]), 1U);

	skb_trim(skb, 0);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_event(skb, NULL, IPMASQ_CMD_POLICY_DEL, 0, 42), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_GENERATION]), 0ULL);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_ORIGIN]);
	KUNIT_EXPECT_EQ(test, nla_get_u32(a[IPMASQ_A_ENTRIES_CONFIG]), 0U);
	kfree_skb(skb);
}

static void fill_exhausted(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);
	struct nlattr *a[IPMASQ_A_MAX + 1];
	const struct in6_addr *address;
	struct nf_conn ct;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	exhausted_connection(&ct, IPPROTO_UDP);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_exhausted(skb, &ct, 7), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_EQ(test, nla_get_u8(a[IPMASQ_A_PROTOCOL]), IPPROTO_UDP);
	KUNIT_ASSERT_EQ(test, nla_len(a[IPMASQ_A_SOURCE]), 16);
	address = nla_data(a[IPMASQ_A_SOURCE]);
	KUNIT_EXPECT_EQ(test, address->s6_addr32[3], htonl(1));
	address = nla_data(a[IPMASQ_A_DESTINATION]);
	KUNIT_EXPECT_EQ(test, address->s6_addr32[3], htonl(3));
	address = nla_data(a[IPMASQ_A_MASQUERADE_ADDRESS]);
	KUNIT_EXPECT_EQ(test, address->s6_addr32[3], htonl(4));
	KUNIT_EXPECT_EQ(test, nla_get_u16(a[IPMASQ_A_SOURCE_PORT]), 4000);
	KUNIT_EXPECT_EQ(test, nla_get_u16(a[IPMASQ_A_DESTINATION_PORT]), 443);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_CONNECTIONS]), 7ULL);

	/* What has no ports has an identifier, which says nothing to a reader. */
	skb_trim(skb, 0);
	exhausted_connection(&ct, IPPROTO_ICMPV6);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_exhausted(skb, &ct, 1), 0);
	parse_bare(test, skb, a);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_SOURCE_PORT]);
	KUNIT_EXPECT_NULL(test, a[IPMASQ_A_DESTINATION_PORT]);
	kfree_skb(skb);
}

/* What was asked for comes back, in the order that a reader can compare. */
static void fill_lists(struct kunit *test)
{
	static const char *const patterns[] = { "eth*", "123456789012345" };
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);
	struct nlattr *cidr[IPMASQ_A_CIDR_MAX + 1];
	const struct nlattr *attribute;
	u32 sources = 0, interfaces = 0, addresses = 0;
	int remaining;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	begin(test, true);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_policy(skb, in_force(test), 101, 0), 0);
	nla_for_each_attr(attribute, (struct nlattr *)skb->data, skb->len, remaining) {
		switch (nla_type(attribute)) {
		case IPMASQ_A_SOURCE_CIDR:
			KUNIT_ASSERT_EQ(test, nla_parse_nested(cidr, IPMASQ_A_CIDR_MAX, attribute,
							       NULL, NULL), 0);
			KUNIT_EXPECT_EQ(test, nla_len(cidr[IPMASQ_A_CIDR_ADDRESS]),
					sources ? 16 : 4);
			KUNIT_EXPECT_EQ(test, nla_get_u8(cidr[IPMASQ_A_CIDR_PREFIX_LEN]), 8);
			KUNIT_EXPECT_NULL(test, cidr[IPMASQ_A_CIDR_ACTION]);
			sources++;
			break;
		case IPMASQ_A_INTERFACE:
			KUNIT_ASSERT_LT(test, interfaces, 2U);
			KUNIT_EXPECT_STREQ(test, (char *)nla_data(attribute), patterns[interfaces]);
			interfaces++;
			break;
		case IPMASQ_A_SNAT_ADDRESS:
			KUNIT_EXPECT_EQ(test, nla_len(nla_data(attribute)),
					addresses < 2 ? 4 : 16);
			addresses++;
			break;
		}
	}
	KUNIT_EXPECT_EQ(test, sources, 2U);
	KUNIT_EXPECT_EQ(test, interfaces, 2U);
	KUNIT_EXPECT_EQ(test, addresses, 3U);
	kfree_skb(skb);
}

/* Of its time an entry says what is left. */
static void fill_timeout(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);
	struct nlattr *a[IPMASQ_A_CIDR_MAX + 1];
	struct ipmasq_entry entry;
	bool shadowed;
	u64 left;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "10.0.0.0/8~60000"), 0);
	entry = entry_at(test, 0, &shadowed);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_entry(skb, in_force(test), &entry, false), 0);
	KUNIT_ASSERT_EQ(test, nla_parse_nested_deprecated(a, IPMASQ_A_CIDR_MAX,
							  (struct nlattr *)skb->data, NULL,
							  NULL), 0);
	left = nla_get_u64(a[IPMASQ_A_CIDR_TIMEOUT]);
	KUNIT_EXPECT_LE(test, left, 60000ULL);
	KUNIT_EXPECT_GT(test, left, 50000ULL);

	/* One whose time is over, but whose deletion is not done yet. */
	skb_trim(skb, 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_SET, CONFIG, "10.0.0.0/8~1"), 0);
	msleep(5);
	KUNIT_ASSERT_EQ(test, ipmasq_fill_entry(skb, in_force(test), &entry, false), 0);
	KUNIT_ASSERT_EQ(test, nla_parse_nested_deprecated(a, IPMASQ_A_CIDR_MAX,
							  (struct nlattr *)skb->data, NULL,
							  NULL), 0);
	KUNIT_EXPECT_EQ(test, nla_get_u64(a[IPMASQ_A_CIDR_TIMEOUT]), 1ULL);
	kfree_skb(skb);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(fill_fits, filler_gen_params),
	KUNIT_CASE(fill_policy),
	KUNIT_CASE(fill_answers),
	KUNIT_CASE(fill_statistics),
	KUNIT_CASE(fill_events),
	KUNIT_CASE(fill_exhausted),
	KUNIT_CASE(fill_lists),
	KUNIT_CASE(fill_timeout),
	{}
};

struct kunit_suite netlink_fill_suite = {
	.name = "ipmasq_netlink_fill",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
