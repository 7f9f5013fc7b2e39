// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times lookups:
 *
 *	lookup 4|6 TABLE ADDRESSES ROUNDS
 *
 * TABLE has a prefix on each line, ADDRESSES are 4 or 16 bytes each in network
 * order. The answers of every contender are compared with those of the binary
 * trie first. The rounds go around among the contenders, so that whatever else
 * the machine does falls on all of them, and the best round counts. JSON on
 * standard output.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lookup.h"

volatile uint32_t always_zero;

static const struct contender *const contenders[] = {
	&binary_trie, &ipmasq_table, &binary_search, &eytzinger, &dpdk_fib, &dpdk_fib_byte,
	&dpdk_lpm,
};

#define CONTENDERS (sizeof(contenders) / sizeof(*contenders))

/**
 * struct figures - what was found out about one contender
 * @built: whether it could take the table
 * @reason: why not
 * @build_seconds: for the whole table
 * @nanoseconds: of a lookup, [1] when each waits for the one before
 * @misses: last-level cache misses of a lookup, below 0 without a counter
 */
struct figures {
	bool built;
	const char *reason;
	double build_seconds;
	double nanoseconds[2];
	double misses;
};

/**
 * seconds_now() - a clock for differences
 *
 * Return: seconds.
 */
double seconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	fprintf(stderr, "lookup: %s: %s\n", what, errno ? strerror(errno) : "wrong content");
	exit(1);
}

static void *allocate(size_t size)
{
	void *memory = malloc(size ? size : 1);

	if (!memory)
		fail("memory");
	return memory;
}

static struct prefix *read_table(int family, const char *name, uint32_t *count)
{
	struct prefix *prefixes = NULL;
	uint32_t room = 0;
	char line[128];
	FILE *file = fopen(name, "r");

	if (!file)
		fail(name);
	*count = 0;
	while (fgets(line, sizeof(line), file)) {
		char *length = strchr(line, '/');
		struct prefix *prefix;

		if (*count == room) {
			room = room ? room * 2 : 1024;
			prefixes = realloc(prefixes, room * sizeof(*prefixes));
			if (!prefixes)
				fail("memory");
		}
		prefix = &prefixes[*count];
		memset(prefix, 0, sizeof(*prefix));
		errno = 0;
		if (!length)
			fail(name);
		*length++ = '\0';
		if (inet_pton(family == 4 ? AF_INET : AF_INET6, line, prefix->address) != 1)
			fail(name);
		prefix->length = atoi(length);
		(*count)++;
	}
	fclose(file);
	return prefixes;
}

static void read_questions(const char *name, struct questions *questions)
{
	size_t each = questions->family == 4 ? 4 : 16;
	FILE *file = fopen(name, "rb");
	uint8_t *bytes;
	long size;
	uint32_t i;

	if (!file || fseek(file, 0, SEEK_END))
		fail(name);
	size = ftell(file);
	rewind(file);
	bytes = allocate(size);
	if (fread(bytes, 1, size, file) != (size_t)size)
		fail(name);
	fclose(file);
	questions->count = size / each;
	questions->ipv6 = (void *)bytes;
	if (questions->family == 6)
		return;
	questions->ipv4 = allocate(questions->count * sizeof(*questions->ipv4));
	for (i = 0; i < questions->count; i++) {
		memcpy(&questions->ipv4[i], bytes + 4 * (size_t)i, 4);
		questions->ipv4[i] = ntohl(questions->ipv4[i]);
	}
}

static int open_miss_counter(void)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attributes),
		.config = PERF_COUNT_HW_CACHE_MISSES,
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static void check(const struct contender *contender, const struct questions *questions,
		  const uint32_t *expected, uint32_t *answers)
{
	uint32_t i;

	contender->answer(questions, answers, false);
	for (i = 0; i < questions->count; i++) {
		/* Some have only a byte to answer with: yes or no. */
		if (contender == &dpdk_fib_byte ? !answers[i] == !expected[i] :
						  answers[i] == expected[i])
			continue;
		fprintf(stderr, "lookup: %s is wrong about address %u: %u instead of %u\n",
			contender->name, i, answers[i], expected[i]);
		exit(1);
	}
}

static double time_round(const struct contender *contender, const struct questions *questions,
			 uint32_t *answers, bool chained)
{
	double began = seconds_now();

	contender->answer(questions, answers, chained);
	return (seconds_now() - began) * 1e9 / questions->count;
}

static double count_misses(int counter, const struct contender *contender,
			   const struct questions *questions, uint32_t *answers)
{
	uint64_t misses;

	if (counter < 0)
		return -1;
	ioctl(counter, PERF_EVENT_IOC_RESET, 0);
	ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
	contender->answer(questions, answers, false);
	ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
	if (read(counter, &misses, sizeof(misses)) != sizeof(misses))
		return -1;
	return (double)misses / questions->count;
}

static void print(const struct figures *figures, uint32_t count)
{
	const char *separator = "";
	size_t i;

	printf("{");
	for (i = 0; i < CONTENDERS; i++) {
		const struct figures *one = &figures[i];

		if (!one->built && !one->reason)
			continue;
		printf("%s\"%s\": {", separator, contenders[i]->name);
		separator = ", ";
		if (!one->built) {
			printf("\"reason\": \"%s\"}", one->reason);
			continue;
		}
		printf("\"nanoseconds\": %.2f, \"nanoseconds_chained\": %.2f, ",
		       one->nanoseconds[0], one->nanoseconds[1]);
		if (one->misses >= 0)
			printf("\"cache_misses\": %.3f, ", one->misses);
		if (contenders[i]->beside)
			printf("\"bytes_beside\": %zu, ", contenders[i]->beside());
		printf("\"build_seconds\": %.6f, \"bytes\": %zu, \"bytes_per_prefix\": %.1f}",
		       one->build_seconds, contenders[i]->memory(),
		       (double)contenders[i]->memory() / count);
	}
	printf("}\n");
}

int main(int argc, char **argv)
{
	struct figures figures[CONTENDERS] = { 0 };
	struct questions questions = { 0 };
	uint32_t *expected, *answers;
	struct prefix *prefixes;
	uint32_t count;
	int rounds, round, counter;
	size_t i;

	if (argc != 5 || (strcmp(argv[1], "4") && strcmp(argv[1], "6"))) {
		fprintf(stderr, "usage: lookup 4|6 TABLE ADDRESSES ROUNDS\n");
		return 2;
	}
	questions.family = atoi(argv[1]);
	rounds = atoi(argv[4]);
	prefixes = read_table(questions.family, argv[2], &count);
	read_questions(argv[3], &questions);
	expected = allocate(questions.count * sizeof(*expected));
	answers = allocate(questions.count * sizeof(*answers));
	counter = open_miss_counter();

	for (i = 0; i < CONTENDERS; i++) {
		double began;

		if (!(contenders[i]->families & (questions.family == 4 ? 1 : 2)))
			continue;
		began = seconds_now();
		figures[i].built = contenders[i]->build(questions.family, prefixes, count,
							&figures[i].reason);
		figures[i].build_seconds = seconds_now() - began;
		if (!figures[i].built)
			continue;
		if (contenders[i] == &binary_trie)
			contenders[i]->answer(&questions, expected, false);
		check(contenders[i], &questions, expected, answers);
	}
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < CONTENDERS; i++) {
			int chained;

			if (!figures[i].built)
				continue;
			for (chained = 0; chained < 2; chained++) {
				double *best = &figures[i].nanoseconds[chained];
				double one = time_round(contenders[i], &questions, answers,
							chained);

				if (!round || one < *best)
					*best = one;
			}
		}
	}
	for (i = 0; i < CONTENDERS; i++)
		if (figures[i].built)
			figures[i].misses = count_misses(counter, contenders[i], &questions,
							 answers);
	print(figures, count);
	for (i = 0; i < CONTENDERS; i++)
		if (figures[i].built)
			contenders[i]->release();
	if (counter >= 0)
		close(counter);
	free(prefixes);
	free(expected);
	free(answers);
	free(questions.ipv4);
	free(questions.ipv6);
	return 0;
}
