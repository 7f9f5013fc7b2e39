/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_WRITERS_H
#define IPMASQD_WRITERS_H

#include <stddef.h>

/* Whether somebody has a file open for writing. */
enum writers_news {
	WRITERS_NONE,
	WRITERS_UNKNOWN,	/* the file is another user's, or the file system cannot tell */
	WRITERS_SOME,
};

/**
 * struct writers - files that nobody can begin to write
 * @descriptors: each with a lease; owned
 * @count: how many
 */
struct writers {
	int *descriptors;
	size_t count;
};

enum writers_news writers_hold_off(struct writers *writers, const char *path,
				   const char *prefix);
void writers_let_in(struct writers *writers);

#endif
