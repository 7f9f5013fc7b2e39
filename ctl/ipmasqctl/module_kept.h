/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_MODULE_KEPT_H
#define IPMASQCTL_MODULE_KEPT_H

#include <stdbool.h>

#include "kernel_module.h"

#define MODULE "ipmasq"

/* Forgotten when the kernel forgets the module. */
#define MODULE_FOLDER "/run/ipmasq"

void module_empty_folder(const char *folder);
int module_make_folder(const char *folder);
bool module_same_source(const struct kernel_module *one, const struct kernel_module *other);
int module_find_back(const struct kernel_module *loaded, const char *file,
		     struct kernel_module *back);
int module_keep(const struct kernel_module *module, struct kernel_module *kept);

#endif
