/* SPDX-License-Identifier: GPL-2.0-only */
/* What the family tells those who listen. */
#ifndef IPMASQ_NETLINK_EVENT_H
#define IPMASQ_NETLINK_EVENT_H

#include <linux/types.h>

struct ipmasq_net;
struct ipmasq_policy;
struct net;
struct nf_conn;
struct sk_buff;

void ipmasq_event_close(void);
struct sk_buff *ipmasq_event_create(void);
void ipmasq_event_changed(struct net *net, struct sk_buff *skb,
			  const struct ipmasq_policy *policy, u8 cause, u8 origin, u32 port_id);
void ipmasq_event_exhausted(struct net *net, struct ipmasq_net *ns, const struct nf_conn *ct);

#endif
