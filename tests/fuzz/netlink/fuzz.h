/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETLINK_FUZZ_H
#define NETLINK_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/genetlink.h>
#include <linux/ipmasq.h>
#include <linux/netlink.h>

#include "../chance.h"
#include "spec.h"

#define MESSAGE_MAX	65536

/**
 * struct message - a datagram to send
 * @data: one netlink message or several
 * @length: bytes
 */
struct message {
	uint8_t data[MESSAGE_MAX];
	size_t length;
};

/**
 * struct prefix - an address with as many bits as count
 * @ipv6: or IPv4
 * @length: 0 to 32, or to 128
 * @address: network order, no bits after @length
 */
struct prefix {
	bool ipv6;
	uint8_t length;
	uint8_t address[16];
};

/* generate.c */
void prefix_remember(const struct prefix *prefix);
void address_choose(struct chance *chance, bool ipv6, uint8_t address[16]);
void message_begin(struct message *message, uint16_t family, uint8_t command, uint16_t flags);
void message_put(struct message *message, uint16_t type, const void *value, size_t length);
void message_generate(struct message *message, struct chance *chance, uint16_t family,
		      uint64_t generation);
void message_make(struct message *message, struct chance *chance, uint16_t family,
		  uint8_t command, bool hasty);
void message_damage(struct message *message, struct chance *chance, uint16_t family);

/* coverage.c */
bool coverage_open(void);
void coverage_start(void);
size_t coverage_stop(void);
size_t coverage_total(void);

/* exchange.c */
extern uint16_t family_number;

/**
 * struct tally - how requests were answered
 * @messages: datagrams sent
 * @accepted: requests of the family that were carried out
 * @refused: requests that were not
 * @changes: policies published
 * @deletions: policies deleted
 * @expired: of the policies published, those that the kernel made when the time of an
 *	entry was over. A timeout is an hour or more, but damage may make it short.
 * @exists: there is a policy
 * @carried: a generation was carried over, which the next policy may continue from
 * @generation: of the policy published last
 */
struct tally {
	uint64_t messages;
	uint64_t accepted;
	uint64_t refused;
	uint64_t changes;
	uint64_t deletions;
	uint64_t expired;
	bool exists;
	bool carried;
	uint64_t generation;
};

/* What is told of each message of an answer that carries data. */
typedef void (*reply_visit)(const struct nlmsghdr *header, void *data);

int socket_open(void);
void socket_find_family(int socket);
int socket_subscribe(void);
void socket_ask(int socket, struct message *message, reply_visit visit, void *data);
uint32_t socket_send(int socket, struct message *message, struct tally *tally,
		     unsigned int most);
void socket_drain(int socket, struct tally *tally);
uint64_t socket_count_events(int socket, struct tally *tally);

/* reply.c */
typedef void (*attribute_visit)(const struct nlattr *attribute, void *data);

void reply_check(const struct nlmsghdr *header);
void reply_each(const void *start, size_t length, uint16_t type, attribute_visit visit,
		void *data);
const struct nlattr *reply_find(const void *start, size_t length, uint16_t type);
const void *reply_value(const struct nlattr *attribute);
size_t reply_length(const struct nlattr *attribute);
uint64_t reply_number(const struct nlattr *attribute);

/**
 * struct entry - an entry of the table, as a dump tells it
 * @prefix: which
 * @action: enum ipmasq_action
 * @origin: enum ipmasq_origin
 * @shadowed: another origin's entry decides
 * @addresses: of its pool
 */
struct entry {
	struct prefix prefix;
	uint8_t action;
	uint8_t origin;
	bool shadowed;
	unsigned int addresses;
};

/**
 * struct view - all that a namespace says of itself
 * @generation: of the policy in force
 * @flags: IPMASQ_FLAG_*
 * @counts: entries, by origin, as the policy tells
 * @sources: its source list
 * @source_count: how many
 * @interfaces: its interface list
 * @interface_count: how many
 * @addresses: in its pool, IPv4 and IPv6
 * @entries: as the dump tells
 * @entry_count: how many
 * @entry_room: how many there is room for
 * @connections: decided so far, IPv4 and IPv6
 */
struct view {
	uint64_t generation;
	uint32_t flags;
	uint64_t counts[IPMASQ_ORIGIN_STATIC + 1];
	struct prefix sources[IPMASQ_SOURCE_CIDRS_MAX];
	unsigned int source_count;
	char interfaces[IPMASQ_INTERFACES_MAX][16];
	unsigned int interface_count;
	unsigned int addresses[2];
	struct entry *entries;
	size_t entry_count;
	size_t entry_room;
	uint64_t connections[2];
};

/* view.c */
void view_take(struct view *view, int socket);
void view_check(const struct view *view, struct tally *tally);
void view_ask(const struct view *view, int socket, struct chance *chance, bool ipv6);

/* What must be true; says what was not, and the message that came last. */
#define ALWAYS(condition) do { \
	if (!(condition)) \
		not_true(__FILE__, __LINE__, #condition); \
} while (0)

/* main.c */
void not_true(const char *file, int line, const char *condition) __attribute__((noreturn));

#endif
