// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostile: requests to the module that no good program makes. Made for scenarios
 * in a VM; it acts on the network namespace that it runs in, and leaves behind
 * what was accepted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

/* A user without rights. */
#define NOBODY 65534

static const char usage[] =
	"usage: hostile values TABLE		rows of values.c: values, lists, no-policy\n"
	"					or limit\n"
	"       hostile structure		every attribute in every command\n"
	"       hostile headers			what comes before the attributes\n"
	"       hostile denied [opened|used|closed]\n"
	"					every command is refused with EPERM: a\n"
	"					socket that root opened and a user uses,\n"
	"					the other way round, or in a network\n"
	"					namespace that the family is closed to\n"
	"       hostile missing			every attribute left out\n"
	"       hostile garbage SEED COUNT	random messages\n"
	"       hostile interrupted		a change in the middle of a dump\n"
	"       hostile carry GENERATION		the next policy's is the one after it\n"
	"       hostile held-dump		a dump that is not read to its end\n"
	"       hostile fill COUNT		a table that takes memory of the kernel alone\n"
	"       hostile signals ROUNDS		changes while signals arrive\n"
	"       hostile reuse MILLISECONDS	sockets with the same port id\n"
	"       hostile transactions		as many open ones as there may be\n"
	"       hostile datagram		several requests in one datagram\n"
	"       hostile crowd set|show|other COUNT\n"
	"					in one datagram: settings that change nothing,\n"
	"					queries of the policy, or of the kernel's own\n"
	"					family\n"
	"       hostile faults			each allocation of each command fails once\n"
	"       hostile load-faults FILE		and each of loading the module\n"
	"       hostile family			print what the kernel says of the family\n"
	"       hostile policies			print what it takes (CTRL_CMD_GETPOLICY)\n";

static void expect(int socket, struct message *message, const char *name, int error,
		   const char *text)
{
	struct answer answer, wanted = { .error = error };
	char expected[400], seen[400];

	exchange(socket, message, &answer, NULL);
	snprintf(wanted.text, sizeof(wanted.text), "%s", text);
	result(name, answer.error == error && strstr(answer.text, text),
	       describe(&wanted, expected), describe(&answer, seen));
}

static int run_headers(int socket, uint16_t family)
{
	static struct message message;
	struct nlmsghdr *header = (struct nlmsghdr *)message.data;
	struct genlmsghdr *generic = NLMSG_DATA(header);
	struct snapshot before = { 0 };

	snapshot_take(socket, family, &before);
	message_begin(&message, family, IPMASQ_CMD_POLICY_SET, 0);
	header->nlmsg_len = NLMSG_HDRLEN;
	message.length = header->nlmsg_len;
	expect(socket, &message, "a message without a command", EINVAL, "");

	message_begin(&message, family, IPMASQ_CMD_POLICY_SET, 0);
	header->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN - 1;
	message.length = header->nlmsg_len;
	expect(socket, &message, "a message that ends in its header", EINVAL, "");

	message_begin(&message, family, IPMASQ_CMD_POLICY_SET, 0);
	message.data[message.length++] = 1;
	header->nlmsg_len = (uint32_t)message.length;
	expect(socket, &message, "a byte behind the header", EINVAL, "bytes leftover");

	message_begin(&message, family, IPMASQ_CMD_POLICY_SET, 0);
	header->nlmsg_len = NLMSG_HDRLEN - 1;
	result("a message shorter than a header is not answered",
	       !answers_at_all(socket, &message), "no answer", "an answer");

	message_begin(&message, family, IPMASQ_CMD_POLICY_SET, 0);
	header->nlmsg_len = 4096;
	result("a message longer than what was sent is not answered",
	       !answers_at_all(socket, &message), "no answer", "an answer");

	/* Before 6.1 nobody checks these. */
	if (kernel_is(6, 1)) {
		message_begin(&message, family, IPMASQ_CMD_POLICY_SET, 0);
		generic->reserved = 1;
		expect(socket, &message, "a reserved field that is not 0", EINVAL, "reserved");
		message_begin(&message, family, IPMASQ_CMD_POLICY_SET, NLM_F_REPLACE);
		expect(socket, &message, "NLM_F_REPLACE", EINVAL, "reserved bits");
	}
	result("none of them changed anything", snapshot_same(socket, family, &before),
	       "everything as it was", "a change");
	return results_end();
}

/* A socket that changes hands: both who opened it and who uses it must be
 * allowed to. Capabilities follow the effective user.
 */
static int run_denied_between(const char *which)
{
	bool opened = !strcmp(which, "opened");
	int socket;

	if (!opened && seteuid(NOBODY))
		return 2;
	socket = netlink_open();
	if (seteuid(opened ? NOBODY : 0))
		return 2;
	return run_denied(socket, family_find(socket), opened, "");
}

static unsigned long number_of(const char *text)
{
	return text ? strtoul(text, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	const char *first = argc > 2 ? argv[2] : NULL;
	const char *second = argc > 3 ? argv[3] : NULL;
	uint16_t family;
	int socket;

	if (!strcmp(command, "load-faults") && first)
		return run_load_faults(first);
	if (!strcmp(command, "denied") && first && strcmp(first, "closed"))
		return run_denied_between(first);
	socket = netlink_open();
	if (!strcmp(command, "family"))
		return family_print(socket) ? 0 : 1;
	family = family_find(socket);
	if (!family) {
		fputs("hostile: the module is not loaded\n", stderr);
		return 2;
	}
	if (!strcmp(command, "policies"))
		return policies_print(socket, family);
	if (!strcmp(command, "values") && first)
		return run_values(socket, family, first);
	if (!strcmp(command, "structure"))
		return run_structure(socket, family);
	if (!strcmp(command, "headers"))
		return run_headers(socket, family);
	if (!strcmp(command, "missing"))
		return run_missing(socket, family);
	if (!strcmp(command, "denied"))
		return run_denied(socket, family, !first, first ? "user_namespaces" : "");
	if (!strcmp(command, "garbage") && number_of(first) && number_of(second))
		return run_garbage(socket, family, (uint32_t)number_of(first), number_of(second));
	if (!strcmp(command, "interrupted"))
		return run_interrupted(socket, family);
	if (!strcmp(command, "carry") && number_of(first))
		return run_carry(socket, family, number_of(first));
	if (!strcmp(command, "held-dump"))
		return run_held_dump(socket, family);
	if (!strcmp(command, "fill") && number_of(first))
		return run_fill(socket, family, number_of(first));
	if (!strcmp(command, "signals") && number_of(first))
		return run_signals(socket, family, number_of(first));
	if (!strcmp(command, "reuse") && number_of(first))
		return run_reuse(family, number_of(first));
	if (!strcmp(command, "transactions"))
		return run_transactions(family);
	if (!strcmp(command, "datagram"))
		return run_datagram(socket, family);
	if (!strcmp(command, "crowd") && number_of(second))
		return run_crowd(socket, family, first, number_of(second));
	if (!strcmp(command, "faults"))
		return run_faults(socket, family);
	fputs(usage, stderr);
	return 2;
}
