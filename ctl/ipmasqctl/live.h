/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_LIVE_H
#define IPMASQCTL_LIVE_H

#include <stdbool.h>

#include <jansson.h>

/* Room for a time as text. */
#define LIVE_TIME_MAX 40

const char *live_time(bool utc, char text[LIVE_TIME_MAX]);
void live_print_json(json_t *value);
int live_open_signals(void);
int live_output_ended(void);

#endif
