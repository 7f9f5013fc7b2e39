// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a command and says how long it took and what it held in memory at most:
 *
 *	stopwatch SECONDS COMMAND [WORD...]
 *
 * The command and what it started are killed after SECONDS. That is not left to
 * timeout(1), whose own start takes longer than adding an entry.
 *
 * "nanoseconds kilobytes status" on standard output; what the command writes
 * there goes to standard error.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static volatile pid_t child;

static void kill_child(int signal)
{
	(void)signal;
	kill(-child, SIGKILL);
}

int main(int argc, char **argv)
{
	const struct sigaction alarmed = { .sa_handler = kill_child, .sa_flags = SA_RESTART };
	struct rusage usage;
	unsigned long seconds;
	long long began;
	char *end;
	int status;

	seconds = argc > 2 ? strtoul(argv[1], &end, 10) : 0;
	if (argc < 3 || *end || !seconds || seconds > 1000000) {
		fprintf(stderr, "usage: stopwatch SECONDS COMMAND [WORD...]\n");
		return 2;
	}
	began = now();
	child = fork();
	if (child < 0) {
		perror("stopwatch: fork");
		return 1;
	}
	if (!child) {
		setpgid(0, 0);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[2], argv + 2);
		fprintf(stderr, "stopwatch: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	/* Here too, whichever of the two comes first. */
	setpgid(child, child);
	sigaction(SIGALRM, &alarmed, NULL);
	alarm(seconds);
	if (wait4(child, &status, 0, &usage) < 0) {
		perror("stopwatch: wait4");
		return 1;
	}
	printf("%lld %ld %d\n", now() - began, usage.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return !WIFEXITED(status) || WEXITSTATUS(status);
}
