/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_AFFECTED_H
#define IPMASQCTL_AFFECTED_H

#include "client.h"

/**
 * struct change - an entry that goes, comes, or becomes another
 * @present: in the policy in force; NULL where it comes
 * @wanted: in the wanted one; NULL where it goes
 * @connections: that are there and would have been decided differently for it
 */
struct change {
	const struct policy_entry *present;
	const struct policy_entry *wanted;
	size_t connections;
};

/**
 * struct affected - the connections that a change of policy is about
 * @present: in force, sorted
 * @wanted: instead of it, sorted
 * @generation: of @present, 0 for none
 * @changes: what is between their tables, in order
 * @change_count: of @changes
 * @connections: that there are
 * @differently: of them, those that would have been decided differently
 * @by_settings: of those, the ones that no change of an entry accounts for
 * @unknown: not among those: the interface decides, and cannot be known
 */
struct affected {
	const struct policy *present;
	const struct policy *wanted;
	uint64_t generation;
	struct change *changes;
	size_t change_count;
	size_t connections;
	size_t differently;
	size_t by_settings;
	size_t unknown;
};

int affected_count(struct client *client, struct affected *affected);

#endif
