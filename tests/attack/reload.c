// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module is unloaded, which is refused while a policy is in force anywhere, and
 * loaded again. Nobody forces it (rmmod -f): no kernel promises anything then.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"

#define MODULE		"/usr/lib/modules/ipmasq.ko"
#define USER_NAMESPACES	"/sys/module/ipmasq/parameters/user_namespaces"

static void load(struct attack *attack, const char *parameters)
{
	int module = open(MODULE, O_RDONLY | O_CLOEXEC);

	/* For want of memory it may fail. Without the module there is no attack. */
	while (syscall(SYS_finit_module, module, parameters, 0)) {
		count(attack, ATTEMPT_LOAD, false);
		if (access("/sys/module/ipmasq", F_OK) == 0)
			break;
		pause_up_to(attack, 100000);
	}
	count(attack, ATTEMPT_LOAD, true);
	request_family(attack->board);
	close(module);
}

static void run(struct attack *attack)
{
	const char *parameters = access(USER_NAMESPACES, F_OK) ? "" : "user_namespaces=1";

	while (goes_on(attack)) {
		bool unloaded = !syscall(SYS_delete_module, "ipmasq", O_NONBLOCK);

		count(attack, ATTEMPT_UNLOAD, unloaded);
		if (unloaded) {
			pause_up_to(attack, 20000);
			load(attack, parameters);
		}
		pause_up_to(attack, 100000);
	}
}

static const struct need needs[] = {
	{ ATTEMPT_UNLOAD, true, true },
	{ ATTEMPT_LOAD, true, false },
	{ 0 }
};

const struct attacker reload = { "reload", run, needs, true };
