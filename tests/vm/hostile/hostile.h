/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/genetlink.h>
#include <linux/ipmasq.h>
#include <linux/netlink.h>

#include "command_name.h"

#define MESSAGE_MAX 65536

/* Attributes of one message whose place is remembered, at each of two levels. */
#define PLACES_MAX 8

/**
 * struct attribute - an attribute as it goes over the wire, right or wrong
 * @type: with NLA_F_NESTED or without; LIST_END after the last one of a list
 * @length: bytes of the payload
 * @lie: what the header says instead of the true length, 0 for the truth
 * @value: payload
 * @nested: payload made of attributes instead; NULL for none
 */
struct attribute {
	uint16_t type;
	uint16_t length;
	uint16_t lie;
	union {
		uint8_t bytes[24];
		uint8_t u8;
		uint16_t u16;
		uint32_t u32[2];
		uint64_t u64;
	} value;
	const struct attribute *nested;
};

#define LIST_END 0xffff
#define LIST(...) ((const struct attribute[]){ __VA_ARGS__, { .type = LIST_END } })
#define NOTHING ((const struct attribute[]){ { .type = LIST_END } })
#define FLAG(t) { .type = (t) }
#define U8(t, v) { .type = (t), .length = 1, .value.u8 = (v) }
#define U16(t, v) { .type = (t), .length = 2, .value.u16 = (v) }
#define U32(t, v) { .type = (t), .length = 4, .value.u32 = { (v) } }
#define U64(t, v) { .type = (t), .length = 8, .value.u64 = (v) }
#define FLAGS(v, mask) U32(IPMASQ_A_FLAGS, v), U32(IPMASQ_A_FLAGS_MASK, mask)
#define BYTES(t, n, ...) { .type = (t), .length = (n), .value.bytes = { __VA_ARGS__ } }
#define NEST(t, ...) { .type = (t) | NLA_F_NESTED, .nested = LIST(__VA_ARGS__) }

#define ADDRESS4(a, b, c, d) BYTES(IPMASQ_A_CIDR_ADDRESS, 4, a, b, c, d)
#define PREFIX_LEN(n) U8(IPMASQ_A_CIDR_PREFIX_LEN, n)
#define CIDR4(a, b, c, d, n) NEST(IPMASQ_A_CIDR, ADDRESS4(a, b, c, d), PREFIX_LEN(n))

/**
 * struct message - a request that is being made
 * @data: from the netlink header on
 * @length: bytes
 * @place: offsets of its attributes; [i][0] is that of the i-th, [i][j] that of
 *	the j-th inside it, both counted from 1
 */
struct message {
	uint8_t data[MESSAGE_MAX];
	size_t length;
	uint32_t place[PLACES_MAX][PLACES_MAX];
};

/**
 * struct answer - how the kernel ended a request
 * @error: errno, 0 for success
 * @text: of the extack, empty for none
 * @has_offset: the extack points at a place of the request
 * @offset: which one
 * @missing: type of the attribute that the extack calls missing; 0 for none
 * @has_nest: it says in which nest
 * @nest: at which place of the request that is
 */
struct answer {
	int error;
	char text[256];
	bool has_offset;
	uint32_t offset;
	uint32_t missing;
	bool has_nest;
	uint32_t nest;
};

/* What became of a request. */
enum outcome {
	ANSWERED,
	NOT_SENT,
	ANSWER_LOST,
};

/**
 * struct snapshot - everything that a namespace says about its policy
 * @data: the replies, with sequence numbers and ports of 0; the caller's to free
 * @length: bytes
 */
struct snapshot {
	uint8_t *data;
	size_t length;
};

/* socket.c */
int netlink_open_at(uint32_t port);
int netlink_open(void);
void message_begin(struct message *message, uint16_t family, uint8_t command, uint16_t flags);
void message_put(struct message *message, const struct attribute *list);
enum outcome attempt(int socket, struct message *message, struct answer *answer,
		     struct snapshot *replies, int *error);
void exchange(int socket, struct message *message, struct answer *answer,
	      struct snapshot *replies);
void exchange_together(int socket, struct message *messages, size_t count,
		       struct answer *answers);
int request_once(int socket, uint16_t family, uint8_t command, const struct attribute *attributes,
		 struct answer *answer);
bool answers_at_all(int socket, struct message *message);
bool kernel_is(unsigned int major, unsigned int minor);
void snapshot_free(struct snapshot *snapshot);
void snapshot_take(int socket, uint16_t family, struct snapshot *snapshot);
bool snapshot_same(int socket, uint16_t family, struct snapshot *before);

/* family.c */
const struct nlattr *attribute_next(const uint8_t **data, size_t *length);
const uint8_t *attribute_payload(const struct nlattr *attribute);
size_t attribute_length(const struct nlattr *attribute);
uint64_t attribute_number(const struct nlattr *attribute);
uint16_t family_find(int socket);
uint32_t family_group(int socket);
uint32_t family_print(int socket);

/* policies.c */
int policies_print(int socket, uint16_t family);

/* report.c */
void result(const char *name, bool right, const char *expected, const char *seen);
const char *describe(const struct answer *answer, char text[400]);
int results_end(void);

/* values.c */
int run_values(int socket, uint16_t family, const char *table);

/* structure.c */
int run_structure(int socket, uint16_t family);
int run_denied(int socket, uint16_t family, bool join, const char *text);

/* missing.c */
int run_missing(int socket, uint16_t family);

/* garbage.c */
int run_garbage(int socket, uint16_t family, uint32_t seed, unsigned long count);

/* interrupted.c */
int run_interrupted(int socket, uint16_t family);
int run_carry(int socket, uint16_t family, unsigned long generation);
int run_held_dump(int socket, uint16_t family);

/* fill.c */
int run_fill(int socket, uint16_t family, unsigned long count);

/* faults.c */
int run_faults(int socket, uint16_t family);
int run_load_faults(const char *path);

/* reuse.c */
int run_reuse(uint16_t family, unsigned long duration);

/* transactions.c */
int run_transactions(uint16_t family);

/* datagram.c */
int run_datagram(int socket, uint16_t family);
int run_crowd(int socket, uint16_t family, const char *kind, unsigned long count);

/* signals.c */
int run_signals(int socket, uint16_t family, unsigned long rounds);

/* Requests that are right, one for each command; see structure.c. */
extern const struct attribute *const right_requests[IPMASQ_CMD_MAX];

#endif
