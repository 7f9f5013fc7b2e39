// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which connections go on by what another policy decided. The module is asked at
 * a connection's first packet only; here it is asked once more (EXPLAIN), since it
 * alone knows the routes, and its answer is compared with what conntrack has.
 *
 * What the module answers rests on the route that a packet without a mark would take now.
 * Where that is not the connection's own, or may not be, only those parts of the answer hold
 * that no route has a say in. The address that a masqueraded connection has is a sign of its
 * route, and no sign of what the policy was.
 *
 * Many connections share source and destination: an answer is kept in a cache, whose
 * places are found by a hash of both and hold one answer each.
 */
#include "judge.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node_addresses.h"
#include "node_routes.h"
#include "protocol.h"

#define PLACES 512

/* With it the kernel follows connections between the ports of a bridge. */
#define BRIDGE_CONNTRACK "/sys/module/nf_conntrack_bridge"

/**
 * struct place - an answer that was given
 * @source: of the question
 * @destination: of it
 * @protocol: of it; 0 where this place is free
 * @leaves: of it: the interface that was asked about, 0 where the route was to say
 * @verdict: 0 where there was no answer, as without a route
 * @has_address: as in struct judgement
 * @address: as in struct judgement
 * @interface: index of the one that it leaves through, 0 where there was no answer
 * @pool: the addresses of the entry that decided, owned; NULL for those of the policy
 */
struct place {
	struct cidr source;
	struct cidr destination;
	uint8_t protocol;
	unsigned int leaves;
	uint8_t verdict;
	bool has_address;
	struct cidr address;
	uint32_t interface;
	struct policy_detail *pool;
};

/**
 * struct judge - the policy in force, ready to be asked about connections
 * @client: to the module; borrowed
 * @addresses: the node's
 * @routes: what its routing depends on
 * @listed: whether the policy has a list of interfaces, by which a route decides
 * @bridged: connections between the ports of a bridge are followed too
 * @status: of the policy that the answers are of
 * @space: its source ports
 * @places: answers that were given
 */
struct judge {
	struct client *client;
	struct node_addresses addresses;
	struct node_routes routes;
	bool listed;
	bool bridged;
	struct client_status status;
	struct port_space space;
	struct place places[PLACES];
};

static void forget_answers(struct judge *judge)
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		free(judge->places[i].pool);
	memset(judge->places, 0, sizeof(judge->places));
}

static int read_policy(struct judge *judge)
{
	bool listed;
	int error;

	forget_answers(judge);
	client_status_clear(&judge->status);
	error = client_policy_get(judge->client, &judge->status);
	port_space_init(&judge->space, judge->status.settings.list[SETTING_TO_PORTS].items,
			judge->status.settings.list[SETTING_TO_PORTS].count);
	listed = judge->status.settings.list[SETTING_OUTPUT_INTERFACES].count;
	/* Many routes take long to read: the next hops are read where they matter. */
	if (!error && listed != judge->listed) {
		node_routes_clear(&judge->routes);
		error = node_routes_read(&judge->routes, listed);
	}
	judge->listed = listed;
	return error;
}

/**
 * judge_open() - get ready to judge
 * @judge: to fill, freed with judge_close(); NULL after an error
 * @client: an open client, which must outlive it
 *
 * Return: 0 or a negative errno; client_error() has its text where the client's
 * failed.
 */
int judge_open(struct judge **judge, struct client *client)
{
	struct judge *made = calloc(1, sizeof(*made));
	int error;

	*judge = NULL;
	if (!made)
		return -ENOMEM;
	made->client = client;
	error = node_addresses_read(&made->addresses);
	if (!error)
		error = node_routes_read(&made->routes, false);
	if (!error)
		error = read_policy(made);
	made->bridged = !access(BRIDGE_CONNTRACK, F_OK);
	if (error) {
		judge_close(made);
		return error;
	}
	*judge = made;
	return 0;
}

/**
 * judge_close() - the opposite of judge_open()
 * @judge: is freed; may be NULL
 */
void judge_close(struct judge *judge)
{
	if (!judge)
		return;
	forget_answers(judge);
	client_status_clear(&judge->status);
	node_routes_clear(&judge->routes);
	node_addresses_clear(&judge->addresses);
	free(judge);
}

/**
 * judge_competent() - whether it was the module that decided about a connection
 * @judge: from judge_open()
 * @connection: as it was read
 *
 * Or would have, had it been there already. Not about what a helper announced, what ends
 * here or goes to many. Not where somebody else may have decided: a translated connection
 * to a service may be kube-proxy's, conntrack does not say who it was; other zones are Open
 * vSwitch's. And not about the node's own connections, which have its address either way.
 *
 * Return: true if judge_connection() may find it stale.
 */
bool judge_competent(const struct judge *judge, const struct connection *connection)
{
	if (connection->expected || connection->zone ||
	    (connection->source_nat && connection->destination_nat))
		return false;
	return !node_addresses_own(&judge->addresses, &connection->source) &&
	       !node_addresses_own(&judge->addresses, &connection->destination) &&
	       !node_addresses_group(&judge->addresses, &connection->destination);
}

static struct place *find_place(struct judge *judge, const struct connection *connection,
				unsigned int leaves)
{
	uint32_t hash = connection->protocol + leaves * 256;
	size_t i;

	for (i = 0; i < sizeof(connection->source.address); i++)
		hash = (hash ^ connection->source.address[i]) * 16777619;
	for (i = 0; i < sizeof(connection->destination.address); i++)
		hash = (hash ^ connection->destination.address[i]) * 16777619;
	return &judge->places[(hash ^ hash >> 16) % PLACES];
}

static bool is_answer(const struct place *place, const struct connection *connection,
		      unsigned int leaves)
{
	return place->protocol == connection->protocol && place->leaves == leaves &&
	       !cidr_compare(&place->source, &connection->source) &&
	       !cidr_compare(&place->destination, &connection->destination);
}

/* No way there any more, none that this node would choose, or a family that the kernel
 * does not have: there is nothing to compare with.
 */
static bool is_no_route(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EACCES ||
	       error == -EINVAL || error == -EAFNOSUPPORT;
}

static int ask(struct judge *judge, const struct connection *connection, unsigned int leaves,
	       struct place *place)
{
	const struct client_flow flow = {
		.source = connection->source,
		.destination = connection->destination,
		.protocol = connection->protocol,
		.output_interface = leaves,
	};
	struct client_explanation answer;
	int error;

	error = client_explain(judge->client, &flow, &answer);
	if (!error && answer.generation != judge->status.generation)
		error = read_policy(judge);
	free(place->pool);
	*place = (struct place){
		.source = connection->source,
		.destination = connection->destination,
		.protocol = connection->protocol,
		.leaves = leaves,
	};
	if (!error) {
		place->verdict = answer.verdict;
		place->has_address = answer.has_address;
		place->address = answer.address;
		place->interface = answer.output_interface;
		if (answer.has_entry && answer.entry.action == IPMASQ_ACTION_SNAT) {
			place->pool = answer.entry.detail;
			answer.entry.detail = NULL;
		}
	}
	client_explanation_clear(&answer);
	if (!error || is_no_route(error))
		return 0;
	place->protocol = 0;
	return error;
}

/* As the route says now, or for an interface. */
static int find_answer(struct judge *judge, const struct connection *connection,
		       unsigned int leaves, struct place **place)
{
	*place = find_place(judge, connection, leaves);
	return is_answer(*place, connection, leaves) ? 0 :
	       ask(judge, connection, leaves, *place);
}

/**
 * judge_interface() - through which interface a connection would leave now
 * @judge: from judge_open()
 * @connection: as it was read
 * @name: set on success, valid as long as @judge; NULL where that is not known
 *
 * Return: 0 or a negative errno, of which client_error() has the text.
 */
int judge_interface(struct judge *judge, const struct connection *connection, const char **name)
{
	struct place *place;
	int error = find_answer(judge, connection, 0, &place);

	*name = error || !place->interface ? NULL :
		node_addresses_interface(&judge->addresses, place->interface);
	return error;
}

static bool holds(const struct cidr *list, size_t count, const struct cidr *address)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!cidr_compare(&list[i], address))
			return true;
	}
	return false;
}

/* An address of a pool is right, also if another would be chosen now. */
static bool is_right_address(const struct judge *judge, const struct place *place,
			     const struct cidr *address)
{
	const struct policy_list *pool = &judge->status.settings.list[SETTING_SNAT_ADDRESSES];

	if (!cidr_compare(&place->address, address))
		return true;
	if (place->verdict != IPMASQ_VERDICT_SNAT)
		return false;
	if (place->pool)
		return holds(place->pool->addresses, place->pool->address_count, address);
	return holds(pool->items, pool->count, address);
}

/* One that is masqueraded has an address of the interface that it leaves through, which is
 * a sign of its route. Returns 0 where there is none: somebody else may have given it.
 */
static unsigned int sign(const struct judge *judge, const struct connection *connection)
{
	return connection->source_nat ?
	       node_addresses_holder(&judge->addresses, &connection->translated) : 0;
}

/* The answer that is most about this connection: for the interface of which it has the
 * address, where the route of now says nothing, or that it leaves by none of the list.
 */
static int find_best_answer(struct judge *judge, const struct connection *connection,
			    struct place **place)
{
	unsigned int leaves = sign(judge, connection);
	int error = find_answer(judge, connection, 0, place);

	if (error || !leaves || leaves == (*place)->interface ||
	    ((*place)->verdict && (*place)->verdict != IPMASQ_VERDICT_INTERFACE))
		return error;
	return find_answer(judge, connection, leaves, place);
}

static bool is_certain(const struct judge *judge, const struct connection *connection)
{
	return !judge->listed || node_routes_certain(&judge->routes, connection->source.family);
}

/* Its source is translated, and the policy would not do that. */
static void compare_translated(const struct judge *judge, const struct place *place,
			       const struct connection *connection, struct judgement *judgement)
{
	const struct policy_list *pool = &judge->status.settings.list[SETTING_SNAT_ADDRESSES];
	bool by_route = place->verdict == IPMASQ_VERDICT_INTERFACE;

	judgement->stale = STALE_TRANSLATED;
	judgement->unsure = !sign(judge, connection) &&
			    !holds(pool->items, pool->count, &connection->translated);
	/* Neither the route nor the address needs to be of the interface it left through. */
	if (by_route && (place->leaves || sign(judge, connection) != place->interface) &&
	    !is_certain(judge, connection))
		judgement->unsure = true;
}

/* Its source is not translated, and the policy would do that. */
static void compare_untranslated(const struct judge *judge, const struct connection *connection,
				 struct judgement *judgement)
{
	judgement->stale = STALE_UNTRANSLATED;
	judgement->unsure = !is_certain(judge, connection) ||
			    (judge->bridged && !connection->nat_asked) ||
			    node_routes_local(&judge->routes, &connection->destination);
}

/* It is translated, and the policy would give it another address. */
static void compare_address(const struct judge *judge, const struct place *place,
			    const struct connection *connection, struct judgement *judgement)
{
	unsigned int leaves = sign(judge, connection);

	/* By another route it is right. */
	if (place->verdict == IPMASQ_VERDICT_MASQUERADE && leaves && leaves != place->interface)
		return;
	judgement->stale = STALE_ADDRESS;
	judgement->unsure = !leaves || place->verdict == IPMASQ_VERDICT_MASQUERADE;
}

static void compare(const struct judge *judge, const struct place *place,
		    const struct connection *connection, struct judgement *judgement)
{
	if (!place->verdict || place->verdict == IPMASQ_VERDICT_FAILED ||
	    place->verdict == IPMASQ_VERDICT_LOCAL)
		return;
	if (!place->has_address) {
		if (connection->source_nat)
			compare_translated(judge, place, connection, judgement);
		return;
	}
	if (!is_right_address(judge, place, &connection->translated)) {
		if (connection->source_nat)
			compare_address(judge, place, connection, judgement);
		else
			compare_untranslated(judge, connection, judgement);
	}
	if ((!judgement->stale || judgement->unsure) && connection->source_nat &&
	    judge->space.count && protocol_has_ports(connection->protocol) &&
	    port_space_part(&judge->space, connection->translated_port) < 0) {
		judgement->stale = STALE_PORT;
		judgement->unsure = judgement->unsure && !sign(judge, connection);
	}
}

/**
 * judge_connection() - whether the policy would decide otherwise now
 * @judge: from judge_open()
 * @connection: as it was read
 * @judgement: set on success
 *
 * Return: 0 or a negative errno, of which client_error() has the text.
 */
int judge_connection(struct judge *judge, const struct connection *connection,
		     struct judgement *judgement)
{
	struct place *place;
	int error;

	memset(judgement, 0, sizeof(*judgement));
	if (!judge_competent(judge, connection))
		return 0;
	error = find_best_answer(judge, connection, &place);
	if (error)
		return error;
	compare(judge, place, connection, judgement);
	judgement->verdict = place->verdict;
	judgement->has_address = place->has_address;
	judgement->address = place->address;
	return 0;
}

/**
 * stale_name() - the word for why a connection is stale
 * @stale: not STALE_NOT
 */
const char *stale_name(enum stale stale)
{
	switch (stale) {
	case STALE_UNTRANSLATED:
		return "untranslated";
	case STALE_TRANSLATED:
		return "translated";
	case STALE_ADDRESS:
		return "address";
	case STALE_PORT:
		return "port";
	default:
		return "";
	}
}
