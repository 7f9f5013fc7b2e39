// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two packets that were translated by the same rules differ in the ports that were
 * picked for them, and so in their checksums. All the rest must be the same.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

static void clear(struct packet *packet, size_t offset, size_t length)
{
	size_t i;

	for (i = offset; i < offset + length && i < packet->length; i++)
		packet->data[i] = 0;
}

/* Nodes write the time into an option, or note that there is no room for it. */
static void clear_times(struct packet *packet, size_t start, size_t end)
{
	if (end <= packet->length && end > start && memchr(packet->data + start, 68, end - start))
		clear(packet, start, end - start);
}

/**
 * packet_is_error() - whether ICMP tells of a packet, and quotes it
 * @protocol: IPPROTO_ICMP or IPPROTO_ICMPV6
 * @type: of the message
 */
bool packet_is_error(uint8_t protocol, uint8_t type)
{
	if (protocol == IPPROTO_ICMPV6)
		return type < 128;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static void clear_transport(struct packet *packet, size_t offset, uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		clear(packet, offset, 4);
		clear(packet, offset + 16, 2);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		clear(packet, offset, 4);
		clear(packet, offset + 6, 2);
		break;
	case IPPROTO_SCTP:
		clear(packet, offset, 4);
		clear(packet, offset + 8, 4);
		break;
	case IPPROTO_GRE:
		clear(packet, offset + 6, 2);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		clear(packet, offset + 2, 4);
		break;
	default:
		break;
	}
}

/* A header and what it carries, which may be an error about another packet. */
static void clear_packet(struct packet *packet, size_t start)
{
	struct packet rest;
	uint8_t protocol;
	size_t offset;
	bool first;

	if (start >= packet->length)
		return;
	rest.length = packet->length - start;
	memcpy(rest.data, packet->data + start, rest.length);
	offset = start + header_skip(&rest, &protocol, &first);
	if (!packet_is_ipv6(&rest)) {
		/* The node numbers what it says itself at random. */
		if (start || protocol == IPPROTO_ICMP)
			clear(packet, start + 4, 2);
		clear(packet, start + 10, 2);
		clear_times(packet, start + 20, offset);
	}
	if (!first || offset >= packet->length)
		return;
	if ((protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) &&
	    packet_is_error(protocol, packet->data[offset])) {
		clear(packet, offset + 2, 2);
		/* It was translated too, the other way round. */
		clear_packet(packet, offset + 8);
	} else {
		clear_transport(packet, offset, protocol);
	}
}

/**
 * packet_normalise() - clear what translation chooses
 * @packet: is changed
 */
void packet_normalise(struct packet *packet)
{
	clear_packet(packet, 0);
}
