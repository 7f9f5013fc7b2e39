// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * clock: what programs cost.
 *
 *	clock run TIMES COMMAND [WORD...]
 *		runs it that often; prints the median wall time and the mean CPU time
 *		of one run, children included, in microseconds
 *	clock start COMMAND [WORD...]
 *		runs it until the kernel's event says that the policy changed in this
 *		network namespace, ends it with SIGTERM, and prints the microseconds
 *		from just before the fork to the event
 *	clock drift TIMES
 *		deletes all config entries of this network namespace that often, waits
 *		each time for the next change, which is the daemon's, and prints the
 *		microseconds from the one event to the other
 *	clock spent PID
 *		CPU time that a process has had so far, microseconds
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

/* Nothing that is measured takes longer. */
#define PATIENCE_MILLISECONDS 30000

/* With the slowest clock that kernels are built for, 100 Hz. */
#define TICK_MICROSECONDS 10000

static int fail(const char *what)
{
	fprintf(stderr, "clock: %s: %s\n", what, strerror(errno));
	return 1;
}

static int64_t microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static pid_t begin(char **command)
{
	pid_t child = fork();

	if (child)
		return child;
	execvp(command[0], command);
	fprintf(stderr, "clock: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

static int64_t used(const struct rusage *usage)
{
	return (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
	       usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static int run(char **arguments)
{
	long times = strtol(arguments[0], NULL, 10);
	int64_t *wall, cpu = 0;
	struct rusage usage;
	int status, result = 1;
	long i;

	if (times < 1)
		return 2;
	wall = calloc((size_t)times, sizeof(*wall));
	if (!wall)
		return fail("memory");
	for (i = 0; i < times; i++) {
		int64_t began = microseconds();
		pid_t child = begin(arguments + 1);

		if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
			fail(arguments[1]);
			goto free_wall;
		}
		wall[i] = microseconds() - began;
		cpu += used(&usage);
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			fprintf(stderr, "clock: %s failed\n", arguments[1]);
			goto free_wall;
		}
	}
	qsort(wall, (size_t)times, sizeof(*wall), by_size);
	printf("%lld %lld\n", (long long)wall[times / 2], (long long)(cpu / times));
	result = 0;
free_wall:
	free(wall);
	return result;
}

/* The next event within patience. */
static int next_event(struct client *client, int descriptor, struct client_event *event)
{
	struct pollfd events = { .fd = descriptor, .events = POLLIN };

	if (poll(&events, 1, PATIENCE_MILLISECONDS) != 1)
		return -ETIMEDOUT;
	return client_next_event(client, event);
}

/* Lets up to a tick go by: what comes after a sleep begins with one, and whether the
 * next one falls into what is measured would be the same each time.
 */
static int be_at_no_phase(void)
{
	uint32_t chance;
	int64_t until;

	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance)) {
		fail("random number");
		return -1;
	}
	until = microseconds() + chance % TICK_MICROSECONDS;
	while (microseconds() < until)
		;
	return 0;
}

static int start(char **command)
{
	struct client_event event;
	struct client *client;
	int64_t began, ended;
	int descriptor;
	pid_t child;
	int result = 1;

	if (client_open(&client) || client_subscribe(client, &descriptor)) {
		fprintf(stderr, "clock: %s\n", client_error(client));
		client_close(client);
		return 1;
	}
	/* Woken by the event at once, and not when the daemon's processor is free. */
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK,
			       &(struct sched_param) { .sched_priority = 1 }))
		fail("real-time priority");
	if (be_at_no_phase())
		goto close_client;
	began = microseconds();
	child = begin(command);
	if (child < 0) {
		fail(command[0]);
		goto close_client;
	}
	if (!next_event(client, descriptor, &event)) {
		ended = microseconds();
		printf("%lld\n", (long long)(ended - began));
		result = 0;
	} else {
		fprintf(stderr, "clock: %s: no policy\n", command[0]);
	}
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
close_client:
	client_close(client);
	return result;
}

static int drift(char **arguments)
{
	const struct policy nothing = { 0 };
	long times = strtol(arguments[0], NULL, 10);
	struct client_event event;
	struct client *client;
	int64_t began, ended;
	int descriptor;
	int result = 1;

	if (client_open(&client) || client_subscribe(client, &descriptor))
		goto failed;
	while (times-- > 0) {
		if (client_replace(client, IPMASQ_ORIGIN_CONFIG, &nothing, 0, NULL, NULL, NULL))
			goto failed;
		/* Ours. The daemon may be as quick as we are. */
		began = microseconds();
		if (next_event(client, descriptor, &event) ||
		    next_event(client, descriptor, &event) || !event.entries_config)
			goto failed;
		ended = microseconds();
		printf("%lld\n", (long long)(ended - began));
	}
	result = 0;
	goto close_client;
failed:
	fprintf(stderr, "clock: not put back: %s\n", client_error(client));
close_client:
	client_close(client);
	return result;
}

static int spent(char **arguments)
{
	unsigned long long nanoseconds;
	char path[64];
	FILE *file;
	int found;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", arguments[0]);
	file = fopen(path, "re");
	if (!file)
		return fail(path);
	found = fscanf(file, "%llu", &nanoseconds);
	fclose(file);
	if (found != 1)
		return fail(path);
	printf("%llu\n", nanoseconds / 1000);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc >= 3 && !strcmp(argv[1], "start"))
		return start(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "drift"))
		return drift(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "spent"))
		return spent(argv + 2);
	fprintf(stderr, "usage: clock run TIMES COMMAND... | start COMMAND... | drift TIMES | spent PID\n");
	return 2;
}
