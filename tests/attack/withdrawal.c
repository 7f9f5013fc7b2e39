// SPDX-License-Identifier: GPL-2.0-or-later
/* Policies are put in force, switched over and withdrawn, one right after the other. */
#include <unistd.h>

#include "attack.h"

#define THREADS 2

static void change(struct attack *attack, unsigned int number)
{
	int descriptor = request_socket();

	(void)number;
	while (goes_on(attack)) {
		unsigned int changes = chance_below(&attack->chance, 5);

		while (changes--)
			request_make(attack, descriptor, IPMASQ_CMD_POLICY_SET);
		request_make(attack, descriptor, IPMASQ_CMD_POLICY_GET);
		request_make(attack, descriptor, IPMASQ_CMD_POLICY_DEL);
		/* Nothing is in force for a moment. */
		pause_up_to(attack, 30000);
	}
	close(descriptor);
}

static void run(struct attack *attack)
{
	run_threads(attack, THREADS, change);
}

static const struct need needs[] = {
	{ IPMASQ_CMD_POLICY_SET, true, true },
	{ IPMASQ_CMD_POLICY_DEL, true, true },
	{ 0 }
};

const struct attacker withdrawal = { "withdrawal", run, needs, false };
