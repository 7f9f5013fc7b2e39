/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_SETTINGS_H
#define IPMASQCTL_SETTINGS_H

#include <stdio.h>

#include "policy.h"

uint32_t settings_flag(const char *name, size_t length);
int settings_print(FILE *file, const struct policy_settings *settings);

#endif
