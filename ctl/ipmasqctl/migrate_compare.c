// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the policy in force says what the reference agent's rules say.
 *
 * Both give a verdict for each destination, and both change it only at the edges
 * of a prefix that one of them has: so they are equal everywhere if they are at
 * every edge and right beside it.
 */
#include "migrate_compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Prefixes of either side above which edges are too many to ask about. */
#define PREFIXES_MAX 4096

/**
 * struct chain - the agent's chain as far as destinations matter
 * @skips: destinations that return, in any order
 * @skip_count: of @skips
 * @room: allocated
 * @masquerades: what is not skipped is masqueraded
 * @random_fully: with --random-fully
 * @ports: the --to-ports of TCP, as --to-ports of the agent has them
 */
struct chain {
	struct cidr *skips;
	size_t skip_count;
	size_t room;
	bool masquerades;
	bool random_fully;
	char ports[1024];
};

static const char *value_of(const struct rule *rule, const char *option)
{
	size_t i;

	for (i = 2; i + 1 < rule->count; i++) {
		if (!strcmp(rule->words[i], option))
			return rule->words[i + 1];
	}
	return NULL;
}

static bool has_word(const struct rule *rule, const char *word)
{
	size_t i;

	for (i = 2; i < rule->count; i++) {
		if (!strcmp(rule->words[i], word))
			return true;
	}
	return false;
}

static int add_skip(struct chain *chain, uint8_t family, const char *destination)
{
	struct cidr *cidr;

	if (chain->skip_count == chain->room) {
		size_t room = chain->room ? 2 * chain->room : 64;

		cidr = realloc(chain->skips, room * sizeof(*cidr));
		if (!cidr)
			return -ENOMEM;
		chain->skips = cidr;
		chain->room = room;
	}
	cidr = &chain->skips[chain->skip_count];
	memset(cidr, 0, sizeof(*cidr));
	cidr->family = family;
	/* iptables-save leaves out a destination that is every address. */
	if (destination) {
		const char *reason;
		char host[64];
		int bits = family == AF_INET ? 32 : 128;

		if (!strchr(destination, '/')) {
			snprintf(host, sizeof(host), "%s/%d", destination, bits);
			destination = host;
		}
		if (cidr_parse(destination, strlen(destination), cidr, &reason))
			return -EINVAL;
	}
	chain->skip_count++;
	return 0;
}

/* 0, -ENOMEM, or -EINVAL for a rule that the agent does not write. */
static int read_rule(struct chain *chain, uint8_t family, const struct rule *rule)
{
	const char *ports;
	size_t length;

	if (has_word(rule, "!"))
		return -EINVAL;
	if (!strcmp(rule->target, "RETURN")) {
		if (chain->masquerades || has_word(rule, "-s") || has_word(rule, "-p"))
			return -EINVAL;
		return add_skip(chain, family, value_of(rule, "-d"));
	}
	if (strcmp(rule->target, "MASQUERADE") || has_word(rule, "-d") || has_word(rule, "-s"))
		return -EINVAL;
	chain->random_fully |= has_word(rule, "--random-fully");
	ports = value_of(rule, "--to-ports");
	if (!value_of(rule, "-p")) {
		chain->masquerades = true;
		return 0;
	}
	if (!ports)
		return -EINVAL;
	if (!strcmp(value_of(rule, "-p"), "tcp")) {
		length = strlen(chain->ports);
		snprintf(chain->ports + length, sizeof(chain->ports) - length, "%s%s",
			 length ? "," : "", ports);
	}
	return 0;
}

static bool holds(const struct cidr *prefix, const struct cidr *host)
{
	struct cidr masked = *host;

	if (prefix->family != host->family)
		return false;
	masked.prefix_len = prefix->prefix_len;
	cidr_mask(&masked);
	return !cidr_compare(&masked, prefix);
}

static bool chain_masquerades(const struct chain *chain, const struct cidr *host)
{
	size_t i;

	for (i = 0; i < chain->skip_count; i++) {
		if (holds(&chain->skips[i], host))
			return false;
	}
	return chain->masquerades;
}

static bool policy_masquerades(const struct policy *policy, const struct cidr *host)
{
	const struct policy_entry *best = NULL;
	size_t i;

	for (i = 0; i < policy->count; i++) {
		const struct policy_entry *entry = &policy->entries[i];

		if (!entry->shadowed && holds(&entry->cidr, host) &&
		    (!best || entry->cidr.prefix_len > best->cidr.prefix_len))
			best = entry;
	}
	return !best || best->action == IPMASQ_ACTION_MASQUERADE;
}

/* The edge of a prefix: 0 its first address, 1 its last, 2 and 3 the ones before
 * and after it. False where there is none.
 */
static bool edge(const struct cidr *prefix, unsigned int which, struct cidr *host)
{
	unsigned int bytes = prefix->family == AF_INET ? 4 : 16;
	bool last = which == 1 || which == 3;
	unsigned int bit;
	unsigned int i;

	*host = *prefix;
	host->prefix_len = (uint8_t)(8 * bytes);
	for (bit = prefix->prefix_len; last && bit < 8 * bytes; bit++)
		host->address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	if (which < 2)
		return true;
	for (i = bytes; i-- > 0;) {
		if (which == 3 && ++host->address[i])
			return true;
		if (which == 2 && host->address[i]--)
			return true;
	}
	return false;
}

struct comparison {
	const struct nat_table *table;
	const struct chain *chain;
	const struct policy *policy;
	size_t shown;
	FILE *stream;
	size_t found;
	struct cidr seen;	/* the address that differed last */
};

static void differ(struct comparison *comparison, const char *text)
{
	if (comparison->found++ < comparison->shown)
		fprintf(comparison->stream, "%s: %s\n", comparison->table->backend->name, text);
}

static void compare_edges(struct comparison *comparison, const struct cidr *prefix)
{
	char text[CIDR_TEXT_MAX], line[160];
	struct cidr host;
	unsigned int which;

	for (which = 0; which < 4; which++) {
		bool agent, ipmasq;

		if (!edge(prefix, which, &host))
			continue;
		agent = chain_masquerades(comparison->chain, &host);
		ipmasq = policy_masquerades(comparison->policy, &host);
		/* Prefixes that meet share edges. */
		if (agent == ipmasq || !cidr_compare(&host, &comparison->seen))
			continue;
		comparison->seen = host;
		snprintf(line, sizeof(line), "%s is %s by the agent's rules and %s by ipmasq",
			 cidr_format_address(&host, text), agent ? "masqueraded" : "left alone",
			 ipmasq ? "masqueraded" : "left alone");
		differ(comparison, line);
	}
}

static int compare_settings(struct comparison *comparison, const struct client_status *status)
{
	const struct policy_settings *settings = &status->settings;
	const struct policy_list *ports = &settings->list[SETTING_TO_PORTS];
	bool random_fully = settings->flags & IPMASQ_FLAG_RANDOM_FULLY;
	struct port_range *ranges = NULL;
	char *wanted, *present, *reason = NULL;
	char line[2200];
	size_t count = 0;

	if (comparison->table->backend->family == AF_INET6 &&
	    !(settings->flags & IPMASQ_FLAG_IPV6)) {
		differ(comparison, "ipmasq does not masquerade IPv6 (--enable-ipv6)");
		return 0;
	}
	if (comparison->chain->random_fully != random_fully)
		differ(comparison, random_fully ?
		       "the agent's rules have no --random-fully, ipmasq has it on" :
		       "the agent's rules have --random-fully, ipmasq has it off");
	if (*comparison->chain->ports &&
	    port_ranges_parse(comparison->chain->ports, &ranges, &count, &reason)) {
		free(reason);
		differ(comparison, "the agent's rules have ports that are none");
		return 0;
	}
	wanted = port_ranges_format(ranges, count);
	present = port_ranges_format(ports->items, ports->count);
	free(ranges);
	if (wanted && present && strcmp(wanted, present)) {
		snprintf(line, sizeof(line),
			 "source ports are %.1000s by the agent's rules, %.1000s by ipmasq",
			 *wanted ? wanted : "any", *present ? present : "any");
		differ(comparison, line);
	}
	free(wanted);
	free(present);
	return wanted && present ? 0 : -ENOMEM;
}

/**
 * compare_table() - what the policy in force says otherwise than the agent's chain
 * @table: with the chain
 * @status: of the policy in force
 * @policy: its entries, of both origins
 * @shown: differences that are written
 * @stream: a line for each
 * @found: how many there are is added to it
 *
 * Return: 0 or -ENOMEM.
 */
int compare_table(const struct nat_table *table, const struct client_status *status,
		  const struct policy *policy, size_t shown, FILE *stream, size_t *found)
{
	struct chain chain = { 0 };
	struct comparison comparison = {
		.table = table, .chain = &chain, .policy = policy, .shown = shown,
		.stream = stream,
	};
	const struct cidr everything = { .family = table->backend->family };
	char line[200];
	int result = 0;
	size_t i;

	for (i = 0; !result && i < table->count; i++) {
		if (!rule_in(&table->rules[i], table->chain))
			continue;
		result = read_rule(&chain, table->backend->family, &table->rules[i]);
		if (result == -EINVAL) {
			snprintf(line, sizeof(line), "no rule of the agent's: %.160s",
				 table->rules[i].line);
			differ(&comparison, line);
			result = 0;
		}
	}
	if (!result)
		result = compare_settings(&comparison, status);
	if (result)
		goto free_chain;
	if (chain.skip_count > PREFIXES_MAX || policy->count > PREFIXES_MAX) {
		differ(&comparison, "there are too many prefixes to compare");
		goto free_chain;
	}
	compare_edges(&comparison, &everything);
	for (i = 0; i < chain.skip_count; i++)
		compare_edges(&comparison, &chain.skips[i]);
	for (i = 0; i < policy->count; i++) {
		if (policy->entries[i].cidr.family == table->backend->family)
			compare_edges(&comparison, &policy->entries[i].cidr);
	}

free_chain:
	*found += comparison.found;
	free(chain.skips);
	return result;
}
