/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries go when their time is over. */
#ifndef IPMASQ_EXPIRY_H
#define IPMASQ_EXPIRY_H

struct ipmasq_net;
struct ipmasq_policy;

int ipmasq_expiry_init(void);
void ipmasq_expiry_settle(void);
void ipmasq_expiry_exit(void);
void ipmasq_expiry_begin(struct ipmasq_net *ns);
void ipmasq_expiry_end(struct ipmasq_net *ns);
void ipmasq_expiry_arm(struct ipmasq_net *ns, const struct ipmasq_policy *policy);
void ipmasq_expiry_disarm(struct ipmasq_net *ns);

#endif
