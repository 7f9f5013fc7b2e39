/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_POLICY_TEXT_H
#define IPMASQ_POLICY_TEXT_H

#include <stdio.h>

#include "policy.h"

/* Longer than any text that says what is expected. */
#define POLICY_EXPECTED_MAX 64

int policy_setting_find(const char *word, size_t length);
const char *policy_setting_expected(enum setting setting, char text[POLICY_EXPECTED_MAX]);
int policy_setting_read(struct policy_settings *settings, enum setting setting, const char *text,
			char **reason);
char *policy_setting_text(const struct policy_settings *settings, enum setting setting);
int policy_settings_print(FILE *file, const struct policy_settings *settings);
void policy_settings_json(FILE *file, const struct policy_settings *settings,
			  const char *separator);

int addresses_read(const char *text, struct cidr **addresses, size_t *count, char **reason);
char *addresses_text(const struct cidr *addresses, size_t count);

#endif
