// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many of the connections that there are would have been decided differently.
 *
 * Conntrack tells where a connection came from, where it goes and whether its source
 * was translated, and not who did that. So a connection counts only if it is as the
 * policy in force has it: what kube-proxy or a CNI plugin translated, and what began
 * under another policy, is not taken for this one's. Nor does it where it is not known
 * that the module decided, see judge_competent().
 */
#include "affected.h"

#include <errno.h>
#include <stdlib.h>

#include "connections.h"
#include "decision.h"
#include "judge.h"
#include "protocol.h"

/**
 * struct side - one of the policies
 * @decision: ready to be asked
 * @space: its source ports
 */
struct side {
	struct decision decision;
	struct port_space space;
};

/**
 * struct counting - while it goes on
 * @affected: the result
 * @judge: knows the node
 * @present: the policy in force
 * @wanted: the other one
 */
struct counting {
	struct affected *affected;
	struct judge *judge;
	struct side present;
	struct side wanted;
};

static void init_side(struct side *side, const struct policy *policy)
{
	decision_init(&side->decision, policy);
	port_space_init(&side->space, policy->settings.list[SETTING_TO_PORTS].items,
			policy->settings.list[SETTING_TO_PORTS].count);
}

/* Whether a connection is as it was decided, its source port included. */
static bool agrees(const struct side *side, const struct decided *decided,
		   const struct connection *connection)
{
	if (!decided_agrees(decided, connection))
		return false;
	return decided->kind == DECISION_LEAVE || !side->space.count ||
	       !protocol_has_ports(connection->protocol) ||
	       port_space_part(&side->space, connection->translated_port) >= 0;
}

/* Whether one that is as it was decided would be the same after the other decision:
 * not where an interface's address takes the place of a pool's.
 */
static bool would_be_same(const struct counting *counting, const struct connection *connection,
			  const struct decided *present, const struct decided *wanted)
{
	if (present->kind == DECISION_POOL && wanted->kind == DECISION_MASQUERADE)
		return false;
	return agrees(&counting->wanted, wanted, connection);
}

/* Decides under both. Returns 1 when done, 0 when the interface is unknown. */
static int decide(struct counting *counting, const struct connection *connection,
		  struct decided *present, struct decided *wanted)
{
	/* Those to this node are not ours. */
	struct decision_flow flow = {
		.source = &connection->source,
		.destination = &connection->destination,
	};
	int error = 0;

	decision_make(&counting->present.decision, &flow, present);
	decision_make(&counting->wanted.decision, &flow, wanted);
	if (present->kind != DECISION_INTERFACE && wanted->kind != DECISION_INTERFACE)
		return 1;
	/* Without a policy the module has nothing to explain. */
	if (counting->affected->generation)
		error = judge_interface(counting->judge, connection, &flow.interface);
	if (error || !flow.interface)
		return error;
	decision_make(&counting->present.decision, &flow, present);
	decision_make(&counting->wanted.decision, &flow, wanted);
	return 1;
}

static int compare_change(const void *key, const void *member)
{
	const struct change *change = member;

	return policy_entry_compare(key, change->wanted ? change->wanted : change->present);
}

/* To the entry that comes, or else to the one that goes, or to the settings. */
static void attribute(struct affected *affected, const struct decided *present,
		      const struct decided *wanted)
{
	const struct policy_entry *const entries[] = { wanted->entry, present->entry };
	struct change *change = NULL;
	size_t i;

	for (i = 0; i < 2 && !change; i++) {
		if (entries[i] && affected->change_count)
			change = bsearch(entries[i], affected->changes, affected->change_count,
					 sizeof(*change), compare_change);
	}
	if (change)
		change->connections++;
	else
		affected->by_settings++;
	affected->differently++;
}

static int count(struct counting *counting, const struct connection *connection)
{
	struct decided present, wanted;
	int known;

	if (!judge_competent(counting->judge, connection))
		return 0;
	known = decide(counting, connection, &present, &wanted);
	if (known < 0)
		return known;
	if (!known)
		counting->affected->unknown++;
	else if (agrees(&counting->present, &present, connection) &&
		 !would_be_same(counting, connection, &present, &wanted))
		attribute(counting->affected, &present, &wanted);
	return 0;
}

/**
 * affected_count() - count the connections that a change of policy is about
 * @client: an open client
 * @affected: its policies and changes are set; the numbers are, after success
 *
 * Return: 0 or a negative errno.
 */
int affected_count(struct client *client, struct affected *affected)
{
	struct counting counting = { .affected = affected };
	struct connections connections = { 0 };
	size_t i;
	int error;

	error = judge_open(&counting.judge, client);
	if (!error)
		error = connections_read(&connections);
	init_side(&counting.present, affected->present);
	init_side(&counting.wanted, affected->wanted);
	for (i = 0; i < connections.count && !error; i++)
		error = count(&counting, &connections.list[i]);
	affected->connections = connections.count;
	connections_clear(&connections);
	judge_close(counting.judge);
	return error;
}
