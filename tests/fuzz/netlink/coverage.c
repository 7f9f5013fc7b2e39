// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a request made the kernel do, where the kernel tells (CONFIG_KCOV, see
 * Documentation/dev-tools/kcov.rst): which steps from one block of code to the
 * next there were that nobody had seen.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <linux/kcov.h>

#include "fuzz.h"

#define COVERAGE_WORDS	(64 << 10)
#define STEPS_BITS	20

static unsigned long *words;
static uint8_t steps_seen[(1 << STEPS_BITS) / 8];
static size_t steps_total;

/**
 * coverage_open() - ask for coverage of this thread
 *
 * Return: whether the kernel has it.
 */
bool coverage_open(void)
{
	int descriptor;

	/* "ip netns exec" has mounted another /sys. */
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	descriptor = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (descriptor < 0)
		return false;
	if (ioctl(descriptor, KCOV_INIT_TRACE, COVERAGE_WORDS))
		return false;
	words = mmap(NULL, COVERAGE_WORDS * sizeof(*words), PROT_READ | PROT_WRITE, MAP_SHARED,
		     descriptor, 0);
	if (words == MAP_FAILED || ioctl(descriptor, KCOV_ENABLE, KCOV_TRACE_PC))
		words = NULL;
	return words;
}

/**
 * coverage_start() - forget what was before
 */
void coverage_start(void)
{
	if (words)
		__atomic_store_n(words, 0, __ATOMIC_RELAXED);
}

/**
 * coverage_stop() - look at what there was since coverage_start()
 *
 * Return: steps that were new.
 */
size_t coverage_stop(void)
{
	uint64_t before = 0;
	size_t count, i, news = 0;

	if (!words)
		return 0;
	count = __atomic_load_n(words, __ATOMIC_RELAXED);
	for (i = 1; i <= count && i < COVERAGE_WORDS; i++) {
		uint64_t step = (words[i] ^ before << 1) * UINT64_C(0x9e3779b97f4a7c15);
		size_t bit = step >> (64 - STEPS_BITS);

		before = words[i];
		if (steps_seen[bit / 8] & 1 << bit % 8)
			continue;
		steps_seen[bit / 8] |= (uint8_t)(1 << bit % 8);
		news++;
	}
	steps_total += news;
	return news;
}

/**
 * coverage_total() - steps seen so far
 */
size_t coverage_total(void)
{
	return steps_total;
}
