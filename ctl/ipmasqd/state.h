/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_STATE_H
#define IPMASQD_STATE_H

#include "policy.h"

#define STATE_DIRECTORY_DEFAULT "/var/lib/ipmasq"
#define STATE_FILE "policy"

/* Room for the reason why a state file was not taken or not written. */
#define STATE_REASON_MAX 256

int state_save(const char *directory, const struct policy *policy,
	       char reason[STATE_REASON_MAX]);
int state_load(const char *directory, struct policy *policy, char reason[STATE_REASON_MAX]);
int state_remove(const char *directory);

#endif
