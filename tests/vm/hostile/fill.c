// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A large table from a small program: what it takes is the kernel's memory.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hostile.h"

/* Entries of one message. */
#define EACH 1500

static int tell(const char *what, unsigned long entries, const struct answer *answer)
{
	printf("%s after %lu entries: %s\n", what, entries, strerror(answer->error));
	return 1;
}

/**
 * run_fill() - replace the static entries by many
 * @socket: from netlink_open()
 * @family: number of the family
 * @count: how many, at least
 *
 * Prints "committed N", or what was refused.
 *
 * Return: the exit status.
 */
int run_fill(int socket, uint16_t family, unsigned long count)
{
	static struct message message;
	struct answer answer;
	unsigned long done = 0;
	unsigned int i;

	message_begin(&message, family, IPMASQ_CMD_TRANSACTION_BEGIN, 0);
	message_put(&message, LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_STATIC)));
	exchange(socket, &message, &answer, NULL);
	if (answer.error)
		return tell("begin", done, &answer);
	while (done < count) {
		message_begin(&message, family, IPMASQ_CMD_TRANSACTION_ADD, 0);
		for (i = 0; i < EACH; i++, done++)
			message_put(&message, LIST(CIDR4(20 + done / 16777216, done / 65536 % 256,
							 done / 256 % 256, done % 256, 32)));
		exchange(socket, &message, &answer, NULL);
		if (answer.error)
			return tell("add", done, &answer);
	}
	message_begin(&message, family, IPMASQ_CMD_TRANSACTION_COMMIT, 0);
	exchange(socket, &message, &answer, NULL);
	if (answer.error)
		return tell("commit", done, &answer);
	printf("committed %lu\n", done);
	return 0;
}
