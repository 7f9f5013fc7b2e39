/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_DURATION_H
#define IPMASQ_DURATION_H

#include <stddef.h>
#include <stdint.h>

/* Room for any duration as text, with its terminating NUL. */
#define DURATION_TEXT_MAX 32

int duration_parse(const char *text, size_t length, int64_t *nanoseconds, const char **reason);
const char *duration_format(int64_t nanoseconds, char text[DURATION_TEXT_MAX]);

#endif
