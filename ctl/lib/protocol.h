/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_PROTOCOL_H
#define IPMASQ_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

/* Room for any protocol's name or number. */
#define PROTOCOL_TEXT_MAX 8

uint8_t protocol_number(const char *name);
const char *protocol_name(uint8_t protocol, char text[PROTOCOL_TEXT_MAX]);
bool protocol_has_ports(uint8_t protocol);

#endif
