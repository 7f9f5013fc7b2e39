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
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, nlmsg_put(skb, 1, 1, NLMSG_MIN_TYPE, GENL_HDRLEN, 0));
	return skb;
}

/**
 * put_cidr() - append a CIDR
 * @test: fails if there is no room
 * @skb: the message
 * @word: as parse_prefix_text() takes it; "!" puts an action, none leaves it out
 */
void put_cidr(struct kunit *test, struct sk_buff *skb, const char *word)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_CIDR);
	struct prefix prefix;

	parse_prefix_text(test, word, &prefix);
	KUNIT_ASSERT_NOT_NULL(test, nest);
	KUNIT_ASSERT_EQ(test, nla_put(skb, IPMASQ_A_CIDR_ADDRESS, prefix.ipv6 ? 16 : 4,
				      prefix.address), 0);
	KUNIT_ASSERT_EQ(test, nla_put_u8(skb, IPMASQ_A_CIDR_PREFIX_LEN, prefix.prefix_len), 0);
	if (prefix.action == IPMASQ_ACTION_MASQUERADE)
		KUNIT_ASSERT_EQ(test, nla_put_u8(skb, IPMASQ_A_CIDR_ACTION, prefix.action), 0);
	nla_nest_end(skb, nest);
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
