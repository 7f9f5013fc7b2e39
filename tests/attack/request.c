// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests and their answers. A sequence number has the command in its lowest byte, so
 * that whoever reads an answer, on a socket that several use, knows what it answers.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"

#define ANSWER_MAX	(32 << 10)
#define PATIENCE_MS	3000
#define SOCKET_TRIES	1000

/**
 * request_socket() - a generic-netlink socket, not bound
 *
 * Tries again for a while where there is no memory: an attacker that goes on without a
 * socket attacks nothing.
 *
 * Return: a descriptor, or -1.
 */
int request_socket(void)
{
	int descriptor = -1, on = 1;
	unsigned int tries;

	for (tries = 0; tries < SOCKET_TRIES && descriptor < 0; tries++) {
		if (tries)
			usleep(1000);
		descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	}
	if (descriptor >= 0)
		setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	return descriptor;
}

/**
 * request_bind() - give a socket a port id
 * @socket: not bound yet
 * @port: the port id
 *
 * Return: 0 or -1 with errno.
 */
int request_bind(int socket, uint32_t port)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = port };

	return bind(socket, (struct sockaddr *)&address, sizeof(address));
}

/* The attribute of a type in a list of them. */
static const struct nlattr *find(const uint8_t *data, size_t length, uint16_t type)
{
	while (length >= NLA_HDRLEN) {
		const struct nlattr *attribute = (const void *)data;
		size_t size = NLA_ALIGN(attribute->nla_len);

		if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > length)
			return NULL;
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
		size = size < length ? size : length;
		data += size;
		length -= size;
	}
	return NULL;
}

static const struct nlattr *find_inside(const struct nlattr *nest, uint16_t type)
{
	return nest ? find((const uint8_t *)nest + NLA_HDRLEN, nest->nla_len - NLA_HDRLEN, type) :
		      NULL;
}

/**
 * request_family() - find the family's number, which changes with each load
 * @board: gets the number and that of its group, or 0 where there is no family
 */
void request_family(struct board *board)
{
	static struct message message;
	static uint8_t answer[ANSWER_MAX];
	const struct nlattr *number, *group;
	const uint8_t *start = answer + NLMSG_HDRLEN + GENL_HDRLEN;
	int descriptor = request_socket();
	ssize_t length;
	uint32_t id = 0;
	uint16_t family = 0;

	if (descriptor < 0)
		return;
	message_begin(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_REQUEST);
	message_put(&message, CTRL_ATTR_FAMILY_NAME, IPMASQ_FAMILY_NAME,
		    sizeof(IPMASQ_FAMILY_NAME));
	length = send(descriptor, message.data, message.length, 0) < 0 ? -1 :
		 recv(descriptor, answer, sizeof(answer), MSG_DONTWAIT);
	close(descriptor);
	if (length < (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN))
		return;
	if (((const struct nlmsghdr *)answer)->nlmsg_type == GENL_ID_CTRL) {
		length -= NLMSG_HDRLEN + GENL_HDRLEN;
		number = find(start, (size_t)length, CTRL_ATTR_FAMILY_ID);
		group = find_inside(find_inside(find(start, (size_t)length,
						     CTRL_ATTR_MCAST_GROUPS), 1),
				    CTRL_ATTR_MCAST_GRP_ID);
		if (number && group) {
			memcpy(&family, (const uint8_t *)number + NLA_HDRLEN, sizeof(family));
			memcpy(&id, (const uint8_t *)group + NLA_HDRLEN, sizeof(id));
		}
	}
	board->group = id;
	board->family = family;
}

/**
 * request_send() - send a request, or several in one datagram, and wait for nothing
 * @attack: who sends
 * @socket: any
 * @message: its first header gets the sequence number
 *
 * Return: whether the kernel took it.
 */
bool request_send(struct attack *attack, int socket, struct message *message)
{
	struct nlmsghdr *header = (void *)message->data;
	const struct genlmsghdr *generic = (const void *)(header + 1);
	uint8_t command = generic->cmd <= IPMASQ_CMD_STATS_GET ? generic->cmd : 0;

	header->nlmsg_seq = chance_next(&attack->chance) << 8 | command;
	return send(socket, message->data, message->length, MSG_NOSIGNAL) >= 0;
}

/* Count the answers of a datagram. Returns the outcome of a certain request, or UNKNOWN. */
static int take(struct attack *attack, const uint8_t *data, int left, uint32_t sequence)
{
	const struct nlmsghdr *header;
	int outcome = UNKNOWN;

	for (header = (const void *)data; NLMSG_OK(header, (unsigned int)left);
	     header = NLMSG_NEXT(header, left)) {
		uint8_t command = header->nlmsg_seq & 0xff;
		int error;

		if (header->nlmsg_type != NLMSG_ERROR && header->nlmsg_type != NLMSG_DONE)
			continue;
		error = -*(const int *)NLMSG_DATA(header);
		if (command && command <= IPMASQ_CMD_STATS_GET)
			count(attack, command, !error);
		if (header->nlmsg_seq == sequence)
			outcome = error;
	}
	return outcome;
}

/**
 * request_answers() - read what answers there are
 * @attack: who reads, for whom they count
 * @socket: any
 * @most: datagrams
 * @milliseconds: to wait for the first
 */
void request_answers(struct attack *attack, int socket, unsigned int most, int milliseconds)
{
	struct pollfd poll_for = { .fd = socket, .events = POLLIN };
	uint8_t answer[ANSWER_MAX];
	ssize_t length;

	if (milliseconds && poll(&poll_for, 1, milliseconds) <= 0)
		return;
	while (most--) {
		length = recv(socket, answer, sizeof(answer), MSG_DONTWAIT);
		if (length < 0)
			return;
		take(attack, answer, (int)length, 0);
	}
}

/**
 * request_ask() - send a request and wait for its outcome
 * @attack: who sends
 * @socket: which nobody else reads from
 * @message: the request
 *
 * Return: 0, a positive errno, or UNKNOWN.
 */
int request_ask(struct attack *attack, int socket, struct message *message)
{
	const struct nlmsghdr *header = (const void *)message->data;
	struct pollfd poll_for = { .fd = socket, .events = POLLIN };
	uint8_t answer[ANSWER_MAX];
	int outcome = UNKNOWN;
	ssize_t length;

	if (!request_send(attack, socket, message))
		return UNKNOWN;
	while (outcome == UNKNOWN) {
		length = recv(socket, answer, sizeof(answer), MSG_DONTWAIT);
		if (length >= 0)
			outcome = take(attack, answer, (int)length, header->nlmsg_seq);
		else if (errno != EAGAIN || poll(&poll_for, 1, PATIENCE_MS) <= 0)
			break;
	}
	return outcome;
}

/**
 * request_make() - ask for something that is mostly right
 * @attack: who asks
 * @socket: which nobody else reads from
 * @command: what for
 *
 * Return: as request_ask().
 */
int request_make(struct attack *attack, int socket, uint8_t command)
{
	struct message message;

	message_make(&message, &attack->chance, (uint16_t)attack->board->family, command, false);
	return request_ask(attack, socket, &message);
}
