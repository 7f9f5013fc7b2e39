// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * writer: writes tables through the programs' own library in ways that no
 * program does: as fast as it can, or never coming to the end; makes large ones in a
 * second, where awk on an emulated processor takes ten; and unloads the module under
 * programs that use it. Made for scenarios in a VM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

static const char usage[] =
	"usage: writer swap|overwrite COUNT TABLE TABLE [pause MICROSECONDS]\n"
	"       writer hold ENTRIES [generation N] [until FILE]\n"
	"       writer prefixes FIRST COUNT STEP ACTION...\n"
	"       writer unload [NAMESPACE...]\n"
	"overwrite writes config entries, the others static ones.\n"
	"A TABLE is a file with a line \"CIDR skip|masquerade [MILLISECONDS]\" for each\n"
	"entry, which is gone after that time. \"prefixes\" prints such lines: each prefix\n"
	"STEP prefixes of its length behind the one before it, ACTIONs in turn. \"unload\"\n"
	"withdraws the policies of the namespaces and of this one, connections or not, and\n"
	"unloads the module before another program makes one.\n";

static int complain(const char *what, const char *word)
{
	fprintf(stderr, "writer: %s '%s'\n", what, word);
	return 2;
}

static int parse_number(const char *text, unsigned long lowest, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return errno || end == text || *end || *number < lowest ? -EINVAL : 0;
}

static int read_table(const char *path, struct policy *table)
{
	char line[128], prefix[CIDR_TEXT_MAX], action[16];
	struct policy_entry entry = { .origin = IPMASQ_ORIGIN_STATIC };
	FILE *file = fopen(path, "r");
	unsigned long long timeout;
	int error = 0, words;

	if (!file)
		return complain("cannot open", path);
	while (!error && fgets(line, sizeof(line), file)) {
		words = sscanf(line, "%49s %15s %llu", prefix, action, &timeout);
		if (words < 2) {
			error = complain("no entry", line);
			break;
		}
		entry.detail = words == 3 ? policy_detail_new(timeout, NULL, 0) : NULL;
		entry.action = strcmp(action, "skip") ? IPMASQ_ACTION_MASQUERADE :
							IPMASQ_ACTION_SKIP;
		if (cidr_parse(prefix, strlen(prefix), &entry.cidr, NULL))
			error = complain("no prefix", prefix);
		else if ((words == 3 && !entry.detail) || policy_append(table, &entry))
			error = complain("no memory for", path);
	}
	fclose(file);
	return error;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sorting is part of it: what is sorted the client sends as it is, of anything else it
 * makes a copy.
 */
static int swap(struct client *client, uint8_t origin, unsigned long count, struct policy tables[2],
		unsigned long pause_microseconds)
{
	double began = seconds_now();
	uint64_t generation = 0;
	unsigned long i;

	for (i = 0; i < count; i++) {
		policy_sort(&tables[i % 2]);
		if (client_replace(client, origin, &tables[i % 2], 0, &generation,
				   NULL, NULL)) {
			fprintf(stderr, "writer: swap %lu: %s\n", i + 1, client_error(client));
			return 1;
		}
		if (pause_microseconds)
			usleep(pause_microseconds);
	}
	printf("%lu swaps generation %llu seconds %.3f\n", count,
	       (unsigned long long)generation, seconds_now() - began);
	return 0;
}

static int swap_command(struct client *client, int argc, char **argv)
{
	struct policy tables[2] = { 0 };
	unsigned long count, microseconds = 0;
	int error;

	if ((argc != 5 && (argc != 7 || strcmp(argv[5], "pause") ||
			   parse_number(argv[6], 1, &microseconds))) ||
	    parse_number(argv[2], 1, &count)) {
		fputs(usage, stderr);
		return 2;
	}
	error = read_table(argv[3], &tables[0]);
	if (!error)
		error = read_table(argv[4], &tables[1]);
	if (!error)
		error = swap(client, strcmp(argv[1], "swap") ? IPMASQ_ORIGIN_CONFIG :
			     IPMASQ_ORIGIN_STATIC, count, tables, microseconds);
	policy_clear(&tables[0]);
	policy_clear(&tables[1]);
	return error;
}

/* Called after each message; everything has been sent after the last one. */
static void hold(size_t done, size_t all, void *data)
{
	const char *until = data;

	if (done < all)
		return;
	printf("holding %zu entries\n", all);
	fflush(stdout);
	if (!until)
		for (;;)
			pause();
	while (access(until, F_OK))
		usleep(10000);
}

static int hold_command(struct client *client, int argc, char **argv)
{
	struct policy_entry entry = {
		.action = IPMASQ_ACTION_SKIP, .origin = IPMASQ_ORIGIN_STATIC,
		.cidr = { .family = AF_INET, .prefix_len = 32, .address = { 16 } },
	};
	struct policy table = { 0 };
	unsigned long entries, based_on = 0, i;
	char *until = NULL;
	uint64_t generation;
	int error;

	if (argc < 3 || parse_number(argv[2], 1, &entries)) {
		fputs(usage, stderr);
		return 2;
	}
	for (i = 3; i + 1 < (unsigned long)argc; i += 2) {
		if (!strcmp(argv[i], "until"))
			until = argv[i + 1];
		else if (strcmp(argv[i], "generation") || parse_number(argv[i + 1], 0, &based_on))
			return complain("wrong option or value at", argv[i]);
	}
	for (i = 0; i < entries; i++) {
		if (policy_append(&table, &entry)) {
			policy_clear(&table);
			return complain("no memory for entries:", argv[2]);
		}
		cidr_next(&entry.cidr);
	}
	error = client_replace(client, IPMASQ_ORIGIN_STATIC, &table, based_on, &generation, hold,
			       until);
	if (error)
		printf("refused: %s\n", client_error(client));
	else
		printf("generation %llu\n", (unsigned long long)generation);
	policy_clear(&table);
	return error ? 1 : 0;
}

/* Moves a prefix on by as many of its length. */
static void advance(struct cidr *cidr, unsigned long steps)
{
	int i = cidr->prefix_len ? (cidr->prefix_len - 1) / 8 : 0;
	uint64_t carry = (uint64_t)steps << (8 * (i + 1) - cidr->prefix_len);

	for (; carry && i >= 0; i--) {
		carry += cidr->address[i];
		cidr->address[i] = carry & 0xff;
		carry >>= 8;
	}
}

static int prefixes_command(int argc, char **argv)
{
	unsigned long count, step, i;
	char text[CIDR_TEXT_MAX];
	struct cidr cidr;

	if (argc < 6 || parse_number(argv[3], 1, &count) || parse_number(argv[4], 1, &step)) {
		fputs(usage, stderr);
		return 2;
	}
	if (cidr_parse(argv[2], strlen(argv[2]), &cidr, NULL))
		return complain("no prefix", argv[2]);
	for (i = 0; i < count; i++) {
		printf("%s %s\n", cidr_format(&cidr, text), argv[5 + i % (unsigned int)(argc - 5)]);
		advance(&cidr, step);
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}

/* Those of namespaces that are gone stay NULL. */
static void open_clients(struct client **clients, int argc, char **argv)
{
	char path[128];
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int i, descriptor;

	client_open(&clients[0]);
	for (i = 2; i < argc; i++) {
		snprintf(path, sizeof(path), "/run/netns/%s", argv[i]);
		descriptor = open(path, O_RDONLY | O_CLOEXEC);
		if (descriptor < 0)
			continue;
		if (!setns(descriptor, CLONE_NEWNET))
			client_open(&clients[i - 1]);
		close(descriptor);
	}
	setns(own, CLONE_NEWNET);
	close(own);
}

static int unload_command(int argc, char **argv)
{
	struct client **clients = calloc((size_t)argc, sizeof(struct client *));
	int attempt, i, error = EAGAIN;

	if (!clients)
		return complain("no memory for", "the namespaces");
	open_clients(clients, argc, argv);
	for (attempt = 0; attempt < 100 && error; attempt++) {
		for (i = 0; i < argc; i++)
			if (clients[i])
				client_policy_delete(clients[i], 0, true);
		error = syscall(SYS_delete_module, "ipmasq", O_NONBLOCK) ? errno : 0;
	}
	for (i = 0; i < argc; i++)
		client_close(clients[i]);
	free(clients);
	if (error)
		fprintf(stderr, "writer: cannot unload the module: %s\n", strerror(error));
	return error ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	struct client *client;
	int status;

	if (!strcmp(command, "prefixes"))
		return prefixes_command(argc, argv);
	if (!strcmp(command, "unload"))
		return unload_command(argc, argv);

	if (strcmp(command, "swap") && strcmp(command, "overwrite") && strcmp(command, "hold")) {
		fputs(usage, stderr);
		return 2;
	}
	if (client_open(&client)) {
		fprintf(stderr, "writer: %s\n", client_error(client));
		status = 1;
	} else if (!strcmp(command, "hold")) {
		status = hold_command(client, argc, argv);
	} else {
		status = swap_command(client, argc, argv);
	}
	client_close(client);
	return status;
}
