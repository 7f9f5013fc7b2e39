// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process that signals rain on: each request is answered all the same, once,
 * and does all of what it should.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "hostile.h"

/* As often as a busy emulated processor may still get something done. */
#define EVERY_MICROSECONDS 500

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static void rain(bool on)
{
	struct itimerval timer = { 0 };

	if (on) {
		timer.it_interval.tv_usec = EVERY_MICROSECONDS;
		timer.it_value.tv_usec = EVERY_MICROSECONDS;
	}
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void put_table(struct message *message)
{
	unsigned int i;

	for (i = 0; i < 1500; i++)
		message_put(message, LIST(CIDR4(172, 16, i / 200, i % 200, 32)));
}

/* One change after the other, each by one request; returns its errno. */
static int request(int socket, uint16_t family, uint8_t command, uint16_t flags,
		   const struct attribute *attributes, void (*build)(struct message *message),
		   struct snapshot *replies)
{
	static struct message message;
	struct answer answer;
	int error;

	message_begin(&message, family, command, flags);
	message_put(&message, attributes);
	if (build)
		build(&message);
	do {
		/* A request that was not sent may be sent again. */
		if (attempt(socket, &message, &answer, replies, &error) == ANSWERED)
			return answer.error;
	} while (error == EINTR);
	return error;
}

static const char *round_of_changes(int socket, uint16_t family)
{
	struct snapshot dump = { 0 };
	const char *wrong = NULL;

	if (request(socket, family, IPMASQ_CMD_TRANSACTION_BEGIN, 0,
		    LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_CONFIG)), NULL, NULL))
		wrong = "begin";
	else if (request(socket, family, IPMASQ_CMD_TRANSACTION_ADD, 0, NOTHING, put_table, NULL))
		wrong = "add";
	else if (request(socket, family, IPMASQ_CMD_TRANSACTION_COMMIT, 0, NOTHING, NULL, NULL))
		wrong = "commit";
	else if (request(socket, family, IPMASQ_CMD_CIDR_ADD, 0,
			 LIST(CIDR4(203, 0, 113, 0, 24)), NULL, NULL))
		wrong = "add one";
	else if (request(socket, family, IPMASQ_CMD_CIDR_GET, NLM_F_DUMP, NOTHING, NULL, &dump))
		wrong = "dump";
	else if (request(socket, family, IPMASQ_CMD_CIDR_DEL, 0,
			 LIST(CIDR4(203, 0, 113, 0, 24)), NULL, NULL))
		wrong = "delete one";
	/* At least the addresses of 1,501 entries. */
	if (!wrong && dump.length < 1501 * 16)
		wrong = "a dump that lacks entries";
	snapshot_free(&dump);
	return wrong;
}

/**
 * run_signals() - rounds of changes under signals
 * @socket: from netlink_open()
 * @family: number of the family
 * @rounds: how many
 *
 * Return: the exit status.
 */
int run_signals(int socket, uint16_t family, unsigned long rounds)
{
	struct sigaction action = { .sa_handler = count_signal };
	const char *wrong = NULL;
	char name[128], seen[128];
	unsigned long round;

	sigaction(SIGALRM, &action, NULL);
	rain(true);
	for (round = 0; round < rounds && !wrong; round++)
		wrong = round_of_changes(socket, family);
	rain(false);
	snprintf(name, sizeof(name), "%lu rounds of changes, and %ld signals meanwhile", round,
		 (long)signals);
	snprintf(seen, sizeof(seen), "%s", wrong ? wrong : "no signals");
	result(name, !wrong && signals, "all of them done", seen);
	return results_end();
}
