// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every address is kept as IPv6, an IPv4 one mapped (::ffff:a.b.c.d), and
 * shown the way people write it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sctp.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"

/**
 * address_is_ipv4() - tell the families apart
 * @address: an address
 *
 * Return: true for a mapped IPv4 address.
 */
bool address_is_ipv4(const struct in6_addr *address)
{
	return IN6_IS_ADDR_V4MAPPED(address);
}

/**
 * address_format() - an address as text
 * @address: an address
 * @text: where to
 *
 * Return: @text.
 */
const char *address_format(const struct in6_addr *address, char text[INET6_ADDRSTRLEN])
{
	if (address_is_ipv4(address))
		inet_ntop(AF_INET, &address->s6_addr[12], text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
	return text;
}

/**
 * address_parse() - read an address, IPv6 ones with an optional %interface
 * @text: what to read
 * @address: address and scope are set, the port is left alone
 *
 * Return: 0 or -EINVAL.
 */
int address_parse(const char *text, struct sockaddr_in6 *address)
{
	char copy[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	struct in_addr ipv4;
	char *scope;

	address->sin6_family = AF_INET6;
	if (inet_pton(AF_INET, text, &ipv4) == 1) {
		memset(&address->sin6_addr, 0, 10);
		memset(&address->sin6_addr.s6_addr[10], 0xff, 2);
		memcpy(&address->sin6_addr.s6_addr[12], &ipv4, 4);
		return 0;
	}
	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return -EINVAL;
	scope = strchr(copy, '%');
	if (scope) {
		*scope = '\0';
		address->sin6_scope_id = if_nametoindex(scope + 1);
		if (!address->sin6_scope_id)
			return -EINVAL;
	}
	return inet_pton(AF_INET6, copy, &address->sin6_addr) == 1 ? 0 : -EINVAL;
}

/**
 * address_map() - make an address of a plain IPv4 socket one of IPv6, mapped
 * @address: from the kernel, of either family; changed in place
 */
void address_map(struct sockaddr_in6 *address)
{
	struct sockaddr_in ipv4;

	if (address->sin6_family != AF_INET)
		return;
	memcpy(&ipv4, address, sizeof(ipv4));
	*address = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = ipv4.sin_port };
	memset(&address->sin6_addr.s6_addr[10], 0xff, 2);
	memcpy(&address->sin6_addr.s6_addr[12], &ipv4.sin_addr, 4);
}

/**
 * address_family() - the family that a socket has to be of
 * @ipv4: it is for IPv4
 *
 * Return: AF_INET6, which does for both, except on kernels without IPv6.
 */
int address_family(bool ipv4)
{
	static int all;

	if (!all) {
		int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		all = descriptor < 0 && errno == EAFNOSUPPORT ? AF_INET : AF_INET6;
		if (descriptor >= 0)
			close(descriptor);
	}
	return ipv4 ? all : AF_INET6;
}

/**
 * icmp_checksum() - the checksum of an IPv4 ICMP message (RFC 792)
 * @data: the message, its checksum field zero
 * @length: in bytes
 *
 * Return: the checksum, to be stored as it is.
 */
uint16_t icmp_checksum(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (length % 2)
		sum += (uint32_t)bytes[length - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

/**
 * allow_sctp() - let private and global addresses talk to each other over SCTP
 * @descriptor: a socket of SCTP, or a negative errno where the kernel has none
 *
 * By default the kernel keeps an association within one scope. It is a setting
 * of the network namespace, there once SCTP is.
 *
 * Without it each end tells the other of all its addresses, loopback among them, and
 * heartbeats look for the other end there too (RFC 9260, 8.3), the first one three
 * seconds later: it is answered with an ABORT by their own host, which is taken for
 * the other end's. So there are none.
 */
void allow_sctp(int descriptor)
{
	struct sctp_paddrparams quiet = { .spp_flags = SPP_HB_DISABLE };
	int file = open("/proc/sys/net/sctp/addr_scope_policy", O_WRONLY);

	if (descriptor >= 0 && setsockopt(descriptor, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS,
					  &quiet, sizeof(quiet)))
		perror("flow: SCTP_PEER_ADDR_PARAMS");
	if (file < 0)
		return;
	if (write(file, "0\n", 2) != 2)
		perror("flow: addr_scope_policy");
	close(file);
}
