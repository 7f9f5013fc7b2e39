/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_NOTIFY_H
#define IPMASQD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

void notify_open(void);
void notify_close(void);
bool notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));
void notify_reloading(void);
int64_t notify_watchdog_interval(void);

#endif
