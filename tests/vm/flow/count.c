// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One connection or many, and what was seen of them, summed up.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow.h"

#define SOURCES_MAX 64

/**
 * struct source - connections that were seen from one address
 * @address: as text; for failures the reason
 * @failure: no answer came
 * @connections: how many
 * @lowest: port
 * @highest: port
 */
struct source {
	char address[ANSWER_MAX];
	bool failure;
	unsigned long connections;
	unsigned int lowest;
	unsigned int highest;
};

/* What a worker writes for each connection; smaller than PIPE_BUF, so whole. */
struct outcome {
	bool failure;
	unsigned int port;
	char address[ANSWER_MAX];
};

static void connect_once(const struct flow_options *options, struct outcome *outcome)
{
	/* Many connections would otherwise leave as many in TIME_WAIT. */
	const struct linger reset = { .l_onoff = 1 };
	char answer[ANSWER_MAX];
	const char *reason = "";
	int descriptor;

	memset(outcome, 0, sizeof(*outcome));
	outcome->failure = true;
	descriptor = dial(options, &reason);
	if (descriptor >= 0) {
		if (!ask(descriptor, options, answer, &reason)) {
			outcome->failure = false;
			sscanf(answer, "%95s %u", outcome->address, &outcome->port);
		}
		if (options->count > 1 || options->until)
			setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(descriptor);
	}
	if (outcome->failure)
		snprintf(outcome->address, sizeof(outcome->address), "%s", reason);
}

/* Each worker has every parallel-th port, from its own on, up to the last one and
 * then from the lowest that may be bound by anybody.
 */
static uint16_t next_port(uint16_t port, unsigned long step)
{
	unsigned long next = port + step;

	return next > 65535 ? next - 65535 + 1023 : next;
}

static void work(const struct flow_options *all, unsigned long number, unsigned long share,
		 int pipe)
{
	struct flow_options options = *all;
	struct outcome outcome;
	uint16_t port = ntohs(all->source.sin6_port);
	unsigned long i;

	if (options.successive)
		port = next_port(port, number);
	for (i = 0; options.until ? access(options.until, F_OK) != 0 : i < share; i++) {
		if (options.successive) {
			options.source.sin6_port = htons(port);
			port = next_port(port, options.parallel);
		}
		connect_once(&options, &outcome);
		if (write(pipe, &outcome, sizeof(outcome)) != (ssize_t)sizeof(outcome))
			_exit(1);
		if (options.pause)
			usleep(options.pause);
	}
}

static void add(struct source *sources, size_t *count, const struct outcome *outcome)
{
	struct source *source;
	size_t i;

	for (i = 0; i < *count; i++) {
		source = &sources[i];
		if (source->failure == outcome->failure &&
		    !strcmp(source->address, outcome->address))
			break;
	}
	if (i == SOURCES_MAX)
		return;
	source = &sources[i];
	if (i == *count) {
		++*count;
		memcpy(source->address, outcome->address, sizeof(source->address));
		source->failure = outcome->failure;
		source->lowest = outcome->port;
	}
	source->connections++;
	if (outcome->port < source->lowest)
		source->lowest = outcome->port;
	if (outcome->port > source->highest)
		source->highest = outcome->port;
}

static int compare(const void *left, const void *right)
{
	const struct source *a = left, *b = right;

	if (a->failure != b->failure)
		return a->failure ? 1 : -1;
	return strcmp(a->address, b->address);
}

static void print_one(const struct outcome *outcome)
{
	if (outcome->failure)
		printf("%s\n", outcome->address);
	else
		printf("%s %u\n", outcome->address, outcome->port);
}

static void print_summary(struct source *sources, size_t count)
{
	size_t i;

	qsort(sources, count, sizeof(*sources), compare);
	for (i = 0; i < count; i++) {
		if (sources[i].failure)
			printf("failed %lu %s\n", sources[i].connections, sources[i].address);
		else
			printf("%s %lu ports %u-%u\n", sources[i].address, sources[i].connections,
			       sources[i].lowest, sources[i].highest);
	}
}

/**
 * connect_many() - make the connections and print what the far side saw
 * @options: all of them
 *
 * One connection prints "ADDRESS PORT", or a reason. Several print a line
 * "ADDRESS CONNECTIONS ports LOWEST-HIGHEST" for each address and
 * "failed CONNECTIONS REASON" for each reason, or with each a line for each
 * connection.
 *
 * Return: 0 if all were answered, else 1.
 */
int connect_many(const struct flow_options *options)
{
	static struct source sources[SOURCES_MAX];
	bool one = options->count == 1 && !options->until;
	struct outcome outcome;
	size_t count = 0;
	unsigned long i, share;
	int ends[2], status = 0;

	if (one) {
		connect_once(options, &outcome);
		print_one(&outcome);
		return outcome.failure;
	}
	if (pipe(ends)) {
		perror("flow: pipe");
		return 1;
	}
	for (i = 0; i < options->parallel; i++) {
		share = options->count / options->parallel + (i < options->count % options->parallel);
		switch (fork()) {
		case 0:
			close(ends[0]);
			work(options, i, share, ends[1]);
			_exit(0);
		case -1:
			perror("flow: fork");
			status = 1;
		}
	}
	close(ends[1]);
	while (read(ends[0], &outcome, sizeof(outcome)) == (ssize_t)sizeof(outcome)) {
		status |= outcome.failure;
		if (options->each)
			print_one(&outcome);
		else
			add(sources, &count, &outcome);
	}
	close(ends[0]);
	while (wait(NULL) > 0)
		;
	if (!options->each)
		print_summary(sources, count);
	return status;
}
