/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PRIVILEGES_H
#define IPMASQD_PRIVILEGES_H

int privileges_drop(void);
int privileges_filter_system_calls(void);

#endif
