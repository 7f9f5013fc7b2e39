/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_CONFIG_POLICY_H
#define IPMASQCTL_CONFIG_POLICY_H

#include "config/config.h"
#include "ipmasqctl.h"
#include "policy.h"

void config_policy_input(const char **path, struct config_flags *flags);
int config_policy_read(const struct invocation *invocation, const char *path,
		       const struct config_flags *flags, struct policy *policy);
int config_policy_argument(const struct invocation *invocation, int argc, char **argv,
			   struct policy *policy);

#endif
