// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink without a library in between, which would not send what is wrong.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "hostile.h"

static uint32_t sequence;

static void die(const char *what)
{
	fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
	exit(2);
}

/**
 * netlink_open_at() - a generic-netlink socket that gets every detail of a refusal
 * @port: its port id; 0 leaves it to the kernel
 *
 * Return: a descriptor; -1 if another socket has the port id. Ends the program where
 * there is no socket.
 */
int netlink_open_at(uint32_t port)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = port };
	struct timeval patience = { .tv_sec = 30 };
	int on = 1, room = 1 << 20;
	int descriptor;

	descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (descriptor < 0)
		die("socket");
	if (bind(descriptor, (struct sockaddr *)&address, sizeof(address))) {
		if (errno != EADDRINUSE)
			die("bind");
		close(descriptor);
		return -1;
	}
	setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return descriptor;
}

/**
 * netlink_open() - the same with any port id
 *
 * Return: a descriptor.
 */
int netlink_open(void)
{
	return netlink_open_at(0);
}

/**
 * message_begin() - headers of a request
 * @message: what to fill
 * @family: number of the family
 * @command: what it asks for
 * @flags: NLM_F_*, besides NLM_F_REQUEST and NLM_F_ACK
 */
void message_begin(struct message *message, uint16_t family, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *header = (struct nlmsghdr *)message->data;
	struct genlmsghdr *generic = NLMSG_DATA(header);

	memset(message->data, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	memset(message->place, 0, sizeof(message->place));
	header->nlmsg_type = family;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	generic->cmd = command;
	generic->version = IPMASQ_FAMILY_VERSION;
	message->length = NLMSG_HDRLEN + GENL_HDRLEN;
	header->nlmsg_len = message->length;
}

static void put(struct message *message, const struct attribute *list,
		uint32_t (*places)[PLACES_MAX], uint32_t *inner)
{
	size_t index = 1;

	for (; list->type != LIST_END; list++, index++) {
		size_t start = message->length;
		struct nlattr header = { .nla_type = list->type };

		if (places && index < PLACES_MAX)
			places[index][0] = start;
		if (inner && index < PLACES_MAX)
			inner[index] = start;
		message->length += NLA_HDRLEN;
		if (list->nested) {
			put(message, list->nested, NULL,
			    places && index < PLACES_MAX ? places[index] : NULL);
		} else {
			memcpy(message->data + message->length, list->value.bytes, list->length);
			message->length += list->length;
		}
		header.nla_len = list->lie ? list->lie : message->length - start;
		memcpy(message->data + start, &header, sizeof(header));
		while (message->length % NLA_ALIGNTO)
			message->data[message->length++] = 0;
	}
}

/**
 * message_put() - attributes behind those that are there
 * @message: the request
 * @list: what to add; the places of the first call are remembered
 */
void message_put(struct message *message, const struct attribute *list)
{
	put(message, list, message->place[1][0] ? NULL : message->place, NULL);
	((struct nlmsghdr *)message->data)->nlmsg_len = message->length;
}

/* What is left of a timeout is less each time it is asked for. */
static void stop_the_clock(uint8_t *data, size_t length)
{
	struct nlattr attribute;
	size_t offset;

	for (offset = 0; offset + sizeof(attribute) <= length;
	     offset += NLA_ALIGN(attribute.nla_len)) {
		uint8_t *payload = data + offset + NLA_HDRLEN;
		size_t size;

		memcpy(&attribute, data + offset, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || offset + attribute.nla_len > length)
			break;
		size = attribute.nla_len - NLA_HDRLEN;
		/* Both may have the same number, but only one of them is a nest. */
		if (attribute.nla_type == (IPMASQ_A_CIDR | NLA_F_NESTED))
			stop_the_clock(payload, size);
		else if (attribute.nla_type == IPMASQ_A_CIDR_TIMEOUT &&
			 size == sizeof(uint64_t))
			memset(payload, 0, size);
	}
}

/* The whole message, but for what tells one request from another. */
static void keep(struct snapshot *replies, const struct nlmsghdr *header)
{
	size_t length = NLMSG_ALIGN(header->nlmsg_len);
	struct nlmsghdr *kept;

	replies->data = realloc(replies->data, replies->length + length);
	if (!replies->data)
		die("realloc");
	kept = (struct nlmsghdr *)(replies->data + replies->length);
	memcpy(kept, header, length);
	kept->nlmsg_seq = 0;
	kept->nlmsg_pid = 0;
	if (header->nlmsg_type > GENL_ID_CTRL && length > NLMSG_HDRLEN + GENL_HDRLEN)
		stop_the_clock((uint8_t *)kept + NLMSG_HDRLEN + GENL_HDRLEN,
			       header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
	replies->length += length;
}

static void read_extack(const struct nlmsghdr *header, size_t offset, struct answer *answer)
{
	const uint8_t *data = NLMSG_DATA(header);
	size_t length = header->nlmsg_len - NLMSG_HDRLEN;
	struct nlattr attribute;

	while (offset + sizeof(attribute) <= length) {
		const uint8_t *payload = data + offset + NLA_HDRLEN;

		memcpy(&attribute, data + offset, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || offset + attribute.nla_len > length)
			break;
		if (attribute.nla_type == NLMSGERR_ATTR_MSG) {
			snprintf(answer->text, sizeof(answer->text), "%.*s",
				 attribute.nla_len - NLA_HDRLEN, (const char *)payload);
		} else if (attribute.nla_type == NLMSGERR_ATTR_OFFS) {
			answer->has_offset = true;
			memcpy(&answer->offset, payload, sizeof(answer->offset));
		} else if (attribute.nla_type == NLMSGERR_ATTR_MISS_TYPE) {
			memcpy(&answer->missing, payload, sizeof(answer->missing));
		} else if (attribute.nla_type == NLMSGERR_ATTR_MISS_NEST) {
			answer->has_nest = true;
			memcpy(&answer->nest, payload, sizeof(answer->nest));
		}
		offset += NLA_ALIGN(attribute.nla_len);
	}
}

/* Is this the end of an answer? */
static bool read_end(const struct nlmsghdr *header, struct answer *answer)
{
	const struct nlmsgerr *end = NLMSG_DATA(header);
	size_t offset = sizeof(int);

	if (header->nlmsg_type != NLMSG_ERROR && header->nlmsg_type != NLMSG_DONE)
		return false;
	answer->error = -end->error;
	if (header->nlmsg_type == NLMSG_ERROR) {
		offset = sizeof(*end);
		if (!(header->nlmsg_flags & NLM_F_CAPPED))
			offset += NLMSG_ALIGN(end->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (header->nlmsg_flags & NLM_F_ACK_TLVS)
		read_extack(header, offset, answer);
	return true;
}

static int transmit(int socket, struct message *message)
{
	((struct nlmsghdr *)message->data)->nlmsg_seq = ++sequence;
	return send(socket, message->data, message->length, 0) == (ssize_t)message->length ?
	       0 : errno;
}

/**
 * attempt() - send a request and read its answer to the end, if there is one
 * @socket: from netlink_open()
 * @message: the request
 * @answer: what to fill, where the answer came
 * @replies: gets the replies too; NULL for nobody
 * @error: why there is no answer
 *
 * Return: whether it was sent, and answered.
 */
enum outcome attempt(int socket, struct message *message, struct answer *answer,
		     struct snapshot *replies, int *error)
{
	static uint8_t buffer[1 << 17];
	const struct nlmsghdr *header;
	ssize_t received;
	int left;

	memset(answer, 0, sizeof(*answer));
	*error = transmit(socket, message);
	if (*error)
		return NOT_SENT;
	for (;;) {
		do {
			received = recv(socket, buffer, sizeof(buffer), 0);
		} while (received < 0 && errno == EINTR);
		if (received < 0) {
			*error = errno;
			return ANSWER_LOST;
		}
		left = (int)received;
		for (header = (struct nlmsghdr *)buffer; NLMSG_OK(header, (unsigned int)left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_seq != sequence)
				continue;
			if (read_end(header, answer))
				return ANSWERED;
			if (replies)
				keep(replies, header);
		}
	}
}

/**
 * exchange() - send a request and read its answer to the end
 * @socket: from netlink_open()
 * @message: the request
 * @answer: what to fill
 * @replies: gets the replies too; NULL for nobody
 *
 * Ends the program where no answer comes.
 */
void exchange(int socket, struct message *message, struct answer *answer,
	      struct snapshot *replies)
{
	int error;

	if (attempt(socket, message, answer, replies, &error) == ANSWERED)
		return;
	errno = error;
	die("no answer");
}

/**
 * exchange_together() - send requests in one datagram and read how each of them ended
 * @socket: from netlink_open()
 * @messages: the requests; they get sequence numbers that follow each other
 * @count: how many; in all at most MESSAGE_MAX bytes
 * @answers: of each request
 *
 * Ends the program where an answer is missing.
 */
void exchange_together(int socket, struct message *messages, size_t count,
		       struct answer *answers)
{
	static uint8_t datagram[MESSAGE_MAX], buffer[1 << 17];
	const uint32_t first = sequence + 1;
	const struct nlmsghdr *header;
	size_t length = 0, ended = 0, i;
	ssize_t received;
	int left;

	for (i = 0; i < count; i++) {
		((struct nlmsghdr *)messages[i].data)->nlmsg_seq = ++sequence;
		memcpy(datagram + length, messages[i].data, messages[i].length);
		length += NLMSG_ALIGN(messages[i].length);
	}
	memset(answers, 0, count * sizeof(*answers));
	if (send(socket, datagram, length, 0) != (ssize_t)length)
		die("send");
	while (ended < count) {
		received = recv(socket, buffer, sizeof(buffer), 0);
		if (received < 0)
			die("no answer");
		left = (int)received;
		for (header = (struct nlmsghdr *)buffer; NLMSG_OK(header, (unsigned int)left);
		     header = NLMSG_NEXT(header, left))
			if (header->nlmsg_seq - first < count)
				ended += read_end(header, &answers[header->nlmsg_seq - first]);
	}
}

/**
 * request_once() - send a command with its attributes, and read the answer
 * @socket: from netlink_open()
 * @family: number of the family
 * @command: IPMASQ_CMD_*
 * @attributes: LIST() of them, or NOTHING
 * @answer: what to fill
 *
 * Ends the program where no answer comes. For one thread.
 *
 * Return: the errno of the answer.
 */
int request_once(int socket, uint16_t family, uint8_t command, const struct attribute *attributes,
		 struct answer *answer)
{
	static struct message message;

	message_begin(&message, family, command, 0);
	message_put(&message, attributes);
	exchange(socket, &message, answer, NULL);
	return answer->error;
}

/**
 * answers_at_all() - does the kernel answer this one?
 * @socket: from netlink_open()
 * @message: the request
 *
 * Asks something else right afterwards, whose answer would come second.
 */
bool answers_at_all(int socket, struct message *message)
{
	struct message *other = malloc(sizeof(*other));
	struct nlmsghdr header;
	uint32_t first;

	if (!other)
		die("malloc");
	if (transmit(socket, message))
		die("send");
	first = sequence;
	message_begin(other, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	if (transmit(socket, other))
		die("send");
	free(other);
	if (recv(socket, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		die("no answer");
	return header.nlmsg_seq == first;
}

/**
 * kernel_is() - is this kernel at least of a version?
 * @major: first number
 * @minor: second number
 */
bool kernel_is(unsigned int major, unsigned int minor)
{
	unsigned int is_major = 0, is_minor = 0;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%u.%u", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}

/**
 * snapshot_free() - free what a snapshot holds
 * @snapshot: empty afterwards
 */
void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->data);
	snapshot->data = NULL;
	snapshot->length = 0;
}

/**
 * snapshot_take() - everything that the namespace says about its policy
 * @socket: from netlink_open()
 * @family: number of the family
 * @snapshot: what to fill; frees what it held
 */
void snapshot_take(int socket, uint16_t family, struct snapshot *snapshot)
{
	static struct message message;
	struct answer answer;

	snapshot_free(snapshot);
	message_begin(&message, family, IPMASQ_CMD_POLICY_GET, 0);
	exchange(socket, &message, &answer, snapshot);
	message_begin(&message, family, IPMASQ_CMD_CIDR_GET, NLM_F_DUMP);
	exchange(socket, &message, &answer, snapshot);
}

/**
 * snapshot_same() - is everything as it was?
 * @socket: from netlink_open()
 * @family: number of the family
 * @before: what it was; is what it is now afterwards
 */
bool snapshot_same(int socket, uint16_t family, struct snapshot *before)
{
	struct snapshot now = { 0 };
	bool same;

	snapshot_take(socket, family, &now);
	same = now.length == before->length && !memcmp(now.data, before->data, now.length);
	free(before->data);
	*before = now;
	return same;
}
