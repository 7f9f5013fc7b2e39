// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding everybody who translates sources in this network namespace. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "migrate.h"
#include "migrate_compare.h"
#include "migrate_program.h"

#define AGENT "ip-masq-agent"

/* Differences that are worth their lines. */
#define SHOWN 10

/* A process of that name; the kernel keeps 15 letters of it. */
static pid_t find_agent(void)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (directory && !found && (entry = readdir(directory))) {
		char path[300], name[32] = "";
		FILE *file;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && !strcmp(name, AGENT "\n"))
			found = (pid_t)atoi(entry->d_name);
		fclose(file);
	}
	if (directory)
		closedir(directory);
	return found;
}

/* Of what "nft -j list chains" says, NAT chains of POSTROUTING. Those of the
 * tables that iptables-nft made are read from it.
 */
static json_t *nat_chains(const json_t *objects)
{
	json_t *list = json_array();
	json_t *object;
	size_t i;

	json_array_foreach(objects, i, object) {
		json_t *chain = json_object_get(object, "chain");
		const char *type = json_string_value(json_object_get(chain, "type"));
		const char *hook = json_string_value(json_object_get(chain, "hook"));
		const char *name = json_string_value(json_object_get(chain, "name"));
		const char *table = json_string_value(json_object_get(chain, "table"));
		const char *family = json_string_value(json_object_get(chain, "family"));
		json_int_t priority = json_integer_value(json_object_get(chain, "prio"));
		const struct owner *owner;

		if (!type || !hook || !name || !table || !family || strcmp(type, "nat") ||
		    strcmp(hook, "postrouting"))
			continue;
		if (!strcmp(table, "nat") && !strcmp(name, "POSTROUTING"))
			continue;
		owner = chain_owner(table);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:I, s:s, s:b, s:s}",
						"family", family, "table", table, "chain", name,
						"priority", priority, "owner", owner->name,
						"stays", owner->stays,
						"advice", owner->advice));
	}
	return list;
}

/* A program that fails, and one that says nothing of what was asked, is no sign that there
 * is nothing.
 */
static const char *nft_problem(int status, const char *errors, const json_t *objects)
{
	if (status < 0)
		return strerror(-status);
	if (status && *errors)
		return errors;
	return status || !json_is_array(objects) ? "no list of chains" : NULL;
}

static int look_at_nft(const struct invocation *invocation, struct node *node)
{
	char *argv[] = { (char *)"nft", (char *)"-j", (char *)"list", (char *)"chains", NULL };
	char *output, *errors;
	int status = program_run(argv, NULL, &output, &errors);
	json_t *answer = output ? json_loads(output, 0, NULL) : NULL;
	json_t *objects = json_object_get(answer, "nftables");
	const char *problem = nft_problem(status, errors, objects);

	if (problem) {
		warn(invocation, "nft failed, its chains were not looked at: %.*s",
		     (int)strcspn(problem, "\n"), problem);
		node->incomplete = true;
	}
	node->nft = nat_chains(problem ? NULL : objects);
	json_decref(answer);
	free(output);
	free(errors);
	return node->nft ? 0 : refuse(invocation, "out of memory");
}

static int look_at_tables(const struct invocation *invocation, struct node *node)
{
	char *problem;
	size_t i;

	for (i = 0; backends[i].name; i++) {
		if (nat_table_read(&backends[i], node->chain, &node->tables[i], &problem))
			return refuse(invocation, "out of memory");
		if (problem) {
			warn(invocation, "%s", problem);
			node->incomplete = true;
		}
		free(problem);
		node->chains += node->tables[i].has_chain;
	}
	return 0;
}

static int compare(const struct invocation *invocation, struct node *node,
		   const struct client_status *status, const struct policy *policy)
{
	size_t length, i;
	FILE *stream = open_memstream(&node->differences_text, &length);
	int error = stream ? 0 : -ENOMEM;

	for (i = 0; i < TABLES && !error; i++) {
		if (node->tables[i].has_chain)
			error = compare_table(&node->tables[i], status, policy, SHOWN, stream,
					      &node->differences);
	}
	if (stream && fclose(stream))
		error = -ENOMEM;
	return error ? refuse(invocation, "out of memory") : 0;
}

/* The module may be missing: then there is no policy, and that is the answer. */
static int look_at_policy(const struct invocation *invocation, struct node *node)
{
	struct policy policy = { 0 };
	struct client_status status = { 0 };
	struct client *client;
	uint64_t generation;
	int result = 0;
	int error;

	error = client_open(&client);
	if (!error)
		error = client_policy_get(client, &status);
	if (error == -ENOTSUP)
		goto close_client;
	if (!error)
		error = client_list(client, 0, NULL, &policy, &generation);
	if (error) {
		result = refuse_client(invocation, client, error);
		goto close_client;
	}
	node->priority = status.priority;
	node->switched_off = status.generation &&
			     !(status.settings.flags & IPMASQ_FLAG_ENABLED);
	if (status.generation && status.settings.flags & IPMASQ_FLAG_ENABLED) {
		node->generation = status.generation;
		result = compare(invocation, node, &status, &policy);
	}

close_client:
	policy_clear(&policy);
	client_status_clear(&status);
	client_close(client);
	return result;
}

/**
 * node_look() - find out who translates sources here
 * @invocation: how the program was called
 * @chain: name of the reference agent's chain; kept
 * @node: set; node_clear() frees it, whatever this returns
 *
 * Changes nothing. What cannot be looked at is a warning.
 *
 * Return: 0, or the exit code after an error was printed.
 */
int node_look(const struct invocation *invocation, const char *chain, struct node *node)
{
	int result;

	*node = (struct node) { .chain = chain };
	result = look_at_tables(invocation, node);
	if (!result)
		result = look_at_nft(invocation, node);
	if (!result)
		result = look_at_policy(invocation, node);
	node->agent = find_agent();
	return result;
}

/**
 * node_clear() - free what node_look() made
 * @node: the node
 */
void node_clear(struct node *node)
{
	size_t i;

	for (i = 0; i < TABLES; i++)
		nat_table_clear(&node->tables[i]);
	free(node->differences_text);
	json_decref(node->nft);
}
