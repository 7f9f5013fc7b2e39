// SPDX-License-Identifier: GPL-2.0-or-later
/* What "ipmasqctl migrate" says of a node. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "migrate.h"

static json_t *agent_json(const struct nat_table *table)
{
	const struct rule *jump = nat_table_jump(table);
	json_int_t rules = 0;
	size_t i;

	for (i = 0; i < table->count; i++)
		rules += rule_in(&table->rules[i], table->chain);
	return json_pack("{s:s, s:s, s:s, s:I, s:I}", "program", table->backend->name,
			 "family", table->backend->family == AF_INET ? "ipv4" : "ipv6",
			 "chain", table->chain, "rules", rules,
			 "position", (json_int_t)(jump ? jump->position : 0));
}

static json_t *rule_json(const struct nat_table *table, const struct rule *rule)
{
	const struct owner *owner = rule_owner(rule);

	return json_pack("{s:s, s:I, s:s, s:s, s:b, s:s}", "program", table->backend->name,
			 "position", (json_int_t)rule->position, "rule", rule->line,
			 "owner", owner->name, "stays", owner->stays, "advice", owner->advice);
}

/* Calls for each rule of POSTROUTING that translates and is not the agent's. */
static json_t *others_json(const struct node *node)
{
	json_t *list = json_array();
	size_t i, j;

	for (i = 0; list && i < TABLES; i++) {
		const struct nat_table *table = &node->tables[i];

		for (j = 0; j < table->count; j++) {
			const struct rule *rule = &table->rules[j];

			if (rule_in(rule, "POSTROUTING") && strcmp(rule->target, table->chain) &&
			    nat_table_translates(table, rule))
				json_array_append_new(list, rule_json(table, rule));
		}
	}
	return list;
}

static json_t *differences_json(const struct node *node)
{
	char *text = strdup(node->differences_text ? node->differences_text : "");
	json_t *list = json_array();
	char *next = text, *line;

	while (list && (line = strsep(&next, "\n"))) {
		if (*line)
			json_array_append_new(list, json_string(line));
	}
	free(text);
	return list;
}

static json_t *node_json(const struct node *node)
{
	json_t *agent = json_array();
	size_t i;

	for (i = 0; agent && i < TABLES; i++) {
		if (node->tables[i].has_chain)
			json_array_append_new(agent, agent_json(&node->tables[i]));
	}
	return json_pack("{s:o, s:I, s:o, s:O, s:b, s:{s:I, s:I}, s:I, s:o}", "agent", agent,
			 "agent_process", (json_int_t)node->agent,
			 "rules", others_json(node), "nft_chains", node->nft,
			 "incomplete", node->incomplete,
			 "ipmasq", "generation", (json_int_t)node->generation,
			 "priority", (json_int_t)node->priority,
			 "differences", (json_int_t)node->differences,
			 "differences_shown", differences_json(node));
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_agent(const json_t *answer)
{
	json_t *one;
	size_t i;

	if (!json_array_size(json_object_get(answer, "agent")))
		puts("agent        no chain of ip-masq-agent");
	json_array_foreach(json_object_get(answer, "agent"), i, one) {
		printf("agent        %s: chain %s, %lld rules, ", text_of(one, "program"),
		       text_of(one, "chain"), number_of(one, "rules"));
		if (number_of(one, "position"))
			printf("rule %lld of POSTROUTING leads there\n",
			       number_of(one, "position"));
		else
			puts("no rule of POSTROUTING leads there");
	}
	if (number_of(answer, "agent_process"))
		printf("             process %lld runs and puts them back\n",
		       number_of(answer, "agent_process"));
}

static void print_owner(const json_t *one)
{
	printf("             %s; %s: %s\n", text_of(one, "owner"),
	       json_is_true(json_object_get(one, "stays")) ? "may stay" : "decides before ipmasq",
	       text_of(one, "advice"));
}

static void print_others(const json_t *answer, long long priority)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "rules"), i, one) {
		printf("rule         %s, rule %lld: %s\n", text_of(one, "program"),
		       number_of(one, "position"), text_of(one, "rule"));
		print_owner(one);
	}
	json_array_foreach(json_object_get(answer, "nft_chains"), i, one) {
		printf("nft          chain %s %s %s, priority %lld\n", text_of(one, "family"),
		       text_of(one, "table"), text_of(one, "chain"), number_of(one, "priority"));
		if (number_of(one, "priority") < priority)
			print_owner(one);
		else
			puts("             comes after ipmasq, which has decided then");
	}
}

static void print_text(const struct node *node, const json_t *answer)
{
	print_agent(answer);
	print_others(answer, node->generation ? node->priority : INT32_MAX);
	if (node->generation)
		printf("ipmasq       policy in force, generation %" PRIu64 ", priority %" PRId32
		       " (iptables has 100)\n", node->generation, node->priority);
	else
		puts(node->switched_off ? "ipmasq       the policy is switched off" :
					  "ipmasq       no policy in force");
	if (node->differences) {
		printf("differences  %zu between the agent's rules and the policy\n",
		       node->differences);
		fputs(node->differences_text, stdout);
	}
	if (node->incomplete)
		puts("unknown      others may translate: not everything could be looked at");
	if (!node->chains && node->incomplete)
		puts("next         mend what failed, look again");
	else if (!node->chains)
		puts("next         nothing: there is nothing to take over from");
	else if (!node->generation)
		puts("next         start ipmasqd with the agent's ConfigMap and flags, look again");
	else if (node->agent)
		puts("next         delete the agent's DaemonSet, then ipmasqctl migrate takeover");
	else if (node->differences)
		puts("next         mend the configuration, or ipmasqctl migrate takeover anyway");
	else
		puts("next         ipmasqctl migrate takeover");
}

/**
 * node_print() - print what was found
 * @invocation: how the program was called
 * @node: from node_look()
 *
 * Return: enum exit_code.
 */
int node_print(const struct invocation *invocation, const struct node *node)
{
	json_t *answer = node_json(node);

	if (!answer)
		return refuse(invocation, "out of memory");
	if (invocation->json)
		return print_json(answer);
	print_text(node, answer);
	json_decref(answer);
	return EXIT_DONE;
}
