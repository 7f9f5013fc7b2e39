/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_SETTINGS_H
#define IPMASQCTL_SETTINGS_H

#include <stdio.h>

#include "policy.h"

/* Settings of which there can be several. */
enum settings_list {
	SETTINGS_TO_PORTS,
	SETTINGS_SOURCE,
	SETTINGS_INTERFACE,
	SETTINGS_SNAT,
	SETTINGS_LISTS
};

uint32_t settings_flag(const char *name, size_t length);
const char *settings_flag_name(size_t index, uint32_t *flag);
int settings_list(const char *name, size_t length);
const char *settings_list_name(enum settings_list list);
const char *settings_list_expected(enum settings_list list);
bool settings_list_named(const struct policy_settings *settings, enum settings_list list);
bool settings_list_equal(const struct policy_settings *a, const struct policy_settings *b,
			 enum settings_list list);
int settings_list_read(struct policy_settings *settings, enum settings_list list,
		       const char *text, char **reason);
char *settings_list_text(const struct policy_settings *settings, enum settings_list list);
int settings_print(FILE *file, const struct policy_settings *settings);

int addresses_read(const char *text, struct cidr **addresses, size_t *count, char **reason);
char *addresses_text(const struct cidr *addresses, size_t count);

#endif
