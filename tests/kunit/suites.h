/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites share: prefixes as text, a namespace, netlink messages. */
#ifndef IPMASQ_KUNIT_SUITES_H
#define IPMASQ_KUNIT_SUITES_H

#include <kunit/test.h>
#include <linux/types.h>

#include "namespace.h"
#include "netlink/family.h"
#include "policy.h"

/* Room for a prefix with all that is said about it. */
#define PREFIX_TEXT_MAX 192

/**
 * struct prefix - a prefix as the wire has it
 * @ipv6: family
 * @prefix_len: its length
 * @action: enum ipmasq_action
 * @address: network order, 4 or 16 bytes
 */
struct prefix {
	bool ipv6;
	u8 prefix_len;
	u8 action;
	u8 address[16];
};

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

/* prefix.c */
void parse_address_text(struct kunit *test, const char *text, struct prefix *prefix);
void parse_prefix_text(struct kunit *test, const char *text, struct prefix *prefix);
void entry_from(struct kunit *test, const struct prefix *prefix, struct ipmasq_entry *entry);
char *next_word(char **words);

/* namespace.c */
int namespace_init(struct kunit *test);
void namespace_exit(struct kunit *test);
void settle(struct kunit *test);
const struct ipmasq_policy *in_force(struct kunit *test);
int commit(struct kunit *test, struct ipmasq_draft *draft, struct ipmasq_refusal *refusal);
void draft_words(struct kunit *test, struct ipmasq_draft *draft, const char *words);
void draft_lists(struct kunit *test, struct ipmasq_draft *draft, const char *sources,
		 const char *interfaces, const char *pool);
int change(struct kunit *test, enum ipmasq_edit edit, u8 origin, const char *words);
struct ipmasq_entry entry_at(struct kunit *test, u32 index, bool *shadowed);
char *table_text(struct kunit *test);
void set_max_entries(struct kunit *test, u32 limit);

/* message.c */
struct sk_buff *message_create(struct kunit *test);
void ask(struct kunit *test, struct asked *asked);
void expect_text(struct kunit *test, const struct asked *asked, const char *text);
void put_address(struct kunit *test, struct sk_buff *skb, int type, const char *text);
void put_addresses(struct kunit *test, struct sk_buff *skb, int type, const char *words);
void put_cidr(struct kunit *test, struct sk_buff *skb, const char *words);
void put_cidrs(struct kunit *test, struct sk_buff *skb, const char *words);
void put_sources(struct kunit *test, struct sk_buff *skb, const char *words);
void put_interfaces(struct kunit *test, struct sk_buff *skb, const char *words);
void put_ports(struct kunit *test, struct sk_buff *skb, u16 first, u16 last);
void parse_message(struct kunit *test, struct sk_buff *skb, struct nlattr **attributes);
void parse_bare(struct kunit *test, struct sk_buff *skb, struct nlattr **attributes);

extern struct kunit_suite cidr_table_suite;
extern struct kunit_suite verdict_suite;
extern struct kunit_suite policy_suite;
extern struct kunit_suite cidr_change_suite;
extern struct kunit_suite selector_suite;
extern struct kunit_suite pool_suite;
extern struct kunit_suite detail_suite;
extern struct kunit_suite expiry_suite;
extern struct kunit_suite explain_suite;
extern struct kunit_suite counter_suite;
extern struct kunit_suite netlink_parse_suite;
extern struct kunit_suite netlink_settings_suite;
extern struct kunit_suite netlink_fill_suite;

#endif
