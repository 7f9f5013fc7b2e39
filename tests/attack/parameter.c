// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's parameters are changed, rightly and wrongly, while it works. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static void write_parameter(struct attack *attack, const char *name, const char *value)
{
	char path[128];
	int descriptor;

	snprintf(path, sizeof(path), "/sys/module/ipmasq/parameters/%s", name);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	/* The file of a parameter that this version does not have, or while it is away. */
	if (descriptor < 0)
		return;
	count(attack, ATTEMPT_PARAMETER,
	      write(descriptor, value, strlen(value)) == (ssize_t)strlen(value));
	close(descriptor);
}

static void run(struct attack *attack)
{
	static const char *const limits[] = {
		"0", "1", "3", "64", "1000", "1048576", "4294967295", "4294967296", "-1",
		"many", "", "\n", "67108864",
	};
	static const char *const switches[] = { "0", "1", "Y", "N", "2", "perhaps", "" };
	struct chance *chance = &attack->chance;

	while (goes_on(attack)) {
		write_parameter(attack, "max_entries",
				limits[chance_below(chance, sizeof(limits) / sizeof(limits[0]))]);
		if (chance_percent(chance, 20))
			write_parameter(attack, "user_namespaces",
					switches[chance_below(chance, sizeof(switches) /
							      sizeof(switches[0]))]);
		pause_up_to(attack, 20000);
	}
	write_parameter(attack, "max_entries", "1048576");
}

static const struct need needs[] = {
	{ ATTEMPT_PARAMETER, true, true },
	{ 0 }
};

const struct attacker parameter = { "parameter", run, needs, true };
