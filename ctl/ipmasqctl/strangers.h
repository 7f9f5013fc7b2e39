/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_STRANGERS_H
#define IPMASQCTL_STRANGERS_H

#include "cidr.h"
#include "ipmasqctl.h"

void warn_of_strangers(const struct invocation *invocation, const struct cidr *pool,
		       size_t count);

#endif
