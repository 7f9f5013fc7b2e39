/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_DECISION_H
#define IPMASQCTL_DECISION_H

#include "policy.h"

/**
 * struct decision - a policy, ready to be asked about addresses
 * @policy: borrowed, sorted
 * @lengths: whether there is a prefix of that length, IPv4 and IPv6
 */
struct decision {
	const struct policy *policy;
	bool lengths[2][129];
};

void decision_init(struct decision *decision, const struct policy *policy);
bool decision_translates(const struct decision *decision, const struct cidr *destination);

#endif
