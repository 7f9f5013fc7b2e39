/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PRESENCE_H
#define IPMASQD_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct presence - this process as the network namespace's one daemon
 * @listener: holds the name; can be read when somebody connects; -1 while somebody
 *	else holds it
 * @netlink: can be read when somebody asks something; -1 for none
 * @port: of @netlink
 */
struct presence {
	int listener;
	int netlink;
	uint32_t port;
};

int presence_claim(bool takeover, struct presence *presence);
int presence_try(struct presence *presence);
void presence_connected(const struct presence *presence);
bool presence_asked_to_leave(const struct presence *presence, char *who, size_t room);
void presence_release(struct presence *presence);

#endif
