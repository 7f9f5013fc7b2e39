// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces come, go and change under policies and connections: up and down, addresses
 * (for which the notifiers of masquerading end connections), IPv6 switched off and on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "attack.h"
#include "interfaces.h"

#define INTERFACES 6

/* What the topology leads its traffic through, where it is there. */
#define OUTSIDE "eth0"

static void switch_ipv6(struct attack *attack, const char *name, bool off)
{
	char path[96];
	int descriptor;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	count(attack, ATTEMPT_IPV6_SWITCH,
	      descriptor >= 0 && write(descriptor, off ? "1" : "0", 1) == 1);
	close(descriptor);
}

static void change(struct attack *attack, int descriptor, const char *name)
{
	struct chance *chance = &attack->chance;
	unsigned int number = chance_below(chance, 8);

	switch (chance_below(chance, 8)) {
	case 0:
		count(attack, ATTEMPT_LINK, interface_add(descriptor, name));
		break;
	case 1:
		count(attack, ATTEMPT_LINK, interface_delete(descriptor, name));
		break;
	case 2:
	case 3:
		count(attack, ATTEMPT_LINK,
		      interface_switch(descriptor, name, chance_percent(chance, 60)));
		break;
	case 4:
		switch_ipv6(attack, chance_percent(chance, 50) ? "all" : name,
			    chance_percent(chance, 40));
		break;
	default:
		count(attack, ATTEMPT_ADDRESS,
		      interface_address(descriptor, name, chance_percent(chance, 50), number,
					chance_percent(chance, 60)));
		break;
	}
}

/* The way out of the topology is lost for a moment, with all its addresses of one kind. */
static void shake_outside(struct attack *attack, int descriptor)
{
	if (chance_percent(&attack->chance, 50)) {
		interface_switch(descriptor, OUTSIDE, false);
		interface_switch(descriptor, OUTSIDE, true);
	} else {
		interface_address(descriptor, OUTSIDE, false, 1, true);
		pause_up_to(attack, 20000);
		interface_address(descriptor, OUTSIDE, false, 1, false);
	}
}

static void run(struct attack *attack)
{
	int descriptor = route_socket();
	char name[16];

	while (goes_on(attack)) {
		snprintf(name, sizeof(name), "vanish%u", chance_below(&attack->chance, INTERFACES));
		change(attack, descriptor, name);
		if (chance_percent(&attack->chance, 3))
			shake_outside(attack, descriptor);
		pause_up_to(attack, 5000);
	}
	switch_ipv6(attack, "all", false);
	close(descriptor);
}

static const struct need needs[] = {
	{ ATTEMPT_LINK, true, true },
	{ ATTEMPT_ADDRESS, true, true },
	{ ATTEMPT_IPV6_SWITCH, true, false },
	{ 0 }
};

const struct attacker link_change = { "link-change", run, needs, false };
