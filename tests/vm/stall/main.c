// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stall: how long the kernel keeps the processor at a stretch. It has a higher priority
 * than everything else and wants the processor every millisecond; how late it gets it
 * is how long something else did not give it up. Made for a VM with one processor.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000LL
#define EVERY 1000000LL

static const char usage[] =
	"usage: stall until FILE\n"
	"Prints a line when it begins, and once FILE is there the longest stretch in\n"
	"microseconds.\n";

static long long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int main(int argc, char **argv)
{
	const struct sched_param priority = { .sched_priority = 50 };
	long long next, late, longest = 0;

	if (argc != 3 || strcmp(argv[1], "until")) {
		fputs(usage, stderr);
		return 2;
	}
	if (mlockall(MCL_CURRENT | MCL_FUTURE) || sched_setscheduler(0, SCHED_FIFO, &priority)) {
		fprintf(stderr, "stall: cannot get ahead of everything else: %s\n",
			strerror(errno));
		return 1;
	}
	puts("begun");
	fflush(stdout);
	while (access(argv[2], F_OK)) {
		struct timespec until;

		next = nanoseconds() + EVERY;
		until.tv_sec = next / NANOSECONDS;
		until.tv_nsec = next % NANOSECONDS;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		late = nanoseconds() - next;
		if (late > longest)
			longest = late;
	}
	printf("%lld\n", longest / 1000);
	return 0;
}
