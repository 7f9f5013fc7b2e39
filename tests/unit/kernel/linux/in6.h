/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <linux/in6.h>
