/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_DRY_RUN_H
#define IPMASQD_DRY_RUN_H

#include "policy.h"

int dry_run(const struct policy *wanted);

#endif
