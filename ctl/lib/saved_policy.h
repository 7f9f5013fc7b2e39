/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_SAVED_POLICY_H
#define IPMASQ_SAVED_POLICY_H

#include <stdbool.h>
#include <stdio.h>

#include "policy.h"

int saved_policy_print(FILE *file, const struct policy *policy);
int saved_policy_write(FILE *file, const struct policy *policy, uint64_t generation);
int saved_policy_read(int descriptor, const char *name, struct policy *policy, bool *exists,
		      char **error);
int saved_policy_read_text(const char *text, size_t length, const char *name,
			   struct policy *policy, char **error);

#endif
