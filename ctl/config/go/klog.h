/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_GO_KLOG_H
#define IPMASQ_CONFIG_GO_KLOG_H

#include "../flags.h"

/**
 * struct klog_flag - a logging flag of the reference agent
 * @flag: its name and kind; it has no target
 * @takes: what its value may be, NULL for any text
 * @expected: the same in words
 */
struct klog_flag {
	struct config_flag flag;
	bool (*takes)(const char *value);
	const char *expected;
};

const struct klog_flag *klog_flag_find(const char *name, size_t length);

#endif
