// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions about odd flows: no address, groups, everybody, mapped and link-local ones,
 * the node's own, by interfaces that are there, vanish meanwhile, or never were.
 */
#include <string.h>
#include <unistd.h>

#include "attack.h"

#define THREADS		2
#define INTERFACES	200

static const uint8_t odd4[][4] = {
	{ 0 }, { 255, 255, 255, 255 }, { 127, 0, 0, 1 }, { 224, 0, 0, 1 }, { 239, 255, 255, 250 },
	{ 169, 254, 1, 1 }, { 10, 99, 0, 1 }, { 10, 99, 255, 255 }, { 192, 0, 2, 10 },
	{ 10, 244, 1, 2 }, { 203, 0, 113, 7 }, { 240, 0, 0, 1 },
};

static const uint8_t odd6[][16] = {
	{ 0 }, { [15] = 1 }, { [10] = 0xff, 0xff, 10, 0, 0, 1 }, { [10] = 0xff, 0xff },
	{ 0xff, 2, [15] = 1 }, { 0xff, 2, [11] = 1, 0xff, 0, 0, 1 }, { 0xff, 0xe, [15] = 9 },
	{ 0xfe, 0x80, [15] = 1 }, { 0xfe, 0x80, [15] = 0x10 },
	{ 0x20, 1, 0xd, 0xb8, 0, 0x99, [15] = 1 }, { 0x20, 1, 0xd, 0xb8, 0, 2, [15] = 0x10 },
	{ 0x20, 1, 0xd, 0xb8, 0, 7, [15] = 7 }, { 0xfd, 0, 0, 0x10, 2, 0x44, 0, 1, [15] = 2 },
	{ 0, 0x64, 0xff, 0x9b, [12] = 10, 0, 0, 1 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [15] = 0xff },
};

static void put_address(struct message *message, struct chance *chance, uint16_t type,
			bool ipv6)
{
	if (ipv6)
		message_put(message, type,
			    odd6[chance_below(chance, sizeof(odd6) / sizeof(odd6[0]))], 16);
	else
		message_put(message, type,
			    odd4[chance_below(chance, sizeof(odd4) / sizeof(odd4[0]))], 4);
}

static void ask(struct attack *attack, unsigned int number)
{
	struct chance *chance = &attack->chance;
	int descriptor = request_socket();
	struct message message;

	(void)number;
	while (goes_on(attack)) {
		bool ipv6 = chance_percent(chance, 60);
		uint32_t interface = chance_below(chance, chance_percent(chance, 50) ?
						  8 : INTERFACES);

		message_begin(&message, (uint16_t)attack->board->family, IPMASQ_CMD_EXPLAIN,
			      NLM_F_REQUEST | NLM_F_ACK);
		put_address(&message, chance, IPMASQ_A_SOURCE, ipv6);
		put_address(&message, chance, IPMASQ_A_DESTINATION,
			    ipv6 ^ chance_percent(chance, 2));
		if (chance_percent(chance, 60))
			message_put(&message, IPMASQ_A_OUTPUT_INTERFACE, &interface,
				    sizeof(interface));
		request_ask(attack, descriptor, &message);
	}
	close(descriptor);
}

static void run(struct attack *attack)
{
	run_threads(attack, THREADS, ask);
}

static const struct need needs[] = {
	{ IPMASQ_CMD_EXPLAIN, true, true },
	{ 0 }
};

const struct attacker explain = { "explain", run, needs, false };
