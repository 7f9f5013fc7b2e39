// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl ports */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "conntrack.h"
#include "port_destinations.h"
#include "protocol.h"

/* Of HELD, OF and USE, with the blanks before each. */
#define NUMBERS_WIDTH (8 + 7 + 8)

/* A destination is red from here on, as the daemon warns of it. */
#define RED_PERCENT 80

static const char *const keywords[] = { "pods", "above", "-4", "-6" };

struct wanted {
	struct cidr to;
	bool has_to;
	uint8_t family;
	bool pods;
	bool has_above;
	uint32_t above;
};

struct use {
	const struct wanted *wanted;
	struct port_destinations found;
};

/* A pod's connections to one destination, which follow each other. */
struct pod {
	size_t first;
	size_t count;
};

static int fullest_pod_first(const void *a, const void *b)
{
	const struct pod *x = a;
	const struct pod *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->first < y->first ? -1 : 1;
}

static bool is_above(const struct use *use, const struct port_destination *destination,
		     uint32_t percent)
{
	return (uint64_t)destination->count * 100 >
	       (uint64_t)port_available(&use->found, destination) * percent;
}

static void leave_those_above(struct use *use)
{
	struct port_destination *list = use->found.list;
	size_t kept = 0;
	size_t i;

	for (i = 0; i < use->found.count; i++)
		if (is_above(use, &list[i], use->wanted->above))
			list[kept++] = list[i];
	use->found.count = kept;
}

/* Who holds a destination's ports, most first. Returns NULL without memory. */
static struct pod *find_pods(const struct use *use, const struct port_destination *destination,
			     size_t *count)
{
	const struct connection *list = use->found.connections.list;
	struct pod *pods = calloc(destination->count, sizeof(*pods));
	size_t i;

	*count = 0;
	if (!pods)
		return NULL;
	for (i = destination->first; i < destination->first + destination->count; i++) {
		if (!*count ||
		    cidr_compare(&list[pods[*count - 1].first].source, &list[i].source))
			pods[(*count)++].first = i;
		pods[*count - 1].count++;
	}
	qsort(pods, *count, sizeof(*pods), fullest_pod_first);
	return pods;
}

static int print_pods(const struct use *use, const struct port_destination *destination, int width)
{
	char text[CIDR_TEXT_MAX];
	struct pod *pods;
	size_t count;
	size_t i;

	pods = find_pods(use, destination, &count);
	if (!pods)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		printf("         %-*s  %6zu\n", width - 2,
		       cidr_format_address(&use->found.connections.list[pods[i].first].source, text),
		       pods[i].count);
	free(pods);
	return 0;
}

/**
 * struct layout - how wide the columns are
 * @destination: of destinations
 * @address: of what they see; 0 where that is in a line of its own below
 */
struct layout {
	int destination;
	int address;
};

static int longer(int width, const char *text)
{
	int length = strlen(text);

	return length > width ? length : width;
}

static struct layout measure(const struct use *use)
{
	struct layout layout = { strlen("DESTINATION"), strlen("SEEN AS") };
	char endpoint[CONNECTION_ENDPOINT_MAX], address[CIDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < use->found.count; i++) {
		const struct connection *one =
			&use->found.connections.list[use->found.list[i].first];

		layout.destination = longer(layout.destination,
			connection_endpoint(&one->destination, one->destination_port,
					    one->protocol, endpoint));
		layout.address = longer(layout.address,
					cidr_format_address(&one->translated, address));
	}
	if ((int)strlen("PROTO  ") + layout.destination + 2 + layout.address + NUMBERS_WIDTH >
	    line_columns()) {
		if (layout.destination < layout.address + 2)
			layout.destination = layout.address + 2;
		layout.address = 0;
	}
	return layout;
}

static void print_destination(const struct use *use, const struct port_destination *destination,
			      const struct layout *layout, bool colour)
{
	const struct connection *one = &use->found.connections.list[destination->first];
	bool red = colour && is_above(use, destination, RED_PERCENT);
	char endpoint[CONNECTION_ENDPOINT_MAX], address[CIDR_TEXT_MAX], name[PROTOCOL_TEXT_MAX];

	cidr_format_address(&one->translated, address);
	printf("%-5s  %-*s", protocol_name(one->protocol, name), layout->destination,
	       connection_endpoint(&one->destination, one->destination_port, one->protocol,
				   endpoint));
	if (layout->address)
		printf("  %-*s", layout->address, address);
	printf("  %6zu  %5" PRIu32 "  %s%5.1f%%%s\n", destination->count,
	       port_available(&use->found, destination), red ? "\033[31m" : "",
	       100.0 * destination->count / port_available(&use->found, destination),
	       red ? "\033[0m" : "");
	if (!layout->address)
		printf("         %s\n", address);
}

static int print_use(const struct invocation *invocation, const struct use *use)
{
	struct layout layout = measure(use);
	int width = layout.address ? layout.destination + 2 + layout.address : layout.destination;
	size_t i;
	int error;

	if (use->found.count && layout.address)
		print_header(invocation, "PROTO  %-*s  %-*s    HELD     OF     USE\n",
			     layout.destination, "DESTINATION", layout.address, "SEEN AS");
	else if (use->found.count)
		print_header(invocation, "PROTO  %-*s    HELD     OF     USE\n",
			     layout.destination, "DESTINATION, SEEN AS");
	for (i = 0; i < use->found.count; i++) {
		print_destination(use, &use->found.list[i], &layout, invocation->colour);
		if (!use->wanted->pods)
			continue;
		error = print_pods(use, &use->found.list[i], width);
		if (error)
			return error;
	}
	return 0;
}

static json_t *pods_json(const struct use *use, const struct port_destination *destination)
{
	char text[CIDR_TEXT_MAX];
	json_t *list = json_array();
	struct pod *pods;
	size_t count;
	size_t i;

	pods = find_pods(use, destination, &count);
	for (i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:I}", "address",
			cidr_format_address(&use->found.connections.list[pods[i].first].source, text),
			"held", (json_int_t)pods[i].count));
	free(pods);
	return list;
}

static json_t *destination_json(const struct use *use, const struct port_destination *destination)
{
	const struct connection *one = &use->found.connections.list[destination->first];
	char address[CIDR_TEXT_MAX], text[CIDR_TEXT_MAX], name[PROTOCOL_TEXT_MAX];

	return json_pack("{s:s, s:s, s:i, s:s, s:b, s:I, s:I, s:o}",
			 "protocol", protocol_name(one->protocol, name),
			 "destination", cidr_format_address(&one->destination, text),
			 "destination_port", one->destination_port,
			 "source_address", cidr_format_address(&one->translated, address),
			 "privileged", destination->part > 0,
			 "held", (json_int_t)destination->count,
			 "available", (json_int_t)port_available(&use->found, destination),
			 "pods", pods_json(use, destination));
}

static int print_use_json(const struct use *use)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < use->found.count; i++)
		json_array_append_new(list, destination_json(use, &use->found.list[i]));
	return print_json(json_pack("{s:o}", "destinations", list));
}

static int show(const struct invocation *invocation, struct use *use)
{
	int result = 0;

	if (use->wanted->has_above)
		leave_those_above(use);
	if (invocation->json)
		result = print_use_json(use);
	else if (print_use(invocation, use))
		return refuse(invocation, "out of memory");
	if (!result && use->wanted->has_above && use->found.count)
		result = EXIT_REFUSED;
	return result;
}

static int ports(const struct invocation *invocation, const struct wanted *wanted)
{
	struct use use = {
		.wanted = wanted,
		.found = { .to = wanted->to, .has_to = wanted->has_to, .family = wanted->family },
	};
	struct client_status status;
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
	port_space_init(&use.found.space, status.settings.list[SETTING_TO_PORTS].items,
			status.settings.list[SETTING_TO_PORTS].count);
	error = port_destinations_read(&use.found);
	if (error)
		result = refuse_errno(invocation, error, "cannot read conntrack: %s",
				      conntrack_strerror(error));
	else
		result = show(invocation, &use);
clear:
	port_destinations_clear(&use.found);
	client_status_clear(&status);
	client_close(client);
	return result;
}

static int read_percent(struct arguments *arguments, struct wanted *wanted)
{
	unsigned long percent;
	const char *word;
	int result;
	char *end;

	result = argument_value(arguments, "a percentage", &word);
	if (result)
		return result;
	percent = strtoul(word, &end, 10);
	if (!isdigit((unsigned char)*word) || (*end && strcmp(end, "%")) || percent > 100)
		return misuse(arguments->invocation,
			      "\"%s\" is no percentage, expected 0 to 100", word);
	wanted->has_above = true;
	wanted->above = (uint32_t)percent;
	return 0;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct wanted wanted = { 0 };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result) {
		const char *word = *arguments.next++;

		if (argument_family(word, &wanted.family)) {
			continue;
		} else if (word_is(word, "pods")) {
			wanted.pods = true;
		} else if (word_is(word, "above")) {
			result = read_percent(&arguments, &wanted);
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
	.arguments = "[CIDR] [-4|-6] [above PERCENT] [pods]",
	.summary = "show how many source ports are held, fullest destination first",
	.description =
		"A connection whose source address was translated holds one source port of that\n"
		"address towards its destination. When all are held, new connections to it fail:\n"
		"their first packet is dropped. Connections that others than ipmasq translated\n"
		"hold ports too and are counted in.\n"
		"\n"
		"  CIDR           only these destinations\n"
		"  -4, -6         only IPv4 or IPv6\n"
		"  above PERCENT  only those of which more is held; the exit status is 1 where\n"
		"                 there is one, and after an error\n"
		"  pods           who holds them, below each destination\n"
		"\n"
		"OF is how many ports the policy allows (to-ports), or 64512 where it says any.\n"
		"Connections from ports below 1024 are then kept to ports below 1024, of which\n"
		"there are 511 and 424 for those from below and above 512: a line of its own.\n"
		"\n"
		"  ipmasqctl ports\n"
		"  ipmasqctl ports 203.0.113.7 pods\n"
		"  ipmasqctl ports above 80% >/dev/null || alert\n",
	.run = run,
};
