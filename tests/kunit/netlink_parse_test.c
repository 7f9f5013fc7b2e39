// SPDX-License-Identifier: GPL-2.0-only
/* Requests: what becomes of their attributes, and what a refusal says. */
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "suites.h"

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
		KUNIT_ASSERT_EQ(test, nla_put_u32(skb, IPMASQ_A_CIDR_ACTION, one->action), 0);
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
	KUNIT_ASSERT_EQ(test, nla_put_u32(asked.skb, IPMASQ_A_ORIGIN, 1), 0);
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
	nla_put_u32(asked.skb, IPMASQ_A_ORIGIN, 1);
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

/* Ranges of enums, to their ends. */
static void parse_enums(struct kunit *test)
{
	struct asked asked;
	u32 value;

	for (value = 0; value < 5; value++) {
		ask(test, &asked);
		nla_put_u32(asked.skb, IPMASQ_A_ORIGIN, value);
		nlmsg_end(asked.skb, nlmsg_hdr(asked.skb));
		KUNIT_EXPECT_EQ(test, nlmsg_parse(nlmsg_hdr(asked.skb), GENL_HDRLEN,
						  asked.attributes, IPMASQ_A_MAX,
						  ipmasq_cidr_add_policy, &asked.extack),
				value == 1 || value == 2 ? 0 : -ERANGE);
		kfree_skb(asked.skb);

		ask(test, &asked);
		put_case(test, asked.skb, &(struct prefix_case){ .action = value,
								 .prefix_len = -1 });
		nlmsg_end(asked.skb, nlmsg_hdr(asked.skb));
		KUNIT_EXPECT_EQ(test, nlmsg_parse(nlmsg_hdr(asked.skb), GENL_HDRLEN,
						  asked.attributes, IPMASQ_A_MAX,
						  ipmasq_cidr_add_policy, &asked.extack),
				value && value < 4 ? 0 : -ERANGE);
		kfree_skb(asked.skb);
	}
}

static const struct refusal_case {
	enum ipmasq_refusal_reason reason;
	const char *text;
} refusal_cases[] = {
	{ IPMASQ_REFUSED_OTHER, "" },
	{ IPMASQ_REFUSED_LIMIT, "more than 77 entries (module parameter max_entries)" },
	{ IPMASQ_REFUSED_DETAILS, "more than 77 entries with a timeout or a pool" },
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

/* A text belongs to its request, and is cut where it does not fit. */
static void parse_texts_are_kept(struct kunit *test)
{
	struct asked first, second;

	ask(test, &first);
	ask(test, &second);
	ipmasq_refuse(&first.request, "one of %d", 1);
	ipmasq_refuse(&second.request, "another of %d", 2);
	expect_text(test, &first, "one of 1");
	expect_text(test, &second, "another of 2");
	ipmasq_refuse(&first.request, "%0*d", 2 * IPMASQ_REFUSAL_TEXT_MAX, 0);
	KUNIT_EXPECT_EQ(test, strlen(first.extack._msg), (size_t)IPMASQ_REFUSAL_TEXT_MAX - 1);
	kfree_skb(first.skb);
	kfree_skb(second.skb);
}

static struct ipmasq_transaction *transaction_create(struct kunit *test)
{
	struct ipmasq_transaction *transaction = kzalloc(sizeof(*transaction), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, transaction);
	ipmasq_draft_init(&transaction->draft, IPMASQ_EDIT_REPLACE, IPMASQ_ORIGIN_STATIC);
	return transaction;
}

/* Two sockets, of which the second has bound the port id that the first had. */
static void parse_transactions(struct kunit *test)
{
	struct sock *sockets = kunit_kzalloc(test, 2 * sizeof(*sockets), GFP_KERNEL);
	struct ipmasq_request old = { .ns = test->priv, .sk = &sockets[0], .port_id = 7 };
	struct ipmasq_request new = { .ns = test->priv, .sk = &sockets[1], .port_id = 7 };
	struct ipmasq_transaction *first = transaction_create(test);
	struct ipmasq_transaction *second = transaction_create(test);

	KUNIT_ASSERT_NOT_NULL(test, sockets);
	KUNIT_EXPECT_NULL(test, ipmasq_transaction_find(&old));
	KUNIT_EXPECT_NULL(test, ipmasq_transaction_end(&old));
	KUNIT_EXPECT_EQ(test, ipmasq_transaction_begin(&old, first), 0);
	KUNIT_EXPECT_EQ(test, ipmasq_transaction_begin(&old, second), -EBUSY);
	KUNIT_EXPECT_NULL(test, ipmasq_transaction_find(&new));
	KUNIT_EXPECT_EQ(test, ipmasq_transaction_begin(&new, second), 0);
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_transaction_find(&old), first);
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_transaction_end(&old), first);
	KUNIT_EXPECT_NULL(test, ipmasq_transaction_find(&old));
	KUNIT_EXPECT_PTR_EQ(test, ipmasq_transaction_find(&new), second);
	/* The second is left behind: it goes with the namespace. */
	ipmasq_transaction_free(first);
	ipmasq_transaction_free(NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(parse_prefixes, prefix_gen_params),
	KUNIT_CASE(parse_no_prefix),
	KUNIT_CASE(parse_too_many),
	KUNIT_CASE_PARAM(parse_questions, question_gen_params),
	KUNIT_CASE(parse_question_details),
	KUNIT_CASE(parse_policies),
	KUNIT_CASE(parse_enums),
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
