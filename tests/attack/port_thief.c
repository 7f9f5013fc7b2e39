// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets that take over a port id while its last owner closes: netlink_release() frees
 * the port id before it calls the notifiers, and waits in between for whoever broadcasts.
 * A transaction belongs to the socket, so a new one has none, and keeps the one it begins.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"

#define THIEVES		6
#define PORTS		2
#define FIRST_PORT	0x51000000
#define LISTENERS	64
#define BIND_TRIES	5000

/* Keeps the table of netlink sockets busy, as any user may. */
static void broadcast(struct attack *attack)
{
	struct sockaddr_nl everybody = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct nlmsghdr header = { .nlmsg_len = sizeof(header), .nlmsg_type = NLMSG_MIN_TYPE };
	int listeners[LISTENERS];
	unsigned int i;

	for (i = 0; i < LISTENERS; i++) {
		listeners[i] = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
		if (listeners[i] >= 0)
			bind(listeners[i], (struct sockaddr *)&everybody, sizeof(everybody));
	}
	while (goes_on(attack))
		sendto(listeners[0], &header, sizeof(header), MSG_DONTWAIT,
		       (struct sockaddr *)&everybody, sizeof(everybody));
	for (i = 0; i < LISTENERS; i++)
		close(listeners[i]);
}

static int steal_port(struct attack *attack, uint32_t port)
{
	int descriptor = request_socket();
	unsigned int tries;

	if (descriptor < 0)
		return -1;
	for (tries = 0; tries < BIND_TRIES; tries++) {
		int err = request_bind(descriptor, port);

		count(attack, ATTEMPT_BIND, !err);
		if (!err)
			return descriptor;
		if (errno != EADDRINUSE)
			break;
		usleep(10);
	}
	close(descriptor);
	return -1;
}

static void end_transaction(struct attack *attack, int descriptor, uint8_t command)
{
	int err = request_make(attack, descriptor, command);

	if (err == ENOENT && !attack->board->reloads)
		report_wrong(attack, "a socket's transaction was gone before it ended it");
}

static void use_port(struct attack *attack, int descriptor)
{
	unsigned int i, additions = chance_below(&attack->chance, 6);
	unsigned int how = chance_below(&attack->chance, 4);
	int err = request_make(attack, descriptor, IPMASQ_CMD_TRANSACTION_BEGIN);

	if (err == EBUSY)
		report_wrong(attack, "a new socket has a transaction that it did not begin");
	for (i = 0; i < additions; i++)
		request_make(attack, descriptor, IPMASQ_CMD_TRANSACTION_ADD);
	/* Half of them close it with the socket. */
	if (err && !attack->board->denied)
		return;
	if (how == 0)
		end_transaction(attack, descriptor, IPMASQ_CMD_TRANSACTION_COMMIT);
	else if (how == 1)
		end_transaction(attack, descriptor, IPMASQ_CMD_TRANSACTION_ABORT);
}

static void steal(struct attack *attack, unsigned int number)
{
	if (number >= THIEVES) {
		broadcast(attack);
		return;
	}
	while (goes_on(attack)) {
		int descriptor = steal_port(attack, FIRST_PORT + number % PORTS);

		if (descriptor < 0)
			continue;
		use_port(attack, descriptor);
		close(descriptor);
	}
}

static void run(struct attack *attack)
{
	run_threads(attack, THIEVES + 1, steal);
}

static const struct need needs[] = {
	{ ATTEMPT_BIND, true, true },
	{ IPMASQ_CMD_TRANSACTION_BEGIN, true, false },
	{ IPMASQ_CMD_TRANSACTION_ADD, true, true },
	{ IPMASQ_CMD_TRANSACTION_COMMIT, true, false },
	{ IPMASQ_CMD_TRANSACTION_ABORT, true, false },
	{ 0 }
};

const struct attacker port_thief = { "port-thief", run, needs, false };
