// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the family "ipmasq" from where it stands:
 *
 *	fuzz-netlink admin SEED MESSAGES	in a new network namespace of the
 *						caller's, with a route
 *	fuzz-netlink denied SEED MESSAGES	without CAP_NET_ADMIN there
 *
 * The requests come by several sockets, which are closed now and then with a
 * transaction open or a dump half read. Those that were answered as none before,
 * and those that reached code that none had (see coverage.c), are kept to be
 * changed. After each batch the namespace is looked at, see view.c. Stops at the
 * first thing that is not as it must be, and shows the request that came before.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

#define SOCKETS	6
#define BATCH	128

/* Requests kept, and the longest of them. */
#define KEPT_MAX	2048
#define KEPT_LENGTH	2048

#define SIGNS_BITS	16

struct kept {
	size_t length;
	uint8_t data[KEPT_LENGTH];
};

static struct kept kept[KEPT_MAX];
static size_t kept_count;
static uint8_t signs[1 << SIGNS_BITS];
static struct message message;
static struct tally tally;
static uint64_t seed;

/**
 * not_true() - report what should have been and end the program
 * @file: of the source
 * @line: of it
 * @condition: the source text
 */
void not_true(const char *file, int line, const char *condition)
{
	size_t i;

	printf("not true: %s (%s:%d), seed %llu, message %llu:", condition, file, line,
	       (unsigned long long)seed, (unsigned long long)tally.messages);
	for (i = 0; i < message.length && i < 512; i++)
		printf("%s%02x", i % 4 ? "" : " ", message.data[i]);
	putchar('\n');
	exit(1);
}

static void keep(const struct message *made, struct chance *chance)
{
	struct kept *place;

	if (made->length > KEPT_LENGTH)
		return;
	place = &kept[kept_count < KEPT_MAX ? kept_count++ : chance_below(chance, KEPT_MAX)];
	place->length = made->length;
	memcpy(place->data, made->data, made->length);
}

static void make_message(struct chance *chance)
{
	const struct kept *base;

	if (kept_count && chance_percent(chance, 25)) {
		base = &kept[chance_below(chance, (uint32_t)kept_count)];
		message.length = base->length;
		memcpy(message.data, base->data, base->length);
		message_damage(&message, chance, family_number);
		return;
	}
	message_generate(&message, chance, family_number, tally.generation);
	if (chance_percent(chance, 10))
		message_damage(&message, chance, family_number);
}

/* Closed with whatever it has open, and half of the times amid a dump. */
static void replace_socket(int *socket, struct chance *chance)
{
	static struct message dump;
	struct tally ignored = { 0 };

	/* Answers that nobody reads would not be counted. */
	socket_drain(*socket, &tally);
	if (chance_percent(chance, 50)) {
		message_begin(&dump, family_number, IPMASQ_CMD_CIDR_GET,
			      NLM_F_REQUEST | NLM_F_DUMP);
		socket_send(*socket, &dump, &ignored, 1);
	}
	close(*socket);
	*socket = socket_open();
}

static void send_one(int sockets[SOCKETS], struct chance *chance)
{
	int *socket = &sockets[chance_below(chance, SOCKETS)];
	bool news;
	uint32_t sign;

	make_message(chance);
	coverage_start();
	/* Now and then what is left of a dump waits for the next datagram. */
	sign = socket_send(*socket, &message, &tally, chance_percent(chance, 80) ? 8 : 1);
	news = coverage_stop();
	sign = sign * UINT32_C(0x9e3779b1) >> (32 - SIGNS_BITS);
	if (!signs[sign]) {
		signs[sign] = 1;
		news = true;
	}
	if (news)
		keep(&message, chance);
	if (chance_percent(chance, 1))
		replace_socket(socket, chance);
}

static void send_packet(struct chance *chance, bool ipv6)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	int descriptor = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint8_t address[16];

	ALWAYS(descriptor >= 0);
	address_choose(chance, ipv6, address);
	address[0] = ipv6 ? 0x20 : (uint8_t)(11 + chance_below(chance, 100));
	memcpy(&to4.sin_addr, address, 4);
	memcpy(&to6.sin6_addr, address, 16);
	ALWAYS(sendto(descriptor, "", 1, 0, ipv6 ? (void *)&to6 : (void *)&to4,
		      ipv6 ? sizeof(to6) : sizeof(to4)) == 1);
	close(descriptor);
}

/* A connection counts as one, of its family, while there is a policy. */
static void check_counting(const struct view *view, int socket, struct chance *chance)
{
	struct view after = *view;
	bool ipv6 = chance_percent(chance, 50);
	bool counts = view->generation && (!ipv6 || view->flags & IPMASQ_FLAG_IPV6);

	send_packet(chance, ipv6);
	view_take(&after, socket);
	ALWAYS(after.connections[ipv6] == view->connections[ipv6] + counts);
	ALWAYS(after.connections[!ipv6] == view->connections[!ipv6]);
	ALWAYS(after.generation == view->generation);
}

static void print_tally(void)
{
	printf("messages %llu accepted %llu refused %llu", (unsigned long long)tally.messages,
	       (unsigned long long)tally.accepted, (unsigned long long)tally.refused);
}

/* So that requests name what is there. */
static void remember_some(const struct view *view, struct chance *chance)
{
	size_t i;

	for (i = 0; i < 64 && i < view->entry_count; i++) {
		uint32_t one = chance_below(chance, (uint32_t)view->entry_count);

		prefix_remember(&view->entries[one].prefix);
	}
}

static int run_admin(struct chance *chance, uint64_t messages)
{
	int sockets[SOCKETS];
	struct view view = { 0 };
	uint64_t late, events = 0;
	int own, listener, i;
	size_t most = 0;

	own = socket_open();
	socket_find_family(own);
	coverage_open();
	for (i = 0; i < SOCKETS; i++)
		sockets[i] = socket_open();
	listener = socket_subscribe();
	while (tally.messages < messages) {
		uint64_t end = tally.messages + BATCH;

		while (tally.messages < end && tally.messages < messages)
			send_one(sockets, chance);
		for (i = 0; i < SOCKETS; i++)
			socket_drain(sockets[i], &tally);
		events += socket_count_events(listener, &tally);
		ALWAYS(events == tally.changes + tally.deletions);
		view_take(&view, own);
		/* The time of an entry was over while it was read: the next batch is looked at. */
		late = socket_count_events(listener, &tally);
		events += late;
		if (late)
			continue;
		view_check(&view, &tally);
		if (view.entry_count > most)
			most = view.entry_count;
		remember_some(&view, chance);
		if (view.generation) {
			view_ask(&view, own, chance, false);
			view_ask(&view, own, chance, true);
		}
		check_counting(&view, own, chance);
	}
	print_tally();
	printf(" policies %llu deleted %llu expired %llu entries %zu kept %zu coverage %zu\n",
	       (unsigned long long)tally.changes, (unsigned long long)tally.deletions,
	       (unsigned long long)tally.expired, most, kept_count, coverage_total());
	return 0;
}

static int run_denied(struct chance *chance, uint64_t messages)
{
	int sockets[SOCKETS];
	int i;

	for (i = 0; i < SOCKETS; i++)
		sockets[i] = socket_open();
	/* Who may ask nothing may still ask for the number. */
	socket_find_family(sockets[0]);
	while (tally.messages < messages) {
		send_one(sockets, chance);
		ALWAYS(!tally.accepted);
	}
	print_tally();
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	struct chance chance;
	uint64_t messages;

	if (argc != 4)
		goto usage;
	seed = strtoull(argv[2], NULL, 10);
	messages = strtoull(argv[3], NULL, 10);
	chance.state = seed;
	if (!strcmp(argv[1], "admin"))
		return run_admin(&chance, messages);
	if (!strcmp(argv[1], "denied"))
		return run_denied(&chance, messages);
usage:
	fputs("usage: fuzz-netlink admin|denied SEED MESSAGES\n", stderr);
	return 2;
}
