/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_PRESENCE_NAME_H
#define IPMASQ_PRESENCE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Room for what presence_describe() says. */
#define PRESENCE_TEXT_MAX 80

socklen_t presence_address(struct sockaddr_un *address);
int presence_peer(int connection, struct ucred *process);
bool presence_trusted(const struct ucred *process);
void presence_describe(const struct ucred *process, char *text, size_t room);
bool presence_look(char *who, size_t room);

#endif
