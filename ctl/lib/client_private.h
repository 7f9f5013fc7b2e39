/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CLIENT_PRIVATE_H
#define IPMASQ_CLIENT_PRIVATE_H

/* What the client's own files share; nothing else includes this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netlink/netlink.h>
#include <netlink/genl/genl.h>

#include "client.h"

/* A dump's datagram is 32 KiB at most, whatever room the receiver offers. */
#define CLIENT_RECEIVE_SIZE	(64 * 1024)

/* Length of a TRANSACTION_ADD where the send buffer holds it: two hundred messages for
 * a million entries, and still one that the kernel finds memory for at once. */
#define CLIENT_BATCH_SIZE	(128 * 1024)

/* TRANSACTION_ADDs sent before the first answer is read. The answers wait in
 * the socket's receive buffer, which must hold them all. */
#define CLIENT_WINDOW		32

/* Times that an interrupted dump is asked for again. */
#define CLIENT_LIST_ATTEMPTS	20

/* Longest request where nobody says how large the send buffer is. */
#define CLIENT_MESSAGE_SIZE	(32 * 1024)

/* Longest entry in a request that has no detail: a nested IPv6 CIDR with an
 * action. */
#define CLIENT_ENTRY_SIZE	(4 * NLA_HDRLEN + 16 + 4 + 4)

/* What an address of a pool takes, and a timeout. */
#define CLIENT_ADDRESS_SIZE	(2 * NLA_HDRLEN + 16)
#define CLIENT_TIMEOUT_SIZE	(NLA_HDRLEN + 8)

/* Room for everything of a request but its entries and settings. */
#define CLIENT_HEAD_SIZE	(NLMSG_HDRLEN + GENL_HDRLEN + 256)

/**
 * struct client_events - the second socket, for notifications
 * @socket: member of the group "events"; NULL before client_subscribe()
 * @buffer: the datagram read last
 * @next: the first message in it that nobody has seen
 * @left: bytes from @next on, 0 when there are none
 */
struct client_events {
	struct nl_sock *socket;
	unsigned char buffer[4096];
	struct nlmsghdr *next;
	int left;
};

/**
 * struct client - a connection to the module
 * @socket: requests and their answers
 * @events: notifications
 * @family: number that the kernel gave to the family
 * @event_group: number of the multicast group "events", 0 if it has none
 * @message_max: longest request that @socket can send
 * @buffer: CLIENT_RECEIVE_SIZE bytes, the datagram read last from @socket
 * @error: what went wrong last, one line
 * @explained: the last refusal came with a text of the kernel's
 */
struct client {
	struct nl_sock *socket;
	struct client_events events;
	uint16_t family;
	uint32_t event_group;
	size_t message_max;
	unsigned char *buffer;
	char error[512];
	bool explained;
};

/* Takes one message of an answer. Returns 0 or a negative errno. */
typedef int (*client_answer)(struct client *client, struct nlmsghdr *header, void *data);

/* client_error.c */
int client_fail(struct client *client, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int client_errno(int error);

/* client_family.c */
int client_resolve(struct client *client);

/* client_exchange.c */
int client_send(struct client *client, struct nl_msg *message, uint32_t *sequence);
int client_wait(struct client *client, uint32_t sequence, const char *doing,
		client_answer answer, void *data);
int client_exchange(struct client *client, struct nl_msg *message, const char *doing,
		    client_answer answer, void *data);

/* client_request.c */
int client_gone(struct client *client, int error, const char *doing);
int client_request(struct client *client, struct nl_msg *message, const char *doing,
		   client_answer answer, void *data);

/* client_message.c */
struct nl_msg *client_message(const struct client *client, uint8_t command, int flags,
			      size_t size);
int client_put_generation(struct nl_msg *message, uint64_t generation);
int client_put_origin(struct nl_msg *message, uint8_t origin);
int client_put_settings(struct nl_msg *message, const struct policy_settings *settings);
int client_settings_message(struct client *client, uint8_t command, const char *doing,
			    const struct policy_settings *settings, struct nl_msg **message);
int client_put_prefix(struct nl_msg *message, const struct cidr *cidr);
size_t client_entry_size(const struct policy_entry *entry);
int client_check_entries(struct client *client, const char *doing,
			 const struct policy_entry *entries, size_t count);
size_t client_put_entries(struct nl_msg *message, const struct policy_entry *entries,
			  size_t count, bool actions);
int client_put_flow(struct nl_msg *message, const struct client_flow *flow);

/* client_parse.c */
extern const struct nla_policy client_attributes[IPMASQ_A_MAX + 1];
extern const struct nla_policy client_cidr_attributes[IPMASQ_A_CIDR_MAX + 1];

int client_parse_generation(const struct nlmsghdr *header, uint64_t *generation);
int client_parse_status(const struct nlmsghdr *header, struct client_status *status);
int client_parse_entry(const struct nlmsghdr *header, uint64_t *generation,
		       struct policy_entry *entry);
int client_parse_explanation(const struct nlmsghdr *header,
			     struct client_explanation *explanation);
int client_parse_statistics(const struct nlmsghdr *header,
			    struct client_statistics *statistics);
int client_parse_event(const struct nlmsghdr *header, struct client_event *event);

#endif
