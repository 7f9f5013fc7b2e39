// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which connections go on by what another policy decided. The module is asked at
 * a connection's first packet only; here it is asked once more (EXPLAIN), since it
 * alone knows the routes, and its answer is compared with what conntrack has.
 *
 * Many connections share source and destination: an answer is kept in a cache, whose
 * places are found by a hash of both and hold one answer each.
 */
#include "judge.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "node_addresses.h"
#include "protocol.h"

#define PLACES 512

/**
 * struct place - an answer that was given
 * @source: of the question
 * @destination: of it
 * @protocol: of it; 0 where this place is free
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
 * @status: of the policy that the answers are of
 * @space: its source ports
 * @places: answers that were given
 */
struct judge {
	struct client *client;
	struct node_addresses addresses;
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
	int error;

	forget_answers(judge);
	client_status_clear(&judge->status);
	error = client_policy_get(judge->client, &judge->status);
	port_space_init(&judge->space, judge->status.settings.list[SETTING_TO_PORTS].items,
			judge->status.settings.list[SETTING_TO_PORTS].count);
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
		error = read_policy(made);
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
	node_addresses_clear(&judge->addresses);
	free(judge);
}

/**
 * judge_competent() - whether it was the module that decided about a connection
 * @judge: from judge_open()
 * @connection: as it was read
 *
 * Not where nobody could be asked: what began before there was NAT, what a helper
 * announced, what ends here or goes to many. Not where somebody else may have
 * decided: a translated connection to a service may be kube-proxy's, conntrack does
 * not say who it was; other zones are Open vSwitch's. And not about the node's own
 * connections, which have its address either way.
 *
 * Return: true if judge_connection() may find it stale.
 */
bool judge_competent(const struct judge *judge, const struct connection *connection)
{
	if (!connection->nat_asked || connection->expected || connection->zone ||
	    (connection->source_nat && connection->destination_nat))
		return false;
	return !node_addresses_own(&judge->addresses, &connection->source) &&
	       !node_addresses_own(&judge->addresses, &connection->destination) &&
	       !node_addresses_group(&judge->addresses, &connection->destination);
}

static struct place *find_place(struct judge *judge, const struct connection *connection)
{
	uint32_t hash = connection->protocol;
	size_t i;

	for (i = 0; i < sizeof(connection->source.address); i++)
		hash = (hash ^ connection->source.address[i]) * 16777619;
	for (i = 0; i < sizeof(connection->destination.address); i++)
		hash = (hash ^ connection->destination.address[i]) * 16777619;
	return &judge->places[(hash ^ hash >> 16) % PLACES];
}

static bool is_answer(const struct place *place, const struct connection *connection)
{
	return place->protocol == connection->protocol &&
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

static int ask(struct judge *judge, const struct connection *connection, struct place *place)
{
	const struct client_flow flow = {
		.source = connection->source,
		.destination = connection->destination,
		.protocol = connection->protocol,
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

static int find_answer(struct judge *judge, const struct connection *connection,
		       struct place **place)
{
	*place = find_place(judge, connection);
	return is_answer(*place, connection) ? 0 : ask(judge, connection, *place);
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
	int error = find_answer(judge, connection, &place);

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

static enum stale compare(const struct judge *judge, const struct place *place,
			  const struct connection *connection)
{
	if (!place->verdict || place->verdict == IPMASQ_VERDICT_FAILED)
		return STALE_NOT;
	if (!place->has_address)
		return connection->source_nat ? STALE_TRANSLATED : STALE_NOT;
	if (!is_right_address(judge, place, &connection->translated))
		return connection->source_nat ? STALE_ADDRESS : STALE_UNTRANSLATED;
	if (judge->space.count && protocol_has_ports(connection->protocol) &&
	    port_space_part(&judge->space, connection->translated_port) < 0)
		return STALE_PORT;
	return STALE_NOT;
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
	error = find_answer(judge, connection, &place);
	if (error)
		return error;
	judgement->stale = compare(judge, place, connection);
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
