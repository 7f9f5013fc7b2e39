/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ATTACK_INTERFACES_H
#define ATTACK_INTERFACES_H

#include <stdbool.h>

/* Dummy interfaces of the namespace, over a socket of NETLINK_ROUTE. */
int route_socket(void);
bool interface_add(int socket, const char *name);
bool interface_delete(int socket, const char *name);
bool interface_switch(int socket, const char *name, bool up);
bool interface_address(int socket, const char *name, bool ipv6, unsigned int number, bool add);

#endif
