// SPDX-License-Identifier: GPL-2.0-or-later
/* Payloads of IP: of every protocol that conntrack knows, and of some others. */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

#define IPPROTO_DCCP_NUMBER	33
#define IPPROTO_OSPF		89

/**
 * transport_choose() - a protocol
 * @chance: the generator
 * @ipv6: or IPv4
 *
 * Return: IPPROTO_*.
 */
uint8_t transport_choose(struct chance *chance, bool ipv6)
{
	static const uint8_t others[] = {
		IPPROTO_ESP, IPPROTO_AH, IPPROTO_IPIP, IPPROTO_IPV6, IPPROTO_IGMP, IPPROTO_OSPF,
		IPPROTO_PIM, IPPROTO_RAW, 0,
	};
	uint32_t number = chance_below(chance, 100);

	if (number < 30)
		return IPPROTO_TCP;
	if (number < 50)
		return IPPROTO_UDP;
	if (number < 68)
		return ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	if (number < 76)
		return IPPROTO_SCTP;
	if (number < 81)
		return IPPROTO_DCCP_NUMBER;
	if (number < 86)
		return IPPROTO_UDPLITE;
	if (number < 92)
		return IPPROTO_GRE;
	if (number < 97)
		return others[chance_below(chance, sizeof(others))];
	return (uint8_t)chance_next(chance);
}

/* Few, so that packets meet connections that are there. */
static uint16_t choose_port(struct chance *chance)
{
	static const uint16_t ports[] = { 9, 53, 80, 179, 443, 1723, 4789, 5060, 40000, 40001 };

	if (chance_percent(chance, 3))
		return (uint16_t)chance_next(chance);
	return ports[chance_below(chance, sizeof(ports) / sizeof(ports[0]))];
}

static void put_noise(struct chance *chance, uint8_t *data, size_t length)
{
	while (length--)
		*data++ = (uint8_t)chance_next(chance);
}

static size_t put_tcp(struct chance *chance, uint8_t *data)
{
	static const uint8_t flags[] = { 0x02, 0x02, 0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14 };
	size_t options = chance_percent(chance, 40) ? chance_below(chance, 11) * 4 : 0;
	size_t payload = chance_percent(chance, 40) ? chance_below(chance, 64) : 0;

	put16(data, choose_port(chance));
	put16(data + 2, choose_port(chance));
	put32(data + 4, chance_percent(chance, 70) ? 1000 : chance_next(chance));
	put32(data + 8, chance_percent(chance, 70) ? 2001 : chance_next(chance));
	data[12] = (uint8_t)((20 + options) / 4 << 4);
	data[13] = flags[chance_below(chance, sizeof(flags))];
	if (chance_percent(chance, 10))
		data[13] = (uint8_t)chance_next(chance);
	put16(data + 14, 65535);
	memset(data + 16, 0, 4);
	put_noise(chance, data + 20, options + payload);
	/* Options that are read: MSS, window scale, SACK permitted, SACK, time. */
	if (options >= 12 && chance_percent(chance, 60))
		memcpy(data + 20, "\x02\x04\x05\xb4\x03\x03\x07\x04\x02\x01\x01\x00", 12);
	if (chance_percent(chance, 5))
		data[12] = (uint8_t)chance_next(chance);
	return 20 + options + payload;
}

static size_t put_udp(struct chance *chance, uint8_t *data, bool lite)
{
	size_t length = 8 + chance_below(chance, 64);

	put16(data, choose_port(chance));
	put16(data + 2, choose_port(chance));
	put16(data + 4, (uint16_t)length);
	if (lite)
		put16(data + 4, (uint16_t)(chance_percent(chance, 50) ? 0 : 8));
	if (chance_percent(chance, 8))
		put16(data + 4, (uint16_t)chance_below(chance, 100));
	put16(data + 6, 0);
	put_noise(chance, data + 8, length - 8);
	return length;
}

static size_t put_sctp(struct chance *chance, uint8_t *data)
{
	/* INIT, INIT ACK, DATA, SHUTDOWN, HEARTBEAT, ABORT, COOKIE ECHO, and others. */
	static const uint8_t chunks[] = { 1, 1, 1, 2, 0, 7, 4, 6, 10, 11, 14 };
	size_t length = 12;

	put16(data, choose_port(chance));
	put16(data + 2, choose_port(chance));
	put32(data + 4, chance_percent(chance, 60) ? 0 : chance_next(chance));
	put32(data + 8, 0);
	do {
		size_t size = 4 + chance_below(chance, 6) * 4;

		data[length] = chunks[chance_below(chance, sizeof(chunks))];
		if (chance_percent(chance, 5))
			data[length] = (uint8_t)chance_next(chance);
		/* An INIT is 20 bytes at least. */
		if (data[length] == 1 || data[length] == 2)
			size = 20;
		data[length + 1] = (uint8_t)chance_below(chance, 4);
		put_noise(chance, data + length + 4, size - 4);
		put16(data + length + 2, (uint16_t)size);
		if (chance_percent(chance, 5))
			put16(data + length + 2, (uint16_t)chance_below(chance, 40));
		length += size;
	} while (chance_percent(chance, 30) && length < 200);
	return length;
}

static size_t put_dccp(struct chance *chance, uint8_t *data)
{
	size_t length = 28;

	put_noise(chance, data, length);
	put16(data, choose_port(chance));
	put16(data + 2, choose_port(chance));
	data[4] = (uint8_t)(chance_percent(chance, 80) ? length / 4 : chance_next(chance));
	data[5] = 0;
	put16(data + 6, 0);
	/* Type in bits 1 to 4, mostly a request; long sequence numbers. */
	data[8] = (uint8_t)((chance_percent(chance, 60) ? 0 : chance_below(chance, 16)) << 1 | 1);
	return length;
}

static size_t put_gre(struct chance *chance, uint8_t *data)
{
	size_t length = 4;

	memset(data, 0, 24);
	if (chance_percent(chance, 40)) {
		/* PPTP's, version 1: a key of payload length and call number. */
		put16(data, (uint16_t)(0x2001 | (chance_percent(chance, 50) ? 0x1000 : 0)));
		put16(data + 2, 0x880b);
		put16(data + 4, 8);
		put16(data + 6, (uint16_t)chance_below(chance, 4));
		length = 20;
	} else {
		put16(data, (uint16_t)(chance_below(chance, 16) << 12));
		put16(data + 2, 0x0800);
		length += chance_below(chance, 20);
	}
	if (chance_percent(chance, 10))
		data[1] = (uint8_t)chance_next(chance);
	return length;
}

/* As much of the packet as there is to quote, or less. */
static size_t put_quote(struct chance *chance, const struct transport *transport, uint8_t *data,
			size_t room)
{
	size_t length;

	if (!transport->quoted) {
		length = chance_below(chance, 60);
		put_noise(chance, data, length);
		/* Of a header that begins right. */
		data[0] = transport->ipv6 ? 0x60 : 0x45;
		return length;
	}
	length = transport->quoted->length;
	if (length > room)
		length = room;
	if (chance_percent(chance, 20))
		length = chance_below(chance, (uint32_t)length + 1);
	memcpy(data, transport->quoted->data, length);
	if (length && chance_percent(chance, 10))
		data[chance_below(chance, (uint32_t)length)] = (uint8_t)chance_next(chance);
	return length;
}

static size_t put_icmp(struct chance *chance, const struct transport *transport, uint8_t *data,
		       size_t room)
{
	static const uint8_t errors4[] = { 3, 3, 11, 12, 4, 5 };
	static const uint8_t errors6[] = { 1, 2, 3, 4 };
	uint32_t number = chance_below(chance, 100);

	memset(data, 0, 8);
	put16(data + 4, (uint16_t)chance_below(chance, 4));
	if (number < 40) {
		data[0] = transport->ipv6 ? 128 : 8;
		put_noise(chance, data + 8, 16);
		return 24;
	}
	if (number < 80) {
		data[0] = transport->ipv6 ? errors6[chance_below(chance, sizeof(errors6))] :
					    errors4[chance_below(chance, sizeof(errors4))];
		data[1] = (uint8_t)chance_below(chance, 6);
		return 8 + put_quote(chance, transport, data + 8, room - 8);
	}
	data[0] = (uint8_t)chance_next(chance);
	/* Replies without a question, timestamps, address masks. */
	if (number < 90)
		data[0] = transport->ipv6 ? (uint8_t)(129 + chance_below(chance, 12)) :
					    (uint8_t)(13 + chance_below(chance, 6));
	if (number < 93)
		data[0] = transport->ipv6 ? 129 : 0;
	put_noise(chance, data + 8, 24);
	return 32;
}

/**
 * transport_put() - make a payload of IP
 * @chance: the generator
 * @transport: what it is for
 * @data: where to put it
 * @room: bytes there, 600 at least
 *
 * Return: its bytes, with a checksum that is mostly right.
 */
size_t transport_put(struct chance *chance, const struct transport *transport, uint8_t *data,
		     size_t room)
{
	size_t length;

	switch (transport->protocol) {
	case IPPROTO_TCP:
		length = put_tcp(chance, data);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		length = put_udp(chance, data, transport->protocol == IPPROTO_UDPLITE);
		break;
	case IPPROTO_SCTP:
		length = put_sctp(chance, data);
		break;
	case IPPROTO_DCCP_NUMBER:
		length = put_dccp(chance, data);
		break;
	case IPPROTO_GRE:
		length = put_gre(chance, data);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		length = put_icmp(chance, transport, data, room < 600 ? room : 600);
		break;
	default:
		length = chance_below(chance, 64);
		put_noise(chance, data, length);
		break;
	}
	if (chance_percent(chance, 95))
		transport_finish(data, length, transport->protocol, transport->source,
				 transport->destination, transport->ipv6 ? 16 : 4);
	return length;
}
