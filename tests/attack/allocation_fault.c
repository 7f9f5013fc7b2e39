// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Allocations of the others fail now and then, where the kernel can do that
 * (Documentation/fault-injection); main.c marks their processes with make-it-fail.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static bool set(const char *kind, const char *name, const char *value)
{
	char path[128];
	int descriptor;
	ssize_t written;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kind, name);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0)
		return false;
	written = write(descriptor, value, strlen(value));
	close(descriptor);
	return written > 0;
}

static void run(struct attack *attack)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	static const char *const per_cent[] = { "1", "2", "5" };
	struct chance *chance = &attack->chance;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		set(kinds[i], "task-filter", "Y");
		set(kinds[i], "verbose", "0");
		set(kinds[i], "times", "-1");
		set(kinds[i], "ignore-gfp-wait", "0");
		set(kinds[i], "min-order", "0");
	}
	while (goes_on(attack)) {
		const char *kind = kinds[chance_below(chance, 2)];
		const char *value = per_cent[chance_below(chance, 3)];

		count(attack, ATTEMPT_FAULT, set(kind, "probability", value));
		pause_up_to(attack, 100000);
		/* Without a time without faults nobody would get as far as into the module. */
		set(kind, "probability", "0");
		let_live(attack, 100000);
	}
	for (i = 0; i < 2; i++)
		set(kinds[i], "probability", "0");
}

static const struct need needs[] = {
	{ ATTEMPT_FAULT, true, false },
	{ 0 }
};

const struct attacker allocation_fault = { "allocation-fault", run, needs, true };
