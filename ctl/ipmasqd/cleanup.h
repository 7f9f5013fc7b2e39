/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_CLEANUP_H
#define IPMASQD_CLEANUP_H

#include <stdbool.h>

int cleanup(const char *state_directory, bool now);

#endif
