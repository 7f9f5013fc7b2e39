/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_MIGRATE_PROGRAM_H
#define IPMASQCTL_MIGRATE_PROGRAM_H

int program_run(char *const argv[], const char *input, char **output, char **errors);

#endif
