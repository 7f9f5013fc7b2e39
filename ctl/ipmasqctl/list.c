// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl list */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "entry_detail.h"
#include "policy_json.h"
#include "policy_text.h"

static const char *const keywords[] = {
	"-4", "-6", "origin", "plain", "sort", "connections", "skip", "masquerade", "snat",
};

/**
 * struct wanted - what to list
 * @within: a prefix, of which the entries inside are wanted, or an address, of which those
 *	that hold it are
 * @has_within: there is one
 * @is_address: it is an address
 * @family: only of this one; 0 for both
 * @origin: only of this one; 0 for both
 * @action: only with this one; 0 for all
 * @by_connections: sorted by what they have decided, most first
 * @plain: as "replace -f" reads it
 */
struct wanted {
	struct cidr within;
	bool has_within;
	bool is_address;
	uint8_t family;
	uint8_t origin;
	uint8_t action;
	bool by_connections;
	bool plain;
};

static bool is_wanted(const struct wanted *wanted, const struct policy_entry *entry)
{
	return (!wanted->family || entry->cidr.family == wanted->family) &&
	       (!wanted->action || entry->action == wanted->action) &&
	       (!wanted->is_address || cidr_holds(&entry->cidr, &wanted->within));
}

/* Leaves what is wanted, in the order of the table. */
static void choose(const struct wanted *wanted, struct policy *policy)
{
	struct policy_entry other;
	size_t kept = 0;
	size_t i;

	for (i = 0; i < policy->count; i++) {
		if (!is_wanted(wanted, &policy->entries[i]))
			continue;
		/* None is lost: policy_truncate() frees what an entry owns. */
		other = policy->entries[kept];
		policy->entries[kept++] = policy->entries[i];
		policy->entries[i] = other;
	}
	policy_truncate(policy, kept);
}

static int most_connections_first(const void *a, const void *b)
{
	const struct policy_entry *x = a;
	const struct policy_entry *y = b;

	if (x->connections != y->connections)
		return x->connections < y->connections ? 1 : -1;
	return cidr_compare(&x->cidr, &y->cidr);
}

static int refuse_empty(const struct invocation *invocation, const struct wanted *wanted)
{
	char text[CIDR_TEXT_MAX];

	return refuse_errno(invocation, ENOENT, "the table has no %s%s%s%sentry%s %s",
			    wanted->action ? policy_action_name(wanted->action) : "",
			    wanted->action ? " " : "",
			    wanted->origin ? policy_origin_name(wanted->origin) : "",
			    wanted->origin ? " " : "",
			    wanted->is_address ? " that holds" : " within",
			    wanted->is_address ? cidr_format_address(&wanted->within, text) :
						 cidr_format(&wanted->within, text));
}

/* A line of a file for "replace -f" for each entry. */
static int print_plain(const struct invocation *invocation, const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->count; i++) {
		if (entry_print(stdout, &policy->entries[i]))
			return refuse(invocation, "out of memory");
		putchar('\n');
	}
	return EXIT_DONE;
}

/* What comes behind the columns: 27 characters at most, so that with IPv4 a line
 * has 80.
 */
static void print_remarks(const struct policy_entry *entry)
{
	uint64_t timeout = entry->detail ? entry->detail->timeout : 0;
	char left[DURATION_TEXT_MAX];

	if (entry->shadowed)
		printf("  shadowed%s", timeout ? "," : "");
	if (timeout)
		printf("%s%s left", entry->shadowed ? " " : "  ", entry_time_left(timeout, left));
	putchar('\n');
}

/* The pool of an entry, on lines of its own below it. */
static int print_pool(const struct policy_detail *detail, int width)
{
	char *text;

	if (!detail || !detail->address_count)
		return 0;
	text = addresses_text(detail->addresses, detail->address_count);
	if (!text)
		return -ENOMEM;
	print_filled(printf("%*sto ", width + 2, ""), text);
	putchar('\n');
	free(text);
	return 0;
}

static int print_columns(const struct invocation *invocation, const struct policy *policy)
{
	char text[CIDR_TEXT_MAX];
	size_t width = strlen("CIDR");
	size_t i;

	if (!policy->count)
		return EXIT_DONE;
	for (i = 0; i < policy->count; i++) {
		size_t length = strlen(cidr_format(&policy->entries[i].cidr, text));

		if (length > width)
			width = length;
	}

	print_header(invocation, "%-*s  ACTION      ORIGIN  CONNECTIONS\n", (int)width, "CIDR");
	for (i = 0; i < policy->count; i++) {
		const struct policy_entry *entry = &policy->entries[i];
		const char *colour = entry->action == IPMASQ_ACTION_SKIP ? "\033[36m" : "\033[32m";

		printf("%-*s  %s%-10s%s  %-6s  %11" PRIu64, (int)width,
		       cidr_format(&entry->cidr, text), invocation->colour ? colour : "",
		       policy_action_name(entry->action), invocation->colour ? "\033[0m" : "",
		       policy_origin_name(entry->origin), entry->connections);
		print_remarks(entry);
		if (print_pool(entry->detail, (int)width))
			return refuse(invocation, "out of memory");
	}
	return EXIT_DONE;
}

static int list(const struct invocation *invocation, struct client *client, void *data)
{
	const struct wanted *wanted = data;
	struct policy policy = { 0 };
	bool inside = wanted->has_within && !wanted->is_address;
	uint64_t generation;
	int result;

	result = client_list(client, wanted->origin, inside ? &wanted->within : NULL, &policy,
			     &generation);
	if (result)
		goto clear;
	choose(wanted, &policy);
	if (wanted->by_connections)
		qsort(policy.entries, policy.count, sizeof(*policy.entries),
		      most_connections_first);
	if (wanted->has_within && !policy.count)
		result = refuse_empty(invocation, wanted);
	else if (invocation->json)
		print_policy_json(&policy, generation, false);
	else if (wanted->plain)
		result = print_plain(invocation, &policy);
	else if (!generation)
		puts("no policy in this network namespace");
	else
		result = print_columns(invocation, &policy);
clear:
	policy_clear(&policy);
	return result;
}

static int read_word(struct arguments *arguments, struct wanted *wanted)
{
	const char *word = *arguments->next++;
	int result;

	if (argument_family(word, &wanted->family))
		return 0;
	if (word_is(word, "origin"))
		return argument_origin(arguments, &wanted->origin);
	if (word_is(word, "sort")) {
		result = argument_value(arguments, "connections", &word);
		if (!result && !word_is(word, "connections"))
			result = argument_unknown(arguments->invocation, word, &keywords[5], 1);
		wanted->by_connections = true;
		return result;
	}
	result = argument_action(arguments, word, &wanted->action);
	if (result >= 0)
		return result;
	if (word_is(word, "plain")) {
		wanted->plain = true;
		return 0;
	}
	if (!looks_like_address(word))
		return argument_unknown(arguments->invocation, word, keywords,
					sizeof(keywords) / sizeof(keywords[0]));
	if (wanted->has_within)
		return misuse(arguments->invocation, "one CIDR is expected, not several");
	wanted->has_within = true;
	wanted->is_address = !strchr(word, '/');
	return argument_cidr(arguments->invocation, word, &wanted->within);
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct wanted wanted = { 0 };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &wanted);
	if (!result)
		result = with_client(invocation, list, &wanted);
	return result;
}

const struct command command_list = {
	.name = "list",
	.arguments = "[CIDR|ADDRESS] [-4|-6] [skip|masquerade|snat]\n"
		     "                      [origin static|config] [sort connections] [plain]",
	.summary = "list the entries of the table",
	.description =
		"Lists each entry with what it does, who wrote it and how many connections it\n"
		"has decided, all of one generation, sorted by family and address. Below an entry\n"
		"stand the addresses that it translates to, behind it what is left of its time.\n"
		"\n"
		"  CIDR      only this prefix and those inside it\n"
		"  ADDRESS   only those that hold it, of which the last one decides\n"
		"  -4, -6    only IPv4 or IPv6\n"
		"  skip, masquerade, snat\n"
		"            only entries with this action\n"
		"  origin    only entries added by hand (static) or by the daemon (config)\n"
		"  sort connections\n"
		"            those that have decided most connections first\n"
		"  plain     a line for each, as \"replace -f\" reads them\n"
		"\n"
		"The exit status is 1 where there is no entry for CIDR or ADDRESS.\n"
		"\n"
		"A shadowed entry is one of origin config for which there is a static one too:\n"
		"the static one decides.\n"
		"\n"
		"  ipmasqctl list 10.0.0.0/8\n"
		"  ipmasqctl list 203.0.113.7\n"
		"  ipmasqctl list masquerade sort connections | head\n"
		"  ipmasqctl list origin static plain > saved\n",
	.run = run,
};
