// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random messages, the same ones for the same seed. A refusal must change
 * nothing; what happens to be right may be accepted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

static uint32_t state;

/* Marsaglia's xorshift: it needs to be repeatable, not good. */
static uint32_t random_number(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static void put_random_bytes(struct message *message)
{
	size_t count = random_number(200);

	while (count--)
		message->data[message->length++] = (uint8_t)random_number(256);
}

static void put_random_list(struct message *message, unsigned int depth)
{
	unsigned int count = random_number(4) + 1;
	struct nlattr header;
	size_t start;

	while (count--) {
		start = message->length;
		message->length += NLA_HDRLEN;
		header.nla_type = (uint16_t)random_number(IPMASQ_A_MAX + 2);
		if (depth && random_number(2)) {
			header.nla_type |= NLA_F_NESTED;
			put_random_list(message, depth - 1);
		} else {
			size_t bytes = (size_t)1 << random_number(5);

			while (bytes--)
				message->data[message->length++] =
					random_number(3) ? (uint8_t)random_number(4) :
							   (uint8_t)random_number(256);
		}
		header.nla_len = (uint16_t)(message->length - start);
		memcpy(message->data + start, &header, sizeof(header));
		while (message->length % NLA_ALIGNTO)
			message->data[message->length++] = 0;
	}
}

/* A right request with a few bytes of its attributes changed, or its end cut off. */
static void put_spoiled(struct message *message, uint8_t command)
{
	size_t from = message->length;
	unsigned int changes = random_number(4);

	message_put(message, right_requests[command]);
	if (message->length == from) {
		put_random_list(message, 0);
		return;
	}
	while (changes--)
		message->data[from + random_number((uint32_t)(message->length - from))] =
			(uint8_t)random_number(256);
	if (!random_number(4))
		message->length -= random_number((uint32_t)(message->length - from));
}

static void make_random(struct message *message, uint16_t family)
{
	uint8_t command = (uint8_t)(random_number(IPMASQ_CMD_CARRY_OVER) + 1);
	uint16_t flags = command == IPMASQ_CMD_CIDR_GET ? NLM_F_DUMP : 0;

	if (!random_number(32))
		flags ^= (uint16_t)(random_number(16) << 8);
	message_begin(message, family, command, flags);
	switch (random_number(4)) {
	case 0:
		put_random_bytes(message);
		break;
	case 1:
		put_random_list(message, 2);
		break;
	default:
		put_spoiled(message, command);
	}
	((struct nlmsghdr *)message->data)->nlmsg_len = (uint32_t)message->length;
}

/**
 * run_garbage() - random messages
 * @socket: from netlink_open()
 * @family: number of the family
 * @seed: where the random numbers begin, not 0
 * @count: how many messages
 *
 * Return: the exit status.
 */
int run_garbage(int socket, uint16_t family, uint32_t seed, unsigned long count)
{
	static struct message message;
	struct snapshot before = { 0 };
	unsigned long i, accepted = 0, wrong = 0;
	char name[128], text[400];
	struct answer answer;
	bool same;

	state = seed;
	snapshot_take(socket, family, &before);
	for (i = 0; i < count; i++) {
		make_random(&message, family);
		exchange(socket, &message, &answer, NULL);
		same = snapshot_same(socket, family, &before);
		accepted += !answer.error;
		if (same || !answer.error)
			continue;
		wrong++;
		snprintf(name, sizeof(name), "message %lu of seed %u", i, seed);
		result(name, false, "nothing changed", describe(&answer, text));
	}
	snprintf(name, sizeof(name), "%lu random messages, %lu accepted, the others change nothing",
		 count, accepted);
	snprintf(text, sizeof(text), "%lu did", wrong);
	result(name, !wrong && accepted < count, "some refused, none of those with effect", text);
	return results_end();
}
