/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook in POSTROUTING: one new connection in, one verdict out. */
#ifndef IPMASQ_HOOK_H
#define IPMASQ_HOOK_H

#include <linux/types.h>

struct ipmasq_flow;
struct ipmasq_net;
struct ipmasq_policy;
struct net;

int ipmasq_hook_init(void);
void ipmasq_hook_exit(void);
void ipmasq_hook_prepare(struct ipmasq_net *ns);
int ipmasq_hook_enable(struct net *net, struct ipmasq_net *ns, u32 flags);
void ipmasq_hook_disable(struct net *net, struct ipmasq_net *ns, u32 flags);
void ipmasq_hook_remove(struct net *net, struct ipmasq_net *ns);
int ipmasq_hook_priority(void);
bool ipmasq_source_is_own(struct net *net, const struct ipmasq_flow *flow);

#endif
