/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_TRANSACTION_H
#define IPMASQCTL_TRANSACTION_H

#include "client.h"

int replace_entries(struct client *client, uint8_t origin, const struct policy *policy,
		    uint64_t based_on, uint64_t *generation);
int replace_origin(struct client *client, const struct policy *saved, uint8_t origin,
		   bool settings, uint64_t *generation);

#endif
