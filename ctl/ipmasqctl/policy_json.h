/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_POLICY_JSON_H
#define IPMASQCTL_POLICY_JSON_H

#include <jansson.h>

#include "client.h"

json_t *port_ranges_json(const struct port_range *ranges, size_t count);
void print_policy_json(const struct policy *policy, uint64_t generation, bool settings);
json_t *connections_json(const struct client_statistics *statistics);

#endif
