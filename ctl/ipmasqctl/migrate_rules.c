// SPDX-License-Identifier: GPL-2.0-or-later
/* The nat tables of iptables, as iptables-save prints them. */
#include "migrate_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "migrate_program.h"

#define POSTROUTING "POSTROUTING"

/* Chains that one rule can lead through before this gives up. */
#define DEPTH_MAX 16

const struct backend backends[] = {
	{ "iptables-legacy", AF_INET, "iptables-legacy-save", "iptables-legacy-restore",
	  "/proc/net/ip_tables_names" },
	{ "iptables-nft", AF_INET, "iptables-nft-save", "iptables-nft-restore", NULL },
	{ "ip6tables-legacy", AF_INET6, "ip6tables-legacy-save", "ip6tables-legacy-restore",
	  "/proc/net/ip6_tables_names" },
	{ "ip6tables-nft", AF_INET6, "ip6tables-nft-save", "ip6tables-nft-restore", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

/* Asking the legacy program for a table makes it, so look whether it is there. */
static bool table_exists(const char *path)
{
	char line[64];
	bool found = false;
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = !strcmp(line, "nat\n");
	fclose(file);
	return found;
}

/* Takes a word off the text at *next, which is changed: quotes and backslashes
 * go. NULL at its end.
 */
static char *take_word(char **next)
{
	char *from = *next + strspn(*next, " ");
	char *word = from, *to = from;
	bool quoted = false;

	if (!*from)
		return NULL;
	for (; *from && (quoted || *from != ' '); from++) {
		if (*from == '"') {
			quoted = !quoted;
			continue;
		}
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*next = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

/* Words point into one copy of the line, which words[0] begins. */
static int parse_rule(const char *line, struct rule *rule)
{
	char *copy = strdup(line);
	char *word;
	size_t i;

	rule->line = strdup(line);
	if (!copy || !rule->line) {
		free(copy);
		free(rule->line);
		return -ENOMEM;
	}
	while (rule->count < RULE_WORDS_MAX) {
		word = take_word(&copy);
		if (!word)
			break;
		rule->words[rule->count++] = word;
	}
	rule->target = "";
	for (i = 2; i + 1 < rule->count; i++) {
		if (!strcmp(rule->words[i], "-j") || !strcmp(rule->words[i], "-g"))
			rule->target = rule->words[i + 1];
	}
	return 0;
}

static void clear_rule(struct rule *rule)
{
	free(rule->words[0]);
	free(rule->line);
}

/**
 * rule_in() - whether a rule belongs to a chain
 * @rule: the rule
 * @chain: the chain's name
 */
bool rule_in(const struct rule *rule, const char *chain)
{
	return rule->count > 1 && !strcmp(rule->words[1], chain);
}

static int append_rule(struct nat_table *table, const char *line)
{
	struct rule *rules = realloc(table->rules, (table->count + 1) * sizeof(*rules));
	struct rule *rule;
	size_t i;
	int result;

	if (!rules)
		return -ENOMEM;
	table->rules = rules;
	rule = &rules[table->count];
	memset(rule, 0, sizeof(*rule));
	result = parse_rule(line, rule);
	if (result)
		return result;
	rule->position = 1;
	for (i = table->count; i-- > 0;) {
		if (rule->count > 1 && rule_in(&rules[i], rule->words[1])) {
			rule->position = rules[i].position + 1;
			break;
		}
	}
	table->count++;
	return 0;
}

/**
 * nat_table_parse() - read what iptables-save printed
 * @backend: whose it is; kept
 * @chain: name of the reference agent's chain; kept
 * @text: the nat table, or all tables
 * @table: set; nat_table_clear() frees it, after a failure too
 *
 * Return: 0 or -ENOMEM.
 */
int nat_table_parse(const struct backend *backend, const char *chain, const char *text,
		    struct nat_table *table)
{
	char *copy = strdup(text), *next = copy, *line;
	size_t length = strlen(chain);
	bool nat = false;
	int result = 0;

	*table = (struct nat_table) { .backend = backend, .chain = chain };
	if (!copy)
		return -ENOMEM;
	while (!result && (line = strsep(&next, "\n"))) {
		if (line[0] == '*')
			nat = !strcmp(line, "*nat");
		else if (nat && line[0] == ':' && !strncmp(line + 1, chain, length) &&
			 line[1 + length] == ' ')
			table->has_chain = true;
		else if (nat && !strncmp(line, "-A ", 3))
			result = append_rule(table, line);
	}
	free(copy);
	return result;
}

/**
 * nat_table_read() - read the nat table of a backend in this network namespace
 * @backend: which; kept
 * @chain: name of the reference agent's chain; kept
 * @table: set; nat_table_clear() frees it, whatever this returns
 * @problem: set to a line for people where the table could not be read, to be
 *	freed by the caller; NULL otherwise
 *
 * A table that is not there is empty, and is not made by looking at it.
 *
 * Return: 0, also with a problem, or -ENOMEM.
 */
int nat_table_read(const struct backend *backend, const char *chain, struct nat_table *table,
		   char **problem)
{
	char *argv[] = { (char *)backend->save, (char *)"-t", (char *)"nat", NULL };
	char *output, *errors;
	int result;

	*table = (struct nat_table) { .backend = backend, .chain = chain };
	*problem = NULL;
	if (backend->tables && !table_exists(backend->tables))
		return 0;
	result = program_run(argv, NULL, &output, &errors);
	if (result < 0) {
		if (asprintf(problem, "%s cannot be run: %s", backend->save,
			     strerror(-result)) < 0)
			*problem = NULL;
		return *problem ? 0 : -ENOMEM;
	}
	if (result) {
		errors[strcspn(errors, "\n")] = '\0';
		if (asprintf(problem, "%s fails: %s", backend->save, errors) < 0)
			*problem = NULL;
		result = *problem ? 0 : -ENOMEM;
	} else {
		result = nat_table_parse(backend, chain, output, table);
	}
	free(output);
	free(errors);
	return result;
}

/**
 * nat_table_clear() - free what nat_table_read() or nat_table_parse() made
 * @table: the table
 */
void nat_table_clear(struct nat_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		clear_rule(&table->rules[i]);
	free(table->rules);
	table->rules = NULL;
	table->count = 0;
}

/**
 * nat_table_jump() - the first rule of POSTROUTING that leads to the agent's chain
 * @table: the table
 *
 * Return: the rule, or NULL where no packet gets to that chain.
 */
const struct rule *nat_table_jump(const struct nat_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (rule_in(&table->rules[i], POSTROUTING) &&
		    !strcmp(table->rules[i].target, table->chain))
			return &table->rules[i];
	}
	return NULL;
}

static bool leads_to_translation(const struct nat_table *table, const char *target,
				 unsigned int depth)
{
	size_t i;

	if (!strcmp(target, "MASQUERADE") || !strcmp(target, "SNAT") ||
	    !strcmp(target, "NETMAP"))
		return true;
	if (!*target || depth == DEPTH_MAX)
		return false;
	for (i = 0; i < table->count; i++) {
		if (rule_in(&table->rules[i], target) &&
		    leads_to_translation(table, table->rules[i].target, depth + 1))
			return true;
	}
	return false;
}

/**
 * nat_table_translates() - whether a rule can end in a translated source
 * @table: where it is
 * @rule: the rule
 */
bool nat_table_translates(const struct nat_table *table, const struct rule *rule)
{
	return leads_to_translation(table, rule->target, 0);
}

/**
 * nat_table_write_removal() - what takes the agent's chain out in one step
 * @table: with the chain
 * @stream: the input of the backend's restore program, with --noflush
 */
void nat_table_write_removal(const struct nat_table *table, FILE *stream)
{
	size_t i;

	fputs("*nat\n", stream);
	for (i = 0; i < table->count; i++) {
		const struct rule *rule = &table->rules[i];

		if (!strcmp(rule->target, table->chain))
			fprintf(stream, "-D %s\n", rule->line + strlen("-A "));
	}
	fprintf(stream, "-F %s\n-X %s\nCOMMIT\n", table->chain, table->chain);
}

/**
 * nat_table_write() - the agent's chain and the way to it
 * @table: with the chain
 * @stream: the input of the backend's restore program, with --noflush
 */
void nat_table_write(const struct nat_table *table, FILE *stream)
{
	size_t i;

	fprintf(stream, "*nat\n:%s - [0:0]\n", table->chain);
	for (i = 0; i < table->count; i++) {
		if (rule_in(&table->rules[i], table->chain))
			fprintf(stream, "%s\n", table->rules[i].line);
	}
	/* Only now does a packet get there. */
	for (i = 0; i < table->count; i++) {
		if (!strcmp(table->rules[i].target, table->chain))
			fprintf(stream, "%s\n", table->rules[i].line);
	}
	fputs("COMMIT\n", stream);
}
