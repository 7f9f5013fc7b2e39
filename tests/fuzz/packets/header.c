// SPDX-License-Identifier: GPL-2.0-or-later
/* Headers of IP: checksums, and what comes behind them. */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

/**
 * put16() - store a number in network order
 * @place: where to
 * @value: what
 */
void put16(uint8_t *place, uint16_t value)
{
	place[0] = (uint8_t)(value >> 8);
	place[1] = (uint8_t)value;
}

/**
 * put32() - store a number in network order
 * @place: where to
 * @value: what
 */
void put32(uint8_t *place, uint32_t value)
{
	put16(place, (uint16_t)(value >> 16));
	put16(place + 2, (uint16_t)value);
}

/**
 * get16() - a number in network order
 * @place: where it is
 */
uint16_t get16(const uint8_t *place)
{
	return (uint16_t)(place[0] << 8 | place[1]);
}

static uint32_t add_words(uint32_t sum, const uint8_t *data, size_t length)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += get16(data + i);
	if (length & 1)
		sum += (uint32_t)data[length - 1] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* CRC-32C, RFC 9260 appendix A; its bytes come in their own order. */
static uint32_t crc32c(const uint8_t *data, size_t length)
{
	uint32_t crc = UINT32_MAX;
	int bit;

	while (length--) {
		crc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/**
 * header4_finish() - fill in lengths and checksum of an IPv4 header
 * @header: with everything else
 * @header_length: bytes of it, a multiple of four
 * @length: bytes of the packet
 */
void header4_finish(uint8_t *header, size_t header_length, size_t length)
{
	header[0] = (uint8_t)(0x40 | header_length / 4);
	put16(header + 2, (uint16_t)length);
	put16(header + 10, 0);
	put16(header + 10, fold(add_words(0, header, header_length)));
}

/* Where a checksum is, and how much it covers; 0 for none. */
static size_t checksum_place(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return 0;
	}
}

/**
 * transport_finish() - fill in the checksum of what IP carries
 * @data: the payload
 * @length: bytes of it
 * @protocol: IPPROTO_*
 * @source: of the packet
 * @destination: of the packet
 * @address_length: bytes of each
 */
void transport_finish(uint8_t *data, size_t length, uint8_t protocol, const uint8_t *source,
		      const uint8_t *destination, size_t address_length)
{
	size_t place = checksum_place(protocol);
	uint32_t sum = 0;

	if (protocol == IPPROTO_SCTP && length >= 12) {
		uint32_t crc;

		memset(data + 8, 0, 4);
		crc = crc32c(data, length);
		memcpy(data + 8, &crc, 4);
		return;
	}
	if (!place || length < place + 2)
		return;
	put16(data + place, 0);
	if (protocol != IPPROTO_ICMP) {
		sum = add_words(0, source, address_length);
		sum = add_words(sum, destination, address_length);
		sum += protocol + (uint32_t)length;
	}
	put16(data + place, fold(add_words(sum, data, length)));
}

static size_t skip6(const struct packet *packet, uint8_t *protocol, bool *first)
{
	const uint8_t *data = packet->data;
	size_t offset = 40;

	*protocol = data[6];
	while (offset + 8 <= packet->length) {
		switch (*protocol) {
		case IPPROTO_FRAGMENT:
			*first = !(get16(data + offset + 2) & 0xfff8);
			*protocol = data[offset];
			offset += 8;
			if (!*first)
				return offset;
			break;
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			*protocol = data[offset];
			offset += (size_t)(data[offset + 1] + 1) * 8;
			break;
		case IPPROTO_AH:
			*protocol = data[offset];
			offset += (size_t)(data[offset + 1] + 2) * 4;
			break;
		default:
			return offset;
		}
	}
	return offset;
}

/**
 * header_skip() - find what IP carries
 * @packet: the packet
 * @protocol: set to IPPROTO_*
 * @first: set to whether this is the start of it, and no later fragment
 *
 * Return: its offset, which may be beyond the packet.
 */
size_t header_skip(const struct packet *packet, uint8_t *protocol, bool *first)
{
	*first = true;
	*protocol = 0;
	if (packet_is_ipv6(packet)) {
		if (packet->length < 40)
			return packet->length;
		return skip6(packet, protocol, first);
	}
	if (packet->length < 20)
		return packet->length;
	*protocol = packet->data[9];
	*first = !(get16(packet->data + 6) & 0x1fff);
	return (size_t)(packet->data[0] & 15) * 4;
}
