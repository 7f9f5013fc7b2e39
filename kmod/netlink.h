/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic-netlink family; its files are the only ones that know attributes:
 * netlink.c has the commands, netlink_parse.c and netlink_settings.c read requests,
 * netlink_fill.c writes replies, netlink_list.c dumps, netlink_event.c tells those who
 * listen, netlink_socket.c keeps what belongs to a socket.
 */
#ifndef IPMASQ_NETLINK_H
#define IPMASQ_NETLINK_H

#include <linux/list.h>
#include <linux/types.h>
#include <net/genetlink.h>

#include "explain.h"
#include "policy.h"

struct ipmasq_net;
struct nf_conn;

/* A refusal's text, with the longest IPv6 prefix in it. */
#define IPMASQ_REFUSAL_TEXT_MAX 160

/**
 * struct ipmasq_request - who asked, for refusals
 * @ns: the namespace
 * @port_id: the socket
 * @extack: where a refusal is told
 */
struct ipmasq_request {
	struct ipmasq_net *ns;
	u32 port_id;
	struct netlink_ext_ack *extack;
};

/**
 * struct ipmasq_socket - what a netlink socket has begun in its namespace
 * @list: in ipmasq_net.sockets
 * @port_id: the socket's
 * @draft: its open transaction, NULL for none; owned
 * @texts: struct ipmasq_refusal_text, what its last refusals said
 * @text_count: how many
 */
struct ipmasq_socket {
	struct list_head list;
	u32 port_id;
	struct ipmasq_draft *draft;
	struct list_head texts;
	u32 text_count;
};

extern struct genl_family ipmasq_family;

int ipmasq_netlink_init(void);
void ipmasq_netlink_exit(void);
int ipmasq_gate(const struct net *net, u8 command, struct netlink_ext_ack *extack);
int ipmasq_apply(const struct ipmasq_request *request, struct ipmasq_draft *draft, u8 cause,
		 u64 *generation);

/* netlink_socket.c */
int ipmasq_sockets_init(void);
void ipmasq_sockets_exit(void);
void ipmasq_sockets_release(struct ipmasq_net *ns);
int ipmasq_socket_begin(struct ipmasq_net *ns, u32 port_id, struct ipmasq_draft *draft);
struct ipmasq_draft *ipmasq_socket_draft(struct ipmasq_net *ns, u32 port_id);
struct ipmasq_draft *ipmasq_socket_end(struct ipmasq_net *ns, u32 port_id);
__printf(2, 3)
void ipmasq_refuse(const struct ipmasq_request *request, const char *format, ...);

/* netlink_list.c */
int ipmasq_listing_start(struct netlink_callback *cb);
int ipmasq_listing_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ipmasq_listing_done(struct netlink_callback *cb);

/* netlink_settings.c */
int ipmasq_parse_settings(const struct ipmasq_request *request, const struct nlmsghdr *header,
			  struct nlattr **attributes, struct ipmasq_draft *draft);
struct ipmasq_pool *ipmasq_parse_pool(const struct ipmasq_request *request,
				      const struct nlattr *attributes, int length, int type);

/* netlink_parse.c */
extern const struct nla_policy ipmasq_no_attributes[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_policy_set_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_policy_del_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_cidr_get_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_cidr_add_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_cidr_del_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_begin_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_transaction_add_policy[IPMASQ_A_MAX + 1];
extern const struct nla_policy ipmasq_explain_policy[IPMASQ_A_MAX + 1];

int ipmasq_parse_address(const struct ipmasq_request *request, const struct nlattr *attribute,
			 struct in6_addr *address, bool *ipv6);
int ipmasq_require_ipv6(const struct ipmasq_request *request, const struct nlattr *attribute);
int ipmasq_parse_entries(const struct ipmasq_request *request, const struct nlmsghdr *header,
			 struct ipmasq_draft *draft);
int ipmasq_parse_prefix(const struct ipmasq_request *request, const struct nlattr *attribute,
			struct ipmasq_entry *entry, bool *detailed);
int ipmasq_parse_question(const struct ipmasq_request *request, struct nlattr **attributes,
			  struct ipmasq_question *question);
void ipmasq_tell_refusal(const struct ipmasq_request *request,
			 const struct ipmasq_refusal *refusal);

/* netlink_fill.c */
int ipmasq_fill_policy(struct sk_buff *skb, const struct ipmasq_policy *policy);
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
