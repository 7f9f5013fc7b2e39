// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The policies that the netlink core checks requests against, as CTRL_CMD_GETPOLICY
 * shows them. tests/vm/policies.py prints the YNL spec the same way.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hostile.h"

/* Policies of the family and attributes of one; more of them are an error. */
#define POLICIES_MAX 32
#define ATTRIBUTES_MAX 64

/* Nests in nests that are followed: a policy could nest itself. */
#define DEPTH_MAX 4

#define ROOM sizeof("8.9.1.255.255.255")

/**
 * struct rule - what a policy says of one attribute
 * @known: bit n is set where the kernel sent NL_POLICY_TYPE_ATTR_n
 * @value: what it sent
 */
struct rule {
	uint32_t known;
	uint64_t value[NL_POLICY_TYPE_ATTR_MAX + 1];
};

/**
 * struct operation - the policy of a command
 * @word: "do" or "dump"; NULL for no such command
 * @policy: its number
 */
struct operation {
	const char *word;
	uint64_t policy;
};

static struct rule rules[POLICIES_MAX][ATTRIBUTES_MAX];
static struct operation operations[IPMASQ_CMD_MAX + 1];
static bool overflow;

static const struct nlattr *next_inside(const struct nlattr *nest, const uint8_t **data,
					size_t *left)
{
	if (!*data) {
		*data = attribute_payload(nest);
		*left = attribute_length(nest);
	}
	return attribute_next(data, left);
}

static uint16_t type_of(const struct nlattr *attribute)
{
	return attribute->nla_type & NLA_TYPE_MASK;
}

static void read_rule(const struct nlattr *nest, struct rule *rule)
{
	const struct nlattr *one;
	const uint8_t *data = NULL;
	size_t left;

	while ((one = next_inside(nest, &data, &left))) {
		if (type_of(one) > NL_POLICY_TYPE_ATTR_MAX) {
			overflow = true;
			continue;
		}
		rule->known |= 1u << type_of(one);
		rule->value[type_of(one)] = attribute_number(one);
	}
}

/* CTRL_ATTR_POLICY { POLICY { ATTRIBUTE { NL_POLICY_TYPE_ATTR_*... } } } */
static void read_policy(const struct nlattr *nest)
{
	const struct nlattr *policy, *attribute;
	const uint8_t *data = NULL, *inside;
	size_t left, left_inside;

	while ((policy = next_inside(nest, &data, &left))) {
		inside = NULL;
		while ((attribute = next_inside(policy, &inside, &left_inside))) {
			if (type_of(policy) < POLICIES_MAX && type_of(attribute) < ATTRIBUTES_MAX)
				read_rule(attribute, &rules[type_of(policy)][type_of(attribute)]);
			else
				overflow = true;
		}
	}
}

/* CTRL_ATTR_OP_POLICY { COMMAND { CTRL_ATTR_POLICY_DO or CTRL_ATTR_POLICY_DUMP } } */
static void read_operation(const struct nlattr *nest)
{
	const struct nlattr *command, *one;
	const uint8_t *data = NULL, *inside;
	size_t left, left_inside;

	while ((command = next_inside(nest, &data, &left))) {
		inside = NULL;
		if (type_of(command) > IPMASQ_CMD_MAX) {
			overflow = true;
			continue;
		}
		while ((one = next_inside(command, &inside, &left_inside))) {
			operations[type_of(command)].word =
				type_of(one) == CTRL_ATTR_POLICY_DO ? "do" : "dump";
			operations[type_of(command)].policy = attribute_number(one);
		}
	}
}

static void read_message(const struct nlmsghdr *header)
{
	const uint8_t *data = (const uint8_t *)header + NLMSG_HDRLEN + GENL_HDRLEN;
	size_t left = header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	const struct nlattr *one;

	while ((one = attribute_next(&data, &left))) {
		if (type_of(one) == CTRL_ATTR_POLICY)
			read_policy(one);
		else if (type_of(one) == CTRL_ATTR_OP_POLICY)
			read_operation(one);
	}
}

/* In the order in which they are printed. */
static const struct {
	uint8_t type;
	const char *word;
} limits[] = {
	{ NL_POLICY_TYPE_ATTR_MIN_VALUE_S, "min" }, { NL_POLICY_TYPE_ATTR_MAX_VALUE_S, "max" },
	{ NL_POLICY_TYPE_ATTR_MIN_VALUE_U, "min" }, { NL_POLICY_TYPE_ATTR_MAX_VALUE_U, "max" },
	{ NL_POLICY_TYPE_ATTR_MIN_LENGTH, "min-len" },
	{ NL_POLICY_TYPE_ATTR_MAX_LENGTH, "max-len" },
	{ NL_POLICY_TYPE_ATTR_MASK, "mask" },
	{ NL_POLICY_TYPE_ATTR_BITFIELD32_MASK, "bitfield32" },
};

static void print_rule(const struct rule *rule)
{
	static const char *const types[] = {
		[NL_ATTR_TYPE_INVALID] = "invalid", [NL_ATTR_TYPE_FLAG] = "flag",
		[NL_ATTR_TYPE_U8] = "u8", [NL_ATTR_TYPE_U16] = "u16",
		[NL_ATTR_TYPE_U32] = "u32", [NL_ATTR_TYPE_U64] = "u64",
		[NL_ATTR_TYPE_BINARY] = "binary", [NL_ATTR_TYPE_STRING] = "string",
		[NL_ATTR_TYPE_NUL_STRING] = "nul-string", [NL_ATTR_TYPE_NESTED] = "nest",
	};
	uint64_t type = rule->value[NL_POLICY_TYPE_ATTR_TYPE];
	size_t i;

	if (type < sizeof(types) / sizeof(types[0]) && types[type])
		printf(" %s", types[type]);
	else
		printf(" type-%" PRIu64, type);
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (rule->known & 1u << limits[i].type)
			printf(" %s %" PRIu64, limits[i].word, rule->value[limits[i].type]);
	printf("\n");
}

/* What is nested has the number of its nest in front: 8.2. */
static void print_policy(const char *command, uint64_t policy, const char *nest, unsigned int depth)
{
	char path[ROOM];
	size_t type;

	if (depth > DEPTH_MAX || policy >= POLICIES_MAX) {
		overflow = true;
		return;
	}
	for (type = 0; type < ATTRIBUTES_MAX; type++) {
		const struct rule *rule = &rules[policy][type];

		if (!rule->known)
			continue;
		snprintf(path, sizeof(path), "%.9s%zu", nest, type);
		printf("%s %s", command, path);
		print_rule(rule);
		if (!(rule->known & 1u << NL_POLICY_TYPE_ATTR_POLICY_IDX))
			continue;
		strcat(path, ".");
		print_policy(command, rule->value[NL_POLICY_TYPE_ATTR_POLICY_IDX], path, depth + 1);
	}
}

/**
 * policies_print() - print commands and the attributes that they take, a line each
 * @socket: from netlink_open()
 * @family: number of the family
 *
 * Return: the exit status; 1 where the kernel sent something that is not understood.
 */
int policies_print(int socket, uint16_t family)
{
	static struct message message;
	struct snapshot reply = { 0 };
	const struct nlmsghdr *header;
	struct answer answer;
	uint8_t command;
	int left;

	message_begin(&message, GENL_ID_CTRL, CTRL_CMD_GETPOLICY, NLM_F_DUMP);
	message_put(&message, LIST(U16(CTRL_ATTR_FAMILY_ID, family)));
	exchange(socket, &message, &answer, &reply);
	left = (int)reply.length;
	for (header = (struct nlmsghdr *)reply.data; NLMSG_OK(header, (unsigned int)left);
	     header = NLMSG_NEXT(header, left))
		read_message(header);
	for (command = 0; command <= IPMASQ_CMD_MAX; command++) {
		if (!operations[command].word)
			continue;
		printf("%s %s\n", command_name(command), operations[command].word);
		print_policy(command_name(command), operations[command].policy, "", 1);
	}
	snapshot_free(&reply);
	return answer.error || overflow ? 1 : 0;
}
