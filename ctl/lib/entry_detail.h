/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_ENTRY_DETAIL_H
#define IPMASQ_ENTRY_DETAIL_H

#include <stdio.h>

#include "duration.h"
#include "policy.h"

int entry_timeout_read(const char *text, uint64_t *timeout, char **reason);
int entry_pool_check(const struct cidr *cidr, const struct cidr *addresses, size_t count,
		     char **reason);
const char *entry_time_left(uint64_t timeout, char text[DURATION_TEXT_MAX]);
int entry_print(FILE *file, const struct policy_entry *entry);

#endif
