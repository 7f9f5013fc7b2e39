// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests made up from the spec, right and wrong, damaged, cut off, and several in one
 * datagram, on sockets that come and go. (tests/fuzz/netlink looks at what they do; here
 * they only have to do no harm to what others do.)
 */
#include <string.h>
#include <unistd.h>

#include "attack.h"

#define SOCKETS 4
#define THREADS 2

static void append(struct message *message, const struct message *more)
{
	size_t length = NLMSG_ALIGN(message->length);

	if (length + more->length > sizeof(message->data))
		return;
	memcpy(message->data + length, more->data, more->length);
	message->length = length + more->length;
}

static void make(struct attack *attack, struct message *message)
{
	struct chance *chance = &attack->chance;
	uint16_t family = (uint16_t)attack->board->family;
	struct message more;

	message_generate(message, chance, family, chance_below(chance, 100));
	if (chance_percent(chance, 10))
		message_damage(message, chance, family);
	while (chance_percent(chance, 30)) {
		message_generate(&more, chance, family, 1);
		append(message, &more);
	}
	if (chance_percent(chance, 5))
		message->length = chance_below(chance, (uint32_t)message->length + 1);
}

static void ask(struct attack *attack, unsigned int number)
{
	int sockets[SOCKETS];
	struct message message;
	unsigned int i;

	(void)number;
	for (i = 0; i < SOCKETS; i++)
		sockets[i] = request_socket();
	while (goes_on(attack)) {
		int *descriptor = &sockets[chance_below(&attack->chance, SOCKETS)];

		make(attack, &message);
		request_send(attack, *descriptor, &message);
		request_answers(attack, *descriptor, 8, 0);
		if (chance_percent(&attack->chance, 2)) {
			close(*descriptor);
			*descriptor = request_socket();
		}
	}
	for (i = 0; i < SOCKETS; i++)
		close(sockets[i]);
}

static void run(struct attack *attack)
{
	run_threads(attack, THREADS, ask);
}

static const struct need needs[] = {
	{ IPMASQ_CMD_POLICY_GET, true, true },
	{ IPMASQ_CMD_POLICY_SET, true, true },
	{ IPMASQ_CMD_CIDR_GET, true, true },
	{ IPMASQ_CMD_CIDR_ADD, true, true },
	/* A prefix at random is hardly ever one that is there. */
	{ IPMASQ_CMD_CIDR_DEL, false, true },
	{ IPMASQ_CMD_TRANSACTION_BEGIN, true, true },
	/* Nor is a socket at random one that began a transaction. */
	{ IPMASQ_CMD_TRANSACTION_ADD, false, true },
	{ IPMASQ_CMD_TRANSACTION_COMMIT, false, true },
	{ IPMASQ_CMD_TRANSACTION_ABORT, false, true },
	{ IPMASQ_CMD_EXPLAIN, true, true },
	{ IPMASQ_CMD_STATS_GET, true, true },
	{ 0 }
};

const struct attacker random_request = { "random-request", run, needs, false };
