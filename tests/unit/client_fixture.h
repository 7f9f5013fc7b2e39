/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client that no kernel knows, and its messages. */
#ifndef IPMASQ_CLIENT_FIXTURE_H
#define IPMASQ_CLIENT_FIXTURE_H

#include "client_private.h"

#define FAMILY	77

extern const struct client client;

struct cidr cidr(const char *text);
struct nl_msg *message(uint8_t command, size_t size);
void parse_message(struct nl_msg *parsed, struct nlattr **attributes);

#endif
