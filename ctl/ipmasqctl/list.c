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

static const char *const keywords[] = { "origin", "plain" };

struct wanted {
	struct cidr within;
	bool has_within;
	uint8_t origin;
	bool plain;
};

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

	printf("%-*s  ACTION      ORIGIN  CONNECTIONS\n", (int)width, "CIDR");
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
	char text[CIDR_TEXT_MAX];
	uint64_t generation;
	int result;

	result = client_list(client, wanted->origin, wanted->has_within ? &wanted->within : NULL,
			     &policy, &generation);
	if (result)
		goto clear;
	if (wanted->has_within && !policy.count)
		result = refuse_errno(invocation, ENOENT, "the table has no %s%sentry within %s",
				      wanted->origin ? policy_origin_name(wanted->origin) : "",
				      wanted->origin ? " " : "",
				      cidr_format(&wanted->within, text));
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

	if (word_is(word, "origin"))
		return argument_origin(arguments, &wanted->origin);
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
	.arguments = "[CIDR] [origin static|config] [plain]",
	.summary = "list the entries of the table",
	.description =
		"Lists each entry with what it does, who wrote it and how many connections it\n"
		"has decided, all of one generation, sorted by family and address. Below an entry\n"
		"stand the addresses that it translates to, behind it what is left of its time.\n"
		"\n"
		"  CIDR    only this prefix and those inside it; the exit status is 1 when\n"
		"          there are none\n"
		"  origin  only entries added by hand (static) or by the daemon (config)\n"
		"  plain   a line for each, as \"replace -f\" reads them\n"
		"\n"
		"A shadowed entry is one of origin config for which there is a static one too:\n"
		"the static one decides.\n"
		"\n"
		"  ipmasqctl list 10.0.0.0/8\n"
		"  ipmasqctl list origin static plain > saved\n",
	.run = run,
};
