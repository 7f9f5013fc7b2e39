// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests whose form is wrong, made from a table of what each command takes:
 * every attribute that it does not take, and every wrong length of those that it
 * does. These are refused by the netlink core, by the policies that the module
 * gave it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "hostile.h"

enum kind { NONE, AS_FLAG, AS_U8, AS_U16, AS_U32, AS_U64, AS_BINARY,
	    AS_NAME, AS_NEST };

/* The manual of the uapi header, as a table. */
#define SETTINGS [IPMASQ_A_FLAGS] = AS_U32, [IPMASQ_A_FLAGS_MASK] = AS_U32, \
		 [IPMASQ_A_PORT_RANGE] = AS_NEST, \
		 [IPMASQ_A_NO_PORT_RANGES] = AS_FLAG, [IPMASQ_A_SOURCE_CIDR] = AS_NEST, \
		 [IPMASQ_A_NO_SOURCE_CIDRS] = AS_FLAG, [IPMASQ_A_INTERFACE] = AS_NAME, \
		 [IPMASQ_A_NO_INTERFACES] = AS_FLAG, [IPMASQ_A_SNAT_ADDRESS] = AS_NEST, \
		 [IPMASQ_A_NO_SNAT_ADDRESSES] = AS_FLAG, [IPMASQ_A_GENERATION] = AS_U64

static const uint8_t takes[IPMASQ_CMD_MAX][IPMASQ_A_MAX + 1] = {
	[IPMASQ_CMD_POLICY_SET] = { SETTINGS },
	[IPMASQ_CMD_POLICY_DEL] = { [IPMASQ_A_GENERATION] = AS_U64, [IPMASQ_A_NOW] = AS_FLAG },
	[IPMASQ_CMD_CIDR_GET] = { [IPMASQ_A_ORIGIN] = AS_U32, [IPMASQ_A_CIDR] = AS_NEST },
	[IPMASQ_CMD_CIDR_ADD] = {
		[IPMASQ_A_CIDR] = AS_NEST, [IPMASQ_A_ORIGIN] = AS_U32,
		[IPMASQ_A_REPLACE] = AS_FLAG, [IPMASQ_A_GENERATION] = AS_U64,
	},
	[IPMASQ_CMD_CIDR_DEL] = {
		[IPMASQ_A_CIDR] = AS_NEST, [IPMASQ_A_ORIGIN] = AS_U32,
		[IPMASQ_A_GENERATION] = AS_U64,
	},
	[IPMASQ_CMD_TRANSACTION_BEGIN] = { [IPMASQ_A_ORIGIN] = AS_U32, SETTINGS },
	[IPMASQ_CMD_TRANSACTION_ADD] = { [IPMASQ_A_CIDR] = AS_NEST },
	[IPMASQ_CMD_EXPLAIN] = {
		[IPMASQ_A_SOURCE] = AS_BINARY, [IPMASQ_A_DESTINATION] = AS_BINARY,
		[IPMASQ_A_OUTPUT_INTERFACE] = AS_U32, [IPMASQ_A_PROTOCOL] = AS_U8,
		[IPMASQ_A_SOURCE_PORT] = AS_U16,
	},
	[IPMASQ_CMD_CARRY_OVER] = {
		[IPMASQ_A_GENERATION] = AS_U64, [IPMASQ_A_STATS] = AS_NEST,
		[IPMASQ_A_ORIGIN] = AS_U32, [IPMASQ_A_CIDR] = AS_NEST,
	},
};

static const uint16_t size_of[] = {
	[AS_U8] = 1, [AS_U16] = 2, [AS_U32] = 4, [AS_U64] = 8, [AS_BINARY] = 16,
	[AS_NAME] = 16,
};

/* Right, each of them, where there is a policy. */
const struct attribute *const right_requests[IPMASQ_CMD_MAX] = {
	[IPMASQ_CMD_POLICY_GET] = NOTHING,
	[IPMASQ_CMD_POLICY_SET] = LIST(FLAGS(1, 1)),
	[IPMASQ_CMD_POLICY_DEL] = NOTHING,
	[IPMASQ_CMD_CIDR_GET] = NOTHING,
	[IPMASQ_CMD_CIDR_ADD] = LIST(CIDR4(172, 16, 0, 0, 12)),
	[IPMASQ_CMD_CIDR_DEL] = LIST(CIDR4(172, 16, 0, 0, 12)),
	[IPMASQ_CMD_TRANSACTION_BEGIN] = LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_CONFIG)),
	[IPMASQ_CMD_TRANSACTION_ADD] = LIST(CIDR4(172, 16, 0, 0, 12)),
	[IPMASQ_CMD_TRANSACTION_COMMIT] = NOTHING,
	[IPMASQ_CMD_TRANSACTION_ABORT] = NOTHING,
	[IPMASQ_CMD_EXPLAIN] = LIST(BYTES(IPMASQ_A_SOURCE, 4, 10, 244, 1, 2),
				    BYTES(IPMASQ_A_DESTINATION, 4, 127, 0, 0, 1)),
	[IPMASQ_CMD_STATS_GET] = NOTHING,
	[IPMASQ_CMD_CARRY_OVER] = LIST(NEST(IPMASQ_A_STATS,
					    U32(IPMASQ_A_STATS_FAMILY, AF_INET),
					    U32(IPMASQ_A_STATS_VERDICT, IPMASQ_VERDICT_LOCAL),
					    U64(IPMASQ_A_STATS_CONNECTIONS, 1))),
};

/**
 * struct trial - what all trials of one command have in common
 * @socket: from netlink_open()
 * @family: number of the family
 * @command: the command
 * @before: what the namespace said before
 * @tried: how many
 * @wrong: how many of them did not end as they should
 */
struct trial {
	int socket;
	uint16_t family;
	uint8_t command;
	struct snapshot before;
	unsigned int tried;
	unsigned int wrong;
};

static uint16_t dump_flag(uint8_t command)
{
	return command == IPMASQ_CMD_CIDR_GET ? NLM_F_DUMP : 0;
}

/* What cannot be parsed is refused without saying the place. */
static void expect_refusal(struct trial *trial, const struct attribute *list, int error,
			   const char *text, const char *what)
{
	static struct message message;
	char expected[128], seen[400], name[128];
	struct answer answer;
	bool same, placed;

	message_begin(&message, trial->family, trial->command, dump_flag(trial->command));
	message_put(&message, list);
	exchange(trial->socket, &message, &answer, NULL);
	same = snapshot_same(trial->socket, trial->family, &trial->before);
	placed = list->lie ||
		 (answer.has_offset && answer.offset == message.place[1][0]);
	trial->tried++;
	if (answer.error == error && strstr(answer.text, text) && same && placed)
		return;
	trial->wrong++;
	snprintf(name, sizeof(name), "%s, attribute %u %s", command_name(trial->command),
		 list->type & NLA_TYPE_MASK, what);
	snprintf(expected, sizeof(expected), "%s at byte %u '%s', nothing changed",
		 strerror(error), message.place[1][0], text);
	describe(&answer, seen);
	strncat(seen, same ? "" : ", something changed", sizeof(seen) - strlen(seen) - 1);
	result(name, false, expected, seen);
}

static void try_wrong_length(struct trial *trial, uint16_t type, enum kind kind, uint16_t length)
{
	struct attribute list[] = { { .type = type, .length = length }, { .type = LIST_END } };
	/* The core tells a wrong length of these from one that is out of range. */
	bool exact = kind >= AS_U8 && kind <= AS_U64;

	expect_refusal(trial, list, exact ? EINVAL : ERANGE,
		       exact ? "invalid attribute length" : "Attribute failed policy validation",
		       "of a wrong length");
}

static void try_attribute(struct trial *trial, uint16_t type)
{
	enum kind kind = takes[trial->command][type];
	struct attribute list[] = { { .type = type }, { .type = LIST_END } };

	if (kind == NONE) {
		expect_refusal(trial, list, EINVAL, type ? "Unsupported attribute" :
							   "Unknown attribute type",
			       "that it does not take");
		return;
	}
	if (kind == AS_NEST) {
		list->length = 4;
		list->value.u16 = 4;
		expect_refusal(trial, list, EINVAL, "NLA_F_NESTED is missing", "not nested");
		list->type |= NLA_F_NESTED;
		list->length = 2;
		expect_refusal(trial, list, ERANGE, "Attribute failed policy validation",
			       "too short for a nest");
		return;
	}
	list->length = size_of[kind];
	list->type |= NLA_F_NESTED;
	expect_refusal(trial, list, EINVAL, "NLA_F_NESTED not expected", "nested");
	try_wrong_length(trial, type, kind, size_of[kind] + 1);
	if (kind == AS_FLAG || kind == AS_BINARY)
		return;
	if (kind == AS_NAME) {
		list->type = type;
		list->length = 0;
		expect_refusal(trial, list, EINVAL, "Attribute failed policy validation",
			       "without the end of the string");
		return;
	}
	try_wrong_length(trial, type, kind, size_of[kind] - 1);
	try_wrong_length(trial, type, kind, 0);
}

/* An attribute that says it is longer than the message, or shorter than itself. */
static void try_lies(struct trial *trial)
{
	static const uint16_t lies[] = { 1, 3, 13, 4096, 0xffff };
	struct attribute list[] = { U64(IPMASQ_A_GENERATION, 0), { .type = LIST_END } };
	size_t i;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		list->lie = lies[i];
		expect_refusal(trial, list, EINVAL, "bytes leftover after parsing attributes",
			       "with a length that cannot be");
	}
}

/**
 * run_structure() - every attribute in every command, and every wrong length
 * @socket: from netlink_open()
 * @family: number of the family, in a namespace with a policy
 *
 * Return: the exit status.
 */
int run_structure(int socket, uint16_t family)
{
	struct trial trial = { .socket = socket, .family = family };
	char name[128];
	uint16_t type;

	snapshot_take(socket, family, &trial.before);
	for (trial.command = 1; trial.command < IPMASQ_CMD_POLICY_CHANGED; trial.command++) {
		trial.tried = 0;
		trial.wrong = 0;
		for (type = 0; type <= IPMASQ_A_MAX; type++)
			try_attribute(&trial, type);
		for (type = IPMASQ_A_MAX + 1; type < IPMASQ_A_MAX + 4; type++)
			expect_refusal(&trial, LIST(U32(type, 0)), EINVAL,
				       "Unknown attribute type", "that nobody knows");
		expect_refusal(&trial, LIST(U32(0x3fff, 0)), EINVAL,
			       "Unknown attribute type", "that nobody knows");
		try_lies(&trial);
		snprintf(name, sizeof(name), "%s refuses %u messages of a wrong form",
			 command_name(trial.command), trial.tried);
		result(name, !trial.wrong, "all of them", "not all of them, see above");
	}
	return results_end();
}

/* The kernel looks at who joins, not at who opened the socket. */
static void try_to_join(int socket)
{
	int group = (int)family_group(socket);
	int failed = setsockopt(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
				sizeof(group)) ? errno : 0;

	result("joining the events is not permitted", group && failed == EPERM,
	       strerror(EPERM), group ? strerror(failed) : "no such group");
}

/**
 * run_denied() - every command, by somebody who may not
 * @socket: from netlink_open()
 * @family: number of the family
 * @join: the group of events as well
 * @text: part of each refusal's text, "" where it has none
 *
 * Return: the exit status.
 */
int run_denied(int socket, uint16_t family, bool join, const char *text)
{
	static struct message message;
	char name[64], seen[400];
	struct answer answer;
	uint8_t command;

	for (command = 1; command < IPMASQ_CMD_POLICY_CHANGED; command++) {
		message_begin(&message, family, command, dump_flag(command));
		message_put(&message, right_requests[command]);
		exchange(socket, &message, &answer, NULL);
		snprintf(name, sizeof(name), "%s is not permitted", command_name(command));
		result(name, answer.error == EPERM && strstr(answer.text, text),
		       *text ? text : strerror(EPERM), describe(&answer, seen));
	}
	if (join)
		try_to_join(socket);
	return results_end();
}
