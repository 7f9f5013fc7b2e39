// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verdicts: asks the kernel what the reference agent's rules were recorded to say:
 *
 *	verdicts CASES SOURCE4 SOURCE6
 *
 * CASES is what tests/compat/edges prints. For each case the file is written,
 * "ipmasqd --once" with the case's flags brings it into the kernel of this network
 * namespace, and every address is explained. Prints a line for each case, "ok ID
 * NUMBER" or "not ok ID REASON".
 */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"

#define FLAGS_MAX 16
#define CONFIG "/tmp/scenario/verdicts-config"

struct asking {
	struct client *client;
	struct cidr source[2];
	char id[128];
	char flags[FLAGS_MAX][256];
	size_t flag_count;
	bool has_file;
	bool loaded;
	size_t asked;
	char failure[512];
};

static int write_file(const char *hex)
{
	FILE *file = fopen(CONFIG, "w");
	unsigned int byte;

	if (!file)
		return -errno;
	while (sscanf(hex, "%2x", &byte) == 1) {
		fputc((int)byte, file);
		hex += 2;
	}
	return fclose(file) ? -errno : 0;
}

/* The daemon, once, as a node would run it. */
static bool load(struct asking *asking)
{
	char *words[FLAGS_MAX + 8] = { "ipmasqd", "--once", "--config", CONFIG, "--state-dir", "" };
	size_t count = 6, i;
	int status;
	pid_t child;

	if (!asking->has_file)
		unlink(CONFIG);
	for (i = 0; i < asking->flag_count; i++)
		words[count++] = asking->flags[i];
	child = fork();
	if (!child) {
		execvp(words[0], words);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return false;
	return !WEXITSTATUS(status);
}

static void ask(struct asking *asking, const char *address, const char *expected)
{
	struct client_explanation explanation;
	struct client_flow flow = { 0 };
	const char *said, *reason;

	if (cidr_parse_address(address, strlen(address), &flow.destination, &reason)) {
		snprintf(asking->failure, sizeof(asking->failure), "%s: %s", address, reason);
		return;
	}
	flow.source = asking->source[strchr(address, ':') != NULL];
	/* What is on some link, or goes to many, needs to be told which one. */
	if (!strncmp(address, "fe8", 3) || !strncmp(address, "ff", 2) ||
	    (flow.destination.family == AF_INET && flow.destination.address[0] >= 224))
		flow.output_interface = if_nametoindex("dummy0");
	if (client_explain(asking->client, &flow, &explanation)) {
		snprintf(asking->failure, sizeof(asking->failure), "%s: %s", address,
			 client_error(asking->client));
		return;
	}
	said = explanation.verdict == IPMASQ_VERDICT_MASQUERADE ? "masquerade" : "leave";
	if (strcmp(said, expected))
		snprintf(asking->failure, sizeof(asking->failure), "%s: %s, expected %s", address,
			 policy_verdict_name(explanation.verdict), expected);
	client_explanation_clear(&explanation);
	asking->asked++;
}

static void take_line(struct asking *asking, char *line)
{
	char address[128], expected[32];

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "case %127s", address) == 1) {
		memcpy(asking->id, address, sizeof(asking->id));
		asking->flag_count = 0;
		asking->has_file = false;
		asking->loaded = false;
		asking->asked = 0;
		asking->failure[0] = '\0';
	} else if (!strncmp(line, "flag ", 5) && asking->flag_count < FLAGS_MAX) {
		snprintf(asking->flags[asking->flag_count++], sizeof(asking->flags[0]), "%s",
			 line + 5);
	} else if (!strncmp(line, "file ", 5)) {
		asking->has_file = !write_file(line + 5);
	} else if (sscanf(line, "ask %127s %31s", address, expected) == 2) {
		if (!asking->loaded && !asking->failure[0]) {
			asking->loaded = load(asking);
			if (!asking->loaded)
				snprintf(asking->failure, sizeof(asking->failure), "not loaded");
		}
		if (!asking->failure[0])
			ask(asking, address, expected);
	} else if (!strcmp(line, "end")) {
		if (asking->failure[0] || !asking->asked)
			printf("not ok %s %s\n", asking->id, asking->failure);
		else
			printf("ok %s %zu\n", asking->id, asking->asked);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct asking asking = { 0 };
	size_t room = 0;
	char *line = NULL;
	const char *reason;
	FILE *cases;
	int i;

	if (argc != 4) {
		fprintf(stderr, "usage: verdicts CASES SOURCE4 SOURCE6\n");
		return 2;
	}
	for (i = 0; i < 2; i++) {
		if (cidr_parse_address(argv[2 + i], strlen(argv[2 + i]), &asking.source[i],
				       &reason)) {
			fprintf(stderr, "verdicts: %s: %s\n", argv[2 + i], reason);
			return 2;
		}
	}
	cases = fopen(argv[1], "r");
	if (!cases) {
		fprintf(stderr, "verdicts: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	if (client_open(&asking.client)) {
		fprintf(stderr, "verdicts: %s\n", client_error(asking.client));
		client_close(asking.client);
		fclose(cases);
		return 1;
	}
	while (getline(&line, &room, cases) > 0)
		take_line(&asking, line);
	free(line);
	client_close(asking.client);
	fclose(cases);
	return 0;
}
