// SPDX-License-Identifier: GPL-2.0-or-later
/* The names of transport protocols. */
#include "protocol.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
};

/**
 * protocol_number() - the number of a protocol
 * @name: its name in lower case
 *
 * Return: IPPROTO_*, 0 for a name that is not known.
 */
uint8_t protocol_number(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strcmp(protocols[i].name, name) == 0)
			return protocols[i].number;
	}
	return 0;
}

/**
 * protocol_name() - the name of a protocol, or its number as text
 * @protocol: IPPROTO_*
 * @text: room for a number
 */
const char *protocol_name(uint8_t protocol, char text[PROTOCOL_TEXT_MAX])
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (protocols[i].number == protocol)
			return protocols[i].name;
	}
	snprintf(text, PROTOCOL_TEXT_MAX, "%u", protocol);
	return text;
}

/**
 * protocol_has_ports() - whether the policy's port ranges are about a protocol
 * @protocol: IPPROTO_*
 */
bool protocol_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}
