/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_KERNEL_MODULE_H
#define IPMASQ_KERNEL_MODULE_H

/**
 * struct kernel_module - a module's file, or one that is loaded
 * @path: of the file; empty for one that is loaded
 * @version: what MODULE_VERSION() says, "" where there is none
 * @source: srcversion, which tells builds of other sources apart, "" where there is none
 * @depends: names with commas between them
 */
struct kernel_module {
	char path[4096];
	char version[64];
	char source[64];
	char depends[512];
};

int kernel_module_open(void);
const char *kernel_module_error(int error);
int kernel_module_loaded(const char *name, struct kernel_module *module);
int kernel_module_installed(const char *name, struct kernel_module *module);
int kernel_module_file(const char *path, struct kernel_module *module);
int kernel_module_depend(const struct kernel_module *module);
int kernel_module_insert(const char *path, const char *options);
int kernel_module_remove(const char *name);

#endif
