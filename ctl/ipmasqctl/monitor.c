// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl monitor */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "client.h"
#include "connections.h"
#include "live.h"
#include "protocol.h"

/* What is in force when monitoring starts, so that every later line says what
 * has changed since the line before. */
static void print_start(const struct invocation *invocation, const struct client_status *status)
{
	char time[LIVE_TIME_MAX];

	if (invocation->json)
		live_print_json(json_pack("{s:s, s:s, s:I, s:{s:I, s:I}}",
					  "time", live_time(true, time), "event", "start",
					  "generation", (json_int_t)status->generation, "entries",
					  "config", (json_int_t)status->entries_config,
					  "static", (json_int_t)status->entries_static));
	else if (status->generation)
		printf("%s  generation %" PRIu64 " in force: %" PRIu32 " config, %" PRIu32
		       " static entries\n", live_time(false, time), status->generation,
		       status->entries_config, status->entries_static);
	else
		printf("%s  no policy in this network namespace\n", live_time(false, time));
}

static void print_change(const struct invocation *invocation, const struct client_event *event)
{
	const char *cause = policy_command_name(event->cause);
	const char *origin = event->origin ? policy_origin_name(event->origin) : NULL;
	char time[LIVE_TIME_MAX];

	if (invocation->json) {
		live_print_json(json_pack("{s:s, s:s, s:I, s:s, s:s?, s:I, s:{s:I, s:I}}",
					  "time", live_time(true, time), "event", "policy-changed",
					  "generation", (json_int_t)event->generation,
					  "cause", cause, "origin", origin,
					  "port_id", (json_int_t)event->port_id, "entries",
					  "config", (json_int_t)event->entries_config,
					  "static", (json_int_t)event->entries_static));
		return;
	}
	live_time(false, time);
	if (!event->generation) {
		printf("%s  policy removed by port %" PRIu32 "\n", time, event->port_id);
		return;
	}
	printf("%s  generation %" PRIu64 " by %s%s%s, ", time, event->generation, cause,
	       origin ? " of " : "", origin ? origin : "");
	if (event->port_id)
		printf("port %" PRIu32, event->port_id);
	else
		printf("their time is over");
	printf(": %" PRIu32 " config, %" PRIu32 " static entries\n", event->entries_config,
	       event->entries_static);
}

static void print_exhaustion(const struct invocation *invocation,
			     const struct client_exhaustion *exhaustion)
{
	char source[CONNECTION_ENDPOINT_MAX], destination[CONNECTION_ENDPOINT_MAX];
	char address[CIDR_TEXT_MAX], name[PROTOCOL_TEXT_MAX], time[LIVE_TIME_MAX];
	const char *protocol = protocol_name(exhaustion->protocol, name);

	cidr_format_address(&exhaustion->address, address);
	if (invocation->json) {
		live_print_json(json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:i, s:s, s:I}",
			"time", live_time(true, time), "event", "ports-exhausted",
			"protocol", protocol,
			"source", cidr_format_address(&exhaustion->source, source),
			"source_port", exhaustion->source_port,
			"destination", cidr_format_address(&exhaustion->destination, destination),
			"destination_port", exhaustion->destination_port,
			"source_address", address,
			"connections", (json_int_t)exhaustion->connections));
		return;
	}
	printf("%s  no free source port: %s from %s to %s as %s, connections dropped: %" PRIu64 "\n",
	       live_time(false, time), protocol,
	       connection_endpoint(&exhaustion->source, exhaustion->source_port,
				   exhaustion->protocol, source),
	       connection_endpoint(&exhaustion->destination, exhaustion->destination_port,
				   exhaustion->protocol, destination),
	       address, exhaustion->connections);
}

static void print_event(const struct invocation *invocation, const struct client_event *event)
{
	switch (event->command) {
	case IPMASQ_CMD_POLICY_CHANGED:
		print_change(invocation, event);
		break;
	case IPMASQ_CMD_PORTS_EXHAUSTED:
		print_exhaustion(invocation, &event->exhaustion);
		break;
	}
}

static void print_lost(const struct invocation *invocation)
{
	char time[LIVE_TIME_MAX];

	if (invocation->json)
		live_print_json(json_pack("{s:s, s:s}", "time", live_time(true, time),
					  "event", "lost"));
	else
		printf("%s  events were lost: they came faster than they could be read\n",
		       live_time(false, time));
}

/* Prints all events that wait. Returns 0, a negative errno, or 1 with errno
 * set when standard output cannot be written. */
static int print_events(const struct invocation *invocation, struct client *client)
{
	struct client_event event;
	int error;

	for (;;) {
		error = client_next_event(client, &event);
		if (!error)
			print_event(invocation, &event);
		else if (error == -ENOBUFS)
			print_lost(invocation);
		else
			return error == -EAGAIN ? 0 : error;
		if (fflush(stdout))
			return 1;
	}
}

/* Until a signal, an error, or nobody reads. Returns the exit code. */
static int monitor(const struct invocation *invocation, struct client *client, int events,
		   int signals)
{
	struct pollfd descriptors[] = {
		{ .fd = events, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		/* Says when the reader of a pipe has gone, without an event. */
		{ .fd = STDOUT_FILENO, .events = 0 },
	};
	int error;

	for (;;) {
		if (poll(descriptors, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return refuse_errno(invocation, errno, "cannot wait for events: %s",
					    strerror(errno));
		}
		if (descriptors[1].revents || descriptors[2].revents)
			return EXIT_DONE;
		if (!descriptors[0].revents)
			continue;
		error = print_events(invocation, client);
		if (error > 0)
			return live_output_ended();
		if (error < 0)
			return refuse_client(invocation, client, error);
	}
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct client_status status;
	struct client *client;
	int signals;
	int events;
	int result;
	int error;

	result = no_arguments(invocation, argc, argv);
	if (!result)
		result = connect_module(invocation, &client);
	if (result)
		return result;

	signals = live_open_signals();
	if (signals < 0) {
		result = refuse_errno(invocation, errno, "cannot wait for signals: %s",
				      strerror(errno));
		goto out_client;
	}
	/* First listen, then look: so nothing is missed in between. */
	error = client_subscribe(client, &events);
	if (!error) {
		error = client_policy_get(client, &status);
		client_status_clear(&status);
	}
	if (error) {
		result = refuse_client(invocation, client, error);
		goto out_signals;
	}

	print_start(invocation, &status);
	result = fflush(stdout) ? live_output_ended() :
				  monitor(invocation, client, events, signals);

out_signals:
	close(signals);
out_client:
	client_close(client);
	return result;
}

const struct command command_monitor = {
	.name = "monitor",
	.arguments = "",
	.summary = "print changes of the policy and lack of ports as they happen",
	.description =
		"The first line says what is in force. Then each change is a line: the time,\n"
		"the new generation, the kind of change, whose entries it was about, the\n"
		"netlink port of who made it, and how many entries there are now. With --json\n"
		"each line is an object, its \"event\" one of start, policy-changed,\n"
		"ports-exhausted and lost.\n"
		"\n"
		"A line \"no free source port\" names one of the connections that could not be\n"
		"translated because all ports towards their destination are held, and how many\n"
		"they were since the line before; there is one a second at most.\n"
		"\n"
		"Where changes come faster than they can be read, a line says that events were\n"
		"lost. Ends on Ctrl-C, SIGTERM, or when its output is no longer read.\n",
	.run = run,
};
