// SPDX-License-Identifier: GPL-2.0-or-later
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "log.h"

/**
 * library_load() - load a shared library that the start can do without
 * @name: its file name
 * @purpose: what needs it, for the line in the log after a failure
 * @functions: filled in
 * @count: how many
 *
 * What is linked is loaded and relocated before main(). The libraries that only
 * the later setup needs would take longer than reading the configuration and
 * bringing it into the kernel. A library that was loaded stays.
 *
 * Return: 0, or -ENOENT after a line in the log.
 */
int library_load(const char *name, const char *purpose, const struct library_function *functions,
		 size_t count)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	size_t i;

	if (!library) {
		log_line(LOG_ERR, "%s needs a library: %s", purpose, dlerror());
		return -ENOENT;
	}
	for (i = 0; i < count; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function) {
			log_line(LOG_ERR, "%s: %s lacks %s", purpose, name, functions[i].name);
			return -ENOENT;
		}
		memcpy(functions[i].pointer, &function, sizeof(function));
	}
	return 0;
}
