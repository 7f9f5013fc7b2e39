// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory cgroup of all the others, $ATTACK_CGROUP, gets another limit all the time:
 * they are refused, or killed where they are.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static bool write_limit(const char *value)
{
	char path[256];
	int descriptor;
	ssize_t written;

	snprintf(path, sizeof(path), "%s/memory.max", getenv("ATTACK_CGROUP"));
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	written = write(descriptor, value, strlen(value));
	close(descriptor);
	return written == (ssize_t)strlen(value);
}

/* Whom the limit hit, by the cgroup's own count. */
static uint64_t hits(void)
{
	char path[256], line[64];
	unsigned long long number, sum = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/memory.events", getenv("ATTACK_CGROUP"));
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "max %llu", &number) == 1)
			sum = number;
	if (file)
		fclose(file);
	return sum;
}

static void run(struct attack *attack)
{
	char value[32];
	uint64_t before = hits(), now;

	while (goes_on(attack)) {
		snprintf(value, sizeof(value), "%u", (2 << 20) << chance_below(&attack->chance, 5));
		write_limit(value);
		pause_up_to(attack, 200000);
		now = hits();
		count(attack, ATTEMPT_LIMIT, now == before);
		before = now;
		write_limit("max");
		let_live(attack, 50000);
	}
	write_limit("max");
}

/* A limit that nobody met would have been none. */
static const struct need needs[] = {
	{ ATTEMPT_LIMIT, false, true },
	{ 0 }
};

const struct attacker memory_limit = { "memory-limit", run, needs, true };
