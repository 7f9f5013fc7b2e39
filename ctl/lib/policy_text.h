/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_POLICY_TEXT_H
#define IPMASQ_POLICY_TEXT_H

#include <stdio.h>

#include "policy.h"

int policy_setting_find(const char *word, size_t length);
int policy_setting_read(struct policy_settings *settings, enum setting setting, const char *text,
			char **reason);
char *policy_setting_text(const struct policy_settings *settings, enum setting setting);
int policy_settings_print(FILE *file, const struct policy_settings *settings);
char *policy_interface_text(const struct policy_interface *interface);

int addresses_read(const char *text, struct cidr **addresses, size_t *count, char **reason);
char *addresses_text(const struct cidr *addresses, size_t count);

#endif
