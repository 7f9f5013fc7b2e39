/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_LIVE_H
#define IPMASQCTL_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* Room for a time as text. */
#define LIVE_TIME_MAX 40

enum live_form {
	LIVE_RFC3339,	/* UTC and microseconds, for programs */
	LIVE_LOCAL,	/* local date and time, and milliseconds */
	LIVE_CLOCK,	/* local time of day, to a tenth of a second: ten characters */
};

const char *live_time_of(uint64_t nanoseconds, enum live_form form, char text[LIVE_TIME_MAX]);
const char *live_time(bool utc, char text[LIVE_TIME_MAX]);
void live_print_json(json_t *value);
int live_open_signals(void);
int live_output_ended(void);

#endif
