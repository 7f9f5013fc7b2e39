// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A large TCP transfer in both directions at once: the far side echoes, this
 * side compares every byte with what it sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow.h"

#define BLOCK 65536

/* xorshift64*: no two blocks alike, and cheap on an emulated processor. */
static void fill_block(uint64_t *state, uint64_t block[BLOCK / 8])
{
	size_t i;

	for (i = 0; i < BLOCK / 8; i++) {
		*state ^= *state >> 12;
		*state ^= *state << 25;
		*state ^= *state >> 27;
		block[i] = *state * UINT64_C(0x2545f4914f6cdd1d);
	}
}

static int send_all(int descriptor, const void *data, size_t length)
{
	const char *next = data;
	ssize_t sent;

	while (length) {
		sent = send(descriptor, next, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return -1;
		next += sent;
		length -= (size_t)sent;
	}
	return 0;
}

static int receive_all(int descriptor, void *data, size_t length)
{
	char *next = data;
	ssize_t received;

	while (length) {
		received = recv(descriptor, next, length, 0);
		if (received <= 0)
			return -1;
		next += received;
		length -= (size_t)received;
	}
	return 0;
}

/**
 * echo_until_end() - send back what comes, in a process of its own
 * @descriptor: a connected TCP socket
 */
void echo_until_end(int descriptor)
{
	static char data[BLOCK];
	ssize_t received;

	fcntl(descriptor, F_SETFL, 0);
	for (;;) {
		received = recv(descriptor, data, sizeof(data), 0);
		if (received <= 0 || send_all(descriptor, data, (size_t)received))
			break;
	}
	shutdown(descriptor, SHUT_WR);
	close(descriptor);
}

/**
 * transfer() - send and get back as many MiB as asked for
 * @options: destination and megabytes
 *
 * Prints "intact MEGABYTES ADDRESS PORT", or at which byte it went wrong.
 *
 * Return: 0 if every byte came back as it was sent, else 1.
 */
int transfer(const struct flow_options *options)
{
	static uint64_t sent[BLOCK / 8], received[BLOCK / 8];
	unsigned long blocks = options->megabytes * (1024 * 1024 / BLOCK), i;
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
	char answer[ANSWER_MAX] = "";
	const char *reason = "";
	int descriptor, status;
	pid_t writer;

	descriptor = dial(options, &reason);
	if (descriptor < 0) {
		printf("%s\n", reason);
		return 1;
	}
	/* The answer's line ends with the only newline ahead of the echo. */
	if (send_all(descriptor, ASK_TRANSFER, strlen(ASK_TRANSFER)) ||
	    recv(descriptor, answer, sizeof(answer) - 1, 0) <= 0) {
		printf("no answer\n");
		return 1;
	}
	answer[strcspn(answer, "\n")] = '\0';

	writer = fork();
	if (writer == 0) {
		for (i = 0; i < blocks; i++) {
			fill_block(&state, sent);
			if (send_all(descriptor, sent, BLOCK))
				_exit(1);
		}
		shutdown(descriptor, SHUT_WR);
		_exit(0);
	}
	for (i = 0; i < blocks; i++) {
		fill_block(&state, sent);
		if (receive_all(descriptor, received, BLOCK)) {
			printf("cut off in block %lu of %lu: %s\n", i, blocks, strerror(errno));
			return 1;
		}
		if (memcmp(sent, received, BLOCK)) {
			printf("damaged in block %lu of %lu\n", i, blocks);
			return 1;
		}
	}
	if (recv(descriptor, received, 1, 0) != 0) {
		printf("more came back than was sent\n");
		return 1;
	}
	if (waitpid(writer, &status, 0) != writer || status) {
		printf("the sender failed\n");
		return 1;
	}
	printf("intact %lu %s\n", options->megabytes, answer);
	return 0;
}
