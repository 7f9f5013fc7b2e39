/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook in POSTROUTING: one new connection in, one verdict out. */
#ifndef IPMASQ_HOOK_H
#define IPMASQ_HOOK_H

#include <linux/bits.h>
#include <linux/types.h>

struct ipmasq_decision;
struct ipmasq_flow;
struct ipmasq_net;

/* Hooks of a namespace, as a set. */
#define IPMASQ_HOOK_IPV4 BIT(0)
#define IPMASQ_HOOK_IPV6 BIT(1)
#define IPMASQ_HOOK_ALL (IPMASQ_HOOK_IPV4 | IPMASQ_HOOK_IPV6)

struct net;

int ipmasq_hook_init(void);
void ipmasq_hook_exit(void);
void ipmasq_hook_prepare(struct ipmasq_net *ns);
int ipmasq_hook_enable(struct net *net, struct ipmasq_net *ns, u32 flags);
void ipmasq_hook_disable(struct net *net, struct ipmasq_net *ns, u8 hooks);
u8 ipmasq_hook_idle(const struct ipmasq_net *ns);
int ipmasq_hook_priority(void);
enum ipmasq_verdict ipmasq_hook_pool(struct net *net, const struct ipmasq_flow *flow,
				     bool broadcast, struct ipmasq_decision *decision);

#endif
