/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_CLEANUP_H
#define IPMASQD_CLEANUP_H

int cleanup(const char *state_directory);

#endif
