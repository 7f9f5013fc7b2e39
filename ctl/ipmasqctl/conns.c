// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl conns */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "arguments.h"
#include "client.h"
#include "connections.h"
#include "conntrack.h"
#include "judge.h"
#include "protocol.h"

#define AGE_MAX 24

/* After what would be decided now. */
#define UNSURE " (unsure)"

/* Whether the kernel notes when a connection began. */
#define TIMESTAMP_FILE "/proc/sys/net/netfilter/nf_conntrack_timestamp"

static const char *const keywords[] = { "from", "to", "-4", "-6", "--stale", "--unsure", "--drop" };

struct wanted {
	struct cidr from;
	struct cidr to;
	bool has_from;
	bool has_to;
	uint8_t family;
	bool stale;
	bool unsure;
	bool drop;
};

/**
 * struct row - a connection to show
 * @connection: borrowed
 * @now: what would be decided now; all zero where nobody was asked
 */
struct row {
	const struct connection *connection;
	struct judgement now;
};

/**
 * struct rows - the connections to show
 * @wanted: which those are
 * @connections: those that may be, sorted
 * @list: those that are
 * @count: of @list
 * @unsure: those that may be stale and are not to be shown
 */
struct rows {
	const struct wanted *wanted;
	struct connections connections;
	struct row *list;
	size_t count;
	size_t unsure;
};

static int take(const struct connection *connection, void *data)
{
	struct rows *rows = data;
	const struct wanted *wanted = rows->wanted;

	if ((wanted->family && connection->source.family != wanted->family) ||
	    (wanted->has_from && !cidr_holds(&wanted->from, &connection->source)) ||
	    (wanted->has_to && !cidr_holds(&wanted->to, &connection->destination)))
		return 0;
	return connections_append(&rows->connections, connection);
}

static int read_connections(struct conntrack *conntrack, struct rows *rows)
{
	int error = conntrack_read(conntrack, !rows->wanted->stale, take, rows);

	if (error)
		return error;
	connections_sort(&rows->connections);
	rows->list = calloc(rows->connections.count + 1, sizeof(*rows->list));
	return rows->list ? 0 : -ENOMEM;
}

static void choose_all(struct rows *rows)
{
	for (; rows->count < rows->connections.count; rows->count++)
		rows->list[rows->count].connection = &rows->connections.list[rows->count];
}

static int choose_stale(struct client *client, struct rows *rows)
{
	struct judge *judge;
	size_t i;
	int error;

	error = judge_open(&judge, client);
	for (i = 0; !error && i < rows->connections.count; i++) {
		struct row *row = &rows->list[rows->count];

		row->connection = &rows->connections.list[i];
		error = judge_connection(judge, row->connection, &row->now);
		if (error || !row->now.stale)
			continue;
		if (row->now.unsure && !rows->wanted->unsure)
			rows->unsure++;
		else
			rows->count++;
	}
	judge_close(judge);
	return error;
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

/**
 * struct texts - the cells of a row
 * @protocol: its name
 * @source: the pod
 * @destination: behind a service
 * @translated: what the destination sees
 * @age: how long it has been there
 * @now: what it would see, or why it would see the pod; "" where nobody was asked
 */
struct texts {
	char protocol[PROTOCOL_TEXT_MAX];
	char source[CONNECTION_ENDPOINT_MAX];
	char destination[CONNECTION_ENDPOINT_MAX];
	char translated[CONNECTION_ENDPOINT_MAX];
	char age[AGE_MAX];
	char now[CIDR_TEXT_MAX + sizeof(UNSURE)];
};

static void row_texts(const struct row *row, struct texts *texts)
{
	const struct connection *connection = row->connection;
	const char *unsure = row->now.unsure ? UNSURE : "";
	char name[PROTOCOL_TEXT_MAX], age[AGE_MAX];
	char address[CIDR_TEXT_MAX];

	snprintf(texts->protocol, sizeof(texts->protocol), "%s",
		 protocol_name(connection->protocol, name));
	snprintf(texts->age, sizeof(texts->age), "%s", age_text(connection, age));
	connection_endpoint(&connection->source, connection->source_port,
			    connection->protocol, texts->source);
	connection_endpoint(&connection->destination, connection->destination_port,
			    connection->protocol, texts->destination);
	if (connection->source_nat)
		connection_endpoint(&connection->translated, connection->translated_port,
				    connection->protocol, texts->translated);
	else
		snprintf(texts->translated, sizeof(texts->translated), "-");
	if (row->now.stale == STALE_PORT)
		snprintf(texts->now, sizeof(texts->now), "other port%s", unsure);
	else if (row->now.has_address)
		snprintf(texts->now, sizeof(texts->now), "%s%s",
			 cidr_format_address(&row->now.address, address), unsure);
	else
		snprintf(texts->now, sizeof(texts->now), "%s%s", row->now.verdict ?
			 policy_verdict_name(row->now.verdict) : "", unsure);
}

/* Widths of the columns, in the order of struct texts. */
struct widths {
	int protocol;
	int source;
	int destination;
	int translated;
	int age;
	int now;
};

static int longer(int width, const char *text)
{
	int length = strlen(text);

	return length > width ? length : width;
}

static int total_width(const struct widths *widths)
{
	int columns = widths->protocol + 2 + widths->source + 2 + widths->destination + 2 +
		      widths->translated + 2 + widths->age;

	return widths->now ? columns + 2 + widths->now : columns;
}

/* Those of all rows, or of the IPv4 ones only. */
static struct widths measure(const struct rows *rows, bool ipv6)
{
	struct widths widths = {
		strlen("PROTO"), strlen("POD"), strlen("DESTINATION"), strlen("SEEN AS"), 4,
		rows->wanted->stale ? strlen("NOW") : 0,
	};
	struct texts texts;
	size_t i;

	for (i = 0; i < rows->count; i++) {
		if (!ipv6 && rows->list[i].connection->source.family == AF_INET6)
			continue;
		row_texts(&rows->list[i], &texts);
		widths.protocol = longer(widths.protocol, texts.protocol);
		widths.source = longer(widths.source, texts.source);
		widths.destination = longer(widths.destination, texts.destination);
		widths.translated = longer(widths.translated, texts.translated);
		widths.age = longer(widths.age, texts.age);
		widths.now = longer(widths.now, texts.now);
	}
	return widths;
}

static bool fits(const struct texts *texts, const struct widths *widths)
{
	return (int)strlen(texts->source) <= widths->source &&
	       (int)strlen(texts->destination) <= widths->destination &&
	       (int)strlen(texts->translated) <= widths->translated;
}

static void print_row(const struct texts *texts, const struct widths *widths, bool below)
{
	if (!fits(texts, widths)) {
		printf("%-*s  %s\n         to %s\n         seen as %s, age %s%s%s\n",
		       widths->protocol, texts->protocol, texts->source, texts->destination,
		       texts->translated, texts->age, *texts->now ? ", now " : "", texts->now);
		return;
	}
	printf("%-*s  %-*s  %-*s  %-*s  %*s", widths->protocol, texts->protocol, widths->source,
	       texts->source, widths->destination, texts->destination, widths->translated,
	       texts->translated, widths->age, texts->age);
	if (*texts->now)
		printf(below ? "\n         now %s" : "  %s", texts->now);
	putchar('\n');
}

/* In lines that a terminal can show: IPv6 addresses may take several for a
 * connection, and so may long IPv4 ones together with what they would be now.
 */
static void print_rows(const struct invocation *invocation, const struct rows *rows)
{
	struct widths widths = measure(rows, true);
	struct texts texts;
	bool below;
	size_t i;

	if (total_width(&widths) > line_columns())
		widths = measure(rows, false);
	below = total_width(&widths) > line_columns();
	if (rows->count)
		print_header(invocation, "%-*s  %-*s  %-*s  %-*s  %*s%s\n", widths.protocol,
			     "PROTO", widths.source, "POD", widths.destination, "DESTINATION",
			     widths.translated, "SEEN AS", widths.age, "AGE",
			     widths.now && !below ? "  NOW" : "");
	for (i = 0; i < rows->count; i++) {
		row_texts(&rows->list[i], &texts);
		print_row(&texts, &widths, below);
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
	if (row->now.stale)
		json_object_set_new(object, "stale", json_string(stale_name(row->now.stale)));
	if (row->now.stale)
		json_object_set_new(object, "unsure", json_boolean(row->now.unsure));
	if (row->now.verdict)
		json_object_set_new(object, "verdict_now",
				    json_string(policy_verdict_name(row->now.verdict)));
	if (row->now.has_address)
		json_object_set_new(object, "address_now", json_string(
			cidr_format_address(&row->now.address, address)));
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

static int drop_rows(struct conntrack *conntrack, const struct rows *rows,
		     struct dropped *dropped)
{
	size_t i;
	int error;

	for (i = 0; i < rows->count; i++) {
		if (!conntrack_can_remove(rows->list[i].connection)) {
			dropped->left++;
			continue;
		}
		error = conntrack_remove(conntrack, rows->list[i].connection);
		/* One that ended meanwhile is what was wanted. */
		if (error && error != -ENOENT)
			return error;
		dropped->removed++;
	}
	return 0;
}

static int print_all_json(const struct rows *rows, const struct dropped *dropped)
{
	json_t *list = json_array(), *object = json_pack("{s:o}", "connections", list);
	size_t i;

	for (i = 0; i < rows->count; i++)
		json_array_append_new(list, row_json(&rows->list[i]));
	if (rows->wanted->stale)
		json_object_set_new(object, "unsure", json_integer(rows->unsure));
	if (rows->wanted->drop) {
		json_object_set_new(object, "dropped", json_integer(dropped->removed));
		json_object_set_new(object, "left", json_integer(dropped->left));
	}
	return print_json(object);
}

/* Only now and then the kernel notes when a connection began: say how it would. */
static void explain_age(const struct invocation *invocation, const struct rows *rows)
{
	FILE *file;
	size_t i;
	int on;

	for (i = 0; i < rows->count && rows->list[i].connection->started; i++)
		;
	if (i == rows->count)
		return;
	file = fopen(TIMESTAMP_FILE, "re");
	if (!file)
		return;
	on = fgetc(file);
	fclose(file);
	if (on == '0')
		warn(invocation,
		     "ages are not known: \"sysctl net.netfilter.nf_conntrack_timestamp=1\" makes the kernel note when connections begin from then on");
}

static void name_unsure(const struct invocation *invocation, const struct rows *rows)
{
	if (rows->unsure)
		warn(invocation,
		     "%zu more may be stale, which cannot be known: --unsure lists them", rows->unsure);
}

static int show(const struct invocation *invocation, struct conntrack *conntrack,
		const struct rows *rows)
{
	struct dropped dropped = { 0 };
	int error = 0;

	if (!invocation->json) {
		print_rows(invocation, rows);
		/* What nobody could see is not dropped. */
		if (fflush(stdout))
			return refuse_errno(invocation, errno, "cannot write: %s",
					    strerror(errno));
		explain_age(invocation, rows);
		name_unsure(invocation, rows);
	}
	if (rows->wanted->drop)
		error = drop_rows(conntrack, rows, &dropped);
	if (error)
		return refuse_errno(invocation, error, "cannot drop connections: %s (%zu are dropped)",
				    conntrack_strerror(error), dropped.removed);
	if (invocation->json)
		return print_all_json(rows, &dropped);
	if (rows->wanted->drop)
		printf("%zu dropped", dropped.removed);
	if (dropped.left)
		printf(", %zu left to end by themselves", dropped.left);
	if (rows->wanted->drop)
		putchar('\n');
	return EXIT_DONE;
}

static int read_and_show(const struct invocation *invocation, struct client *client,
			 struct rows *rows)
{
	struct conntrack *conntrack;
	int result = 0;
	int error;

	error = conntrack_open(&conntrack);
	if (!error)
		error = read_connections(conntrack, rows);
	if (error) {
		result = refuse_errno(invocation, error, "cannot read conntrack: %s",
				      conntrack_strerror(error));
		goto close;
	}
	if (rows->wanted->stale) {
		error = choose_stale(client, rows);
		if (error == -ENOMEM)
			result = refuse(invocation, "out of memory");
		else if (error)
			result = refuse_client(invocation, client, error);
	} else {
		choose_all(rows);
	}
	if (!result)
		result = show(invocation, conntrack, rows);
close:
	conntrack_close(conntrack);
	return result;
}

static int conns(const struct invocation *invocation, const struct wanted *wanted)
{
	struct rows rows = { .wanted = wanted };
	struct client *client = NULL;
	int result = 0;

	/* Only judging needs the module; without it there are connections still. */
	if (wanted->stale)
		result = connect_module(invocation, &client);
	if (!result)
		result = read_and_show(invocation, client, &rows);
	free(rows.list);
	connections_clear(&rows.connections);
	client_close(client);
	return result;
}

static int read_word(struct arguments *arguments, struct wanted *wanted)
{
	const char *word = *arguments->next++;

	if (argument_family(word, &wanted->family))
		return 0;
	if (word_is(word, "from"))
		return argument_prefix(arguments, &wanted->from, &wanted->has_from);
	if (word_is(word, "to"))
		return argument_prefix(arguments, &wanted->to, &wanted->has_to);
	if (word_is(word, "--stale") || word_is(word, "stale"))
		wanted->stale = true;
	else if (word_is(word, "--unsure") || word_is(word, "unsure"))
		wanted->stale = wanted->unsure = true;
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
	.arguments = "[from CIDR] [to CIDR] [-4|-6] [--stale|--unsure] [--drop]",
	.summary = "list the masqueraded connections, or those out of date",
	.description =
		"Each connection whose source address was translated, by ipmasq or others: the\n"
		"pod, the destination behind a service's address, what the destination sees, and\n"
		"the age, where net.netfilter.nf_conntrack_timestamp is on.\n"
		"\n"
		"  from CIDR  only those of these pods\n"
		"  to CIDR    only those to these destinations\n"
		"  -4, -6     only IPv4 or IPv6\n"
		"  --stale    those that the policy would decide differently now, translated or\n"
		"             not: a policy is asked at a connection's first packet only. NOW\n"
		"             is the address that the destination would see, or the verdict\n"
		"             with which it would see the pod's. A source port outside to-ports\n"
		"             counts too; any address of a pool is right\n"
		"  --unsure   those too that may be right: where a mark, an input interface or\n"
		"             several next hops could have decided the route, and where another\n"
		"             program could have translated. --stale prints their number\n"
		"  --drop     make conntrack forget those that were listed: the next packet of\n"
		"             each is decided anew. TCP connections break, their far side sees\n"
		"             another source; UDP and ICMP go on. Rare protocols are left\n"
		"\n"
		"Not judged, and so never stale, are the node's own connections, those that end\n"
		"on it, and those to services which somebody translated, as kube-proxy does:\n"
		"conntrack does not say who it was. What somebody else translates on its way\n"
		"elsewhere to an address of the node is judged as if ipmasq had. A masqueraded\n"
		"connection may have the address of any interface: which one, its route decided.\n"
		"\n"
		"  ipmasqctl conns --stale\n"
		"  ipmasqctl conns from 10.244.1.2 to 203.0.113.0/24 --stale --drop\n",
	.run = run,
};
