// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets: requests sent and their answers counted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

#define RECEIVE_MAX	(128 << 10)

/* Datagrams that are read at once, and the longest: the kernel's for a dump. */
#define DATAGRAMS	8
#define DATAGRAM_MAX	(32 << 10)

/* Requests whose answers may still come: those of one batch, and a dump's. */
#define REMEMBERED	4096

uint16_t family_number;

static uint32_t sequence;
static uint32_t event_group;

/* Commands by their sequence number, 0 where the kernel carries nothing out. */
static uint8_t commands[REMEMBERED];

static uint8_t buffer[RECEIVE_MAX];

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/**
 * socket_open() - a generic-netlink socket
 *
 * Return: a descriptor.
 */
int socket_open(void)
{
	struct timeval patience = { .tv_sec = 60 };
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int on = 1, room = 1 << 20;
	int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&any, sizeof(any)))
		die("socket");
	setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return descriptor;
}

static uint8_t command_of(const struct nlmsghdr *header)
{
	const struct genlmsghdr *generic = (const void *)(header + 1);

	return generic->cmd;
}

static void transmit(int socket, struct message *message)
{
	struct nlmsghdr *header = (void *)message->data;
	ssize_t sent;

	header->nlmsg_seq = ++sequence;
	commands[sequence % REMEMBERED] = 0;
	/* The kernel acknowledges what is no request at all, too. */
	if (header->nlmsg_type == family_number && header->nlmsg_flags & NLM_F_REQUEST &&
	    message->length >= NLMSG_HDRLEN + GENL_HDRLEN)
		commands[sequence % REMEMBERED] = command_of(header);
	do {
		sent = send(socket, message->data, message->length, 0);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		die("send");
}

/**
 * socket_ask() - a request of the fuzzer's own, which must be answered
 * @socket: which nothing waits on
 * @message: the request
 * @visit: told of each message with data
 * @data: for @visit
 */
void socket_ask(int socket, struct message *message, reply_visit visit, void *data)
{
	const struct nlmsghdr *header;
	ssize_t received;
	int left;

	transmit(socket, message);
	for (;;) {
		received = recv(socket, buffer, sizeof(buffer), 0);
		if (received < 0)
			die("no answer");
		left = (int)received;
		for (header = (const void *)buffer; NLMSG_OK(header, (unsigned int)left);
		     header = NLMSG_NEXT(header, left)) {
			ALWAYS(header->nlmsg_seq == sequence);
			if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
				ALWAYS(!*(const int *)NLMSG_DATA(header));
				return;
			}
			if (visit)
				visit(header, data);
		}
	}
}

static void take_number(const struct nlmsghdr *header, void *data)
{
	const uint8_t *start = (const uint8_t *)header + NLMSG_HDRLEN + GENL_HDRLEN;
	size_t length = header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	const struct nlattr *number = reply_find(start, length, CTRL_ATTR_FAMILY_ID);
	const struct nlattr *groups = reply_find(start, length, CTRL_ATTR_MCAST_GROUPS);
	const struct nlattr *group;

	(void)data;
	ALWAYS(number && groups);
	family_number = (uint16_t)reply_number(number);
	group = reply_find(reply_value(groups), reply_length(groups), 1);
	ALWAYS(group);
	number = reply_find(reply_value(group), reply_length(group), CTRL_ATTR_MCAST_GRP_ID);
	ALWAYS(number);
	event_group = (uint32_t)reply_number(number);
}

/**
 * socket_find_family() - find the family's number and that of its group
 * @socket: any
 */
void socket_find_family(int socket)
{
	static struct message message;

	message_begin(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_REQUEST | NLM_F_ACK);
	message_put(&message, CTRL_ATTR_FAMILY_NAME, IPMASQ_FAMILY_NAME,
		    sizeof(IPMASQ_FAMILY_NAME));
	socket_ask(socket, &message, take_number, NULL);
}

/**
 * socket_subscribe() - a socket that gets the events
 *
 * Return: a descriptor.
 */
int socket_subscribe(void)
{
	int descriptor = socket_open();

	if (setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &event_group,
		       sizeof(event_group)))
		die("NETLINK_ADD_MEMBERSHIP");
	return descriptor;
}

/* What a request that was carried out has changed. */
static void count_success(uint8_t command, struct tally *tally)
{
	tally->accepted++;
	switch (command) {
	case IPMASQ_CMD_POLICY_SET:
	case IPMASQ_CMD_CIDR_ADD:
	case IPMASQ_CMD_CIDR_DEL:
	case IPMASQ_CMD_TRANSACTION_COMMIT:
		tally->changes++;
		tally->generation++;
		tally->exists = true;
		break;
	case IPMASQ_CMD_POLICY_DEL:
		/* With "now" it may have ended a removal that waits for connections. */
		tally->deletions += tally->exists;
		tally->exists = false;
		break;
	case IPMASQ_CMD_CARRY_OVER:
		tally->carried = true;
		break;
	default:
		break;
	}
}

/* The command of a request, once: what stands behind a request that is too short
 * is a message of its own to the kernel, and may be acknowledged too.
 */
static uint8_t recall_command(uint32_t number)
{
	uint8_t command;

	if (sequence - number >= REMEMBERED)
		return 0;
	command = commands[number % REMEMBERED];
	commands[number % REMEMBERED] = 0;
	return command;
}

static uint32_t take_end(const struct nlmsghdr *header, struct tally *tally)
{
	const struct nlmsgerr *end = NLMSG_DATA(header);
	uint8_t command = recall_command(header->nlmsg_seq);

	if (end->error) {
		tally->refused++;
		/* What kind of refusal this is: the error and where it points. */
		return (uint32_t)-end->error << 16 | header->nlmsg_len << 8 | command;
	}
	if (command)
		count_success(command, tally);
	return command;
}

static void take_datagram(const uint8_t *data, int left, struct tally *tally, uint32_t *sign)
{
	const struct nlmsghdr *header;

	for (header = (const void *)data; NLMSG_OK(header, (unsigned int)left);
	     header = NLMSG_NEXT(header, left)) {
		if (header->nlmsg_type == NLMSG_ERROR)
			*sign = take_end(header, tally);
		else if (header->nlmsg_type == NLMSG_DONE && *(const int *)NLMSG_DATA(header))
			/* A dump's errors come with its end. */
			tally->refused++;
		else if (header->nlmsg_type == NLMSG_DONE)
			count_success(IPMASQ_CMD_CIDR_GET, tally);
		else if (header->nlmsg_type == family_number)
			reply_check(header);
	}
}

/* Up to so many datagrams, without waiting and in one call: calls are slow where
 * they are emulated. Returns how many there were.
 */
static int take_datagrams(int socket, unsigned int most, struct tally *tally, uint32_t *sign)
{
	static uint8_t room[DATAGRAMS][DATAGRAM_MAX];
	struct mmsghdr headers[DATAGRAMS] = { 0 };
	struct iovec places[DATAGRAMS];
	int count, i;

	for (i = 0; i < DATAGRAMS; i++) {
		places[i] = (struct iovec){ room[i], DATAGRAM_MAX };
		headers[i].msg_hdr.msg_iov = &places[i];
		headers[i].msg_hdr.msg_iovlen = 1;
	}
	count = recvmmsg(socket, headers, most, MSG_DONTWAIT, NULL);
	if (count < 0) {
		/* ENOBUFS: answers that nobody read in time were lost. */
		ALWAYS(errno == EAGAIN || errno == EWOULDBLOCK);
		return 0;
	}
	for (i = 0; i < count; i++) {
		ALWAYS(!(headers[i].msg_hdr.msg_flags & MSG_TRUNC));
		take_datagram(room[i], (int)headers[i].msg_len, tally, sign);
	}
	return count;
}

/**
 * socket_send() - send what was made up, and read answers
 * @socket: which one
 * @message: the request, right or wrong
 * @tally: counts it
 * @most: datagrams to read
 *
 * The kernel carries a request out before send() returns; what is left of a dump
 * comes as it is read.
 *
 * Return: a number that stands for the kind of answer, 0 where none came.
 */
uint32_t socket_send(int socket, struct message *message, struct tally *tally,
		     unsigned int most)
{
	uint32_t sign = 0;

	/* netlink_sendmsg() does not care for datagrams without a byte. */
	if (!message->length)
		return 0;
	tally->messages++;
	transmit(socket, message);
	take_datagrams(socket, most, tally, &sign);
	return sign;
}

/**
 * socket_drain() - read whatever there is
 * @socket: which one
 * @tally: counts the answers
 */
void socket_drain(int socket, struct tally *tally)
{
	uint32_t sign;

	while (take_datagrams(socket, DATAGRAMS, tally, &sign) == DATAGRAMS)
		;
}

/* The time of an entry was over: a change that no request made. */
static bool is_expiry(const struct nlmsghdr *header)
{
	const uint8_t *start = (const uint8_t *)header + NLMSG_HDRLEN + GENL_HDRLEN;
	size_t length = header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	const struct nlattr *cause = reply_find(start, length, IPMASQ_A_CAUSE);
	const struct nlattr *port = reply_find(start, length, IPMASQ_A_PORT_ID);

	ALWAYS(cause && port);
	return reply_number(cause) == IPMASQ_CMD_CIDR_DEL && !reply_number(port);
}

/**
 * socket_count_events() - read the events that came
 * @socket: from socket_subscribe()
 * @tally: counts the changes that the kernel made by itself
 *
 * Return: how many.
 */
uint64_t socket_count_events(int socket, struct tally *tally)
{
	uint64_t count = 0;

	for (;;) {
		ssize_t received = recv(socket, buffer, sizeof(buffer), MSG_DONTWAIT);
		const struct nlmsghdr *header = (const void *)buffer;

		if (received < 0) {
			ALWAYS(errno == EAGAIN || errno == EWOULDBLOCK);
			return count;
		}
		ALWAYS((size_t)received >= NLMSG_HDRLEN + GENL_HDRLEN &&
		       (size_t)received >= header->nlmsg_len);
		ALWAYS(command_of(header) == IPMASQ_CMD_POLICY_CHANGED);
		count++;
		if (is_expiry(header)) {
			tally->changes++;
			tally->generation++;
			tally->expired++;
		}
	}
}
