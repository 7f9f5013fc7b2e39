// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl conns */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arguments.h"
#include "client.h"
#include "connections.h"
#include "conntrack.h"
#include "protocol.h"

#define AGE_MAX 24

static const char *const keywords[] = { "from", "to", "--stale", "--drop" };

struct wanted {
	struct cidr from;
	struct cidr to;
	bool has_from;
	bool has_to;
	bool stale;
	bool drop;
};

/**
 * struct row - a connection to show
 * @connection: borrowed
 * @verdict: what would be decided now; 0 where nobody was asked
 * @address: the source address that it would get now
 * @has_address: it would get one
 */
struct row {
	const struct connection *connection;
	uint8_t verdict;
	struct cidr address;
	bool has_address;
};

struct rows {
	struct row *list;
	size_t count;
};

static bool same_address(const struct cidr *a, const struct cidr *b)
{
	return cidr_compare(a, b) == 0;
}

/* Whether the policy would do something else with the connection now. */
static int judge(struct client *client, struct row *row, bool *stale)
{
	const struct connection *connection = row->connection;
	struct client_flow flow = {
		.source = connection->source,
		.destination = connection->destination,
		.protocol = connection->protocol,
		.source_port = connection->source_port,
	};
	struct client_explanation now;
	bool translates;
	int error;

	*stale = false;
	error = client_explain(client, &flow, &now);
	/* No way there any more, or none that this node would choose: there is
	 * nothing to compare with.
	 */
	if (error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EACCES ||
	    error == -EINVAL) {
		client_explanation_clear(&now);
		return 0;
	}
	if (error) {
		client_explanation_clear(&now);
		return error;
	}
	row->verdict = now.verdict;
	row->has_address = now.has_address;
	row->address = now.address;
	translates = now.verdict == IPMASQ_VERDICT_MASQUERADE ||
		     now.verdict == IPMASQ_VERDICT_SNAT;
	if (translates && now.has_address)
		*stale = !same_address(&now.address, &connection->translated);
	else if (!translates && now.verdict != IPMASQ_VERDICT_FAILED)
		/* kube-proxy masquerades connections to services by itself, and
		 * conntrack does not say who did it.
		 */
		*stale = connection->source_nat && !connection->destination_nat;
	client_explanation_clear(&now);
	return 0;
}

static int choose(struct client *client, const struct wanted *wanted,
		  const struct connections *connections, struct rows *rows)
{
	size_t i;
	int error;

	rows->list = calloc(connections->count + 1, sizeof(*rows->list));
	if (!rows->list)
		return -ENOMEM;
	for (i = 0; i < connections->count; i++) {
		const struct connection *connection = &connections->list[i];
		struct row *row = &rows->list[rows->count];
		bool stale = false;

		if ((wanted->has_from && !cidr_holds(&wanted->from, &connection->source)) ||
		    (wanted->has_to && !cidr_holds(&wanted->to, &connection->destination)))
			continue;
		*row = (struct row) { .connection = connection };
		if (wanted->stale) {
			error = judge(client, row, &stale);
			if (error)
				return error;
		}
		if (wanted->stale ? stale : connection->source_nat)
			rows->count++;
	}
	return 0;
}

/* How long it has been there, as in 45s, 12m, 7h or 3d. */
static const char *age_text(const struct connection *connection, char text[AGE_MAX])
{
	int64_t age = (int64_t)time(NULL) - (int64_t)(connection->started / 1000000000);

	if (!connection->started)
		return "-";
	if (age < 0)
		age = 0;
	if (age < 120)
		snprintf(text, AGE_MAX, "%ds", (int)age);
	else if (age < 120 * 60)
		snprintf(text, AGE_MAX, "%dm", (int)(age / 60));
	else if (age < 48 * 3600)
		snprintf(text, AGE_MAX, "%dh", (int)(age / 3600));
	else
		snprintf(text, AGE_MAX, "%" PRId64 "d", age / 86400);
	return text;
}

static void row_texts(const struct row *row, char source[CONNECTION_ENDPOINT_MAX],
		      char destination[CONNECTION_ENDPOINT_MAX], char translated[CONNECTION_ENDPOINT_MAX])
{
	const struct connection *connection = row->connection;

	connection_endpoint(&connection->source, connection->source_port,
			    connection->protocol, source);
	connection_endpoint(&connection->destination, connection->destination_port,
			    connection->protocol, destination);
	if (connection->source_nat)
		connection_endpoint(&connection->translated, connection->translated_port,
				    connection->protocol, translated);
	else
		snprintf(translated, CONNECTION_ENDPOINT_MAX, "-");
}

static int longer(int width, const char *text)
{
	int length = strlen(text);

	return length > width ? length : width;
}

static void print_rows(const struct wanted *wanted, const struct rows *rows)
{
	char source[CONNECTION_ENDPOINT_MAX], destination[CONNECTION_ENDPOINT_MAX], translated[CONNECTION_ENDPOINT_MAX];
	int widths[3] = { strlen("POD"), strlen("DESTINATION"), strlen("SEEN AS") };
	char name[PROTOCOL_TEXT_MAX];
	char address[CIDR_TEXT_MAX];
	char age[AGE_MAX];
	size_t i;

	for (i = 0; i < rows->count; i++) {
		row_texts(&rows->list[i], source, destination, translated);
		widths[0] = longer(widths[0], source);
		widths[1] = longer(widths[1], destination);
		widths[2] = longer(widths[2], translated);
	}
	if (rows->count)
		printf("PROTO   %-*s  %-*s  %-*s  %4s%s\n", widths[0], "POD", widths[1],
		       "DESTINATION", widths[2], "SEEN AS", "AGE", wanted->stale ? "  NOW" : "");
	for (i = 0; i < rows->count; i++) {
		const struct row *row = &rows->list[i];

		row_texts(row, source, destination, translated);
		printf("%-6s  %-*s  %-*s  %-*s  %4s", protocol_name(row->connection->protocol, name),
		       widths[0], source, widths[1], destination, widths[2], translated,
		       age_text(row->connection, age));
		if (row->verdict)
			printf("  %s", policy_verdict_name(row->verdict));
		if (row->has_address)
			printf(" %s", cidr_format_address(&row->address, address));
		putchar('\n');
	}
}

static json_t *row_json(const struct row *row)
{
	const struct connection *connection = row->connection;
	char source[CIDR_TEXT_MAX], destination[CIDR_TEXT_MAX], translated[CIDR_TEXT_MAX];
	char address[CIDR_TEXT_MAX];
	char name[PROTOCOL_TEXT_MAX];
	json_t *object;

	object = json_pack("{s:s, s:s, s:i, s:s, s:i, s:b}",
			   "protocol", protocol_name(connection->protocol, name),
			   "source", cidr_format_address(&connection->source, source),
			   "source_port", connection->source_port,
			   "destination",
			   cidr_format_address(&connection->destination, destination),
			   "destination_port", connection->destination_port,
			   "translated", (int)connection->source_nat);
	if (connection->source_nat) {
		json_object_set_new(object, "translated_address", json_string(
			cidr_format_address(&connection->translated, translated)));
		json_object_set_new(object, "translated_port",
				    json_integer(connection->translated_port));
	}
	if (connection->started)
		json_object_set_new(object, "started", json_integer(connection->started / 1000000000));
	if (row->verdict)
		json_object_set_new(object, "verdict_now",
				    json_string(policy_verdict_name(row->verdict)));
	if (row->has_address)
		json_object_set_new(object, "address_now", json_string(
			cidr_format_address(&row->address, address)));
	return object;
}

/**
 * struct dropped - what became of --drop
 * @removed: conntrack has forgotten them
 * @left: of rare protocols, which end by themselves
 */
struct dropped {
	size_t removed;
	size_t left;
};

static int drop_rows(const struct rows *rows, struct dropped *dropped)
{
	struct conntrack *conntrack;
	size_t i;
	int error;

	error = conntrack_open(&conntrack);
	for (i = 0; !error && i < rows->count; i++) {
		if (!conntrack_can_remove(rows->list[i].connection)) {
			dropped->left++;
			continue;
		}
		error = conntrack_remove(conntrack, rows->list[i].connection);
		/* One that ended meanwhile is what was wanted. */
		if (error == -ENOENT)
			error = 0;
		if (!error)
			dropped->removed++;
	}
	conntrack_close(conntrack);
	return error;
}

static int show(const struct invocation *invocation, const struct wanted *wanted,
		const struct rows *rows)
{
	struct dropped dropped = { 0 };
	json_t *list;
	size_t i;
	int error;

	if (!invocation->json) {
		print_rows(wanted, rows);
		fflush(stdout);
	}
	error = wanted->drop ? drop_rows(rows, &dropped) : 0;
	if (error)
		return refuse_errno(invocation, error, "cannot drop connections: %s (%zu are dropped)",
				    conntrack_strerror(error), dropped.removed);
	if (!invocation->json) {
		if (wanted->drop)
			printf("%zu dropped", dropped.removed);
		if (dropped.left)
			printf(", %zu left to end by themselves", dropped.left);
		if (wanted->drop)
			putchar('\n');
		return EXIT_DONE;
	}
	list = json_array();
	for (i = 0; i < rows->count; i++)
		json_array_append_new(list, row_json(&rows->list[i]));
	if (!wanted->drop)
		return print_json(json_pack("{s:o}", "connections", list));
	return print_json(json_pack("{s:o, s:I, s:I}", "connections", list,
				    "dropped", (json_int_t)dropped.removed,
				    "left", (json_int_t)dropped.left));
}

static int conns(const struct invocation *invocation, const struct wanted *wanted)
{
	struct connections connections = { 0 };
	struct client *client = NULL;
	struct rows rows = { 0 };
	int result = 0;
	int error;

	/* Only judging needs the module; without it there are connections still. */
	if (wanted->stale)
		result = connect_module(invocation, &client);
	if (result)
		return result;
	error = connections_read(&connections);
	if (error) {
		result = refuse_errno(invocation, error, "cannot read conntrack: %s",
				      conntrack_strerror(error));
		goto clear;
	}
	error = choose(client, wanted, &connections, &rows);
	if (error == -ENOMEM)
		result = refuse(invocation, "out of memory");
	else if (error)
		result = refuse_client(invocation, client, error);
	else
		result = show(invocation, wanted, &rows);
clear:
	free(rows.list);
	connections_clear(&connections);
	client_close(client);
	return result;
}

static int read_word(struct arguments *arguments, struct wanted *wanted)
{
	const char *word = *arguments->next++;

	if (word_is(word, "from"))
		return argument_prefix(arguments, &wanted->from, &wanted->has_from);
	if (word_is(word, "to"))
		return argument_prefix(arguments, &wanted->to, &wanted->has_to);
	if (word_is(word, "--stale") || word_is(word, "stale"))
		wanted->stale = true;
	else if (word_is(word, "--drop") || word_is(word, "drop"))
		wanted->drop = true;
	else
		return argument_unknown(arguments->invocation, word, keywords,
					sizeof(keywords) / sizeof(keywords[0]));
	return 0;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct wanted wanted = { 0 };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &wanted);
	if (!result && wanted.drop && !wanted.stale && !wanted.has_from && !wanted.has_to)
		result = misuse(invocation,
				"--drop needs --stale, \"from\" or \"to\", to say which connections");
	if (!result)
		result = conns(invocation, &wanted);
	return result;
}

const struct command command_conns = {
	.name = "conns",
	.arguments = "[from CIDR] [to CIDR] [--stale] [--drop]",
	.summary = "list the masqueraded connections, or those out of date",
	.description =
		"Each connection whose source address was translated, by ipmasq or others: the\n"
		"pod, the destination behind a service's address, what the destination sees, and\n"
		"the age, where net.netfilter.nf_conntrack_timestamp is on.\n"
		"\n"
		"  from CIDR  only those of these pods\n"
		"  to CIDR    only those to these destinations\n"
		"  --stale    those that the policy would decide differently now, translated or\n"
		"             not: a policy is asked at a connection's first packet only. Those\n"
		"             to services which somebody else masqueraded are not counted in\n"
		"  --drop     make conntrack forget those that were listed: the next packet of\n"
		"             each is decided anew. TCP connections break, their far side sees\n"
		"             another source; UDP and ICMP go on. Rare protocols are left\n"
		"\n"
		"  ipmasqctl conns --stale\n"
		"  ipmasqctl conns from 10.244.1.2 to 203.0.113.0/24 --stale --drop\n",
	.run = run,
};
