// SPDX-License-Identifier: GPL-2.0-or-later
/* What the far side may answer to a packet that reached it. */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

static void swap(uint8_t *a, uint8_t *b, size_t length)
{
	while (length--) {
		uint8_t byte = *a;

		*a++ = *b;
		*b++ = byte;
	}
}

/* The same packet the other way round. */
static bool turn_round(struct packet *reply, struct chance *chance, size_t offset,
		       uint8_t protocol)
{
	bool ipv6 = packet_is_ipv6(reply);
	size_t size = ipv6 ? 16 : 4;
	uint8_t *source = reply->data + (ipv6 ? 8 : 12);
	uint8_t *transport = reply->data + offset;
	size_t length = reply->length - offset;
	uint32_t number = chance_next(chance);

	swap(source, source + size, size);
	if (length < 8)
		return false;
	switch (protocol) {
	case IPPROTO_TCP:
		swap(transport, transport + 2, 2);
		swap(transport + 4, transport + 8, 4);
		if (length >= 20)
			transport[13] = number & 1 ? 0x12 : (number & 2 ? 0x10 : 0x14);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		swap(transport, transport + 2, 2);
		/* INIT is answered by INIT ACK. */
		if (protocol == IPPROTO_SCTP && length > 12)
			transport[12] = (uint8_t)(transport[12] + 1);
		break;
	case IPPROTO_ICMP:
		if (packet_is_error(protocol, transport[0]))
			return false;
		transport[0] = transport[0] == 8 ? 0 : (uint8_t)(transport[0] + 1);
		break;
	case IPPROTO_ICMPV6:
		if (packet_is_error(protocol, transport[0]))
			return false;
		transport[0]++;
		break;
	default:
		break;
	}
	transport_finish(transport, length, protocol, source, source + size, size);
	return true;
}

/* An error about it, which quotes it. */
static void complain(struct packet *reply, const struct packet *packet, struct chance *chance)
{
	static const uint8_t errors4[][2] = { { 3, 1 }, { 3, 3 }, { 3, 4 }, { 11, 0 }, { 12, 0 } };
	static const uint8_t errors6[][2] = { { 1, 0 }, { 1, 4 }, { 2, 0 }, { 3, 0 }, { 4, 1 } };
	static const uint8_t router4[4] = { 198, 51, 100, 99 };
	static const uint8_t router6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 9, [15] = 9 };
	bool ipv6 = packet_is_ipv6(packet);
	size_t size = ipv6 ? 16 : 4;
	size_t header = ipv6 ? 40 : 20;
	size_t quoted = packet->length < 500 ? packet->length : 500;
	uint32_t error = chance_below(chance, 5);
	uint8_t *data = reply->data;
	uint8_t *source = data + (ipv6 ? 8 : 12);
	const uint8_t *from = packet->data + (ipv6 ? 24 : 16);

	if (chance_percent(chance, 20))
		quoted = chance_below(chance, (uint32_t)quoted + 1);
	/* From the destination, or from a router on the way there. */
	if (chance_percent(chance, 50))
		from = ipv6 ? router6 : router4;
	memset(data, 0, header + 8);
	memcpy(source, from, size);
	memcpy(source + size, packet->data + (ipv6 ? 8 : 12), size);
	memcpy(data + header, ipv6 ? errors6[error] : errors4[error], 2);
	memcpy(data + header + 8, packet->data, quoted);
	reply->length = header + 8 + quoted;
	if (ipv6) {
		data[0] = 0x60;
		data[6] = IPPROTO_ICMPV6;
		data[7] = 64;
		put16(data + 4, (uint16_t)(reply->length - header));
	} else {
		data[8] = 64;
		data[9] = IPPROTO_ICMP;
		header4_finish(data, header, reply->length);
	}
	transport_finish(data + header, reply->length - header, ipv6 ? data[6] : data[9], source,
			 source + size, size);
}

/**
 * reply_make() - answer a packet
 * @reply: is overwritten
 * @packet: as the far side saw it
 * @chance: chooses how; what it gives depends on nothing that translation changes
 *
 * Return: whether there is an answer.
 */
bool reply_make(struct packet *reply, const struct packet *packet, struct chance *chance)
{
	bool about = chance_percent(chance, 30);
	uint8_t protocol;
	size_t offset;
	bool first;

	offset = header_skip(packet, &protocol, &first);
	if (!first || offset > packet->length ||
	    packet->length < (packet_is_ipv6(packet) ? 40 : 20))
		return false;
	if (about) {
		complain(reply, packet, chance);
		return true;
	}
	*reply = *packet;
	if (!turn_round(reply, chance, offset, protocol))
		return false;
	if (packet_is_ipv6(reply)) {
		reply->data[7] = 64;
		reply->data[1] &= 0x0f;
		reply->data[0] &= 0xf0;
	} else {
		reply->data[8] = 64;
		reply->data[1] = 0;
		header4_finish(reply->data, (size_t)(reply->data[0] & 15) * 4, reply->length);
	}
	return true;
}
