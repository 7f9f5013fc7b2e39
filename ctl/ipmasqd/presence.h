/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PRESENCE_H
#define IPMASQD_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>

int presence_claim(bool takeover, int *descriptor);
bool presence_asked_to_leave(int descriptor, char *who, size_t room);

#endif
