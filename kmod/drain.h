/* SPDX-License-Identifier: GPL-2.0-only */
/* Hooks outlive the policy while connections need the kernel's NAT. */
#ifndef IPMASQ_DRAIN_H
#define IPMASQ_DRAIN_H

#include <linux/types.h>

struct ipmasq_net;

int ipmasq_drain_init(void);
void ipmasq_drain_exit(void);
void ipmasq_drain_prepare(struct ipmasq_net *ns);
void ipmasq_drain_cancel(struct ipmasq_net *ns);
void ipmasq_drain_update(struct ipmasq_net *ns);
u64 ipmasq_drain_left(struct ipmasq_net *ns);
void ipmasq_drain_end(struct ipmasq_net *ns);

#endif
