/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_EXISTING_H
#define IPMASQD_EXISTING_H

#include <stdint.h>

#include "client.h"
#include "loop.h"

struct existing;

int existing_open(struct existing **existing, struct loop *loop);
void existing_close(struct existing *existing);
void existing_before(struct existing *existing, struct client *client);
void existing_changed(struct existing *existing);
void existing_first(struct existing *existing);
void existing_finish(struct existing *existing);
uint64_t existing_dropped(const struct existing *existing);

#endif
