/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_POOL_H
#define IPMASQD_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "policy.h"

/**
 * struct pool - what is known of the addresses of snatAddresses
 * @missing: those that the node did not have at the last look, sorted; owned
 * @count: of @missing
 * @serial: of the policy that they are wanted by
 */
struct pool {
	struct cidr *missing;
	size_t count;
	uint64_t serial;
};

void pool_look(struct pool *pool, const struct policy *wanted, uint64_t serial);
void pool_clear(struct pool *pool);

#endif
