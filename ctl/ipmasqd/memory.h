/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_MEMORY_H
#define IPMASQD_MEMORY_H

void memory_give_back(void);

#endif
