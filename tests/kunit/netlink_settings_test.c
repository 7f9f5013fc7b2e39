// SPDX-License-Identifier: GPL-2.0-only
/* Requests: the settings, and what a refusal says. */
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "suites.h"

static void put_flags(struct sk_buff *skb, u32 value, u32 mask)
{
	nla_put_u32(skb, IPMASQ_A_FLAGS, value);
	nla_put_u32(skb, IPMASQ_A_FLAGS_MASK, mask);
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

static void put_bad_flags(struct sk_buff *skb)
{
	put_flags(skb, 0x3, 0x5);
}

static void put_no_mask(struct sk_buff *skb)
{
	nla_put_u32(skb, IPMASQ_A_FLAGS, 1);
}

static void put_no_values(struct sk_buff *skb)
{
	nla_put_u32(skb, IPMASQ_A_FLAGS_MASK, 1);
}

static void put_both(struct sk_buff *skb)
{
	put_no_first(skb);
	nla_put_flag(skb, IPMASQ_A_NO_PORT_RANGES);
}

static void put_sources_and_none(struct sk_buff *skb)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_SOURCE_CIDR);

	nla_nest_end(skb, nest);
	nla_put_flag(skb, IPMASQ_A_NO_SOURCE_CIDRS);
}

static void put_interfaces_and_none(struct sk_buff *skb)
{
	nla_put_string(skb, IPMASQ_A_INTERFACE, "eth0");
	nla_put_flag(skb, IPMASQ_A_NO_INTERFACES);
}

static void put_pool_address(struct sk_buff *skb, int length, const char *data)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_SNAT_ADDRESS);

	if (length)
		nla_put(skb, IPMASQ_A_ADDRESS_IP, length, data);
	nla_nest_end(skb, nest);
}

static void put_pool_and_none(struct sk_buff *skb)
{
	put_pool_address(skb, 4, "1234");
	nla_put_flag(skb, IPMASQ_A_NO_SNAT_ADDRESSES);
}

static void put_short_address(struct sk_buff *skb)
{
	put_pool_address(skb, 3, "123");
}

static void put_no_address(struct sk_buff *skb)
{
	put_pool_address(skb, 0, "");
}

static const struct settings_case {
	const char *name;
	void (*put)(struct sk_buff *skb);
	int err;
	const char *text;
	bool names_place;
} settings_cases[] = {
	{ "flags that are not in their mask", put_bad_flags, -EINVAL,
	  "flags 0x2 are not in their mask 0x5", true },
	{ "flags without their mask", put_no_mask, -EINVAL, "flags without their mask", true },
	{ "flags without their values", put_no_values, -EINVAL, "flags without their values",
	  true },
	{ "a range without its first port", put_no_first, -EINVAL,
	  "a port range without its first port", true },
	{ "a range without its last port", put_no_last, -EINVAL,
	  "a port range without its last port", true },
	{ "port ranges and none", put_both, -EINVAL, "port ranges together with NO_PORT_RANGES",
	  true },
	{ "sources and none", put_sources_and_none, -EINVAL,
	  "source CIDRs together with NO_SOURCE_CIDRS", true },
	{ "interfaces and none", put_interfaces_and_none, -EINVAL,
	  "interfaces together with NO_INTERFACES", true },
	{ "addresses and none", put_pool_and_none, -EINVAL,
	  "addresses together with NO_SNAT_ADDRESSES", true },
	{ "an address of 3 bytes", put_short_address, -EINVAL,
	  "an address of 3 bytes; 4 (IPv4) or 16 (IPv6) are expected", true },
	{ "no address", put_no_address, -EINVAL, "a source address without its IP", true },
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
	nla_put_u32(asked.skb, IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_CONFIG);
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

/* Lists that are refused, as draft_lists() takes them. */
static const struct refused_list {
	const char *name;
	const char *sources;
	const char *interface;
	const char *pool;
	int err;
	const char *text;
} refused_lists[] = {
	{ "source, host bits", "10.0.0.1/8", NULL, NULL, -EINVAL,
	  "10.0.0.1/8 has bits set behind its prefix length; 10.0.0.0/8 is the prefix" },
	{ "source, too long", "10.0.0.0/33", NULL, NULL, -EINVAL,
	  "10.0.0.0/33: the prefix length is above 32" },
	{ "source, twice", "10.0.0.0/8 fd00::/8 10.0.0.0/8", NULL, NULL, -EEXIST,
	  "10.0.0.0/8 is named twice" },
	{ "interface, empty", NULL, "", NULL, -EINVAL,
	  "\"\" cannot be the name of an interface" },
	{ "interface, .", NULL, ".", NULL, -EINVAL,
	  "\".\" cannot be the name of an interface" },
	{ "interface, ..", NULL, "..", NULL, -EINVAL,
	  "\"..\" cannot be the name of an interface" },
	{ "interface, /", NULL, "a/b", NULL, -EINVAL,
	  "\"a/b\" cannot be the name of an interface" },
	{ "interface, :", NULL, "eth0:1", NULL, -EINVAL,
	  "\"eth0:1\" cannot be the name of an interface" },
	{ "interface, a blank", NULL, "eth 0", NULL, -EINVAL,
	  "\"eth 0\" cannot be the name of an interface" },
	{ "interface, a line", NULL, "eth\n0", NULL, -EINVAL,
	  "\"eth\\n0\" cannot be the name of an interface" },
	{ "interface, a tab", NULL, "\t", NULL, -EINVAL,
	  "\"\\t\" cannot be the name of an interface" },
	{ "pool, any", NULL, NULL, "0.0.0.0", -EINVAL, "0.0.0.0 cannot be a source address" },
	{ "pool, multicast", NULL, NULL, "224.0.0.1", -EINVAL,
	  "224.0.0.1 cannot be a source address" },
	{ "pool, broadcast", NULL, NULL, "192.0.2.1,255.255.255.255", -EINVAL,
	  "255.255.255.255 cannot be a source address" },
	{ "pool, IPv6 any", NULL, NULL, "::", -EINVAL, ":: cannot be a source address" },
	{ "pool, IPv6 multicast", NULL, NULL, "ff02::1", -EINVAL,
	  "ff02::1 cannot be a source address" },
	{ "pool, twice", NULL, NULL, "192.0.2.1,192.0.2.2,192.0.2.1", -EEXIST,
	  "192.0.2.1 is in the pool twice" },
	{ "pool, IPv6 twice", NULL, NULL, "2001:db8::1,192.0.2.1,2001:db8::1", -EEXIST,
	  "2001:db8::1 is in the pool twice" },
};

static void describe_refused(const struct refused_list *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refused, refused_lists, describe_refused);

static void parse_refused_lists(struct kunit *test)
{
	const struct refused_list *one = test->param_value;
	struct ipmasq_draft draft;
	struct asked asked;

	ask(test, &asked);
	if (one->sources)
		put_sources(test, asked.skb, one->sources);
	if (one->interface)
		KUNIT_ASSERT_EQ(test, nla_put_string(asked.skb, IPMASQ_A_INTERFACE,
						     one->interface), 0);
	if (one->pool)
		put_addresses(test, asked.skb, IPMASQ_A_SNAT_ADDRESS, one->pool);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), one->err);
	expect_text(test, &asked, one->text);
	KUNIT_EXPECT_NULL(test, draft.sources);
	KUNIT_EXPECT_NULL(test, draft.pool);
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);
}

static void parse_lists(struct kunit *test)
{
	const struct in6_addr address = { .s6_addr32 = { htonl(0xc0000202) } };
	struct ipmasq_draft draft;
	struct asked asked;

	ask(test, &asked);
	put_sources(test, asked.skb, "fd00::/8 10.1.0.0/16 10.0.0.0/8");
	put_interfaces(test, asked.skb, "eth* 123456789012345 *");
	put_addresses(test, asked.skb, IPMASQ_A_SNAT_ADDRESS, "2001:db8::1,192.0.2.1,192.0.2.2");
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
	KUNIT_EXPECT_TRUE(test, draft.sources_named && draft.interfaces_named && draft.pool_named);
	KUNIT_ASSERT_NOT_NULL(test, draft.sources);
	KUNIT_EXPECT_EQ(test, draft.sources->count, 3U);
	KUNIT_ASSERT_NOT_NULL(test, draft.interfaces);
	KUNIT_EXPECT_EQ(test, draft.interfaces->count, 3U);
	KUNIT_EXPECT_STREQ(test, draft.interfaces->pattern[0], "eth*");
	KUNIT_EXPECT_STREQ(test, draft.interfaces->pattern[1], "123456789012345");
	KUNIT_ASSERT_NOT_NULL(test, draft.pool);
	KUNIT_EXPECT_EQ(test, draft.pool->count4, 2U);
	KUNIT_EXPECT_EQ(test, draft.pool->count6, 1U);
	KUNIT_EXPECT_TRUE(test, ipmasq_pool_has(draft.pool, false, &address));
	KUNIT_EXPECT_FALSE(test, draft.ports_named);
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);

	ask(test, &asked);
	nla_put_flag(asked.skb, IPMASQ_A_NO_SOURCE_CIDRS);
	nla_put_flag(asked.skb, IPMASQ_A_NO_INTERFACES);
	nla_put_flag(asked.skb, IPMASQ_A_NO_SNAT_ADDRESSES);
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
	KUNIT_EXPECT_TRUE(test, draft.sources_named && draft.interfaces_named && draft.pool_named);
	KUNIT_EXPECT_NULL(test, draft.sources);
	KUNIT_EXPECT_NULL(test, draft.interfaces);
	KUNIT_EXPECT_NULL(test, draft.pool);
	kfree_skb(asked.skb);
}

/* As many as there may be, and one more. */
static void parse_long_lists(struct kunit *test)
{
	struct ipmasq_draft draft;
	struct asked asked;
	char word[32];
	u32 i;

	ask(test, &asked);
	for (i = 0; i <= IPMASQ_SOURCE_CIDRS_MAX; i++) {
		if (i == IPMASQ_SOURCE_CIDRS_MAX) {
			KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
			KUNIT_EXPECT_EQ(test, draft.sources->count, i);
			ipmasq_draft_release(&draft);
		}
		scnprintf(word, sizeof(word), "10.%u.%u.0/24", i / 256, i % 256);
		put_sources(test, asked.skb, word);
	}
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), -ENOSPC);
	expect_text(test, &asked, "more than 256 source CIDRs");
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);

	ask(test, &asked);
	for (i = 0; i <= IPMASQ_INTERFACES_MAX; i++) {
		if (i == IPMASQ_INTERFACES_MAX) {
			KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
			KUNIT_EXPECT_EQ(test, draft.interfaces->count, i);
			ipmasq_draft_release(&draft);
		}
		put_interfaces(test, asked.skb, "eth*");
	}
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), -ENOSPC);
	expect_text(test, &asked, "65 interfaces; 64 are the most");
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);

	ask(test, &asked);
	for (i = 0; i <= IPMASQ_SNAT_ADDRESSES_MAX; i++) {
		if (i == IPMASQ_SNAT_ADDRESSES_MAX) {
			KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), 0);
			KUNIT_EXPECT_EQ(test, draft.pool->count4, i);
			ipmasq_draft_release(&draft);
		}
		scnprintf(word, sizeof(word), "192.0.2.%u", i);
		put_addresses(test, asked.skb, IPMASQ_A_SNAT_ADDRESS, word);
	}
	KUNIT_EXPECT_EQ(test, parse_settings(test, &asked, &draft), -ENOSPC);
	expect_text(test, &asked, "65 addresses in a pool; 64 are the most");
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);
}

/* Of an entry; the one before it in the message is good. */
static const struct entry_case {
	const char *name;
	const char *word;
	int err;
	const char *text;
} entry_cases[] = {
	{ "a pool", "10.0.0.0/8>192.0.2.1,192.0.2.2", 0, "" },
	{ "a timeout of 1 ms", "10.0.0.0/8~1", 0, "" },
	{ "a timeout of a year", "fd00::/8!~31536000000", 0, "" },
	{ "both", "fd00::/8>2001:db8::1~1000", 0, "" },
	{ "no time", "10.0.0.0/8~0", -EINVAL,
	  "10.0.0.0/8: a timeout of 0 ms; from 1 to 31536000000 are possible" },
	{ "more than a year", "fd00::/8~31536000001", -EINVAL,
	  "fd00::/8: a timeout of 31536000001 ms; from 1 to 31536000000 are possible" },
	{ "the longest time", "10.0.0.0/8~18446744073709551615", -EINVAL,
	  "10.0.0.0/8: a timeout of 18446744073709551615 ms; from 1 to 31536000000 are possible" },
	{ "no addresses", "10.0.0.0/8>", -EINVAL,
	  "10.0.0.0/8: the action snat without addresses" },
	{ "the other family", "10.0.0.0/8>2001:db8::1", -EINVAL,
	  "10.0.0.0/8: an address of its pool is of the other family" },
	{ "one of the other family", "fd00::/8>2001:db8::1,192.0.2.1", -EINVAL,
	  "fd00::/8: an address of its pool is of the other family" },
	{ "an address twice", "10.0.0.0/8>192.0.2.1,192.0.2.1", -EEXIST,
	  "192.0.2.1 is in the pool twice" },
	{ "an impossible address", "10.0.0.0/8>239.0.0.1", -EINVAL,
	  "239.0.0.1 cannot be a source address" },
};

static void describe_entry(const struct entry_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(entry, entry_cases, describe_entry);

static void parse_entry_details(struct kunit *test)
{
	const struct entry_case *one = test->param_value;
	struct ipmasq_draft draft;
	struct asked asked;

	ask(test, &asked);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC);
	put_cidr(test, asked.skb, "2.0.0.0/8>192.0.2.1");
	put_cidr(test, asked.skb, one->word);
	parse_message(test, asked.skb, asked.attributes);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_entries(&asked.request, nlmsg_hdr(asked.skb), &draft),
			one->err);
	expect_text(test, &asked, one->text);
	KUNIT_EXPECT_EQ(test, draft.count, one->err ? 0U : 2U);
	KUNIT_EXPECT_EQ(test, draft.details.count, one->err ? 0U : 2U);
	ipmasq_draft_release(&draft);
	kfree_skb(asked.skb);
}

/* Addresses need the action. */
static void parse_pool_of_skip(struct kunit *test)
{
	struct ipmasq_draft draft;
	struct nlattr *nest;
	struct asked asked;

	ask(test, &asked);
	nest = nla_nest_start(asked.skb, IPMASQ_A_CIDR);
	put_address(test, asked.skb, IPMASQ_A_CIDR_ADDRESS, "10.0.0.0");
	nla_put_u8(asked.skb, IPMASQ_A_CIDR_PREFIX_LEN, 8);
	put_addresses(test, asked.skb, IPMASQ_A_CIDR_SNAT_ADDRESS, "192.0.2.1");
	nla_nest_end(asked.skb, nest);
	parse_message(test, asked.skb, asked.attributes);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_entries(&asked.request, nlmsg_hdr(asked.skb), &draft),
			-EINVAL);
	expect_text(test, &asked, "10.0.0.0/8: addresses without the action snat");
	kfree_skb(asked.skb);
	ipmasq_draft_release(&draft);
}

/* The form of what is new, which the policies see to. */
static void parse_forms(struct kunit *test)
{
	static const struct {
		int type;
		int length;
		const char *data;
		int err;
	} forms[] = {
		{ IPMASQ_A_INTERFACE, 5, "eth0", 0 },
		{ IPMASQ_A_INTERFACE, 16, "123456789012345", 0 },
		{ IPMASQ_A_INTERFACE, 17, "1234567890123456", -EINVAL },
		{ IPMASQ_A_INTERFACE, 4, "eth0", -EINVAL },
		{ IPMASQ_A_INTERFACE, 0, "", -EINVAL },
		{ IPMASQ_A_FLAGS, 4, "\7\0\0\0", 0 },
		{ IPMASQ_A_FLAGS, 4, "\10\0\0\0", -EINVAL },
		{ IPMASQ_A_FLAGS_MASK, 4, "\377\0\0\0", -EINVAL },
		{ IPMASQ_A_SNAT_ADDRESS, 16, "1234567890123456", -EINVAL },
		{ IPMASQ_A_NO_INTERFACES, 1, "1", -ERANGE },
		{ IPMASQ_A_NO_SOURCE_CIDRS, 1, "1", -ERANGE },
		{ IPMASQ_A_NO_SNAT_ADDRESSES, 1, "1", -ERANGE },
		{ IPMASQ_A_DESTINATION_PORT, 2, "12", -EINVAL },
		{ IPMASQ_A_CONNECTIONS, 8, "12345678", -EINVAL },
	};
	struct asked asked;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		ask(test, &asked);
		KUNIT_ASSERT_EQ(test, nla_put(asked.skb, forms[i].type, forms[i].length,
					      forms[i].data), 0);
		nlmsg_end(asked.skb, nlmsg_hdr(asked.skb));
		KUNIT_EXPECT_EQ_MSG(test, nlmsg_parse(nlmsg_hdr(asked.skb), GENL_HDRLEN,
						      asked.attributes, IPMASQ_A_MAX,
						      ipmasq_policy_set_policy, NULL),
				    forms[i].err, "type %d, %d bytes", forms[i].type,
				    forms[i].length);
		kfree_skb(asked.skb);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(parse_bad_settings, settings_gen_params),
	KUNIT_CASE(parse_good_settings),
	KUNIT_CASE(parse_ranges),
	KUNIT_CASE_PARAM(parse_refused_lists, refused_gen_params),
	KUNIT_CASE(parse_lists),
	KUNIT_CASE(parse_long_lists),
	KUNIT_CASE_PARAM(parse_entry_details, entry_gen_params),
	KUNIT_CASE(parse_pool_of_skip),
	KUNIT_CASE(parse_forms),
	{}
};

struct kunit_suite netlink_settings_suite = {
	.name = "ipmasq_netlink_settings",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
