// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that a pod might send: of all protocols, with options and extension
 * headers, in fragments, cut off, and damaged.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

const uint8_t node4[4] = { 192, 0, 2, 10 };
const uint8_t node6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 0x10 };
const uint8_t pod4[4] = { 10, 244, 1, 2 };
const uint8_t pod6[16] = { 0xfd, 0, 0, 0x10, 0x02, 0x44, 0, 1, [15] = 2 };

static void choose_source(struct chance *chance, bool ipv6, uint8_t *address)
{
	static const uint8_t odd4[][4] = {
		{ 192, 0, 2, 10 }, { 127, 0, 0, 1 }, { 0 }, { 255, 255, 255, 255 },
		{ 224, 0, 0, 1 }, { 203, 0, 113, 7 }, { 10, 244, 1, 1 }, { 169, 254, 1, 1 },
	};
	static const uint8_t odd6[][16] = {
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 0x10 }, { [15] = 1 }, { 0 },
		{ 0xff, 0x02, [15] = 1 }, { 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 7 },
		{ 0xfe, 0x80, [15] = 5 }, { [10] = 0xff, 0xff, 10, 244, 1, 2 },
		{ 0x20, 0x02, 10, 0, 0, 1 },
	};

	if (ipv6)
		memcpy(address, pod6, 16);
	else
		memcpy(address, pod4, 4);
	if (chance_percent(chance, 8))
		memcpy(address, ipv6 ? odd6[chance_below(chance, 8)] :
		       odd4[chance_below(chance, 8)], ipv6 ? 16 : 4);
	else if (chance_percent(chance, 15))
		address[ipv6 ? 15 : 3] = (uint8_t)chance_below(chance, 8);
}

static void choose_destination(struct chance *chance, bool ipv6, uint8_t *address)
{
	/* The edges of what is left alone, and what is no address to route to. */
	static const uint8_t known4[][4] = {
		{ 203, 0, 113, 7 }, { 203, 0, 113, 8 }, { 198, 51, 100, 1 }, { 9, 255, 255, 255 },
		{ 10, 0, 0, 0 }, { 10, 0, 0, 20 }, { 10, 255, 255, 255 }, { 11, 0, 0, 0 },
		{ 172, 15, 255, 255 }, { 172, 16, 0, 1 }, { 172, 31, 255, 255 }, { 172, 32, 0, 0 },
		{ 192, 167, 255, 255 }, { 192, 168, 0, 1 }, { 192, 169, 0, 0 },
		{ 169, 254, 169, 254 }, { 169, 253, 255, 255 }, { 169, 255, 0, 0 },
		{ 192, 0, 2, 10 }, { 10, 244, 1, 1 }, { 192, 0, 2, 255 }, { 127, 0, 0, 1 },
		{ 224, 0, 0, 1 }, { 239, 1, 1, 1 }, { 255, 255, 255, 255 }, { 0 }, { 240, 0, 0, 1 },
	};
	static const uint8_t known6[][16] = {
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 7 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 8 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 5, [15] = 1 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 5, 0xff, 0xff, [15] = 1 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 6, [15] = 1 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 4, 0xff, 0xff, [15] = 1 },
		{ 0xfd, 0, 0, 0x10, [15] = 1 }, { 0xfe, 0x80, [15] = 1 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 0x10 }, { 0xff, 0x02, [15] = 1 },
		{ 0xff, 0x0e, [15] = 1 }, { [15] = 1 }, { 0 },
		{ [10] = 0xff, 0xff, 203, 0, 113, 7 }, { 0x20, 0x02, 203, 0, 113, 7 },
	};

	if (ipv6)
		memcpy(address, known6[chance_below(chance, sizeof(known6) / 16)], 16);
	else
		memcpy(address, known4[chance_below(chance, sizeof(known4) / 4)], 4);
	/* Most of them where the verdict matters. */
	if (chance_percent(chance, 50)) {
		if (ipv6)
			memcpy(address, known6[chance_below(chance, 7)], 16);
		else
			memcpy(address, known4[chance_below(chance, 18)], 4);
	}
}

/* Options of IPv4: record route, timestamps, source routes, alerts, noise. */
static size_t put_options(struct chance *chance, uint8_t *data)
{
	static const uint8_t types[] = { 7, 68, 131, 137, 148, 130, 134, 1, 0, 136 };
	size_t length = 4 + chance_below(chance, 10) * 4;
	size_t i;

	for (i = 0; i < length; i++)
		data[i] = (uint8_t)chance_below(chance, 3);
	data[0] = types[chance_below(chance, sizeof(types))];
	data[1] = (uint8_t)(chance_percent(chance, 85) ? length : chance_next(chance));
	/* Of a timestamp five is the least. */
	data[2] = (uint8_t)(chance_percent(chance, 85) ? 4 + (data[0] == 68) :
							 chance_next(chance));
	if (length >= 8)
		memcpy(data + 4, node4, 4);
	return length;
}

static const struct packet *choose_quoted(struct chance *chance, struct history *history,
					  bool ipv6)
{
	const struct packet *packet = NULL;

	/* What the pod has seen is what an error of a pod is about. */
	if (history->seen_count && chance_percent(chance, 60))
		packet = &history->seen[chance_below(chance, history->seen_count) % 64];
	else if (history->sent_count && chance_percent(chance, 70))
		packet = &history->sent[chance_below(chance, history->sent_count) % 64];
	/* Now and then one of the other family. */
	if (packet && packet_is_ipv6(packet) != ipv6 && chance_percent(chance, 95))
		packet = NULL;
	return packet;
}

static void choose_fragment(struct chance *chance, uint16_t *offset, bool *more)
{
	*offset = 0;
	*more = false;
	if (!chance_percent(chance, 10))
		return;
	*more = chance_percent(chance, 60);
	if (chance_percent(chance, 60))
		*offset = (uint16_t)chance_below(chance, 10);
	if (chance_percent(chance, 5))
		*offset = (uint16_t)chance_below(chance, 0x2000);
}

static void generate4(struct packet *packet, struct chance *chance, struct history *history)
{
	uint8_t *data = packet->data;
	struct transport transport = { .source = data + 12, .destination = data + 16 };
	size_t header = 20;
	uint16_t offset;
	bool more;

	memset(data, 0, header);
	choose_source(chance, false, data + 12);
	choose_destination(chance, false, data + 16);
	if (chance_percent(chance, 10))
		header += put_options(chance, data + 20);
	/* Few numbers, so that fragments meet. */
	put16(data + 4, (uint16_t)chance_below(chance, 4));
	choose_fragment(chance, &offset, &more);
	put16(data + 6, (uint16_t)(offset | (more ? 0x2000 : 0) |
				   (chance_percent(chance, 20) ? 0x4000 : 0)));
	data[8] = (uint8_t)(chance_percent(chance, 95) ? 64 : chance_below(chance, 3));
	transport.protocol = transport_choose(chance, false);
	transport.quoted = choose_quoted(chance, history, false);
	data[9] = transport.protocol;
	packet->length = header + transport_put(chance, &transport, data + header, 600);
	/* All but the last fragment are multiples of eight. */
	if (more && chance_percent(chance, 90))
		packet->length -= (packet->length - header) % 8;
	header4_finish(data, header, packet->length);
}

static size_t put_extension(struct chance *chance, uint8_t kind, uint8_t *data)
{
	size_t length = 8 + (chance_percent(chance, 30) ? 8 * chance_below(chance, 4) : 0);
	uint16_t offset;
	bool more;

	memset(data, 0, length);
	switch (kind) {
	case IPPROTO_FRAGMENT:
		choose_fragment(chance, &offset, &more);
		put16(data + 2, (uint16_t)(offset << 3 | more));
		put32(data + 4, chance_below(chance, 4));
		return 8;
	case IPPROTO_ROUTING:
		data[1] = (uint8_t)(length / 8 - 1);
		data[2] = (uint8_t)chance_below(chance, 5);
		data[3] = (uint8_t)(chance_percent(chance, 70) ? 0 : chance_below(chance, 4));
		break;
	case IPPROTO_AH:
		data[1] = (uint8_t)(length / 4 - 2);
		break;
	default:
		/* Padding, and now and then an option. */
		data[1] = (uint8_t)(length / 8 - 1);
		data[2] = (uint8_t)(chance_percent(chance, 80) ? 1 : chance_next(chance));
		data[3] = (uint8_t)(length - 4);
		break;
	}
	if (chance_percent(chance, 5))
		data[1] = (uint8_t)chance_next(chance);
	return length;
}

static void generate6(struct packet *packet, struct chance *chance, struct history *history)
{
	static const uint8_t kinds[] = {
		IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT, IPPROTO_AH,
	};
	uint8_t *data = packet->data;
	struct transport transport = {
		.ipv6 = true,
		.source = data + 8,
		.destination = data + 24,
	};
	uint8_t *next = data + 6;
	size_t length = 40;

	memset(data, 0, length);
	data[0] = 0x60;
	data[7] = (uint8_t)(chance_percent(chance, 95) ? 64 : chance_below(chance, 3));
	choose_source(chance, true, data + 8);
	choose_destination(chance, true, data + 24);
	while (length < 200 && chance_percent(chance, 25)) {
		*next = kinds[chance_below(chance, sizeof(kinds))];
		next = data + length;
		length += put_extension(chance, data[6], data + length);
	}
	transport.protocol = transport_choose(chance, true);
	transport.quoted = choose_quoted(chance, history, true);
	*next = transport.protocol;
	packet->length = length + transport_put(chance, &transport, data + length, 600);
	put16(data + 4, (uint16_t)(packet->length - 40));
}

/* Bytes, lengths, versions; the last quarter cuts it off. */
static void damage(struct packet *packet, struct chance *chance)
{
	uint32_t count = 1 + chance_below(chance, 3);
	bool ipv6 = packet_is_ipv6(packet);

	if (chance_percent(chance, 25)) {
		packet->length = 1 + chance_below(chance, (uint32_t)packet->length);
	} else if (chance_percent(chance, 20)) {
		put16(packet->data + (ipv6 ? 4 : 2), (uint16_t)chance_below(chance, 200));
	} else {
		while (count--)
			packet->data[chance_below(chance, (uint32_t)packet->length)] ^=
				(uint8_t)(1 << chance_below(chance, 8));
	}
	if (!ipv6 && packet->length >= 20 && chance_percent(chance, 70)) {
		size_t header = (size_t)(packet->data[0] & 15) * 4;

		/* What has a wrong checksum goes nowhere. */
		if (header >= 20 && header <= packet->length)
			header4_finish(packet->data, header, get16(packet->data + 2));
	}
}

/* The bits that tell how conntrack took a packet are not the pod's to set. */
static void clear_class(struct packet *packet)
{
	if (packet->length < 20)
		return;
	if (packet_is_ipv6(packet)) {
		packet->data[0] &= 0xf0;
		packet->data[1] &= 0x0f;
	} else if (packet->data[1]) {
		size_t header = (size_t)(packet->data[0] & 15) * 4;

		packet->data[1] = 0;
		if (header >= 20 && header <= packet->length)
			header4_finish(packet->data, header, get16(packet->data + 2));
	}
}

/**
 * packet_generate() - make a packet that a pod sends
 * @packet: is overwritten
 * @chance: the generator
 * @history: packets to quote or to send again
 */
void packet_generate(struct packet *packet, struct chance *chance, struct history *history)
{
	if (history->sent_count && chance_percent(chance, 8))
		*packet = history->sent[chance_below(chance, history->sent_count) % 64];
	else if (chance_percent(chance, 60))
		generate4(packet, chance, history);
	else
		generate6(packet, chance, history);
	if (chance_percent(chance, 12))
		damage(packet, chance);
	clear_class(packet);
	history->sent[history->sent_count++ % 64] = *packet;
}
