// SPDX-License-Identifier: GPL-2.0-only
/* Requests, as far as they reach the module: headers and attributes. */
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "suites.h"

/**
 * message_create() - a request without attributes
 * @test: fails without memory
 *
 * Return: the message, for kfree_skb().
 */
struct sk_buff *message_create(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(16384, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, nlmsg_put(skb, 1, 1, NLMSG_MIN_TYPE, GENL_HDRLEN, 0));
	return skb;
}

/**
 * ask() - begin a request of the test's namespace
 * @test: from namespace_init()
 * @asked: what to fill; its message is for kfree_skb()
 */
void ask(struct kunit *test, struct asked *asked)
{
	memset(asked, 0, sizeof(*asked));
	asked->request.ns = test->priv;
	asked->request.extack = &asked->extack;
	asked->skb = message_create(test);
}

/**
 * expect_text() - what a requester is told
 * @test: fails if it is something else
 * @asked: the request
 * @text: "" for nothing
 */
void expect_text(struct kunit *test, const struct asked *asked, const char *text)
{
	KUNIT_EXPECT_STREQ(test, asked->extack._msg ?: "", text);
}

/**
 * put_address() - append an address
 * @test: fails if it is none, or there is no room
 * @skb: the message
 * @type: of the attribute
 * @text: IPv4 or IPv6
 */
void put_address(struct kunit *test, struct sk_buff *skb, int type, const char *text)
{
	struct prefix prefix;

	parse_address_text(test, text, &prefix);
	KUNIT_ASSERT_EQ(test, nla_put(skb, type, prefix.ipv6 ? 16 : 4, prefix.address), 0);
}

/**
 * put_addresses() - append several of a pool
 * @test: fails if one is none, or there is no room
 * @skb: the message
 * @type: of the attributes
 * @words: separated by commas
 */
void put_addresses(struct kunit *test, struct sk_buff *skb, int type, const char *words)
{
	char *copy = kstrdup(words, GFP_KERNEL), *rest = copy, *word;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while ((word = strsep(&rest, ","))) {
		struct nlattr *nest = nla_nest_start(skb, type);

		KUNIT_ASSERT_NOT_NULL(test, nest);
		put_address(test, skb, IPMASQ_A_ADDRESS_IP, word);
		nla_nest_end(skb, nest);
	}
	kfree(copy);
}

/**
 * put_cidr() - append a CIDR
 * @test: fails if there is no room
 * @skb: the message
 * @word: as parse_prefix_text() takes it; "!" and ">" put an action, none leaves it
 *	out. Behind ">" the addresses of its pool with commas, or none; behind "~" its
 *	timeout in milliseconds
 */
void put_cidr(struct kunit *test, struct sk_buff *skb, const char *word)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_CIDR);
	char *copy = kstrdup(word, GFP_KERNEL), *rest = copy, *pool;
	struct prefix prefix;
	u64 timeout;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	parse_prefix_text(test, strsep(&rest, "~"), &prefix);
	KUNIT_ASSERT_NOT_NULL(test, nest);
	KUNIT_ASSERT_EQ(test, nla_put(skb, IPMASQ_A_CIDR_ADDRESS, prefix.ipv6 ? 16 : 4,
				      prefix.address), 0);
	KUNIT_ASSERT_EQ(test, nla_put_u8(skb, IPMASQ_A_CIDR_PREFIX_LEN, prefix.prefix_len), 0);
	if (prefix.action != IPMASQ_ACTION_SKIP)
		KUNIT_ASSERT_EQ(test, nla_put_u32(skb, IPMASQ_A_CIDR_ACTION, prefix.action), 0);
	pool = strchr(copy, '>');
	if (pool && pool[1])
		put_addresses(test, skb, IPMASQ_A_CIDR_SNAT_ADDRESS, pool + 1);
	if (rest) {
		KUNIT_ASSERT_EQ(test, kstrtou64(rest, 10, &timeout), 0);
		KUNIT_ASSERT_EQ(test, nla_put_u64_64bit(skb, IPMASQ_A_CIDR_TIMEOUT, timeout,
							IPMASQ_A_CIDR_PAD), 0);
	}
	nla_nest_end(skb, nest);
	kfree(copy);
}

/**
 * put_cidrs() - append several CIDRs
 * @test: fails if there is no room
 * @skb: the message
 * @words: separated by blanks
 */
void put_cidrs(struct kunit *test, struct sk_buff *skb, const char *words)
{
	char *copy = kstrdup(words, GFP_KERNEL), *rest = copy, *word;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while ((word = next_word(&rest)))
		put_cidr(test, skb, word);
	kfree(copy);
}

/**
 * put_sources() - append a source list
 * @test: fails if there is no room
 * @skb: the message
 * @words: prefixes, separated by blanks
 */
void put_sources(struct kunit *test, struct sk_buff *skb, const char *words)
{
	char *copy = kstrdup(words, GFP_KERNEL), *rest = copy, *word;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while ((word = next_word(&rest))) {
		struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_SOURCE_CIDR);
		struct prefix prefix;

		parse_prefix_text(test, word, &prefix);
		KUNIT_ASSERT_NOT_NULL(test, nest);
		KUNIT_ASSERT_EQ(test, nla_put(skb, IPMASQ_A_CIDR_ADDRESS, prefix.ipv6 ? 16 : 4,
					      prefix.address), 0);
		KUNIT_ASSERT_EQ(test, nla_put_u8(skb, IPMASQ_A_CIDR_PREFIX_LEN, prefix.prefix_len),
				0);
		nla_nest_end(skb, nest);
	}
	kfree(copy);
}

/**
 * put_interfaces() - append an interface list
 * @test: fails if there is no room
 * @skb: the message
 * @words: patterns, separated by blanks
 */
void put_interfaces(struct kunit *test, struct sk_buff *skb, const char *words)
{
	char *copy = kstrdup(words, GFP_KERNEL), *rest = copy, *word;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while ((word = next_word(&rest)))
		KUNIT_ASSERT_EQ(test, nla_put_string(skb, IPMASQ_A_INTERFACE, word), 0);
	kfree(copy);
}

/**
 * put_ports() - append a port range
 * @test: fails if there is no room
 * @skb: the message
 * @first: lowest
 * @last: highest
 */
void put_ports(struct kunit *test, struct sk_buff *skb, u16 first, u16 last)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_PORT_RANGE);

	KUNIT_ASSERT_NOT_NULL(test, nest);
	KUNIT_ASSERT_EQ(test, nla_put_u16(skb, IPMASQ_A_PORT_RANGE_FIRST, first), 0);
	KUNIT_ASSERT_EQ(test, nla_put_u16(skb, IPMASQ_A_PORT_RANGE_LAST, last), 0);
	nla_nest_end(skb, nest);
}

/**
 * parse_message() - what a command's handler gets of a request
 * @test: fails if the attributes have no form
 * @skb: the message, complete from now on
 * @attributes: of IPMASQ_A_MAX
 */
void parse_message(struct kunit *test, struct sk_buff *skb, struct nlattr **attributes)
{
	nlmsg_end(skb, nlmsg_hdr(skb));
	KUNIT_ASSERT_EQ(test, nlmsg_parse(nlmsg_hdr(skb), GENL_HDRLEN, attributes, IPMASQ_A_MAX,
					  NULL, NULL), 0);
}

/**
 * parse_bare() - attributes of what a filler wrote, which has no headers
 * @test: fails if they have no form
 * @skb: what it wrote
 * @attributes: of IPMASQ_A_MAX
 */
void parse_bare(struct kunit *test, struct sk_buff *skb, struct nlattr **attributes)
{
	KUNIT_ASSERT_EQ(test, nla_parse(attributes, IPMASQ_A_MAX, (struct nlattr *)skb->data,
					skb->len, NULL, NULL), 0);
}
