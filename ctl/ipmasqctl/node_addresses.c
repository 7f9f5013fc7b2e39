// SPDX-License-Identifier: GPL-2.0-or-later
/* Which addresses are this node's. */
#include "node_addresses.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const struct cidr loopback = {
	.family = AF_INET,
	.prefix_len = 8,
	.address = { 127 },
};

static bool host_prefix(const struct sockaddr *address, struct cidr *host)
{
	memset(host, 0, sizeof(*host));
	if (!address)
		return false;
	host->family = (uint8_t)address->sa_family;
	switch (address->sa_family) {
	case AF_INET:
		host->prefix_len = 32;
		memcpy(host->address, &((const struct sockaddr_in *)address)->sin_addr, 4);
		return true;
	case AF_INET6:
		host->prefix_len = 128;
		memcpy(host->address, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
		return true;
	default:
		return false;
	}
}

static int compare(const void *a, const void *b)
{
	return cidr_compare(a, b);
}

/**
 * node_addresses_read() - read them
 * @addresses: overwritten; node_addresses_clear() frees it
 *
 * Return: 0 or a negative errno.
 */
int node_addresses_read(struct node_addresses *addresses)
{
	struct ifaddrs *all;
	struct ifaddrs *one;
	size_t room = 0;

	memset(addresses, 0, sizeof(*addresses));
	if (getifaddrs(&all))
		return -errno;
	for (one = all; one; one = one->ifa_next)
		room++;
	addresses->list = calloc(room + 1, sizeof(*addresses->list));
	for (one = all; one && addresses->list; one = one->ifa_next)
		addresses->count += host_prefix(one->ifa_addr, &addresses->list[addresses->count]);
	freeifaddrs(all);
	if (!addresses->list)
		return -ENOMEM;
	qsort(addresses->list, addresses->count, sizeof(*addresses->list), compare);
	return 0;
}

/**
 * node_addresses_have() - whether an address is this node's
 * @addresses: from node_addresses_read()
 * @host: host prefix
 */
bool node_addresses_have(const struct node_addresses *addresses, const struct cidr *host)
{
	return cidr_holds(&loopback, host) ||
	       bsearch(host, addresses->list, addresses->count, sizeof(*host), compare);
}

/**
 * node_addresses_clear() - free what node_addresses_read() allocated
 * @addresses: is empty afterwards
 */
void node_addresses_clear(struct node_addresses *addresses)
{
	free(addresses->list);
	memset(addresses, 0, sizeof(*addresses));
}

/**
 * warn_of_strangers() - say which addresses of a pool are not this node's
 * @invocation: how the program was called
 * @pool: host prefixes
 * @count: how many
 *
 * That is no error: a router may send their traffic here all the same.
 */
void warn_of_strangers(const struct invocation *invocation, const struct cidr *pool,
		       size_t count)
{
	struct node_addresses addresses;
	char text[CIDR_TEXT_MAX];
	size_t i;

	if (count && !node_addresses_read(&addresses)) {
		for (i = 0; i < count; i++) {
			if (!node_addresses_have(&addresses, &pool[i]))
				warn(invocation,
				     "no interface here has the address %s: answers to it come back only where others route them to this node",
				     cidr_format_address(&pool[i], text));
		}
		node_addresses_clear(&addresses);
	}
}
