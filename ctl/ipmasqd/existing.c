// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * applyToExisting: connections that a change of the policy affects are forgotten by
 * conntrack, so that their next packet is decided by the policy in force.
 *
 * Affected is what is as the policy from before had it, and not as the one after
 * would: what somebody else translated, or what began under a still older policy,
 * is left alone. The module has the last word, as with "ipmasqctl conns --stale". The
 * policies are read from the kernel, the one from before just before it is
 * replaced, and so there is nothing to do at a start without a change.
 *
 * Conntrack is read one message each time that the loop comes by. A change that
 * comes meanwhile is dealt with in another reading, together with the one before.
 */
#include "existing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conntrack.h"
#include "decision.h"
#include "judge.h"
#include "log.h"
#include "memory.h"
#include "protocol.h"

/* Changes that one reading deals with. */
#define CHANGES_MAX 8

/**
 * struct side - a policy, ready to be asked
 * @policy: sorted; owned
 * @decision: what it would do
 * @space: its source ports
 */
struct side {
	struct policy policy;
	struct decision decision;
	struct port_space space;
};

/**
 * struct existing - the changes that are to hold for present connections
 * @loop: the loop that it is done in
 * @pending: from before a change that was not made yet
 * @is_pending: there is one
 * @before: from before each change, the oldest first
 * @before_count: how many
 * @after: the policy that holds now
 * @client: to the module, while a reading goes on
 * @judge: asks it
 * @conntrack: the reading, NULL for none
 * @source: its place in the loop
 * @again: another change came meanwhile
 * @going: connections that this reading dropped
 * @dropped: all of them
 */
struct existing {
	struct loop *loop;
	struct policy pending;
	bool is_pending;
	struct side before[CHANGES_MAX];
	size_t before_count;
	struct side after;
	struct client *client;
	struct judge *judge;
	struct conntrack *conntrack;
	struct loop_source source;
	bool again;
	uint64_t going;
	uint64_t dropped;
};

static void set_side(struct side *side, struct policy *policy)
{
	const struct policy_settings *settings = &side->policy.settings;

	side->policy = *policy;
	memset(policy, 0, sizeof(*policy));
	policy_sort(&side->policy);
	decision_init(&side->decision, &side->policy);
	port_space_init(&side->space, settings->list[SETTING_TO_PORTS].items, settings->list[SETTING_TO_PORTS].count);
}

/* Whether a connection is as a policy would have it. */
static int agrees(struct existing *existing, const struct side *side,
		  const struct connection *connection, bool *agree)
{
	struct decision_flow flow = {
		.source = &connection->source,
		.destination = &connection->destination,
	};
	struct decided decided;
	int error = 0;

	decision_make(&side->decision, &flow, &decided);
	if (decided.kind == DECISION_INTERFACE) {
		error = judge_interface(existing->judge, connection, &flow.interface);
		if (!error && flow.interface)
			decision_make(&side->decision, &flow, &decided);
	}
	*agree = !error && decided_agrees(&decided, connection);
	if (*agree && decided.kind != DECISION_LEAVE && side->space.count &&
	    protocol_has_ports(connection->protocol))
		*agree = port_space_part(&side->space, connection->translated_port) >= 0;
	return error;
}

static int is_affected(struct existing *existing, const struct connection *connection,
		       bool *affected)
{
	bool agree;
	size_t i;
	int error;

	*affected = false;
	error = agrees(existing, &existing->after, connection, &agree);
	for (i = 0; i < existing->before_count && !error && !agree && !*affected; i++)
		error = agrees(existing, &existing->before[i], connection, affected);
	return error;
}

static int look(const struct connection *connection, void *data)
{
	struct existing *existing = data;
	struct judgement judgement;
	bool affected;
	int error;

	if (!judge_competent(existing->judge, connection) || !conntrack_can_remove(connection))
		return 0;
	error = is_affected(existing, connection, &affected);
	if (error || !affected)
		return error;
	error = judge_connection(existing->judge, connection, &judgement);
	if (error || !judgement.stale)
		return error;
	error = conntrack_remove(existing->conntrack, connection);
	/* One that ended meanwhile is what was wanted. */
	if (error == -ENOENT)
		return 0;
	existing->going += !error;
	return error;
}

static void end_reading(struct existing *existing)
{
	if (existing->source.descriptor >= 0)
		loop_remove(existing->loop, &existing->source);
	existing->source.descriptor = -1;
	conntrack_close(existing->conntrack);
	judge_close(existing->judge);
	client_close(existing->client);
	existing->conntrack = NULL;
	existing->judge = NULL;
	existing->client = NULL;
	policy_clear(&existing->after.policy);
}

static void forget_changes(struct existing *existing)
{
	size_t i;

	for (i = 0; i < existing->before_count; i++)
		policy_clear(&existing->before[i].policy);
	existing->before_count = 0;
	existing->again = false;
}

static void fail(struct existing *existing, const char *reason)
{
	log_line(LOG_WARNING,
		 "the change does not hold for all present connections: %s; \"ipmasqctl conns --stale\" finds the rest",
		 reason);
	end_reading(existing);
	forget_changes(existing);
}

static const char *reason_of(const struct existing *existing, int error)
{
	/* Both may have failed; the module's reasons are the more telling ones. */
	if (existing->client && error != -ELIBACC && error != -ENOMEM &&
	    *client_error(existing->client))
		return client_error(existing->client);
	return conntrack_strerror(error);
}

static int open_reading(struct existing *existing)
{
	struct policy after = { 0 };
	uint64_t generation;
	int error;

	error = client_open(&existing->client);
	if (!error)
		error = client_policy_read(existing->client, &after, &generation);
	if (error) {
		policy_clear(&after);
		return error;
	}
	set_side(&existing->after, &after);
	error = judge_open(&existing->judge, existing->client);
	if (!error)
		error = conntrack_open(&existing->conntrack);
	if (!error)
		error = conntrack_start(existing->conntrack, false);
	if (error)
		return error;
	existing->source.descriptor = conntrack_descriptor(existing->conntrack);
	error = loop_add(existing->loop, &existing->source);
	if (error)
		existing->source.descriptor = -1;
	return error;
}

static void begin(struct existing *existing)
{
	int error;

	existing->again = false;
	existing->going = 0;
	error = open_reading(existing);
	if (error)
		fail(existing, reason_of(existing, error));
}

static void ready(void *data)
{
	struct existing *existing = data;
	int result = conntrack_continue(existing->conntrack, look, existing);

	if (!result)
		return;
	existing->dropped += existing->going;
	log_line(LOG_NOTICE,
		 "applyToExisting: %" PRIu64 " present connections were dropped, to be decided anew",
		 existing->going);
	if (result < 0) {
		fail(existing, reason_of(existing, result));
		return;
	}
	end_reading(existing);
	if (existing->again) {
		begin(existing);
		return;
	}
	forget_changes(existing);
	memory_give_back();
}

/**
 * existing_before() - read the policy that is about to be replaced
 * @existing: from existing_open()
 * @client: an open client
 *
 * Where there is none, its replacement is no change that a connection was decided
 * before.
 */
void existing_before(struct existing *existing, struct client *client)
{
	uint64_t generation;
	int error;

	policy_clear(&existing->pending);
	error = client_policy_read(client, &existing->pending, &generation);
	existing->is_pending = !error && generation;
}

/**
 * existing_changed() - the policy was replaced
 * @existing: after existing_before()
 *
 * The connections are read in the loop.
 */
void existing_changed(struct existing *existing)
{
	if (!existing->is_pending)
		return;
	existing->is_pending = false;
	if (existing->before_count == CHANGES_MAX) {
		log_line(LOG_WARNING,
			 "too many changes at once, not all hold for all present connections; \"ipmasqctl conns --stale\" finds the rest");
		policy_clear(&existing->pending);
	} else {
		set_side(&existing->before[existing->before_count++], &existing->pending);
	}
	if (existing->conntrack)
		existing->again = true;
	else
		begin(existing);
}

/**
 * existing_dropped() - connections that were dropped since the start
 * @existing: from existing_open()
 */
uint64_t existing_dropped(const struct existing *existing)
{
	return existing->dropped;
}

/**
 * existing_open() - get ready
 * @existing: to fill, freed with existing_close()
 * @loop: the loop to read in
 *
 * Return: 0 or -ENOMEM.
 */
int existing_open(struct existing **existing, struct loop *loop)
{
	struct existing *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->source.descriptor = -1;
	made->source.ready = ready;
	made->source.data = made;
	*existing = made;
	return 0;
}

/**
 * existing_close() - the opposite of existing_open()
 * @existing: is freed; may be NULL
 */
void existing_close(struct existing *existing)
{
	if (!existing)
		return;
	end_reading(existing);
	forget_changes(existing);
	policy_clear(&existing->pending);
	free(existing);
}
