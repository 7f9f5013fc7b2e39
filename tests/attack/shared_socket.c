// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that share a socket: all of them begin, add, commit, abort, dump and read on
 * it. One replaces it while the others are in a system call on it, and their process is
 * killed in the middle.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

#define SHARERS 5

static int shared;

static void replace(void)
{
	int new = request_socket();

	if (new < 0)
		return;
	request_bind(new, 0);
	/* The others' system calls hold the old one until they are back. */
	dup2(new, shared);
	close(new);
}

static void share(struct attack *attack, unsigned int number)
{
	static const uint8_t commands[] = {
		IPMASQ_CMD_TRANSACTION_BEGIN, IPMASQ_CMD_TRANSACTION_ADD,
		IPMASQ_CMD_TRANSACTION_ADD, IPMASQ_CMD_TRANSACTION_COMMIT,
		IPMASQ_CMD_TRANSACTION_ABORT, IPMASQ_CMD_CIDR_GET, IPMASQ_CMD_CIDR_ADD,
		IPMASQ_CMD_POLICY_GET,
	};
	struct message message;

	while (goes_on(attack)) {
		message_make(&message, &attack->chance, (uint16_t)attack->board->family,
			     commands[chance_below(&attack->chance, sizeof(commands))], false);
		request_send(attack, shared, &message);
		if (chance_percent(&attack->chance, 60))
			request_answers(attack, shared, 1 + number, 0);
		if (!number && chance_percent(&attack->chance, 10))
			replace();
	}
}

static void run(struct attack *attack)
{
	while (goes_on(attack)) {
		pid_t child = fork();

		if (!child) {
			shared = request_socket();
			run_threads(attack, SHARERS, share);
			_exit(0);
		}
		/* So that the next child has other random numbers. */
		let_live(attack, 150000);
		if (child < 0)
			continue;
		count(attack, ATTEMPT_KILL, !kill(child, SIGKILL));
		waitpid(child, NULL, 0);
	}
}

static const struct need needs[] = {
	{ ATTEMPT_KILL, true, false },
	{ IPMASQ_CMD_TRANSACTION_BEGIN, true, true },
	{ IPMASQ_CMD_TRANSACTION_ADD, true, true },
	{ IPMASQ_CMD_TRANSACTION_COMMIT, true, true },
	{ IPMASQ_CMD_TRANSACTION_ABORT, true, true },
	{ IPMASQ_CMD_CIDR_ADD, true, true },
	{ IPMASQ_CMD_POLICY_GET, true, false },
	{ 0 }
};

const struct attacker shared_socket = { "shared-socket", run, needs, false };
