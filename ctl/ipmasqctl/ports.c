// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl ports */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "connections.h"
#include "conntrack.h"
#include "protocol.h"


/* Without port ranges the kernel picks from 1024 to 65535, for connections that
 * did not come from a privileged port (net/netfilter/nf_nat_core.c,
 * nf_nat_l4proto_unique_tuple()). */
#define DEFAULT_PORTS (65536 - 1024)

static const char *const keywords[] = { "pods" };

struct wanted {
	struct cidr to;
	bool has_to;
	bool pods;
};

/**
 * struct destination - what shares source ports: protocol, destination, address
 * @first: index of its first connection
 * @count: connections, each of which holds a port
 */
struct destination {
	size_t first;
	size_t count;
};

struct use {
	struct connections connections;
	struct destination *destinations;
	size_t count;
	uint32_t available;
};

static int compare_destination(const struct connection *x, const struct connection *y)
{
	int order = (int)x->protocol - y->protocol;

	if (!order)
		order = cidr_compare(&x->destination, &y->destination);
	if (!order)
		order = (int)x->destination_port - y->destination_port;
	return order ? order : cidr_compare(&x->translated, &y->translated);
}

static int by_destination(const void *a, const void *b)
{
	const struct connection *x = a;
	const struct connection *y = b;
	int order = compare_destination(x, y);

	return order ? order : cidr_compare(&x->source, &y->source);
}

static int fullest_first(const void *a, const void *b)
{
	const struct destination *x = a;
	const struct destination *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->first < y->first ? -1 : 1;
}

/* Leaves those that hold a port of a translated source address. */
static void keep_translated(struct connections *connections, const struct wanted *wanted)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < connections->count; i++) {
		const struct connection *connection = &connections->list[i];

		if (connection->source_nat && protocol_has_ports(connection->protocol) &&
		    (!wanted->has_to || cidr_holds(&wanted->to, &connection->destination)))
			connections->list[kept++] = *connection;
	}
	connections->count = kept;
}

static int group(struct use *use)
{
	const struct connection *list = use->connections.list;
	struct destination *last = NULL;
	size_t i;

	use->destinations = calloc(use->connections.count + 1, sizeof(*use->destinations));
	if (!use->destinations)
		return -ENOMEM;
	if (use->connections.count > 1)
		qsort(use->connections.list, use->connections.count, sizeof(*list),
		      by_destination);
	for (i = 0; i < use->connections.count; i++) {
		if (!last || compare_destination(&list[last->first], &list[i])) {
			last = &use->destinations[use->count++];
			last->first = i;
		}
		last->count++;
	}
	if (use->count > 1)
		qsort(use->destinations, use->count, sizeof(*use->destinations), fullest_first);
	return 0;
}

/* Ports that the policy allows, those in two ranges counted once. */
static uint32_t available_ports(const struct policy_settings *settings)
{
	uint32_t count = 0;
	uint32_t port;
	size_t i;

	if (!settings->port_range_count)
		return DEFAULT_PORTS;
	for (port = 0; port <= UINT16_MAX; port++) {
		for (i = 0; i < settings->port_range_count; i++) {
			if (port >= settings->port_ranges[i].first &&
			    port <= settings->port_ranges[i].last) {
				count++;
				break;
			}
		}
	}
	return count;
}

/* Connections of the pod that begins at index, up to end. */
static size_t pod_count(const struct connection *list, size_t index, size_t end)
{
	size_t next = index + 1;

	while (next < end && cidr_compare(&list[index].source, &list[next].source) == 0)
		next++;
	return next - index;
}

static double percent(const struct use *use, const struct destination *destination)
{
	return 100.0 * destination->count / use->available;
}

static void print_pods(const struct use *use, const struct destination *destination, int width)
{
	const struct connection *list = use->connections.list;
	size_t end = destination->first + destination->count;
	char text[CIDR_TEXT_MAX];
	size_t count;
	size_t i;

	for (i = destination->first; i < end; i += count) {
		count = pod_count(list, i, end);
		printf("        %-*s  %6zu\n", width, cidr_format_address(&list[i].source, text),
		       count);
	}
}

static void print_use(const struct invocation *invocation, const struct wanted *wanted,
		      const struct use *use)
{
	int width = strlen("DESTINATION");
	int address_width = strlen("SEEN AS");
	char address[CIDR_TEXT_MAX];
	char name[PROTOCOL_TEXT_MAX];
	char text[CONNECTION_ENDPOINT_MAX];
	size_t i;

	for (i = 0; i < use->count; i++) {
		const struct connection *one =
			&use->connections.list[use->destinations[i].first];
		int length = strlen(connection_endpoint(&one->destination, one->destination_port,
							one->protocol, text));

		if (length > width)
			width = length;
		length = strlen(cidr_format_address(&one->translated, address));
		if (length > address_width)
			address_width = length;
	}
	if (use->count)
		printf("PROTO   %-*s  %-*s    HELD     OF     USE\n", width, "DESTINATION",
		       address_width, "SEEN AS");
	for (i = 0; i < use->count; i++) {
		const struct destination *destination = &use->destinations[i];
		const struct connection *one = &use->connections.list[destination->first];
		double full = percent(use, destination);

		printf("%-6s  %-*s  %-*s  %6zu  %5" PRIu32 "  %s%5.1f%%%s\n",
		       protocol_name(one->protocol, name), width,
		       connection_endpoint(&one->destination, one->destination_port,
					   one->protocol, text),
		       address_width, cidr_format_address(&one->translated, address),
		       destination->count, use->available,
		       invocation->colour && full >= 80 ? "\033[31m" : "", full,
		       invocation->colour && full >= 80 ? "\033[0m" : "");
		if (wanted->pods)
			print_pods(use, destination, width + 2 + address_width);
	}
}

static json_t *destination_json(const struct use *use, const struct destination *destination)
{
	const struct connection *list = use->connections.list;
	const struct connection *one = &list[destination->first];
	size_t end = destination->first + destination->count;
	char address[CIDR_TEXT_MAX];
	char name[PROTOCOL_TEXT_MAX];
	char text[CIDR_TEXT_MAX];
	json_t *pods = json_array();
	size_t count;
	size_t i;

	for (i = destination->first; i < end; i += count) {
		count = pod_count(list, i, end);
		json_array_append_new(pods, json_pack("{s:s, s:I}", "address",
						      cidr_format_address(&list[i].source, text),
						      "held", (json_int_t)count));
	}
	return json_pack("{s:s, s:s, s:i, s:s, s:I, s:I, s:o}",
			 "protocol", protocol_name(one->protocol, name),
			 "destination", cidr_format_address(&one->destination, text),
			 "destination_port", one->destination_port,
			 "source_address", cidr_format_address(&one->translated, address),
			 "held", (json_int_t)destination->count,
			 "available", (json_int_t)use->available, "pods", pods);
}

static int print_use_json(const struct use *use)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < use->count; i++)
		json_array_append_new(list, destination_json(use, &use->destinations[i]));
	return print_json(json_pack("{s:o}", "destinations", list));
}

static int ports(const struct invocation *invocation, const struct wanted *wanted)
{
	struct client_status status;
	struct use use = { 0 };
	struct client *client;
	int result;
	int error;

	result = connect_module(invocation, &client);
	if (result)
		return result;
	error = client_policy_get(client, &status);
	if (error) {
		result = refuse_client(invocation, client, error);
		goto clear;
	}
	use.available = available_ports(&status.settings);
	error = connections_read(&use.connections);
	if (error) {
		result = refuse_errno(invocation, error, "cannot read conntrack: %s",
				      conntrack_strerror(error));
		goto clear;
	}
	keep_translated(&use.connections, wanted);
	if (group(&use))
		result = refuse(invocation, "out of memory");
	else if (invocation->json)
		result = print_use_json(&use);
	else
		print_use(invocation, wanted, &use);
clear:
	free(use.destinations);
	connections_clear(&use.connections);
	client_status_clear(&status);
	client_close(client);
	return result;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct wanted wanted = { 0 };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result) {
		const char *word = *arguments.next++;

		if (word_is(word, "pods")) {
			wanted.pods = true;
		} else if (!looks_like_address(word)) {
			result = argument_unknown(invocation, word, keywords,
						  sizeof(keywords) / sizeof(keywords[0]));
		} else if (wanted.has_to) {
			result = misuse(invocation, "one CIDR is expected, not several");
		} else {
			wanted.has_to = true;
			result = argument_cidr(invocation, word, &wanted.to);
		}
	}
	return result ? result : ports(invocation, &wanted);
}

const struct command command_ports = {
	.name = "ports",
	.arguments = "[CIDR] [pods]",
	.summary = "show how many source ports are held, fullest destination first",
	.description =
		"A connection whose source address was translated holds one source port of that\n"
		"address towards its destination. When all are held, new connections to it fail:\n"
		"their first packet is dropped. Connections that others than ipmasq translated\n"
		"hold ports too and are counted in.\n"
		"\n"
		"  CIDR  only these destinations\n"
		"  pods  who holds them, below each destination\n"
		"\n"
		"OF is how many ports the policy allows (to-ports), or 64512 where it says any.\n"
		"\n"
		"  ipmasqctl ports\n"
		"  ipmasqctl ports 203.0.113.7 pods\n",
	.run = run,
};
