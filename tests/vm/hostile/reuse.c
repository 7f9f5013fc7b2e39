// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes that bind the same port id again and again: a new socket has it before the
 * one that had it has come to its end. Broadcasts keep netlink_release() waiting right
 * in between.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"

#define PROCESSES 8
#define BROADCASTERS 2
#define LISTENERS 32

/* The port id of all; no process has such a number, so no other program binds it. */
#define PORT 0x7fff1234u

static const char no_transaction[] = "no transaction is open on this socket";

/**
 * struct tally - what all processes have seen, in shared memory
 * @begun: transactions
 * @left: of those, how many were open when their socket closed
 * @foreign: sockets that had a transaction open from the start
 * @lost: transactions that were gone before their socket ended them
 * @garbled: refusals with another text than theirs
 */
struct tally {
	unsigned long begun;
	unsigned long left;
	unsigned long foreign;
	unsigned long lost;
	unsigned long garbled;
};

static void add(unsigned long *number)
{
	__atomic_fetch_add(number, 1, __ATOMIC_RELAXED);
}

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A refusal, whose text must be its own, and a transaction, which must be too. */
static void use_socket(int socket, uint16_t family, unsigned int round, struct tally *tally)
{
	const uint8_t ends[] = { 0, IPMASQ_CMD_TRANSACTION_COMMIT, IPMASQ_CMD_TRANSACTION_ABORT };
	struct answer answer;
	int error;

	error = request_once(socket, family, IPMASQ_CMD_TRANSACTION_ADD,
			     LIST(CIDR4(10, 0, 0, 0, 8)), &answer);
	if (error != ENOENT)
		add(&tally->foreign);
	else if (strcmp(answer.text, no_transaction))
		add(&tally->garbled);
	if (request_once(socket, family, IPMASQ_CMD_TRANSACTION_BEGIN,
			 LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_STATIC)), &answer)) {
		add(&tally->foreign);
		return;
	}
	add(&tally->begun);
	if (request_once(socket, family, IPMASQ_CMD_TRANSACTION_ADD,
			 LIST(CIDR4(10, 1, 0, 0, 16), CIDR4(10, 2, 0, 0, 16)), &answer))
		add(&tally->lost);
	if (!ends[round % 3])
		add(&tally->left);
	else if (request_once(socket, family, ends[round % 3], NOTHING, &answer))
		add(&tally->lost);
}

static void bind_again(uint16_t family, long end, struct tally *tally)
{
	unsigned int round = (unsigned int)getpid();
	int socket;

	while (milliseconds() < end) {
		socket = netlink_open_at(PORT);
		if (socket < 0)
			continue;
		use_socket(socket, family, round++, tally);
		close(socket);
	}
}

/* Without a good reason: nobody reads it. */
static void broadcast(long end)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	static const char bytes[NLMSG_HDRLEN + 4096];
	int i, listener, sender;

	for (i = 0; i < LISTENERS; i++) {
		listener = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
		bind(listener, (struct sockaddr *)&group, sizeof(group));
	}
	sender = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
	while (milliseconds() < end)
		sendto(sender, bytes, sizeof(bytes), 0, (struct sockaddr *)&group, sizeof(group));
}

static void check(const char *name, unsigned long times)
{
	char seen[32];

	snprintf(seen, sizeof(seen), "%lu times", times);
	result(name, !times, "never", seen);
}

/**
 * run_reuse() - race for one port id
 * @family: number of the family
 * @duration: in milliseconds
 *
 * Return: the exit status.
 */
int run_reuse(uint16_t family, unsigned long duration)
{
	long end = milliseconds() + (long)duration;
	struct tally *tally;
	int status, failed = 0;
	int i;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	for (i = 0; i < PROCESSES + BROADCASTERS; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (i < PROCESSES)
			bind_again(family, end, tally);
		else
			broadcast(end);
		_exit(0);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	result("all processes come to their end", !failed, "status 0", "another one");
	result("transactions were begun", tally->begun, "some", "none");
	result("and some were open when their socket closed", tally->left, "some", "none");
	check("a new socket has no transaction", tally->foreign);
	check("a transaction lasts until its socket ends it", tally->lost);
	check("a refusal has its own text", tally->garbled);
	return results_end();
}
