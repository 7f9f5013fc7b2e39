/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_DIFFERENCE_H
#define IPMASQCTL_DIFFERENCE_H

#include "affected.h"
#include "client.h"
#include "ipmasqctl.h"

/**
 * struct difference - what is between the policy in force and the wanted one
 * @present: in force: all settings, the entries of both origins
 * @wanted: the same with the configuration's settings and entries
 * @generation: of the policy in force, 0 for none
 * @settings: a setting differs
 * @affected: the config entries that differ, with the connections that each is about
 * @counted: there are numbers of connections; not where conntrack cannot be read
 */
struct difference {
	struct policy present;
	struct policy wanted;
	uint64_t generation;
	bool settings;
	struct affected affected;
	bool counted;
};

int difference_read(const struct invocation *invocation, struct client *client,
		    struct policy *config, struct difference *difference);
bool difference_none(const struct difference *difference);
void difference_print(const struct invocation *invocation, const struct difference *difference);
json_t *difference_json(const struct difference *difference);
void difference_clear(struct difference *difference);

#endif
