// SPDX-License-Identifier: GPL-2.0-or-later
#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/**
 * library_load() - load a shared library that not every run of a program needs
 * @name: its file name
 * @functions: filled in
 * @count: how many
 *
 * What is linked is loaded and relocated before main(): the libraries that only the
 * daemon's later setup needs would take longer than reading the configuration and
 * bringing it into the kernel. A library that was loaded stays.
 *
 * Return: NULL, or what is wrong, one line that stays valid until the next call.
 */
const char *library_load(const char *name, const struct library_function *functions, size_t count)
{
	static char lacking[128];
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	size_t i;

	if (!library)
		return dlerror();
	for (i = 0; i < count; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function) {
			snprintf(lacking, sizeof(lacking), "%s lacks %s", name, functions[i].name);
			return lacking;
		}
		memcpy(functions[i].pointer, &function, sizeof(function));
	}
	return NULL;
}
