// SPDX-License-Identifier: GPL-2.0-or-later
#include "node_addresses.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return cidr_compare(a, b);
}

static const struct node_address *find_own(const struct node_addresses *addresses,
					   const struct cidr *host)
{
	if (!addresses->own_count)
		return NULL;
	return bsearch(host, addresses->own, addresses->own_count, sizeof(*addresses->own),
		       compare);
}

static struct cidr host_ipv4(uint32_t address)
{
	struct cidr host = { .family = AF_INET, .prefix_len = 32 };

	memcpy(host.address, &address, sizeof(address));
	return host;
}

static struct cidr *add_own(struct node_addresses *addresses, const struct ifaddrs *interface)
{
	struct node_address *own = &addresses->own[addresses->own_count++];

	/* The name may be a label, such as eth0:1. */
	snprintf(own->interface, sizeof(own->interface), "%.*s",
		 (int)strcspn(interface->ifa_name, ":"), interface->ifa_name);
	return &own->host;
}

static void take_ipv4(struct node_addresses *addresses, const struct ifaddrs *interface)
{
	const struct sockaddr_in *address = (const void *)interface->ifa_addr;
	const struct sockaddr_in *netmask = (const void *)interface->ifa_netmask;
	uint32_t mask = netmask ? netmask->sin_addr.s_addr : UINT32_MAX;

	*add_own(addresses, interface) = host_ipv4(address->sin_addr.s_addr);
	/* Of two addresses or one, none is for all. */
	if (ntohl(~mask) < 3)
		return;
	addresses->broadcast[addresses->broadcast_count++] =
		host_ipv4(address->sin_addr.s_addr | ~mask);
	addresses->broadcast[addresses->broadcast_count++] =
		host_ipv4(address->sin_addr.s_addr & mask);
}

static void take_ipv6(struct node_addresses *addresses, const struct ifaddrs *interface)
{
	const struct sockaddr_in6 *address = (const void *)interface->ifa_addr;
	struct cidr *host = add_own(addresses, interface);

	*host = (struct cidr){ .family = AF_INET6, .prefix_len = 128 };
	memcpy(host->address, &address->sin6_addr, sizeof(address->sin6_addr));
}

/* if_indextoname() would need a socket of another family, and ioctl(). */
static void take_interface(struct node_addresses *addresses, const struct ifaddrs *interface)
{
	const struct sockaddr_ll *address = (const void *)interface->ifa_addr;
	struct node_interface *taken = &addresses->interfaces[addresses->interface_count++];

	taken->index = (unsigned int)address->sll_ifindex;
	snprintf(taken->name, sizeof(taken->name), "%s", interface->ifa_name);
}

static int take(struct node_addresses *addresses, const struct ifaddrs *interfaces)
{
	const struct ifaddrs *interface;
	size_t count = 0;

	for (interface = interfaces; interface; interface = interface->ifa_next)
		count++;
	addresses->own = calloc(count + 1, sizeof(*addresses->own));
	addresses->broadcast = calloc(count * 2 + 1, sizeof(*addresses->broadcast));
	addresses->interfaces = calloc(count + 1, sizeof(*addresses->interfaces));
	if (!addresses->own || !addresses->broadcast || !addresses->interfaces)
		return -ENOMEM;
	for (interface = interfaces; interface; interface = interface->ifa_next) {
		if (interface->ifa_addr && interface->ifa_addr->sa_family == AF_INET)
			take_ipv4(addresses, interface);
		else if (interface->ifa_addr && interface->ifa_addr->sa_family == AF_INET6)
			take_ipv6(addresses, interface);
		else if (interface->ifa_addr && interface->ifa_addr->sa_family == AF_PACKET)
			take_interface(addresses, interface);
	}
	qsort(addresses->own, addresses->own_count, sizeof(*addresses->own), compare);
	qsort(addresses->broadcast, addresses->broadcast_count, sizeof(*addresses->broadcast),
	      compare);
	return 0;
}

/**
 * node_addresses_read() - read the addresses of this network namespace
 * @addresses: filled; node_addresses_clear() frees it, also after an error
 *
 * Return: 0 or a negative errno.
 */
int node_addresses_read(struct node_addresses *addresses)
{
	struct ifaddrs *interfaces;
	int error;

	memset(addresses, 0, sizeof(*addresses));
	if (getifaddrs(&interfaces))
		return -errno;
	error = take(addresses, interfaces);
	freeifaddrs(interfaces);
	return error;
}

/**
 * node_addresses_clear() - free what node_addresses_read() allocated
 * @addresses: is empty afterwards
 */
void node_addresses_clear(struct node_addresses *addresses)
{
	free(addresses->own);
	free(addresses->broadcast);
	free(addresses->interfaces);
	memset(addresses, 0, sizeof(*addresses));
}

/**
 * node_addresses_own() - whether an address is one of the node's
 * @addresses: from node_addresses_read()
 * @host: a host prefix
 */
bool node_addresses_own(const struct node_addresses *addresses, const struct cidr *host)
{
	return (host->family == AF_INET && host->address[0] == IN_LOOPBACKNET) ||
	       find_own(addresses, host);
}

/**
 * node_addresses_holder() - the interface that has an address
 * @addresses: from node_addresses_read()
 * @host: a host prefix
 *
 * Return: its number, that of any of them where several have it, or 0 for none.
 */
unsigned int node_addresses_holder(const struct node_addresses *addresses, const struct cidr *host)
{
	const struct node_address *own = find_own(addresses, host);
	size_t i;

	for (i = 0; own && i < addresses->interface_count; i++) {
		if (!strcmp(addresses->interfaces[i].name, own->interface))
			return addresses->interfaces[i].index;
	}
	return 0;
}

/**
 * node_addresses_group() - whether an address is one of many: multicast, broadcast
 * @addresses: from node_addresses_read()
 * @host: a host prefix
 */
bool node_addresses_group(const struct node_addresses *addresses, const struct cidr *host)
{
	if (host->family == AF_INET6)
		return host->address[0] == 0xff;
	/* 224.0.0.0/4, and 255.255.255.255 with what lies between. */
	return host->address[0] >= 224 ||
	       (addresses->broadcast_count &&
		bsearch(host, addresses->broadcast, addresses->broadcast_count,
			sizeof(*addresses->broadcast), compare));
}

/**
 * node_addresses_interface() - the name of an interface
 * @addresses: from node_addresses_read()
 * @index: its number
 *
 * Return: the name, NULL for one that was not there.
 */
const char *node_addresses_interface(const struct node_addresses *addresses, unsigned int index)
{
	size_t i;

	for (i = 0; i < addresses->interface_count; i++) {
		if (addresses->interfaces[i].index == index)
			return addresses->interfaces[i].name;
	}
	return NULL;
}
