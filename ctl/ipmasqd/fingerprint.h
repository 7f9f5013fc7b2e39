/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_FINGERPRINT_H
#define IPMASQD_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FINGERPRINT_EMPTY UINT64_C(0xcbf29ce484222325)

/**
 * struct fingerprint - what a file, or the files of a directory, held last
 * @content: stands for their content, or for why it cannot be read
 * @missing: nothing was there
 * @empty: a file was there with nothing in it
 * @failed: something could not be read, which may be otherwise the next time
 * @denied: something may not be read
 * @stamp: stands for their inodes, sizes and times
 * @settled: a later change would show in @stamp
 */
struct fingerprint {
	uint64_t content;
	bool missing;
	bool empty;
	bool failed;
	bool denied;
	uint64_t stamp;
	bool settled;
};

uint64_t fingerprint_bytes(uint64_t fingerprint, const void *bytes, size_t length);
void fingerprint_take(struct fingerprint *fingerprint, const char *path, const char *prefix);

#endif
