/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_INTERFACES_H
#define IPMASQD_INTERFACES_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/ipmasq.h>

#include "policy.h"

/**
 * struct interfaces - which patterns of outputInterfaces match no interface of the node
 * @missing: those that did not at the last look, in the order of the list
 * @serial: of the policy that they are of
 */
struct interfaces {
	bool missing[IPMASQ_INTERFACES_MAX];
	uint64_t serial;
};

void interfaces_look(struct interfaces *interfaces, const struct policy *wanted, uint64_t serial);

#endif
