// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl migrate */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "migrate.h"
#include "migrate_program.h"

#define STATE_DIRECTORY "/var/lib/ipmasq"
#define SAVED_DEFAULT STATE_DIRECTORY "/ip-masq-agent.rules"

/* A line of the saved file before the rules of a backend. */
#define FOR "# for "

static const char *const keywords[] = { "takeover", "back", "chain", "save", "anyway" };

struct wanted {
	bool takeover;
	bool back;
	bool anyway;
	const char *chain;
	const char *saved;
};

static int restore(const struct invocation *invocation, const struct backend *backend,
		   const char *rules)
{
	char *argv[] = { (char *)backend->restore, (char *)"--noflush", NULL };
	char *output, *errors;
	int result = program_run(argv, rules, &output, &errors);

	if (result < 0)
		return refuse_errno(invocation, result, "%s cannot be run: %s", backend->restore,
				    strerror(-result));
	if (result) {
		errors[strcspn(errors, "\n")] = '\0';
		result = refuse(invocation, "%s fails: %s", backend->restore, errors);
	}
	free(output);
	free(errors);
	return result;
}

/* Of all backends with the chain; on the disk before anything is removed. */
static int save(const struct invocation *invocation, const struct node *node, const char *path)
{
	FILE *stream;
	int file;
	size_t i;

	if (!strncmp(path, STATE_DIRECTORY "/", strlen(STATE_DIRECTORY "/")))
		mkdir(STATE_DIRECTORY, 0755);
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0 && errno == EEXIST)
		return refuse_errno(invocation, EEXIST,
				    "%s holds the rules of an earlier takeover: go back by it, remove it, or name another file (save FILE)",
				    path);
	stream = file < 0 ? NULL : fdopen(file, "w");
	if (!stream)
		return refuse_errno(invocation, errno, "%s: %s", path, strerror(errno));
	fputs("# The rules of ip-masq-agent that ipmasqctl migrate took out.\n", stream);
	for (i = 0; i < TABLES; i++) {
		if (!node->tables[i].has_chain)
			continue;
		fprintf(stream, FOR "%s\n", node->tables[i].backend->name);
		nat_table_write(&node->tables[i], stream);
	}
	errno = 0;
	if (fflush(stream) || fsync(file)) {
		int error = errno;

		fclose(stream);
		unlink(path);
		return refuse_errno(invocation, error, "%s: %s", path, strerror(error));
	}
	fclose(stream);
	return 0;
}

static int remove_chain(const struct invocation *invocation, const struct nat_table *table)
{
	char *rules = NULL;
	size_t length;
	FILE *stream = open_memstream(&rules, &length);
	int result;

	if (!stream)
		return refuse(invocation, "out of memory");
	nat_table_write_removal(table, stream);
	if (fclose(stream))
		result = refuse(invocation, "out of memory");
	else
		result = restore(invocation, table->backend, rules);
	free(rules);
	return result;
}

static int refuse_takeover(const struct invocation *invocation, const struct node *node,
			   bool anyway)
{
	if (!node->chains)
		return refuse_errno(invocation, ENOENT, "there is no chain %s to take over from",
				    node->chain);
	/* Not even anyway: pods' addresses would leave the node. */
	if (!node->generation)
		return refuse(invocation,
			      "no policy is in force that could take over: start ipmasqd with the agent's ConfigMap and flags");
	if (anyway)
		return 0;
	if (node->agent)
		return refuse(invocation,
			      "ip-masq-agent runs (process %d) and would put its rules back: delete its DaemonSet first",
			      (int)node->agent);
	if (node->differences)
		return refuse(invocation,
			      "the policy differs from the agent's rules in %zu points (ipmasqctl migrate shows them): %.*s",
			      node->differences, (int)strcspn(node->differences_text, "\n"),
			      node->differences_text);
	return 0;
}

/*
 * The agent's rules decide up to the moment in which they go, and ipmasq, whose
 * hook comes right after them, decides from then on: between the two there is
 * nothing.
 */
static int take_over(const struct invocation *invocation, const struct wanted *wanted)
{
	struct node node;
	json_t *removed;
	int result;
	size_t i;

	result = node_look(invocation, wanted->chain, &node);
	if (!result)
		result = refuse_takeover(invocation, &node, wanted->anyway);
	if (!result)
		result = save(invocation, &node, wanted->saved);
	removed = json_array();
	for (i = 0; i < TABLES && !result; i++) {
		if (!node.tables[i].has_chain)
			continue;
		result = remove_chain(invocation, &node.tables[i]);
		if (result)
			break;
		json_array_append_new(removed, json_string(node.tables[i].backend->name));
		if (!invocation->json)
			printf("%s: chain %s is removed, ipmasq decides\n",
			       node.tables[i].backend->name, wanted->chain);
	}
	if (!result && invocation->json)
		result = print_json(json_pack("{s:O, s:s}", "removed", removed, "saved",
					      wanted->saved));
	else if (!result)
		printf("the rules are saved in %s (ipmasqctl migrate back)\n", wanted->saved);
	json_decref(removed);
	node_clear(&node);
	return result;
}

static const struct backend *find_backend(const char *name)
{
	const struct backend *backend;

	for (backend = backends; backend->name; backend++) {
		if (!strcmp(backend->name, name))
			return backend;
	}
	return NULL;
}

/* Puts one backend's rules back, unless packets get to such a chain already. */
static int put_back(const struct invocation *invocation, const struct backend *backend,
		    const char *chain, const char *rules, json_t *restored)
{
	struct nat_table table;
	char *problem;
	int result = 0;

	if (nat_table_read(backend, chain, &table, &problem)) {
		result = refuse(invocation, "out of memory");
	} else if (problem) {
		result = refuse(invocation, "%s", problem);
	} else if (nat_table_jump(&table)) {
		warn(invocation, "%s: the chain %s is there already and stays as it is",
		     backend->name, chain);
	} else {
		result = restore(invocation, backend, rules);
		if (!result)
			json_array_append_new(restored, json_string(backend->name));
		if (!result && !invocation->json)
			printf("%s: chain %s is back and decides\n", backend->name, chain);
	}
	free(problem);
	nat_table_clear(&table);
	return result;
}

/* The rules of the section that begins with its "# for BACKEND". */
static int put_section_back(const struct invocation *invocation, const struct wanted *wanted,
			    char *section, json_t *restored)
{
	char *rules = strchr(section, '\n');
	const struct backend *backend;

	if (rules)
		*rules++ = '\0';
	backend = find_backend(section + strlen(FOR));
	if (!backend || !rules)
		return refuse(invocation, "%s: \"%.60s\" names no rules", wanted->saved, section);
	return put_back(invocation, backend, wanted->chain, rules, restored);
}

static int put_sections_back(const struct invocation *invocation, const struct wanted *wanted,
			     const char *text, json_t *restored)
{
	const char *begin = strstr(text, "\n" FOR);
	int result = 0;

	if (!begin)
		return refuse(invocation, "%s: no rules that ipmasqctl migrate saved",
			      wanted->saved);
	while (begin && !result) {
		const char *end = strstr(begin + 1, "\n" FOR);
		/* With the newline of its last line. */
		char *section = end ? strndup(begin + 1, (size_t)(end - begin)) :
				      strdup(begin + 1);

		if (!section)
			return refuse(invocation, "out of memory");
		result = put_section_back(invocation, wanted, section, restored);
		free(section);
		begin = end;
	}
	return result;
}

static int read_saved(const struct invocation *invocation, const char *path, char **text)
{
	size_t room = 0;
	FILE *file = fopen(path, "re");
	int error = 0;

	if (!file)
		return refuse_errno(invocation, errno, "%s: %s", path, strerror(errno));
	*text = NULL;
	errno = 0;
	if (getdelim(text, &room, '\0', file) < 0)
		error = errno ? errno : ENODATA;
	fclose(file);
	if (error) {
		free(*text);
		return refuse_errno(invocation, error, "%s: %s", path, strerror(error));
	}
	return 0;
}

static int go_back(const struct invocation *invocation, const struct wanted *wanted)
{
	json_t *restored;
	char *text;
	int result;

	result = read_saved(invocation, wanted->saved, &text);
	if (result)
		return result;
	restored = json_array();
	result = put_sections_back(invocation, wanted, text, restored);
	free(text);
	if (!result && unlink(wanted->saved))
		warn(invocation, "%s: %s", wanted->saved, strerror(errno));
	if (!result && invocation->json)
		result = print_json(json_pack("{s:O}", "restored", restored));
	else if (!result)
		puts("ipmasq may go now: stop ipmasqd, then ipmasqd --cleanup");
	json_decref(restored);
	return result;
}

static int look(const struct invocation *invocation, const struct wanted *wanted)
{
	struct node node;
	int result;

	result = node_look(invocation, wanted->chain, &node);
	if (!result)
		result = node_print(invocation, &node);
	node_clear(&node);
	return result;
}

static int read_word(struct arguments *arguments, struct wanted *wanted)
{
	const char *word = *arguments->next++;

	if (word_is(word, "chain"))
		return argument_value(arguments, "the name of a chain", &wanted->chain);
	if (word_is(word, "save"))
		return argument_value(arguments, "a file", &wanted->saved);
	if (word_is(word, "takeover"))
		wanted->takeover = true;
	else if (word_is(word, "back"))
		wanted->back = true;
	else if (word_is(word, "anyway"))
		wanted->anyway = true;
	else
		return argument_unknown(arguments->invocation, word, keywords,
					sizeof(keywords) / sizeof(keywords[0]));
	return 0;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct wanted wanted = { .chain = AGENT_CHAIN, .saved = SAVED_DEFAULT };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &wanted);
	if (result)
		return result;
	if (wanted.takeover && wanted.back)
		return misuse(invocation, "takeover and back exclude each other");
	/* A chain's name becomes a word of a rule. */
	if (!*wanted.chain || wanted.chain[strcspn(wanted.chain, " \t\n\"\\")])
		return misuse(invocation, "that is no name of a chain");
	if (wanted.takeover)
		return take_over(invocation, &wanted);
	return wanted.back ? go_back(invocation, &wanted) : look(invocation, &wanted);
}

const struct command command_migrate = {
	.name = "migrate",
	.arguments = "[takeover [anyway]|back] [chain NAME] [save FILE]",
	.summary = "take over from ip-masq-agent, or go back to it",
	.description =
		"Without a word it changes nothing: it lists the rules of ip-masq-agent that it\n"
		"finds, whatever else translates sources in POSTROUTING, who decides first,\n"
		"what to do about it, and where the policy in force differs from the agent's\n"
		"rules. Run it on the node, in its network namespace; it reads both flavours of\n"
		"iptables, and nft.\n"
		"\n"
		"  takeover    remove the agent's chain, each flavour in one step; ipmasq, whose\n"
		"              hook comes right after it, decides from that moment on. Refused\n"
		"              without a policy, while the agent runs, or if the verdict for any\n"
		"              destination would change\n"
		"  anyway      in spite of an agent that runs, or of other verdicts\n"
		"  back        put the agent's chain back, which decides again at once\n"
		"  chain NAME  the agent's --masq-chain, " AGENT_CHAIN " unless given\n"
		"  save FILE   where the rules are kept for going back,\n"
		"              " SAVED_DEFAULT " unless given\n"
		"\n"
		"Connections that are open keep the source that they have.\n"
		"\n"
		"  ipmasqctl migrate\n"
		"  ipmasqctl migrate takeover\n",
	.run = run,
};
