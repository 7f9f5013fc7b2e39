/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_MIGRATE_RULES_H
#define IPMASQCTL_MIGRATE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The chain of the reference agent, unless it was told another. */
#define AGENT_CHAIN "IP-MASQ-AGENT"

/* Words that a rule may have; the reference agent's longest has 20. */
#define RULE_WORDS_MAX	128

/**
 * struct rule - one rule of the nat table
 * @line: as iptables-save prints it, "-A CHAIN ..."
 * @words: the words of @line, quotes taken off; [1] is the chain
 * @count: of @words
 * @target: what stands after -j or -g, "" for nothing
 * @position: in its chain, from 1
 */
struct rule {
	char *line;
	char *words[RULE_WORDS_MAX + 1];
	size_t count;
	const char *target;
	unsigned int position;
};

/**
 * struct backend - one of the four nat tables that iptables knows
 * @name: how people call it
 * @family: AF_INET or AF_INET6
 * @save: prints the table
 * @restore: changes it in one step
 * @tables: names the tables that there are; NULL where looking makes none
 */
struct backend {
	const char *name;
	uint8_t family;
	const char *save;
	const char *restore;
	const char *tables;
};

/* Ended by one without a name. */
extern const struct backend backends[];

/**
 * struct nat_table - the nat table of one backend as it was found
 * @backend: which
 * @rules: owned
 * @count: of @rules
 * @chain: the reference agent's chain; borrowed
 * @has_chain: it is there
 */
struct nat_table {
	const struct backend *backend;
	struct rule *rules;
	size_t count;
	const char *chain;
	bool has_chain;
};

int nat_table_read(const struct backend *backend, const char *chain, struct nat_table *table,
		   char **problem);
int nat_table_parse(const struct backend *backend, const char *chain, const char *text,
		    struct nat_table *table);
void nat_table_clear(struct nat_table *table);
bool rule_in(const struct rule *rule, const char *chain);
const struct rule *nat_table_jump(const struct nat_table *table);
bool nat_table_translates(const struct nat_table *table, const struct rule *rule);
void nat_table_write_removal(const struct nat_table *table, FILE *stream);
void nat_table_write(const struct nat_table *table, FILE *stream);

/**
 * struct owner - whose a rule or chain is, and what to do about it
 * @name: for people
 * @stays: it may stay, since it decides only what is its own business
 * @advice: what to do, or why it may stay
 */
struct owner {
	const char *name;
	bool stays;
	const char *advice;
};

const struct owner *rule_owner(const struct rule *rule);
const struct owner *chain_owner(const char *table);

#endif
