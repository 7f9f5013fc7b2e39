// SPDX-License-Identifier: GPL-2.0-or-later
/* Listeners with little room, which join, miss events, leave and are closed. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"

static void run(struct attack *attack)
{
	uint8_t event[4096];

	while (goes_on(attack)) {
		int descriptor = request_socket(), room = 1;
		uint32_t group = attack->board->group;
		unsigned int i, events = chance_below(&attack->chance, 20);

		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
		/* A socket that has no port id yet counts as the kernel's own: it hears nothing. */
		request_bind(descriptor, 0);
		setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
		/* So that there are more events than there is room for. */
		let_live(attack, 10000);
		for (i = 0; i < events; i++) {
			ssize_t length = recv(descriptor, event, sizeof(event), MSG_DONTWAIT);

			if (length >= 0 || errno != EAGAIN)
				count(attack, ATTEMPT_EVENT, length >= 0);
		}
		if (chance_percent(&attack->chance, 50))
			setsockopt(descriptor, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group,
				   sizeof(group));
		close(descriptor);
	}
}

static const struct need needs[] = {
	{ ATTEMPT_EVENT, true, true },
	{ 0 }
};

const struct attacker listener = { "listener", run, needs, false };
