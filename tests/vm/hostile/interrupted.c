// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A dump that a change comes into must say so.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"

/* Counts the entries of a dump; change is made after its first datagram. */
static unsigned long dump(int socket, struct message *request, int other, struct message *change,
			  bool *interrupted)
{
	static uint8_t buffer[1 << 17];
	const struct nlmsghdr *header;
	struct answer answer;
	unsigned long entries = 0;
	ssize_t received;
	int left;

	*interrupted = false;
	if (send(socket, request->data, request->length, 0) < 0)
		return 0;
	for (;;) {
		received = recv(socket, buffer, sizeof(buffer), 0);
		if (received <= 0)
			return 0;
		left = (int)received;
		for (header = (struct nlmsghdr *)buffer; NLMSG_OK(header, (unsigned int)left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_flags & NLM_F_DUMP_INTR)
				*interrupted = true;
			if (header->nlmsg_type == NLMSG_DONE)
				return entries;
			entries++;
		}
		if (change) {
			exchange(other, change, &answer, NULL);
			if (answer.error)
				return 0;
			change = NULL;
		}
	}
}

/**
 * run_interrupted() - a dump with a change in it, and one without
 * @socket: from netlink_open()
 * @family: number of the family, in a namespace with thousands of entries
 *
 * Return: the exit status.
 */
int run_interrupted(int socket, uint16_t family)
{
	static struct message request, change;
	unsigned long before, during, after;
	char seen[128];
	bool quiet, interrupted;
	int other = netlink_open();

	message_begin(&request, family, IPMASQ_CMD_CIDR_GET, NLM_F_DUMP);
	before = dump(socket, &request, other, NULL, &quiet);
	snprintf(seen, sizeof(seen), "%lu entries, %sinterrupted", before, quiet ? "" : "not ");
	result("a dump of a table that stays is not interrupted", before > 1000 && !quiet,
	       "more than a thousand entries, not interrupted", seen);

	message_begin(&change, family, IPMASQ_CMD_CIDR_ADD, 0);
	message_put(&change, LIST(CIDR4(172, 16, 0, 0, 12)));
	during = dump(socket, &request, other, &change, &interrupted);
	snprintf(seen, sizeof(seen), "%lu entries, %sinterrupted", during,
		 interrupted ? "" : "not ");
	result("a dump that a change comes into says so", during && interrupted,
	       "it says so", seen);

	after = dump(socket, &request, other, NULL, &quiet);
	snprintf(seen, sizeof(seen), "%lu entries, %sinterrupted", after, quiet ? "" : "not ");
	result("and the next one has the change and is whole", after == before + 1 && !quiet,
	       "one entry more, not interrupted", seen);

	message_begin(&change, family, IPMASQ_CMD_POLICY_DEL, 0);
	dump(socket, &request, other, &change, &interrupted);
	snprintf(seen, sizeof(seen), "%sinterrupted", interrupted ? "" : "not ");
	result("a dump whose policy is deleted says so", interrupted, "it says so", seen);
	close(other);
	return results_end();
}

/**
 * run_carry() - set the generation to count on from
 * @socket: from netlink_open()
 * @family: number of the family, in a namespace without a policy
 * @generation: the next policy's is the one after it
 *
 * Return: the exit status.
 */
int run_carry(int socket, uint16_t family, unsigned long generation)
{
	struct answer answer;

	return request_once(socket, family, IPMASQ_CMD_CARRY_OVER,
			    LIST(U64(IPMASQ_A_GENERATION, generation)), &answer) ? 1 : 0;
}

/**
 * run_held_dump() - a dump that is begun and not gone on with
 * @socket: from netlink_open()
 * @family: number of the family, in a namespace with thousands of entries
 *
 * Says "holding" when the first datagram is there, and never ends by itself.
 *
 * Return: the exit status where there is nothing to hold.
 */
int run_held_dump(int socket, uint16_t family)
{
	static struct message request;
	static uint8_t buffer[1 << 17];
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;

	message_begin(&request, family, IPMASQ_CMD_CIDR_GET, NLM_F_DUMP);
	if (send(socket, request.data, request.length, 0) < 0 ||
	    recv(socket, buffer, sizeof(buffer), 0) < (ssize_t)sizeof(*header) ||
	    header->nlmsg_type != family)
		return 1;
	puts("holding");
	fflush(stdout);
	for (;;)
		pause();
}
