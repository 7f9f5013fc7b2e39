/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_POLICY_JSON_H
#define IPMASQCTL_POLICY_JSON_H

#include <jansson.h>

#include "client.h"

json_t *port_ranges_json(const struct port_range *ranges, size_t count);
json_t *addresses_json(const struct cidr *addresses, size_t count);
void detail_json(json_t *object, const char *prefix, const struct policy_detail *detail);
json_t *settings_json(const struct policy_settings *settings);
void print_policy_json(const struct policy *policy, uint64_t generation, bool settings);
json_t *connections_json(const struct client_statistics *statistics);

#endif
