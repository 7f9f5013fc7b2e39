/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_SUGGEST_H
#define IPMASQ_SUGGEST_H

#include <stddef.h>

const char *suggest_nearest(const char *word, const char *const *known, size_t count);

#endif
