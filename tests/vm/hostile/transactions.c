// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * As many open transactions as a namespace may have, and what makes room for another.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "hostile.h"

/* Beside the sockets. */
#define OTHER_DESCRIPTORS 16

/* A generation that no policy has, so that a commit fails. */
#define STALE 7777

static void begin(int socket, uint16_t family, struct answer *answer)
{
	request_once(socket, family, IPMASQ_CMD_TRANSACTION_BEGIN,
		     LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_STATIC),
			  U64(IPMASQ_A_GENERATION, STALE)), answer);
}

static void expect_begin(int socket, uint16_t family, int error, const char *name)
{
	static const char limit[] = " transactions are open in this network namespace, the limit";
	char seen[400];
	struct answer answer;

	begin(socket, family, &answer);
	result(name, answer.error == error && (!error || strstr(answer.text, limit)),
	       error ? limit : "accepted", describe(&answer, seen));
}

static unsigned int fill(uint16_t family, int sockets[IPMASQ_TRANSACTIONS_MAX])
{
	struct answer answer;
	unsigned int i, begun = 0;

	for (i = 0; i < IPMASQ_TRANSACTIONS_MAX; i++) {
		sockets[i] = netlink_open();
		begin(sockets[i], family, &answer);
		begun += !answer.error;
	}
	return begun;
}

static void try_limit(uint16_t family, int sockets[IPMASQ_TRANSACTIONS_MAX])
{
	char seen[400], wanted[64];
	struct answer answer;
	int socket;

	snprintf(wanted, sizeof(wanted), "%d begun", IPMASQ_TRANSACTIONS_MAX);
	snprintf(seen, sizeof(seen), "%u begun", fill(family, sockets));
	result("as many sockets as there may be have a transaction", !strcmp(wanted, seen),
	       wanted, seen);

	socket = netlink_open();
	expect_begin(socket, family, ENOSPC, "one more is refused");
	close(sockets[0]);
	expect_begin(socket, family, 0, "a socket that closes makes room");
	sockets[0] = netlink_open();
	expect_begin(sockets[0], family, ENOSPC, "for one");
	request_once(socket, family, IPMASQ_CMD_TRANSACTION_ABORT, NOTHING, &answer);
	expect_begin(sockets[0], family, 0, "so does one that aborts");
	request_once(sockets[0], family, IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING, &answer);
	result("the commit fails", answer.error == ESTALE, strerror(ESTALE),
	       describe(&answer, seen));
	expect_begin(socket, family, 0, "and makes room all the same");
	close(socket);
}

/**
 * run_transactions() - the limit of open transactions
 * @family: number of the family
 *
 * Return: the exit status.
 */
int run_transactions(uint16_t family)
{
	static int sockets[IPMASQ_TRANSACTIONS_MAX];
	const struct rlimit descriptors = { IPMASQ_TRANSACTIONS_MAX + OTHER_DESCRIPTORS,
					    IPMASQ_TRANSACTIONS_MAX + OTHER_DESCRIPTORS };
	unsigned int i;

	if (setrlimit(RLIMIT_NOFILE, &descriptors)) {
		perror("hostile: setrlimit");
		return 2;
	}
	try_limit(family, sockets);
	for (i = 0; i < IPMASQ_TRANSACTIONS_MAX; i++)
		close(sockets[i]);
	/* None was left behind, none was given back twice. */
	try_limit(family, sockets);
	if (unshare(CLONE_NEWNET)) {
		perror("hostile: unshare");
		return 2;
	}
	expect_begin(netlink_open(), family, 0, "another network namespace has a limit of its own");
	return results_end();
}
