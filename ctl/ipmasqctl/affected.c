// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many of the connections that there are would have been decided differently.
 *
 * Conntrack tells where a connection came from, where it goes and whether its source
 * was translated, and not who did that. So a connection counts only if it is as the
 * policy in force has it: what kube-proxy or a CNI plugin translated, and what began
 * under another policy, is not taken for this one's. Of connections to services that
 * are translated nobody can tell who did it, and they do not count. Nor do those
 * that were there before anything was asked about them, those that a helper
 * announced, those to this node, and those of this node, unless a pool has its say:
 * masqueraded or not, they have the same address.
 */
#include "affected.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "connections.h"
#include "decision.h"
#include "node_addresses.h"

/**
 * struct counting - while it goes on
 * @affected: the result
 * @client: to ask for interfaces
 * @addresses: of this node
 * @present: the policy in force
 * @wanted: the other one
 * @asked: the connection whose interface was asked for last
 * @interface: of that one, "" where it cannot be known
 */
struct counting {
	struct affected *affected;
	struct client *client;
	struct node_addresses addresses;
	struct decision present;
	struct decision wanted;
	const struct connection *asked;
	char interface[IF_NAMESIZE];
};

/* Whether a connection that is as it was decided would be the same after another
 * decision. A pool may give the address that the interface gave.
 */
static bool would_be_same(const struct connection *connection, const struct decided *decided,
			  const struct decided *other)
{
	if (other->kind == DECISION_POOL)
		return decided_agrees(other, connection);
	return decided->kind == other->kind;
}

/* Whether the policy in force had a hook where the connection passed. */
static bool is_hooked(const struct counting *counting, const struct connection *connection)
{
	return counting->affected->generation &&
	       (connection->source.family != AF_INET6 ||
		counting->affected->present->settings.flags & IPMASQ_FLAG_IPV6);
}

/* Where the routing table sends it now. Connections come sorted by their ends. */
static int find_interface(struct counting *counting, const struct connection *connection)
{
	struct client_flow flow = {
		.source = connection->source,
		.destination = connection->destination,
		.protocol = connection->protocol,
	};
	struct client_explanation explanation;
	int error;

	if (counting->asked && !cidr_compare(&counting->asked->source, &connection->source) &&
	    !cidr_compare(&counting->asked->destination, &connection->destination) &&
	    counting->asked->protocol == connection->protocol)
		return 0;
	counting->asked = connection;
	counting->interface[0] = '\0';
	/* Without a policy the module has nothing to explain. */
	if (!counting->affected->generation)
		return 0;
	error = client_explain(counting->client, &flow, &explanation);
	if (!error && !if_indextoname(explanation.output_interface, counting->interface))
		counting->interface[0] = '\0';
	client_explanation_clear(&explanation);
	/* No route is an answer; a module that is gone is none. */
	return error == -ENOTSUP || error == -ENOMEM ? error : 0;
}

/* Decides under both. Returns 1 when done, 0 when the interface is unknown. */
static int decide(struct counting *counting, const struct connection *connection,
		  struct decided *present, struct decided *wanted)
{
	struct decision_flow flow = {
		.source = &connection->source,
		.destination = &connection->destination,
		.local = node_addresses_own(&counting->addresses, &connection->destination),
	};
	int error;

	decision_make(&counting->present, &flow, present);
	decision_make(&counting->wanted, &flow, wanted);
	if (present->kind != DECISION_INTERFACE && wanted->kind != DECISION_INTERFACE)
		return 1;
	error = find_interface(counting, connection);
	if (error)
		return error;
	if (!counting->interface[0])
		return 0;
	flow.interface = counting->interface;
	decision_make(&counting->present, &flow, present);
	decision_make(&counting->wanted, &flow, wanted);
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
	bool own = node_addresses_own(&counting->addresses, &connection->source);
	struct decided present, wanted;
	int known;

	if (connection->expected || (connection->source_nat && connection->destination_nat) ||
	    (is_hooked(counting, connection) && !connection->nat_asked))
		return 0;
	known = decide(counting, connection, &present, &wanted);
	if (known < 0)
		return known;
	if (!known) {
		counting->affected->unknown++;
		return 0;
	}
	if (own && present.kind == DECISION_MASQUERADE)
		present.kind = DECISION_LEAVE;
	if (own && wanted.kind == DECISION_MASQUERADE)
		wanted.kind = DECISION_LEAVE;
	if (decided_agrees(&present, connection) &&
	    !would_be_same(connection, &present, &wanted))
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
	struct counting counting = { .affected = affected, .client = client };
	struct connections connections = { 0 };
	size_t i;
	int error;

	error = node_addresses_read(&counting.addresses);
	if (!error)
		error = connections_read(&connections);
	decision_init(&counting.present, affected->present);
	decision_init(&counting.wanted, affected->wanted);
	for (i = 0; i < connections.count && !error; i++)
		error = count(&counting, &connections.list[i]);
	affected->connections = connections.count;
	connections_clear(&connections);
	node_addresses_clear(&counting.addresses);
	return error;
}
