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
 * The first policy of a namespace is a change too, from none. A connection that nobody
 * answered is decided by it whether or not applyToExisting is set: where its source has to
 * be translated it cannot work as it is, and packets that keep coming keep it for ever.
 *
 * Conntrack is read one message each time that the loop comes by. A change that
 * comes meanwhile is dealt with in another reading, together with the one before.
 */
#include "existing.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conntrack.h"
#include "decision.h"
#include "judge.h"
#include "log.h"
#include "memory.h"
#include "protocol.h"

/* How many connections there are in this network namespace. */
#define CONNECTION_COUNT "/proc/sys/net/netfilter/nf_conntrack_count"

/* Changes that one reading deals with. */
#define CHANGES_MAX 8

/**
 * struct side - a policy, ready to be asked
 * @policy: sorted; owned
 * @decision: what it would do
 * @space: its source ports
 * @answered: of one from before: the change is to hold for answered connections too
 */
struct side {
	struct policy policy;
	struct decision decision;
	struct port_space space;
	bool answered;
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
 * @unanswered: those of them that are dropped without applyToExisting
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
	uint64_t unanswered;
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

/* What a policy decides. Where that depends on an interface that is not known, the kind
 * stays DECISION_INTERFACE.
 */
static int decide(struct existing *existing, const struct side *side,
		  const struct connection *connection, struct decided *decided)
{
	struct decision_flow flow = {
		.source = &connection->source,
		.destination = &connection->destination,
	};
	int error;

	decision_make(&side->decision, &flow, decided);
	if (decided->kind != DECISION_INTERFACE)
		return 0;
	error = judge_interface(existing->judge, connection, &flow.interface);
	if (!error && flow.interface)
		decision_make(&side->decision, &flow, decided);
	return error;
}

/* Whether a connection is as a policy decided. */
static bool agrees(const struct side *side, const struct decided *decided,
		   const struct connection *connection)
{
	if (!decided_agrees(decided, connection))
		return false;
	return decided->kind == DECISION_LEAVE || !side->space.count ||
	       !protocol_has_ports(connection->protocol) ||
	       port_space_part(&side->space, connection->translated_port) >= 0;
}

/* Whether a connection is as the policy from before decided, and not as the one after. */
static int is_changed(struct existing *existing, const struct side *before,
		      const struct connection *connection, bool *changed)
{
	struct decided now, then;
	int error;

	*changed = false;
	error = decide(existing, &existing->after, connection, &now);
	if (!error)
		error = decide(existing, before, connection, &then);
	if (!error)
		*changed = agrees(before, &then, connection) &&
			   !agrees(&existing->after, &now, connection);
	return error;
}

static int is_affected(struct existing *existing, const struct connection *connection,
		       bool *affected, bool *anyway)
{
	int error = 0;
	size_t i;

	*affected = false;
	for (i = 0; i < existing->before_count && !error && !*affected; i++) {
		const struct side *before = &existing->before[i];

		if (!before->answered && connection->answered)
			continue;
		*anyway = !before->answered;
		error = is_changed(existing, before, connection, affected);
	}
	return error;
}

static int look(const struct connection *connection, void *data)
{
	struct existing *existing = data;
	struct judgement judgement;
	bool affected, anyway;
	int error;

	if (!judge_competent(existing->judge, connection) || !conntrack_can_remove(connection))
		return 0;
	error = is_affected(existing, connection, &affected, &anyway);
	if (error || !affected)
		return error;
	error = judge_connection(existing->judge, connection, &judgement);
	if (error || !judgement.stale || judgement.unsure)
		return error;
	error = conntrack_remove(existing->conntrack, connection);
	/* One that ended meanwhile is what was wanted. */
	if (error == -ENOENT)
		return 0;
	existing->going += !error;
	existing->unanswered += !error && anyway;
	return error;
}

static void end_reading(struct existing *existing)
{
	if (existing->source.descriptor >= 0 && existing->loop)
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

static bool is_wanted(const struct existing *existing)
{
	size_t i;

	for (i = 0; i < existing->before_count; i++) {
		if (existing->before[i].answered)
			return true;
	}
	return false;
}

static void fail(struct existing *existing, const char *reason)
{
	if (!is_wanted(existing))
		log_line(LOG_INFO, "connections from before the first policy go on as they are: %s",
			 reason);
	else
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
	if (!existing->loop)
		return 0;
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
	existing->unanswered = 0;
	error = open_reading(existing);
	if (error)
		fail(existing, reason_of(existing, error));
}

static void log_dropped(const struct existing *existing)
{
	if (existing->unanswered)
		log_line(LOG_NOTICE,
			 "first policy: %" PRIu64 " unanswered connections from before it were dropped, to be decided anew",
			 existing->unanswered);
	if (is_wanted(existing))
		log_line(LOG_NOTICE,
			 "applyToExisting: %" PRIu64 " present connections were dropped, to be decided anew",
			 existing->going - existing->unanswered);
}

static void ready(void *data)
{
	struct existing *existing = data;
	int result = conntrack_continue(existing->conntrack, look, existing);

	if (!result)
		return;
	existing->dropped += existing->going;
	log_dropped(existing);
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
 * There may be none: then nothing was translated.
 */
void existing_before(struct existing *existing, struct client *client)
{
	uint64_t generation;

	policy_clear(&existing->pending);
	existing->is_pending = !client_policy_read(client, &existing->pending, &generation);
	if (existing->is_pending && !generation)
		policy_clear(&existing->pending);
}

static void add_change(struct existing *existing, bool answered)
{
	struct side *side;

	if (existing->before_count == CHANGES_MAX) {
		log_line(LOG_WARNING,
			 "too many changes at once, not all hold for all present connections; \"ipmasqctl conns --stale\" finds the rest");
		policy_clear(&existing->pending);
	} else {
		side = &existing->before[existing->before_count++];
		set_side(side, &existing->pending);
		side->answered = answered;
	}
	if (existing->conntrack)
		existing->again = true;
	else
		begin(existing);
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
	add_change(existing, true);
}

static bool has_connections(void)
{
	FILE *file = fopen(CONNECTION_COUNT, "re");
	int digit = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	return digit != '0';
}

/**
 * existing_first() - there is a policy where there was none
 * @existing: from existing_open()
 *
 * Only for connections that nobody answered.
 */
void existing_first(struct existing *existing)
{
	policy_clear(&existing->pending);
	existing->is_pending = false;
	if (has_connections())
		add_change(existing, false);
}

/**
 * existing_finish() - read what there is to read without the loop
 * @existing: from existing_open()
 */
void existing_finish(struct existing *existing)
{
	struct pollfd input = { .events = POLLIN };

	while (existing->conntrack) {
		input.fd = conntrack_descriptor(existing->conntrack);
		if (poll(&input, 1, -1) > 0)
			ready(existing);
	}
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
 * @loop: the loop to read in; NULL for existing_finish()
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
