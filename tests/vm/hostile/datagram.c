// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several requests in one datagram, which the kernel goes through under the lock of all
 * families: one change of the policy or one dump, as the last of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "hostile.h"

#define TOGETHER_MAX 4

static const char follows[] = "another message follows in the datagram";

static struct message messages[TOGETHER_MAX];

static void put(size_t at, uint16_t family, uint8_t command, uint16_t flags,
		const struct attribute *attributes)
{
	message_begin(&messages[at], family, command, flags);
	message_put(&messages[at], attributes);
}

static void expect_answer(const char *name, const struct answer *answer, int error,
			  const char *text)
{
	struct answer wanted = { .error = error };
	char expected[400], seen[400];

	snprintf(wanted.text, sizeof(wanted.text), "%s", text);
	result(name, answer->error == error && strstr(answer->text, text),
	       describe(&wanted, expected), describe(answer, seen));
}

static void try_changes(int socket, uint16_t family)
{
	const uint8_t changes[] = { IPMASQ_CMD_POLICY_SET, IPMASQ_CMD_POLICY_DEL,
				    IPMASQ_CMD_CIDR_ADD, IPMASQ_CMD_CIDR_DEL,
				    IPMASQ_CMD_TRANSACTION_COMMIT };
	struct answer answers[TOGETHER_MAX];
	struct snapshot before = { 0 };
	char name[80];
	size_t i;

	snapshot_take(socket, family, &before);
	for (i = 0; i < sizeof(changes); i++) {
		put(0, family, changes[i], 0, right_requests[changes[i]]);
		put(1, family, IPMASQ_CMD_POLICY_GET, 0, NOTHING);
		exchange_together(socket, messages, 2, answers);
		snprintf(name, sizeof(name), "%s is refused where another message follows",
			 command_name(changes[i]));
		expect_answer(name, &answers[0], EINVAL, follows);
		expect_answer("which is answered", &answers[1], 0, "");
	}
	put(0, family, IPMASQ_CMD_CIDR_GET, NLM_F_DUMP, NOTHING);
	put(1, family, IPMASQ_CMD_POLICY_GET, 0, NOTHING);
	exchange_together(socket, messages, 2, answers);
	expect_answer("so is a dump", &answers[0], EINVAL, follows);
	expect_answer("which other messages need not follow", &answers[1], 0, "");
	result("none of them changed anything", snapshot_same(socket, family, &before),
	       "everything as it was", "a change");
	snapshot_free(&before);
}

static void try_transaction(int socket, uint16_t family)
{
	struct answer answers[TOGETHER_MAX];

	put(0, family, IPMASQ_CMD_TRANSACTION_BEGIN, 0,
	    LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_STATIC)));
	put(1, family, IPMASQ_CMD_TRANSACTION_ADD, 0, LIST(CIDR4(10, 1, 0, 0, 16)));
	put(2, family, IPMASQ_CMD_TRANSACTION_ADD, 0, LIST(CIDR4(10, 2, 0, 0, 16)));
	put(3, family, IPMASQ_CMD_TRANSACTION_COMMIT, 0, NOTHING);
	exchange_together(socket, messages, 4, answers);
	expect_answer("a transaction begins in a datagram", &answers[0], 0, "");
	expect_answer("gets an entry", &answers[1], 0, "");
	expect_answer("and another", &answers[2], 0, "");
	expect_answer("and ends with it", &answers[3], 0, "");
}

/**
 * run_datagram() - several requests in one datagram
 * @socket: from netlink_open()
 * @family: number of the family
 *
 * Replaces the static entries of the policy that is there.
 *
 * Return: the exit status.
 */
int run_datagram(int socket, uint16_t family)
{
	try_changes(socket, family);
	try_transaction(socket, family);
	return results_end();
}

/**
 * run_crowd() - as many requests as possible in one datagram
 * @socket: from netlink_open()
 * @family: number of the family
 * @kind: "set" for settings that change nothing, "show" for queries of the policy, anything
 *	else for what the kernel's own family answers to anybody
 * @count: how many
 *
 * Nobody reads the answers. Returns when the kernel has gone through all of them.
 *
 * Return: the exit status.
 */
int run_crowd(int socket, uint16_t family, const char *kind, unsigned long count)
{
	const uint16_t id = GENL_ID_CTRL;
	struct message *one = &messages[0];
	int room = 1 << 30;
	uint8_t *datagram;
	unsigned long i;

	if (!strcmp(kind, "set"))
		put(0, family, IPMASQ_CMD_POLICY_SET, 0, NOTHING);
	else if (!strcmp(kind, "show"))
		put(0, family, IPMASQ_CMD_POLICY_GET, 0, NOTHING);
	else
		put(0, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, LIST(U16(CTRL_ATTR_FAMILY_ID, id)));
	((struct nlmsghdr *)one->data)->nlmsg_flags = NLM_F_REQUEST;
	datagram = malloc(count * one->length);
	if (!datagram)
		return 2;
	for (i = 0; i < count; i++)
		memcpy(datagram + i * one->length, one->data, one->length);
	setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (send(socket, datagram, count * one->length, 0) < 0) {
		perror("hostile: send");
		return 2;
	}
	free(datagram);
	return 0;
}
