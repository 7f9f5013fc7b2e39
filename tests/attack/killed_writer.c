// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writers of large transactions that are killed wherever they are: while they wait for
 * the lock, sort, compile or publish.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

#define WRITERS		3
#define ADDITIONS	40

static void write_transactions(struct attack *attack)
{
	int descriptor = request_socket();
	unsigned int i, additions;

	while (goes_on(attack)) {
		request_make(attack, descriptor, IPMASQ_CMD_TRANSACTION_BEGIN);
		additions = chance_below(&attack->chance, ADDITIONS);
		for (i = 0; i < additions; i++)
			request_make(attack, descriptor, IPMASQ_CMD_TRANSACTION_ADD);
		request_make(attack, descriptor, IPMASQ_CMD_TRANSACTION_COMMIT);
	}
}

static pid_t start_writer(struct attack *attack, unsigned int number)
{
	pid_t child = fork();

	if (!child) {
		attack->chance.state ^= (uint64_t)(number + 1) << 40;
		write_transactions(attack);
		_exit(0);
	}
	return child;
}

static void run(struct attack *attack)
{
	pid_t writers[WRITERS] = { 0 };
	unsigned int i;

	while (goes_on(attack)) {
		pid_t *writer = &writers[chance_below(&attack->chance, WRITERS)];

		if (*writer > 0) {
			count(attack, ATTEMPT_KILL, !kill(*writer, SIGKILL));
			waitpid(*writer, NULL, 0);
		}
		*writer = start_writer(attack, chance_below(&attack->chance, 1000));
		let_live(attack, 80000);
	}
	for (i = 0; i < WRITERS; i++)
		if (writers[i] > 0)
			kill(writers[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

static const struct need needs[] = {
	{ ATTEMPT_KILL, true, false },
	{ IPMASQ_CMD_TRANSACTION_COMMIT, true, true },
	{ 0 }
};

const struct attacker killed_writer = { "killed-writer", run, needs, false };
