/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_NODE_ADDRESSES_H
#define IPMASQ_NODE_ADDRESSES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "cidr.h"

/**
 * struct node_address - an address of an interface
 * @host: the address, first so that a list of these can be searched for one
 * @interface: the name of the interface
 */
struct node_address {
	struct cidr host;
	char interface[IF_NAMESIZE];
};

struct node_interface {
	unsigned int index;
	char name[IF_NAMESIZE];
};

/**
 * struct node_addresses - what the interfaces of a network namespace have
 * @own: their addresses, sorted
 * @own_count: how many
 * @broadcast: what reaches all of an IPv4 network of theirs, sorted
 * @broadcast_count: how many
 * @interfaces: the interfaces
 * @interface_count: how many
 */
struct node_addresses {
	struct node_address *own;
	size_t own_count;
	struct cidr *broadcast;
	size_t broadcast_count;
	struct node_interface *interfaces;
	size_t interface_count;
};

int node_addresses_read(struct node_addresses *addresses);
void node_addresses_clear(struct node_addresses *addresses);
bool node_addresses_own(const struct node_addresses *addresses, const struct cidr *host);
unsigned int node_addresses_holder(const struct node_addresses *addresses, const struct cidr *host);
bool node_addresses_group(const struct node_addresses *addresses, const struct cidr *host);
const char *node_addresses_interface(const struct node_addresses *addresses, unsigned int index);

#endif
