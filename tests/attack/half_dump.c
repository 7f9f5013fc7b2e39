// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps that are read half, or twice at a time, and closed. */
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"

#define THREADS 3

static void dump(struct attack *attack, unsigned int number)
{
	struct message message;

	(void)number;
	while (goes_on(attack)) {
		int room = 2048 << chance_below(&attack->chance, 6);
		int descriptor = request_socket();

		if (descriptor < 0)
			continue;
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
		message_make(&message, &attack->chance, (uint16_t)attack->board->family,
			     IPMASQ_CMD_CIDR_GET, false);
		request_send(attack, descriptor, &message);
		request_answers(attack, descriptor, chance_below(&attack->chance, 3), 0);
		/* One is at work already, unless it came to its end. */
		if (chance_percent(&attack->chance, 30))
			request_send(attack, descriptor, &message);
		if (chance_percent(&attack->chance, 50))
			request_answers(attack, descriptor, 64, 0);
		close(descriptor);
	}
}

static void run(struct attack *attack)
{
	run_threads(attack, THREADS, dump);
}

static const struct need needs[] = {
	{ IPMASQ_CMD_CIDR_GET, true, true },
	{ 0 }
};

const struct attacker half_dump = { "half-dump", run, needs, false };
