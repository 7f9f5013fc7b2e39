/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_MODULE_UPGRADE_H
#define IPMASQCTL_MODULE_UPGRADE_H

#include <stdbool.h>

#include "ipmasqctl.h"

int module_upgrade(const struct invocation *invocation, const char *file, bool one_way);
int module_recover(const struct invocation *invocation);

#endif
