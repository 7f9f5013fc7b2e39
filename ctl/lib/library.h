/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_LIBRARY_H
#define IPMASQ_LIBRARY_H

#include <stddef.h>

/**
 * struct library_function - a function to find in a shared library
 * @name: its symbol
 * @pointer: where its address goes, a pointer to a function
 */
struct library_function {
	const char *name;
	void *pointer;
};

const char *library_load(const char *name, const struct library_function *functions, size_t count);

#endif
