/* SPDX-License-Identifier: GPL-2.0-only */
/* From a draft to the policy in force. */
#ifndef IPMASQ_COMMIT_H
#define IPMASQ_COMMIT_H

#include <linux/types.h>

struct ipmasq_draft;
struct ipmasq_net;
struct ipmasq_refusal;

int ipmasq_commit(struct ipmasq_net *ns, struct ipmasq_draft *draft, u8 cause, u32 port_id,
		  u64 *generation, struct ipmasq_refusal *refusal);

#endif
