/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../chance.h"

#define PACKET_MAX	1500

/**
 * struct packet - a packet from its IP header on
 * @length: bytes
 * @data: the packet
 */
struct packet {
	size_t length;
	uint8_t data[PACKET_MAX];
};

static inline bool packet_is_ipv6(const struct packet *packet)
{
	return packet->length && packet->data[0] >> 4 == 6;
}

/* Addresses of tests/vm/scenarios/fuzz-packets.sh. */
extern const uint8_t node4[4], node6[16], pod4[4], pod6[16];

/* header.c */
void put16(uint8_t *place, uint16_t value);
void put32(uint8_t *place, uint32_t value);
uint16_t get16(const uint8_t *place);
void header4_finish(uint8_t *header, size_t header_length, size_t length);
void transport_finish(uint8_t *data, size_t length, uint8_t protocol, const uint8_t *source,
		      const uint8_t *destination, size_t address_length);
size_t header_skip(const struct packet *packet, uint8_t *protocol, bool *first);

/* transport.c */

/**
 * struct transport - what a payload of IP is made for
 * @ipv6: or IPv4
 * @protocol: IPPROTO_*
 * @source: of the packet, network order
 * @destination: of the packet
 * @quoted: a packet for ICMP errors to quote; NULL for none
 */
struct transport {
	bool ipv6;
	uint8_t protocol;
	const uint8_t *source;
	const uint8_t *destination;
	const struct packet *quoted;
};

uint8_t transport_choose(struct chance *chance, bool ipv6);
size_t transport_put(struct chance *chance, const struct transport *transport, uint8_t *data,
		     size_t room);

/* generate.c */

/**
 * struct history - packets that were there before
 * @sent: by the pod
 * @sent_count: all of them, the last are kept
 * @seen: by the pod
 * @seen_count: all of them, the last are kept
 */
struct history {
	struct packet sent[64];
	uint32_t sent_count;
	struct packet seen[64];
	uint32_t seen_count;
};

void packet_generate(struct packet *packet, struct chance *chance, struct history *history);

/* reply.c */
bool reply_make(struct packet *reply, const struct packet *packet, struct chance *chance);

/* normal.c */
bool packet_is_error(uint8_t protocol, uint8_t type);
void packet_normalise(struct packet *packet);

#endif
