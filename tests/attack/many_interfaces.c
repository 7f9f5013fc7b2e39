// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * As many interfaces as $ATTACK_INTERFACES, with policies whose patterns name some of
 * them, questions about them, and all of them up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"
#include "interfaces.h"

#define INTERFACES 60

static unsigned int interfaces = INTERFACES;

static void make(struct attack *attack, int descriptor)
{
	unsigned int i;
	char name[16];

	for (i = 0; i < interfaces && goes_on(attack); i++) {
		snprintf(name, sizeof(name), "eth%u", 1000 + i);
		count(attack, ATTEMPT_LINK, interface_add(descriptor, name) &&
		      interface_switch(descriptor, name, true));
	}
}

static void use(struct attack *attack, unsigned int number)
{
	static const uint8_t commands[] = {
		IPMASQ_CMD_POLICY_SET, IPMASQ_CMD_EXPLAIN, IPMASQ_CMD_EXPLAIN,
	};
	int route = route_socket(), descriptor = request_socket();
	char name[16];

	if (!number)
		make(attack, route);
	while (goes_on(attack)) {
		snprintf(name, sizeof(name), "eth%u",
			 1000 + chance_below(&attack->chance, interfaces));
		request_make(attack, descriptor,
			     commands[chance_below(&attack->chance, sizeof(commands))]);
		count(attack, ATTEMPT_ADDRESS,
		      interface_address(route, name, chance_percent(&attack->chance, 50),
					chance_below(&attack->chance, 250),
					chance_percent(&attack->chance, 70)));
	}
	close(route);
	close(descriptor);
}

static void run(struct attack *attack)
{
	if (getenv("ATTACK_INTERFACES"))
		interfaces = (unsigned int)atoi(getenv("ATTACK_INTERFACES"));
	run_threads(attack, 2, use);
}

static const struct need needs[] = {
	{ ATTEMPT_LINK, true, false },
	{ ATTEMPT_ADDRESS, true, true },
	{ IPMASQ_CMD_EXPLAIN, true, false },
	{ 0 }
};

const struct attacker many_interfaces = { "many-interfaces", run, needs, false };
