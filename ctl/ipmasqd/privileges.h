/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PRIVILEGES_H
#define IPMASQD_PRIVILEGES_H

#include <stdbool.h>

int privileges_lower(void);
int privileges_drop(bool reader);
void privileges_as_reader(bool on);
int privileges_filter_system_calls(void);

#endif
