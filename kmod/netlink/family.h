/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic-netlink family; the files of this folder are the only ones that know
 * attributes: schema.c has their form, commands.c the commands, value.c, settings.c and
 * entries.c read requests, reply.c writes replies, refusal.c says why not, dump.c dumps,
 * event.c sends notifications, transaction.c keeps open transactions, carry_over.c takes
 * over what outlives the module, family.c says who may use it.
 */
#ifndef IPMASQ_NETLINK_FAMILY_H
#define IPMASQ_NETLINK_FAMILY_H

#include <linux/list.h>
#include <linux/types.h>
#include <net/genetlink.h>

#include "explain.h"
#include "policy.h"

struct ipmasq_net;
struct nf_conn;
struct sock;

/* Room for any prefix as text. */
#define IPMASQ_PREFIX_TEXT_MAX 48

/* A refusal's text, with the longest IPv6 prefix in it. */
#define IPMASQ_REFUSAL_TEXT_MAX 160

/**
 * struct ipmasq_request - one request while it is worked on
 * @ns: the namespace
 * @sk: the socket it came from, which stays open meanwhile; compared, never followed
 * @port_id: its port id, which others may have had before
 * @extack: receives a refusal; NULL where nobody is to be told
 * @text: where @extack points after ipmasq_refuse(); the acknowledgment must be made
 *	before this goes, see command() and struct listing
 */
struct ipmasq_request {
	struct ipmasq_net *ns;
	const struct sock *sk;
	u32 port_id;
	struct netlink_ext_ack *extack;
	char text[IPMASQ_REFUSAL_TEXT_MAX];
};

/**
 * struct ipmasq_transaction - an open transaction
 * @list: in ipmasq_net.transactions
 * @sk: the socket that began it, by which it is found; see transaction.c
 * @port_id: of @sk; all that the notifier is told
 * @draft: what it has collected; owned. Only requests of @sk use it, under
 *	ipmasq_net.lock
 */
struct ipmasq_transaction {
	struct list_head list;
	const struct sock *sk;
	u32 port_id;
	struct ipmasq_draft draft;
};

/* commands.c */
int ipmasq_netlink_init(void);
void ipmasq_netlink_exit(void);

/* family.c */
extern struct genl_family ipmasq_family;
int ipmasq_gate(const struct net *net, u8 command, struct netlink_ext_ack *extack);
int ipmasq_require_last(const struct sk_buff *skb, const struct nlmsghdr *header,
			struct netlink_ext_ack *extack);

/* transaction.c */
int ipmasq_transactions_init(void);
void ipmasq_transactions_exit(void);
void ipmasq_transactions_release(struct ipmasq_net *ns);
int ipmasq_transaction_begin(struct ipmasq_request *request,
			     struct ipmasq_transaction *transaction);
struct ipmasq_transaction *ipmasq_transaction_find(const struct ipmasq_request *request);
struct ipmasq_transaction *ipmasq_transaction_end(const struct ipmasq_request *request);
void ipmasq_transaction_free(struct ipmasq_transaction *transaction);

/* carry_over.c */
extern const struct nla_policy ipmasq_carry_over_policy[IPMASQ_A_MAX + 1];
int ipmasq_carry_over(struct ipmasq_request *request, const struct nlmsghdr *header,
		      struct nlattr **attributes);

/* dump.c */
int ipmasq_listing_start(struct netlink_callback *cb);
int ipmasq_listing_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ipmasq_listing_done(struct netlink_callback *cb);

/* schema.c */
extern const struct nla_policy ipmasq_no_attributes[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_policy_set_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_policy_del_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_cidr_get_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_cidr_add_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_cidr_del_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_begin_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_transaction_add_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_explain_policy[IPMASQ_A_MAX + 1];

/* refusal.c */
const char *ipmasq_prefix_text(const struct ipmasq_entry *entry,
			       char text[IPMASQ_PREFIX_TEXT_MAX]);
__printf(2, 3)
void ipmasq_refuse(struct ipmasq_request *request, const char *format, ...);
__printf(4, 5)
int ipmasq_refuse_missing(struct ipmasq_request *request, const struct nlattr *nest, int type,
			  const char *format, ...);
void ipmasq_tell_refusal(struct ipmasq_request *request,
			 const struct ipmasq_refusal *refusal);

/* value.c */
u32 ipmasq_count_attributes(const struct nlattr *attributes, int length, int type);
int ipmasq_parse_address(struct ipmasq_request *request, const struct nlattr *attribute,
			 struct in6_addr *address, bool *ipv6);
int ipmasq_require_ipv6(struct ipmasq_request *request, const struct nlattr *attribute);
int ipmasq_parse_prefix(struct ipmasq_request *request, const struct nlattr *attribute,
			struct ipmasq_entry *entry, bool *detailed);
struct ipmasq_pool *ipmasq_parse_pool(struct ipmasq_request *request,
				      const struct nlattr *attributes, int length, int type);

/* settings.c */
int ipmasq_parse_settings(struct ipmasq_request *request, const struct nlmsghdr *header,
			  struct nlattr **attributes, struct ipmasq_draft *draft);

/* entries.c */
int ipmasq_parse_entries(struct ipmasq_request *request, const struct nlmsghdr *header,
			 struct ipmasq_draft *draft);
int ipmasq_parse_question(struct ipmasq_request *request, struct nlattr **attributes,
			  struct ipmasq_question *question);

/* reply.c */
int ipmasq_fill_policy(struct sk_buff *skb, const struct ipmasq_policy *policy, int priority,
		       u64 draining);
int ipmasq_fill_entry(struct sk_buff *skb, const struct ipmasq_policy *policy,
		      const struct ipmasq_entry *entry, bool shadowed);
int ipmasq_fill_answer(struct sk_buff *skb, const struct ipmasq_policy *policy,
		       const struct ipmasq_question *question,
		       const struct ipmasq_answer *answer);
int ipmasq_fill_statistics(struct sk_buff *skb, const struct ipmasq_verdict_counts *counts);
int ipmasq_fill_event(struct sk_buff *skb, const struct ipmasq_policy *policy, u8 cause,
		      u8 origin, u32 port_id);
size_t ipmasq_policy_size(const struct ipmasq_policy *policy);
size_t ipmasq_answer_size(const struct ipmasq_policy *policy);
size_t ipmasq_statistics_size(void);
size_t ipmasq_event_size(void);
size_t ipmasq_exhausted_size(void);
int ipmasq_fill_exhausted(struct sk_buff *skb, const struct nf_conn *ct, u64 connections);

#endif
