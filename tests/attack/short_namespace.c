// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network namespaces that end while their last transaction is committed: only the socket
 * that one thread closes, and another one sends on, keeps the namespace alive.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attack.h"

#define THREADS 3

/* At the same time, where nobody says another number. */
#define NAMESPACES 40

static _Atomic int *sockets;
static unsigned int namespaces = NAMESPACES;

static void fill(struct attack *attack, int descriptor)
{
	static const uint8_t commands[] = {
		IPMASQ_CMD_POLICY_SET, IPMASQ_CMD_TRANSACTION_BEGIN, IPMASQ_CMD_TRANSACTION_ADD,
		IPMASQ_CMD_TRANSACTION_COMMIT, IPMASQ_CMD_CIDR_ADD, IPMASQ_CMD_EXPLAIN,
		IPMASQ_CMD_CIDR_GET,
	};
	struct message message;
	unsigned int i;

	for (i = 0; i < sizeof(commands); i++) {
		if (chance_percent(&attack->chance, 20))
			continue;
		message_make(&message, &attack->chance, (uint16_t)attack->board->family,
			     commands[i], true);
		request_send(attack, descriptor, &message);
		request_answers(attack, descriptor, 8, 0);
	}
}

/* The thread moves to the new namespace; the one before is kept by its socket. */
static void replace(struct attack *attack, _Atomic int *place)
{
	int descriptor, old;
	bool done = !unshare(CLONE_NEWNET);

	count(attack, ATTEMPT_NAMESPACE, done);
	if (!done)
		return;
	descriptor = request_socket();
	if (descriptor < 0)
		return;
	fill(attack, descriptor);
	old = atomic_exchange(place, descriptor);
	if (old > 0)
		close(old);
}

static void live(struct attack *attack, unsigned int number)
{
	static const uint8_t commands[] = {
		IPMASQ_CMD_TRANSACTION_BEGIN, IPMASQ_CMD_TRANSACTION_ADD,
		IPMASQ_CMD_TRANSACTION_COMMIT, IPMASQ_CMD_CIDR_ADD, IPMASQ_CMD_POLICY_SET,
		IPMASQ_CMD_CIDR_GET,
	};
	struct message message;

	(void)number;
	while (goes_on(attack)) {
		_Atomic int *place = &sockets[chance_below(&attack->chance, namespaces)];
		int descriptor = *place;

		if (descriptor <= 0 || chance_percent(&attack->chance, 20)) {
			replace(attack, place);
			continue;
		}
		message_make(&message, &attack->chance, (uint16_t)attack->board->family,
			     commands[chance_below(&attack->chance, sizeof(commands))], true);
		request_send(attack, descriptor, &message);
		request_answers(attack, descriptor, 4, 0);
	}
}

static void run(struct attack *attack)
{
	struct rlimit files;

	if (getenv("ATTACK_NAMESPACES"))
		namespaces = (unsigned int)atoi(getenv("ATTACK_NAMESPACES"));
	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < namespaces + 64) {
		files.rlim_cur = namespaces + 64;
		if (files.rlim_max < files.rlim_cur)
			files.rlim_max = files.rlim_cur;
		if (setrlimit(RLIMIT_NOFILE, &files))
			namespaces = 512;
	}
	sockets = calloc(namespaces, sizeof(*sockets));
	if (sockets)
		run_threads(attack, THREADS, live);
	/* All at once, by the end of the process. */
}

static const struct need needs[] = {
	{ ATTEMPT_NAMESPACE, true, false },
	{ IPMASQ_CMD_POLICY_SET, true, true },
	{ IPMASQ_CMD_TRANSACTION_COMMIT, true, true },
	{ IPMASQ_CMD_CIDR_ADD, true, true },
	{ 0 }
};

const struct attacker short_namespace = { "short-namespace", run, needs, false };
