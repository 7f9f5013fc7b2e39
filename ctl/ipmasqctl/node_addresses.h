/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_NODE_ADDRESSES_H
#define IPMASQCTL_NODE_ADDRESSES_H

#include "cidr.h"
#include "ipmasqctl.h"

/**
 * struct node_addresses - the addresses of this network namespace's interfaces
 * @list: host prefixes, sorted; owned
 * @count: how many
 */
struct node_addresses {
	struct cidr *list;
	size_t count;
};

int node_addresses_read(struct node_addresses *addresses);
bool node_addresses_have(const struct node_addresses *addresses, const struct cidr *host);
void node_addresses_clear(struct node_addresses *addresses);

void warn_of_strangers(const struct invocation *invocation, const struct cidr *pool,
		       size_t count);

#endif
