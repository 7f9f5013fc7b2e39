// SPDX-License-Identifier: GPL-2.0-only
/* Requests: what becomes of their attributes, and what a refusal says. */
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "suites.h"

/**
 * struct asked - a request on its way through the parsers
 * @request: who asks
 * @extack: what he is told
 * @skb: the message
 * @attributes: of it
 */
struct asked {
	struct ipmasq_request request;
	struct netlink_ext_ack extack;
	struct sk_buff *skb;
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
};

static void ask(struct kunit *test, struct asked *asked)
{
	memset(asked, 0, sizeof(*asked));
	asked->request.ns = test->priv;
	asked->request.port_id = 42;
	asked->request.extack = &asked->extack;
	asked->skb = message_create(test);
}

static void expect_text(struct kunit *test, const struct asked *asked, const char *text)
{
	KUNIT_EXPECT_STREQ(test, asked->extack._msg ?: "", text);
}

/* A CIDR of raw parts; lengths of 0 leave a part out. */
static const struct prefix_case {
	const char *name;
	u8 address[17];
	u8 address_length;
	s16 prefix_len;
	s16 action;
	const char *text;
} prefix_cases[] = {
	{ "IPv4", { 10 }, 4, 8, -1, "" },
	{ "IPv4, skip", { 10 }, 4, 8, 1, "" },
	{ "IPv4, masquerade", { 10 }, 4, 8, 2, "" },
	{ "IPv4, all", {}, 4, 0, -1, "" },
	{ "IPv4, a host", { 192, 0, 2, 1 }, 4, 32, -1, "" },
	{ "IPv6", { 0x20, 0x01, 0x0d, 0xb8 }, 16, 32, -1, "" },
	{ "IPv6, all", {}, 16, 0, 2, "" },
	{ "IPv6, a host", { 0xfd, [15] = 1 }, 16, 128, -1, "" },
	{ "no address", {}, 0, 8, -1, "a CIDR without its address" },
	{ "no length", { 10 }, 4, -1, -1, "a CIDR without its prefix length" },
	{ "neither", {}, 0, -1, -1, "a CIDR without its address" },
	{ "3 bytes", { 10 }, 3, 8, -1,
	  "an address of 3 bytes; 4 (IPv4) or 16 (IPv6) are expected" },
	{ "17 bytes", { 10 }, 17, 8, -1,
	  "an address of 17 bytes; 4 (IPv4) or 16 (IPv6) are expected" },
	{ "IPv4, too long", { 10 }, 4, 33, -1, "10.0.0.0/33: the prefix length is above 32" },
	{ "IPv6, too long", { 0xfd }, 16, 129, -1, "fd00::/129: the prefix length is above 128" },
	{ "IPv4, host bits", { 10, 1, 2, 3 }, 4, 8, -1,
	  "10.1.2.3/8 has bits set behind its prefix length; 10.0.0.0/8 is the prefix" },
	{ "IPv4, the last host bit", { 10, 0, 0, 1 }, 4, 31, -1,
	  "10.0.0.1/31 has bits set behind its prefix length; 10.0.0.0/31 is the prefix" },
	{ "IPv6, host bits above bit 64", { 0xfd, 0, 0, 0, 0, 0, 0, 1 }, 16, 63, -1,
	  "fd00:0:0:1::/63 has bits set behind its prefix length; fd00::/63 is the prefix" },
	{ "IPv6, host bits below it", { 0xfd, [15] = 1 }, 16, 64, -1,
	  "fd00::1/64 has bits set behind its prefix length; fd00::/64 is the prefix" },
	{ "IPv6, the last host bit", { 0xfd, [15] = 1 }, 16, 127, -1,
	  "fd00::1/127 has bits set behind its prefix length; fd00::/127 is the prefix" },
	{ "action 0", { 10 }, 4, 8, 0,
	  "10.0.0.0/8: action 0 is unknown; 1 is skip, 2 is masquerade" },
	{ "action 3", { 0xfd }, 16, 8, 3,
	  "fd00::/8: action 3 is unknown; 1 is skip, 2 is masquerade" },
};

static void describe_prefix(const struct prefix_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(prefix, prefix_cases, describe_prefix);

static void put_case(struct kunit *test, struct sk_buff *skb, const struct prefix_case *one)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_CIDR);

	KUNIT_ASSERT_NOT_NULL(test, nest);
	if (one->address_length)
		KUNIT_ASSERT_EQ(test, nla_put(skb, IPMASQ_A_CIDR_ADDRESS, one->address_length,
					      one->address), 0);
	if (one->prefix_len >= 0)
		KUNIT_ASSERT_EQ(test, nla_put_u8(skb, IPMASQ_A_CIDR_PREFIX_LEN, one->prefix_len),
				0);
	if (one->action >= 0)
		KUNIT_ASSERT_EQ(test, nla_put_u8(skb, IPMASQ_A_CIDR_ACTION, one->action), 0);
	nla_nest_end(skb, nest);
}

/* Behind a good one in a draft that has one already: all of a message or nothing. */
static void parse_prefixes(struct kunit *test)
{
	const struct prefix_case *one = test->param_value;
	struct ipmasq_draft draft;
	struct asked asked;
	int err;

	ask(test, &asked);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC);
	draft_words(test, &draft, "1.0.0.0/8");
	put_cidr(test, asked.skb, "2.0.0.0/8");
	put_case(test, asked.skb, one);
	parse_message(test, asked.skb, asked.attributes);
	err = ipmasq_parse_entries(&asked.request, nlmsg_hdr(asked.skb), &draft);
	KUNIT_EXPECT_EQ(test, err, *one->text ? -EINVAL : 0);
	expect_text(test, &asked, one->text);
	KUNIT_EXPECT_EQ(test, draft.count, *one->text ? 1U : 3U);
	KUNIT_EXPECT_EQ(test, !!asked.extack.bad_attr, !!*one->text);
	kfree_skb(asked.skb);

	/* And what was accepted is what was sent. */
	if (!err) {
		struct ipmasq_refusal refusal;
		char wanted[PREFIX_TEXT_MAX];

		draft.edit = IPMASQ_EDIT_REPLACE;
		KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);
		scnprintf(wanted, sizeof(wanted),
			  one->address_length == 4 ? "%pI4/%d%s static" : "%pI6c/%d%s static",
			  one->address, one->prefix_len, one->action == 2 ? "!" : "");
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(table_text(test), wanted), "%s",
					  table_text(test));
	}
	ipmasq_draft_release(&draft);
}

static void parse_no_prefix(struct kunit *test)
{
	struct ipmasq_draft draft;
	struct asked asked;

	ask(test, &asked);
	KUNIT_ASSERT_EQ(test, nla_put_u8(asked.skb, IPMASQ_A_ORIGIN, 1), 0);
	parse_message(test, asked.skb, asked.attributes);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_entries(&asked.request, nlmsg_hdr(asked.skb), &draft),
			-EINVAL);
	expect_text(test, &asked, "no CIDR in the message");
	kfree_skb(asked.skb);
}

static void parse_too_many(struct kunit *test)
{
	struct ipmasq_draft draft;
	struct asked asked;

	set_max_entries(test, 2);
	ask(test, &asked);
	put_cidrs(test, asked.skb, "1.0.0.0/8 2.0.0.0/8 3.0.0.0/8");
	parse_message(test, asked.skb, asked.attributes);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_entries(&asked.request, nlmsg_hdr(asked.skb), &draft),
			-ENOSPC);
	expect_text(test, &asked, "more than 2 entries (module parameter max_entries)");
	KUNIT_EXPECT_EQ(test, draft.count, 0U);
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);
}

static void put_flags(struct sk_buff *skb, u32 value, u32 selector)
{
	struct nla_bitfield32 flags = { .value = value, .selector = selector };

	nla_put(skb, IPMASQ_A_FLAGS, sizeof(flags), &flags);
}

static void put_no_first(struct sk_buff *skb)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_PORT_RANGE);

	nla_put_u16(skb, IPMASQ_A_PORT_RANGE_LAST, 10);
	nla_nest_end(skb, nest);
}

static void put_no_last(struct sk_buff *skb)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_PORT_RANGE);

	nla_put_u16(skb, IPMASQ_A_PORT_RANGE_FIRST, 10);
	nla_nest_end(skb, nest);
}

static void put_bad_origin(struct sk_buff *skb)
{
	nla_put_u8(skb, IPMASQ_A_ORIGIN, 3);
}

static void put_origin_zero(struct sk_buff *skb)
{
	nla_put_u8(skb, IPMASQ_A_ORIGIN, 0);
}

static void put_bad_flags(struct sk_buff *skb)
{
	put_flags(skb, 0x10, 0x11);
}

static void put_both(struct sk_buff *skb)
{
	put_no_first(skb);
	nla_put_flag(skb, IPMASQ_A_NO_PORT_RANGES);
}

static const struct settings_case {
	const char *name;
	void (*put)(struct sk_buff *skb);
	int err;
	const char *text;
	bool names_place;
} settings_cases[] = {
	{ "an unknown origin", put_bad_origin, -EINVAL,
	  "origin 3 is unknown; 1 is config, 2 is static", true },
	{ "origin 0", put_origin_zero, -EINVAL, "origin 0 is unknown; 1 is config, 2 is static",
	  true },
	{ "unknown flags", put_bad_flags, -EINVAL, "flags 0x10 are unknown; 0x7 are known", true },
	{ "a range without its first port", put_no_first, -EINVAL,
	  "a port range without its first port", true },
	{ "a range without its last port", put_no_last, -EINVAL,
	  "a port range without its last port", true },
	{ "port ranges and none", put_both, -EINVAL, "port ranges together with NO_PORT_RANGES",
	  true },
};

static void describe_settings(const struct settings_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(settings, settings_cases, describe_settings);

static int parse_settings(struct kunit *test, struct asked *asked, struct ipmasq_draft *draft)
{
	parse_message(test, asked->skb, asked->attributes);
	ipmasq_draft_init(draft, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC);
	return ipmasq_parse_settings(&asked->request, nlmsg_hdr(asked->skb), asked->attributes,
				     draft);
}

static void parse_bad_settings(struct kunit *test)
{
	const struct settings_case *one = test->param_value;
	struct ipmasq_draft draft;
	struct asked asked;

	ask(test, &asked);
	one->put(asked.skb);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), one->err);
	expect_text(test, &asked, one->text);
	KUNIT_EXPECT_EQ(test, !!asked.extack.bad_attr, one->names_place);
	KUNIT_EXPECT_NULL(test, draft.ports);
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);
}

static void parse_good_settings(struct kunit *test)
{
	struct ipmasq_draft draft;
	struct asked asked;

	ask(test, &asked);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
	KUNIT_EXPECT_EQ(test, (int)draft.edit, (int)IPMASQ_EDIT_ADD);
	KUNIT_EXPECT_EQ(test, draft.origin, IPMASQ_ORIGIN_STATIC);
	KUNIT_EXPECT_EQ(test, draft.flags_named, 0U);
	KUNIT_EXPECT_FALSE(test, draft.has_based_on);
	KUNIT_EXPECT_FALSE(test, draft.ports_named);
	kfree_skb(asked.skb);

	ask(test, &asked);
	nla_put_u8(asked.skb, IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_CONFIG);
	nla_put_u64_64bit(asked.skb, IPMASQ_A_GENERATION, 1ULL << 40, IPMASQ_A_PAD);
	nla_put_flag(asked.skb, IPMASQ_A_REPLACE);
	put_flags(asked.skb, IPMASQ_FLAG_IPV6, IPMASQ_FLAG_IPV6 | IPMASQ_FLAG_ENABLED);
	put_ports(test, asked.skb, 1024, 2047);
	put_ports(test, asked.skb, 0, 65535);
	put_ports(test, asked.skb, 5, 5);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
	KUNIT_EXPECT_EQ(test, (int)draft.edit, (int)IPMASQ_EDIT_SET);
	KUNIT_EXPECT_EQ(test, draft.origin, IPMASQ_ORIGIN_CONFIG);
	KUNIT_EXPECT_TRUE(test, draft.has_based_on);
	KUNIT_EXPECT_EQ(test, draft.based_on, 1ULL << 40);
	KUNIT_EXPECT_EQ(test, draft.flags, (u32)IPMASQ_FLAG_IPV6);
	KUNIT_EXPECT_EQ(test, draft.flags_named, (u32)(IPMASQ_FLAG_IPV6 | IPMASQ_FLAG_ENABLED));
	KUNIT_EXPECT_TRUE(test, draft.ports_named);
	KUNIT_ASSERT_NOT_NULL(test, draft.ports);
	KUNIT_EXPECT_EQ(test, draft.ports->count, 3U);
	KUNIT_EXPECT_EQ(test, draft.ports->total, 1024U + 65536 + 1);
	KUNIT_EXPECT_EQ(test, draft.ports->range[2].before, 1024U + 65536);
	KUNIT_EXPECT_EQ(test, draft.ports->range[1].last, 65535);
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);

	ask(test, &asked);
	nla_put_flag(asked.skb, IPMASQ_A_NO_PORT_RANGES);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
	KUNIT_EXPECT_TRUE(test, draft.ports_named);
	KUNIT_EXPECT_NULL(test, draft.ports);
	kfree_skb(asked.skb);
}

static void parse_ranges(struct kunit *test)
{
	struct ipmasq_draft draft;
	struct asked asked;
	u32 i;

	ask(test, &asked);
	put_ports(test, asked.skb, 1, 2);
	put_ports(test, asked.skb, 5, 4);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), -EINVAL);
	expect_text(test, &asked, "port range 5-4: the first port is above the last");
	KUNIT_EXPECT_NULL(test, draft.ports);
	kfree_skb(asked.skb);

	ask(test, &asked);
	for (i = 0; i < IPMASQ_PORT_RANGES_MAX; i++)
		put_ports(test, asked.skb, i, i);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
	KUNIT_ASSERT_NOT_NULL(test, draft.ports);
	KUNIT_EXPECT_EQ(test, draft.ports->total, (u32)IPMASQ_PORT_RANGES_MAX);
	ipmasq_draft_release(&draft);
	put_ports(test, asked.skb, 1, 1);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), -ENOSPC);
	expect_text(test, &asked, "257 port ranges; 256 are the most");
	kfree_skb(asked.skb);
}

static void put_address(struct kunit *test, struct sk_buff *skb, int type, const char *text)
{
	struct prefix prefix;

	parse_address_text(test, text, &prefix);
	KUNIT_ASSERT_EQ(test, nla_put(skb, type, prefix.ipv6 ? 16 : 4, prefix.address), 0);
}

/* Addresses of a connection to explain; "-" leaves one out. */
static const struct question_case {
	const char *name;
	const char *source;
	const char *destination;
	const char *text;
} question_cases[] = {
	{ "IPv4", "10.244.1.2", "203.0.113.7", "" },
	{ "IPv6", "fd00::2", "2001:db8::7", "" },
	{ "no source", "-", "203.0.113.7", "a connection without its source" },
	{ "no destination", "10.244.1.2", "-", "a connection without its destination" },
	{ "nothing", "-", "-", "a connection without its source" },
	{ "IPv4 to IPv6", "10.244.1.2", "fd00::1", "an IPv4 source and an IPv6 destination" },
	{ "IPv6 to IPv4", "fd00::1", "10.244.1.2", "an IPv6 source and an IPv4 destination" },
};

static void describe_question(const struct question_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(question, question_cases, describe_question);

static void parse_questions(struct kunit *test)
{
	const struct question_case *one = test->param_value;
	struct ipmasq_question question;
	struct prefix prefix;
	struct asked asked;
	int err;

	ask(test, &asked);
	if (*one->source != '-')
		put_address(test, asked.skb, IPMASQ_A_SOURCE, one->source);
	if (*one->destination != '-')
		put_address(test, asked.skb, IPMASQ_A_DESTINATION, one->destination);
	parse_message(test, asked.skb, asked.attributes);
	err = ipmasq_parse_question(&asked.request, asked.attributes, &question);
	KUNIT_EXPECT_EQ(test, err, *one->text ? -EINVAL : 0);
	expect_text(test, &asked, one->text);
	kfree_skb(asked.skb);
	if (err)
		return;
	parse_address_text(test, one->source, &prefix);
	KUNIT_EXPECT_EQ(test, question.ipv6, prefix.ipv6);
	KUNIT_EXPECT_EQ(test, memcmp(&question.source, prefix.address, 16), 0);
	parse_address_text(test, one->destination, &prefix);
	KUNIT_EXPECT_EQ(test, memcmp(&question.destination, prefix.address, 16), 0);
	KUNIT_EXPECT_EQ(test, question.protocol, IPPROTO_TCP);
	KUNIT_EXPECT_EQ(test, question.source_port, 0);
	KUNIT_EXPECT_EQ(test, question.output_interface, 0U);
}

static void parse_question_details(struct kunit *test)
{
	struct ipmasq_question question;
	struct asked asked;

	ask(test, &asked);
	put_address(test, asked.skb, IPMASQ_A_SOURCE, "10.0.0.1");
	put_address(test, asked.skb, IPMASQ_A_DESTINATION, "10.0.0.2");
	nla_put_u32(asked.skb, IPMASQ_A_OUTPUT_INTERFACE, 7);
	nla_put_u8(asked.skb, IPMASQ_A_PROTOCOL, IPPROTO_SCTP);
	nla_put_u16(asked.skb, IPMASQ_A_SOURCE_PORT, 500);
	parse_message(test, asked.skb, asked.attributes);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_question(&asked.request, asked.attributes, &question),
			0);
	KUNIT_EXPECT_EQ(test, question.output_interface, 7U);
	KUNIT_EXPECT_EQ(test, question.protocol, IPPROTO_SCTP);
	KUNIT_EXPECT_EQ(test, question.source_port, 500);
	kfree_skb(asked.skb);

	ask(test, &asked);
	nla_put(asked.skb, IPMASQ_A_SOURCE, 5, "12345");
	put_address(test, asked.skb, IPMASQ_A_DESTINATION, "10.0.0.2");
	parse_message(test, asked.skb, asked.attributes);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_question(&asked.request, asked.attributes, &question),
			-EINVAL);
	expect_text(test, &asked, "an address of 5 bytes; 4 (IPv4) or 16 (IPv6) are expected");
	kfree_skb(asked.skb);

	ask(test, &asked);
	put_address(test, asked.skb, IPMASQ_A_SOURCE, "10.0.0.2");
	nla_put(asked.skb, IPMASQ_A_DESTINATION, 15, "123456789012345");
	parse_message(test, asked.skb, asked.attributes);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_question(&asked.request, asked.attributes, &question),
			-EINVAL);
	expect_text(test, &asked, "an address of 15 bytes; 4 (IPv4) or 16 (IPv6) are expected");
	kfree_skb(asked.skb);
}

/* Each command takes its own attributes and no other. */
static void parse_policies(struct kunit *test)
{
	static const struct nla_policy *const takes_origin[] = {
		ipmasq_cidr_get_policy, ipmasq_cidr_add_policy, ipmasq_cidr_del_policy,
		ipmasq_begin_policy,
	};
	static const struct nla_policy *const takes_none[] = {
		ipmasq_no_attributes, ipmasq_policy_set_policy, ipmasq_policy_del_policy,
		ipmasq_transaction_add_policy, ipmasq_explain_policy,
	};
	struct asked asked;
	size_t i;

	ask(test, &asked);
	nla_put_u8(asked.skb, IPMASQ_A_ORIGIN, 1);
	nlmsg_end(asked.skb, nlmsg_hdr(asked.skb));
	for (i = 0; i < ARRAY_SIZE(takes_origin); i++)
		KUNIT_EXPECT_EQ(test, nlmsg_parse(nlmsg_hdr(asked.skb), GENL_HDRLEN,
						  asked.attributes, IPMASQ_A_MAX, takes_origin[i],
						  &asked.extack), 0);
	for (i = 0; i < ARRAY_SIZE(takes_none); i++)
		KUNIT_EXPECT_EQ(test, nlmsg_parse(nlmsg_hdr(asked.skb), GENL_HDRLEN,
						  asked.attributes, IPMASQ_A_MAX, takes_none[i],
						  &asked.extack), -EINVAL);
	kfree_skb(asked.skb);
}

static const struct refusal_case {
	enum ipmasq_refusal_reason reason;
	const char *text;
} refusal_cases[] = {
	{ IPMASQ_REFUSED_OTHER, "" },
	{ IPMASQ_REFUSED_LIMIT, "more than 77 entries (module parameter max_entries)" },
	{ IPMASQ_REFUSED_EXISTS, "2001:db8::/32 is there already" },
	{ IPMASQ_REFUSED_MISSING, "2001:db8::/32 is not there" },
	{ IPMASQ_REFUSED_TWICE, "2001:db8::/32 is named twice" },
	{ IPMASQ_REFUSED_STALE, "another change came first: generation 77 is in force" },
	{ IPMASQ_REFUSED_NO_POLICY, "no policy in this network namespace" },
};

static void parse_refusals(struct kunit *test)
{
	struct ipmasq_refusal refusal = { .number = 77 };
	struct prefix prefix;
	struct asked asked;
	size_t i;

	parse_prefix_text(test, "2001:db8::/32", &prefix);
	entry_from(test, &prefix, &refusal.entry);
	for (i = 0; i < ARRAY_SIZE(refusal_cases); i++) {
		ask(test, &asked);
		refusal.reason = refusal_cases[i].reason;
		ipmasq_tell_refusal(&asked.request, &refusal);
		expect_text(test, &asked, refusal_cases[i].text);
		kfree_skb(asked.skb);
	}
	/* Nobody to tell. */
	asked.request.extack = NULL;
	ipmasq_tell_refusal(&asked.request, &refusal);
}

/* Each thread has a text of its own, so a socket may have as many as 16. */
static void parse_texts_are_kept(struct kunit *test)
{
	struct asked first, second;

	ask(test, &first);
	ask(test, &second);
	second.request.port_id = 43;
	ipmasq_refuse(&first.request, "one of %d", 1);
	ipmasq_refuse(&second.request, "another of %d", 2);
	expect_text(test, &first, "one of 1");
	expect_text(test, &second, "another of 2");
	ipmasq_refuse(&first.request, "%0*d", 2 * IPMASQ_REFUSAL_TEXT_MAX, 0);
	KUNIT_EXPECT_EQ(test, strlen(first.extack._msg), (size_t)IPMASQ_REFUSAL_TEXT_MAX - 1);
	kfree_skb(first.skb);
	kfree_skb(second.skb);
}

static void parse_transactions(struct kunit *test)
{
	struct ipmasq_draft *first = kzalloc(sizeof(*first), GFP_KERNEL);
	struct ipmasq_draft *second = kzalloc(sizeof(*second), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_NULL(test, ipmasq_socket_draft(test->priv, 7));
	KUNIT_EXPECT_NULL(test, ipmasq_socket_end(test->priv, 7));
	KUNIT_EXPECT_EQ(test, ipmasq_socket_begin(test->priv, 7, first), 0);
	KUNIT_EXPECT_EQ(test, ipmasq_socket_begin(test->priv, 7, second), -EBUSY);
	KUNIT_EXPECT_EQ(test, ipmasq_socket_begin(test->priv, 8, second), 0);
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_socket_draft(test->priv, 7), first);
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_socket_end(test->priv, 7), first);
	KUNIT_EXPECT_NULL(test, ipmasq_socket_draft(test->priv, 7));
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_socket_draft(test->priv, 8), second);
	/* The second is left behind: it goes with the namespace. */
	ipmasq_draft_free(first);
	ipmasq_draft_free(NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(parse_prefixes, prefix_gen_params),
	KUNIT_CASE(parse_no_prefix),
	KUNIT_CASE(parse_too_many),
	KUNIT_CASE_PARAM(parse_bad_settings, settings_gen_params),
	KUNIT_CASE(parse_good_settings),
	KUNIT_CASE(parse_ranges),
	KUNIT_CASE_PARAM(parse_questions, question_gen_params),
	KUNIT_CASE(parse_question_details),
	KUNIT_CASE(parse_policies),
	KUNIT_CASE(parse_refusals),
	KUNIT_CASE(parse_texts_are_kept),
	KUNIT_CASE(parse_transactions),
	{}
};

struct kunit_suite netlink_parse_suite = {
	.name = "ipmasq_netlink_parse",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
