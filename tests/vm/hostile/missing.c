// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests that lack an attribute. Of each request here every attribute is left out once,
 * nested ones too. Either the kernel does without it, and the request ends as the whole one
 * does; or it names the attribute, and the nest in which it is missing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "hostile.h"

/* Attributes of a request, with those in its nests. */
#define ATTRIBUTES_MAX 32

/* A generation that no policy has: what is whole is refused for that, and changes nothing. */
#define STALE LIST(U64(IPMASQ_A_GENERATION, 7777))

#define PREFIX(type) NEST(type, ADDRESS4(172, 31, 0, 0), PREFIX_LEN(16))
#define POOL(type) NEST(type, BYTES(IPMASQ_A_ADDRESS_IP, 4, 198, 51, 100, 1))
#define SNAT NEST(IPMASQ_A_CIDR, ADDRESS4(172, 31, 0, 0), PREFIX_LEN(16), \
		  U32(IPMASQ_A_CIDR_ACTION, IPMASQ_ACTION_SNAT), POOL(IPMASQ_A_CIDR_SNAT_ADDRESS))
#define SETTINGS FLAGS(1, 1), PREFIX(IPMASQ_A_SOURCE_CIDR), POOL(IPMASQ_A_SNAT_ADDRESS), \
		 NEST(IPMASQ_A_PORT_RANGE, U16(IPMASQ_A_PORT_RANGE_FIRST, 1024), \
		      U16(IPMASQ_A_PORT_RANGE_LAST, 2048))

/**
 * struct whole - a request that lacks nothing
 * @command: enum ipmasq_cmd
 * @attributes: of the request
 * @kept: more of them, which are never left out
 * @error: errno that it ends with
 * @demanded: of its attributes, how many the kernel demands
 */
static const struct whole {
	uint8_t command;
	const struct attribute *attributes;
	const struct attribute *kept;
	int error;
	unsigned int demanded;
} requests[] = {
	{ IPMASQ_CMD_POLICY_GET, NOTHING, NOTHING, 0, 0 },
	/* Flags and mask demand each other; no nest is demanded, but what is in it. */
	{ IPMASQ_CMD_POLICY_SET, LIST(SETTINGS), STALE, ESTALE, 7 },
	{ IPMASQ_CMD_POLICY_DEL, LIST(FLAG(IPMASQ_A_NOW)), STALE, ESTALE, 0 },
	{ IPMASQ_CMD_CIDR_GET, LIST(PREFIX(IPMASQ_A_CIDR)), NOTHING, 0, 2 },
	{ IPMASQ_CMD_CIDR_ADD, LIST(SNAT), STALE, ESTALE, 6 },
	{ IPMASQ_CMD_CIDR_DEL, LIST(PREFIX(IPMASQ_A_CIDR)), STALE, ESTALE, 3 },
	{ IPMASQ_CMD_TRANSACTION_BEGIN,
	  LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_STATIC), SETTINGS), NOTHING, 0, 8 },
	{ IPMASQ_CMD_TRANSACTION_ADD, LIST(SNAT), NOTHING, 0, 6 },
	{ IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING, NOTHING, ENOENT, 0 },
	{ IPMASQ_CMD_TRANSACTION_ABORT, NOTHING, NOTHING, ENOENT, 0 },
	{ IPMASQ_CMD_EXPLAIN, LIST(BYTES(IPMASQ_A_SOURCE, 4, 10, 244, 1, 2),
				   BYTES(IPMASQ_A_DESTINATION, 4, 127, 0, 0, 1),
				   U8(IPMASQ_A_PROTOCOL, 6)), NOTHING, 0, 2 },
	{ IPMASQ_CMD_STATS_GET, NOTHING, NOTHING, 0, 0 },
	{ IPMASQ_CMD_CARRY_OVER, LIST(NEST(IPMASQ_A_STATS, U32(IPMASQ_A_STATS_FAMILY, AF_INET),
					   U32(IPMASQ_A_STATS_VERDICT, IPMASQ_VERDICT_LOCAL),
					   U64(IPMASQ_A_STATS_CONNECTIONS, 0))), NOTHING, 0, 3 },
	{ IPMASQ_CMD_CARRY_OVER,
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(192, 0, 2, 0), PREFIX_LEN(24),
		    U64(IPMASQ_A_CIDR_CONNECTIONS, 0)),
	       U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_STATIC)), NOTHING, 0, 4 },
};

/**
 * struct removal - an attribute that is left out
 * @left: attributes before it, in the order of the message
 * @type: its type; 0 where there is none so far down the list
 * @nested: it is in a nest
 * @place: that nest, as in struct message
 */
struct removal {
	unsigned int left;
	uint16_t type;
	bool nested;
	unsigned int place[2];
};

static struct attribute room[ATTRIBUTES_MAX];
static unsigned int used;

static const struct attribute *copy_without(const struct attribute *list, struct removal *removal,
					    const unsigned int *place, unsigned int depth)
{
	struct attribute *copy = &room[used];
	unsigned int count = 0, here[2] = { place[0], place[1] };

	while (list[count].type != LIST_END)
		count++;
	used += count + 1;
	for (count = 0; list->type != LIST_END; list++) {
		if (!removal->type && !removal->left--) {
			removal->type = list->type & NLA_TYPE_MASK;
			removal->nested = depth;
			memcpy(removal->place, place, sizeof(here));
			continue;
		}
		copy[count] = *list;
		if (depth < 2)
			here[depth] = count + 1;
		if (list->nested)
			copy[count].nested = copy_without(list->nested, removal, here, depth + 1);
		count++;
	}
	copy[count].type = LIST_END;
	return copy;
}

/* A transaction that is open for the one command that needs it, and for no other. */
static void prepare(int socket, uint16_t family, uint8_t command)
{
	static struct message message;
	struct answer answer;

	message_begin(&message, family, IPMASQ_CMD_TRANSACTION_ABORT, 0);
	exchange(socket, &message, &answer, NULL);
	if (command != IPMASQ_CMD_TRANSACTION_ADD)
		return;
	message_begin(&message, family, IPMASQ_CMD_TRANSACTION_BEGIN, 0);
	message_put(&message, LIST(U32(IPMASQ_A_ORIGIN, IPMASQ_ORIGIN_STATIC)));
	exchange(socket, &message, &answer, NULL);
}

static void send_without(int socket, uint16_t family, const struct whole *whole,
			 struct removal *removal, struct message *message, struct answer *answer)
{
	const unsigned int nowhere[2] = { 0, 0 };

	used = 0;
	prepare(socket, family, whole->command);
	message_begin(message, family, whole->command,
		      whole->command == IPMASQ_CMD_CIDR_GET ? NLM_F_DUMP : 0);
	message_put(message, copy_without(whole->attributes, removal, nowhere, 0));
	message_put(message, whole->kept);
	exchange(socket, message, answer, NULL);
}

/* NLMSGERR_ATTR_MISS_TYPE is there from 6.1 on. Before 6.9 the end of a dump has a text only,
 * which shows in that it does not point at the nest either.
 */
static bool names_it(const struct whole *whole, const struct removal *removal,
		     const struct message *message, const struct answer *answer)
{
	if (answer->error != EINVAL || !*answer->text)
		return false;
	if (!kernel_is(6, 1) || (whole->command == IPMASQ_CMD_CIDR_GET && !answer->has_offset))
		return true;
	return answer->missing == removal->type && answer->has_nest == removal->nested &&
	       (!removal->nested ||
		answer->nest == message->place[removal->place[0]][removal->place[1]]);
}

static void try_whole(int socket, uint16_t family, const struct whole *whole)
{
	static struct message message;
	unsigned int i, demanded = 0;
	char name[160], seen[400];
	struct answer answer;

	for (i = 0;; i++) {
		struct removal removal = { .left = i };

		send_without(socket, family, whole, &removal, &message, &answer);
		if (!removal.type)
			break;
		if (answer.error == whole->error)
			continue;
		demanded++;
		if (names_it(whole, &removal, &message, &answer))
			continue;
		snprintf(name, sizeof(name), "%s without its %u. attribute",
			 command_name(whole->command), i + 1);
		result(name, false, "a refusal that names it", describe(&answer, seen));
	}
	snprintf(name, sizeof(name), "%s: a refusal names each of the %u attributes that it demands",
		 command_name(whole->command), whole->demanded);
	snprintf(seen, sizeof(seen), "%u, and the whole request: %s", demanded,
		 strerror(answer.error));
	result(name, demanded == whole->demanded && answer.error == whole->error,
	       strerror(whole->error), seen);
}

/**
 * run_missing() - requests that lack an attribute
 * @socket: from netlink_open()
 * @family: number of the family, in a namespace with the policy of values.c
 *
 * Return: the exit status.
 */
int run_missing(int socket, uint16_t family)
{
	struct snapshot before = { 0 };
	size_t i;

	snapshot_take(socket, family, &before);
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		try_whole(socket, family, &requests[i]);
	prepare(socket, family, 0);
	result("none of them changed anything", snapshot_same(socket, family, &before),
	       "everything as it was", "a change");
	return results_end();
}
