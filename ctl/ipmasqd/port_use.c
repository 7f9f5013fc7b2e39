// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How near a destination is to running out of source ports. A connection that
 * was given another source address holds one port of that address towards its
 * destination; when all are held new connections to it fail. Whoever gave the
 * address does not matter, they all share the ports.
 *
 * The connections are read from conntrack, of which there may be a million: one
 * message each time that the loop comes by, so that nothing else waits, and not
 * again before a hundred times the time that it took. A scrape starts the count
 * that the next scrape shows; a resync starts one only if there are so many
 * connections that they could fill a destination. What is counted by is a
 * fingerprint of protocol, destination and source address, kept only while the
 * counting goes on and only for so many.
 */
#include "port_use.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conntrack.h"
#include "fingerprint.h"
#include "log.h"

/* Connections of this network namespace, of all protocols and translated or not. */
#define CONNECTIONS_FILE "/proc/sys/net/netfilter/nf_conntrack_count"

/* Between the beginnings of two counts: this, and this many times what one took. */
#define INTERVAL (10 * NANOSECONDS_PER_SECOND)
#define INTERVAL_SHARE 100

/* Destinations that are told apart, at 16 bytes each: 1 MiB while it lasts. A
 * destination that many connections go to is met early.
 */
#define SLOTS_MIN 256
#define SLOTS_MAX 65536

struct slot {
	uint64_t destination;
	uint32_t ports;
};

/**
 * struct port_use - counting, and what came of it
 * @loop: the loop that it is done in
 * @conntrack: the reading that goes on, NULL for none
 * @source: its place in the loop
 * @slots: open addressing, a power of two; 0 ports is a free one
 * @slot_count: how many
 * @used: how many are not free
 * @ranges: copy of the policy's, while it goes on
 * @space: the ports that there are
 * @near_percent: share of them that makes a destination one of those that are named
 * @going: the count that goes on
 * @last: the last that came to its end
 * @begun: when the last one began, 0 for never
 * @spent: nanoseconds of processor time that it took
 * @failed: this kernel does not tell
 * @counted: called at the end of each count
 * @data: for @counted
 */
struct port_use {
	struct loop *loop;
	struct conntrack *conntrack;
	struct loop_source source;
	struct slot *slots;
	size_t slot_count;
	size_t used;
	struct port_range ranges[IPMASQ_PORT_RANGES_MAX];
	struct port_space space;
	unsigned int near_percent;
	struct port_use_count going;
	struct port_use_count last;
	int64_t begun;
	int64_t spent;
	bool failed;
	port_use_counted counted;
	void *data;
};

static struct slot *find_slot(struct slot *slots, size_t count, uint64_t destination)
{
	size_t i = destination & (count - 1);

	while (slots[i].ports && slots[i].destination != destination)
		i = (i + 1) & (count - 1);
	return &slots[i];
}

static bool grow(struct port_use *use)
{
	size_t count = use->slot_count * 2;
	struct slot *slots;
	size_t i;

	if (count > SLOTS_MAX)
		return false;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return false;
	for (i = 0; i < use->slot_count; i++) {
		if (use->slots[i].ports)
			*find_slot(slots, count, use->slots[i].destination) = use->slots[i];
	}
	free(use->slots);
	use->slots = slots;
	use->slot_count = count;
	return true;
}

/* Returns how many ports are held with this one; 0 where it is not told apart. */
static uint32_t count_port(struct port_use *use, uint64_t destination)
{
	struct slot *slot = find_slot(use->slots, use->slot_count, destination);

	if (!slot->ports) {
		if (use->used >= use->slot_count / 4 * 3) {
			if (!grow(use))
				return 0;
			slot = find_slot(use->slots, use->slot_count, destination);
		}
		slot->destination = destination;
		use->used++;
	}
	return ++slot->ports;
}

static uint64_t fingerprint(const struct connection *connection, int part)
{
	const struct {
		struct cidr destination;
		struct cidr translated;
		uint16_t port;
		uint8_t protocol;
		uint8_t part;
	} key = {
		connection->destination, connection->translated, connection->destination_port,
		connection->protocol, (uint8_t)part,
	};

	return fingerprint_bytes(FINGERPRINT_EMPTY, &key, sizeof(key));
}

static void add_near(struct port_use_count *count, const struct connection *connection,
		     uint64_t destination, int part, uint32_t available)
{
	if (count->near_count == PORT_USE_NEAR_MAX) {
		count->near_left_out++;
		return;
	}
	count->near[count->near_count++] = (struct port_use_destination) {
		.fingerprint = destination,
		.protocol = connection->protocol,
		.part = (uint8_t)part,
		.destination = connection->destination,
		.port = connection->destination_port,
		.address = connection->translated,
		.available = available,
	};
}

/* Ports of so many that make a destination one to be named; above 0. */
static uint32_t near_ports(const struct port_use *use, uint32_t available)
{
	return (available * use->near_percent + 99) / 100;
}

static int count_connection(const struct connection *connection, void *data)
{
	struct port_use *use = data;
	enum port_use_protocol protocol;
	uint32_t held, available;
	uint64_t destination;
	int part;

	switch (connection->protocol) {
	case IPPROTO_TCP:
		protocol = PORT_USE_TCP;
		break;
	case IPPROTO_UDP:
		protocol = PORT_USE_UDP;
		break;
	case IPPROTO_SCTP:
		protocol = PORT_USE_SCTP;
		break;
	default:
		return 0;
	}
	part = port_space_part(&use->space, connection->translated_port);
	if (part < 0)
		return 0;
	available = use->space.available[part];
	destination = fingerprint(connection, part);
	held = count_port(use, destination);
	/* The fullest is the one with the largest share. */
	if ((uint64_t)held * use->going.available[protocol] >=
	    (uint64_t)use->going.held[protocol] * available) {
		use->going.held[protocol] = held;
		use->going.available[protocol] = available;
	}
	if (use->near_percent && held == near_ports(use, available))
		add_near(&use->going, connection, destination, part, available);
	return 0;
}

static void end_count(struct port_use *use)
{
	if (!use->conntrack)
		return;
	loop_remove(use->loop, &use->source);
	conntrack_close(use->conntrack);
	use->conntrack = NULL;
	free(use->slots);
	use->slots = NULL;
}

static void take_count(struct port_use *use)
{
	struct port_use_count *count = &use->going;
	size_t i;

	for (i = 0; i < count->near_count; i++)
		count->near[i].held = find_slot(use->slots, use->slot_count,
						count->near[i].fingerprint)->ports;
	count->time = time(NULL);
	log_line(LOG_DEBUG, "source ports of %zu destinations counted in %" PRId64 " us", use->used,
		 use->spent / 1000);
	use->last = *count;
}

static void fail(struct port_use *use, int error)
{
	/* Asked again, the kernel would look for its module again. */
	use->failed = true;
	log_line(LOG_NOTICE, "the source ports in use cannot be counted: %s",
		 conntrack_strerror(error));
}

/* Nanoseconds that this process had a processor, reading in the kernel included. */
static int64_t processor_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * NANOSECONDS_PER_SECOND + time.tv_nsec;
}

static void ready(void *data)
{
	struct port_use *use = data;
	int64_t begun = processor_time();
	int result;

	result = conntrack_continue(use->conntrack, count_connection, use);
	use->spent += processor_time() - begun;
	if (!result)
		return;
	if (result > 0)
		take_count(use);
	end_count(use);
	if (result < 0)
		fail(use, result);
	else if (use->counted)
		use->counted(&use->last, use->data);
}

static bool may_begin(const struct port_use *use)
{
	int64_t pause = use->spent * INTERVAL_SHARE;

	if (use->failed || use->conntrack)
		return false;
	return !use->begun ||
	       monotonic_now() - use->begun >= (pause > INTERVAL ? pause : INTERVAL);
}

static void set_space(struct port_use *use, const struct policy_settings *settings)
{
	const struct policy_list *ports = &settings->list[SETTING_TO_PORTS];
	size_t count = ports->count;

	if (count > IPMASQ_PORT_RANGES_MAX)
		count = IPMASQ_PORT_RANGES_MAX;
	if (count)
		memcpy(use->ranges, ports->items, count * sizeof(use->ranges[0]));
	port_space_init(&use->space, use->ranges, count);
}

/**
 * port_use_refresh() - begin to count, unless that was done shortly before
 * @use: from port_use_open()
 * @settings: of the policy in force, for its source ports
 *
 * The count goes on in the loop.
 */
void port_use_refresh(struct port_use *use, const struct policy_settings *settings)
{
	int result;

	if (!may_begin(use))
		return;
	set_space(use, settings);
	use->begun = monotonic_now();
	use->spent = 0;
	use->slot_count = SLOTS_MIN;
	use->used = 0;
	use->going = (struct port_use_count) { 0 };
	use->slots = calloc(use->slot_count, sizeof(*use->slots));
	result = use->slots ? conntrack_open(&use->conntrack) : -ENOMEM;
	if (!result)
		result = conntrack_start(use->conntrack, true);
	if (!result) {
		use->source.descriptor = conntrack_descriptor(use->conntrack);
		result = loop_add(use->loop, &use->source);
	}
	if (!result)
		return;
	conntrack_close(use->conntrack);
	use->conntrack = NULL;
	free(use->slots);
	use->slots = NULL;
	if (result == -ELIBACC)
		fail(use, result);
}

/* Returns -1 where the kernel does not tell, as without conntrack. */
static long connection_count(void)
{
	char text[32];
	ssize_t length;
	int descriptor;

	descriptor = open(CONNECTIONS_FILE, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return -1;
	length = read(descriptor, text, sizeof(text) - 1);
	close(descriptor);
	if (length <= 0)
		return -1;
	text[length] = '\0';
	return strtol(text, NULL, 10);
}

/**
 * port_use_look() - count if some destination may be near its end
 * @use: from port_use_open()
 * @settings: of the policy in force, for its source ports
 *
 * No destination can have more connections than there are.
 */
void port_use_look(struct port_use *use, const struct policy_settings *settings)
{
	if (!use->near_percent || !may_begin(use))
		return;
	set_space(use, settings);
	/* What was near its end is looked at until it is not. */
	if (use->last.near_count ||
	    connection_count() >= (long)near_ports(use, port_space_smallest(&use->space)))
		port_use_refresh(use, settings);
}

/**
 * port_use_last() - the last count that came to its end
 * @use: from port_use_open()
 *
 * Return: the count; it changes with the next one.
 */
const struct port_use_count *port_use_last(const struct port_use *use)
{
	return &use->last;
}

/**
 * port_use_open() - get ready to count
 * @use: to fill, freed with port_use_close()
 * @loop: the loop to count in
 * @near_percent: which destinations a count names; 0 for none
 * @counted: called at the end of each count; may be NULL
 * @data: for @counted
 *
 * Loads the library that is needed, while that is allowed.
 *
 * Return: 0 or -ENOMEM. A kernel or a library that does not tell is no error but a
 * line in the log.
 */
int port_use_open(struct port_use **use, struct loop *loop, unsigned int near_percent,
		  port_use_counted counted, void *data)
{
	struct port_use *made = calloc(1, sizeof(*made));
	int result;

	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->source.ready = ready;
	made->source.data = made;
	made->near_percent = near_percent;
	made->counted = counted;
	made->data = data;
	result = conntrack_load();
	if (result)
		fail(made, result);
	*use = made;
	return 0;
}

/**
 * port_use_close() - the opposite of port_use_open()
 * @use: is freed; may be NULL
 */
void port_use_close(struct port_use *use)
{
	if (!use)
		return;
	end_count(use);
	free(use);
}
