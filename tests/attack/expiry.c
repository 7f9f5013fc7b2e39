// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entries that expire within a fifth of a second, so that the timer's change meets
 * commits, deletions and the end of the policy.
 */
#include <unistd.h>

#include "attack.h"

#define THREADS 2

static void ask_hastily(struct attack *attack, int descriptor, uint8_t command)
{
	struct message message;

	message_make(&message, &attack->chance, (uint16_t)attack->board->family, command, true);
	request_ask(attack, descriptor, &message);
}

static void add(struct attack *attack, unsigned int number)
{
	int descriptor = request_socket();

	(void)number;
	while (goes_on(attack)) {
		ask_hastily(attack, descriptor, IPMASQ_CMD_CIDR_ADD);
		if (chance_percent(&attack->chance, 30))
			request_make(attack, descriptor, IPMASQ_CMD_CIDR_DEL);
		if (chance_percent(&attack->chance, 20)) {
			request_make(attack, descriptor, IPMASQ_CMD_TRANSACTION_BEGIN);
			ask_hastily(attack, descriptor, IPMASQ_CMD_TRANSACTION_ADD);
			request_make(attack, descriptor, IPMASQ_CMD_TRANSACTION_COMMIT);
		}
		pause_up_to(attack, 20000);
	}
	close(descriptor);
}

static void run(struct attack *attack)
{
	run_threads(attack, THREADS, add);
}

static const struct need needs[] = {
	{ IPMASQ_CMD_CIDR_ADD, true, true },
	{ IPMASQ_CMD_TRANSACTION_COMMIT, true, false },
	{ 0 }
};

const struct attacker expiry = { "expiry", run, needs, false };
