/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_MIGRATE_COMPARE_H
#define IPMASQCTL_MIGRATE_COMPARE_H

#include <stdio.h>

#include "client.h"
#include "migrate_rules.h"

int compare_table(const struct nat_table *table, const struct client_status *status,
		  const struct policy *policy, size_t shown, FILE *stream, size_t *found);

#endif
