/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_MODULE_UPGRADE_H
#define IPMASQCTL_MODULE_UPGRADE_H

#include <stdbool.h>

#include "ipmasqctl.h"
#include "kernel_module.h"

#define MODULE "ipmasq"

int module_find_back(const struct kernel_module *loaded, const char *file,
		     struct kernel_module *back);
int module_keep(const struct kernel_module *module, struct kernel_module *kept);
int module_upgrade(const struct invocation *invocation, const char *file, bool one_way);
int module_recover(const struct invocation *invocation);

#endif
