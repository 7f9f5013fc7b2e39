// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One request and its answer. Answers are matched to requests by sequence
 * number, so what is left over from a request that failed is never taken for
 * the answer to the next one.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "client_private.h"

/**
 * client_send() - send a message and do not wait
 * @client: an open client
 * @message: freed here, in every case
 * @sequence: set to the number that the answer will carry
 *
 * Return: 0 or a negative errno.
 */
int client_send(struct client *client, struct nl_msg *message, uint32_t *sequence)
{
	struct nlmsghdr *header;
	ssize_t sent;
	int error = 0;

	nl_complete_msg(client->socket, message);
	header = nlmsg_hdr(message);
	*sequence = header->nlmsg_seq;
	do {
		/* Not connected: a message without an address goes to the kernel. */
		sent = send(nl_socket_get_fd(client->socket), header, header->nlmsg_len, 0);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		error = client_fail(client, -errno, "cannot send to the kernel: %s",
				    strerror(errno));
	nlmsg_free(message);
	return error;
}

/* One datagram from the kernel, of *length bytes. */
static int receive(struct client *client, int *length)
{
	struct sockaddr_nl sender;
	struct iovec vector;
	struct msghdr received;
	ssize_t got;

	for (;;) {
		memset(&sender, 0, sizeof(sender));
		memset(&received, 0, sizeof(received));
		vector.iov_base = client->buffer;
		vector.iov_len = CLIENT_RECEIVE_SIZE;
		received.msg_name = &sender;
		received.msg_namelen = sizeof(sender);
		received.msg_iov = &vector;
		received.msg_iovlen = 1;

		got = recvmsg(nl_socket_get_fd(client->socket), &received, 0);
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return client_fail(client, -errno, "cannot receive from the kernel: %s",
					   strerror(errno));
		}
		/* Any process may send to a netlink port: listen to the kernel only. */
		if (sender.nl_pid != 0)
			continue;
		if (received.msg_flags & MSG_TRUNC)
			return client_fail(client, -EMSGSIZE,
					   "the kernel sent a longer answer than expected");
		*length = got;
		return 0;
	}
}

/* The kernel's own text, at offset bytes into the payload; NULL for none. */
static const char *extack_text(struct nlmsghdr *header, int offset)
{
	struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1];
	struct nlattr *text;

	offset = NLMSG_ALIGN(offset);
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) || nlmsg_datalen(header) <= offset)
		return NULL;
	if (nla_parse(attributes, NLMSGERR_ATTR_MAX,
		      (struct nlattr *)((char *)nlmsg_data(header) + offset),
		      nlmsg_datalen(header) - offset, NULL) < 0)
		return NULL;
	text = attributes[NLMSGERR_ATTR_MSG];
	if (!text || nla_len(text) < 1 ||
	    !memchr(nla_data(text), '\0', nla_len(text)) || !*nla_get_string(text))
		return NULL;
	return nla_get_string(text);
}

static int refused(struct client *client, int error, const char *doing, const char *text)
{
	client->explained = text;
	if (text)
		return client_fail(client, error, "%s (%s)", text, strerror(-error));

	switch (error) {
	case -EPERM:
		return client_fail(client, error,
				   "%s: CAP_NET_ADMIN is needed in this network namespace (%s)",
				   doing, strerror(-error));
	case -EOPNOTSUPP:
		/* -ENOTSUP is the same number and says that there is no module. */
		return client_fail(client, -ENOSYS,
				   "%s: the loaded kernel module is too old for this command",
				   doing);
	default:
		return client_fail(client, error, "%s: %s", doing, strerror(-error));
	}
}

/* NLMSG_ERROR and NLMSG_DONE both begin with an int; what follows differs. */
static int take_end(struct client *client, struct nlmsghdr *header, const char *doing)
{
	const struct nlmsgerr *end = nlmsg_data(header);
	int offset = sizeof(int);

	if (nlmsg_datalen(header) < (int)sizeof(int)) {
		/* A dump's end without a status. */
		if (header->nlmsg_type == NLMSG_DONE)
			return 0;
		return client_fail(client, -EBADMSG, "%s: the kernel's answer is cut off", doing);
	}
	if (end->error == 0)
		return 0;
	if (end->error > 0 || end->error < -4095)
		return client_fail(client, -EBADMSG, "%s: the kernel's answer makes no sense",
				   doing);

	if (header->nlmsg_type == NLMSG_ERROR) {
		if (nlmsg_datalen(header) < (int)sizeof(*end))
			return refused(client, end->error, doing, NULL);
		offset = sizeof(*end);
		if (!(header->nlmsg_flags & NLM_F_CAPPED))
			offset += end->msg.nlmsg_len - NLMSG_HDRLEN;
	}
	return refused(client, end->error, doing, extack_text(header, offset));
}

/**
 * client_wait() - read the answer to a message that was sent
 * @client: an open client
 * @sequence: what client_send() gave
 * @doing: "cannot ...", for errors that the kernel has no text for
 * @answer: called for each message of the answer; NULL when none is expected.
 *	After it has failed the rest is read and thrown away.
 * @data: for @answer
 *
 * Every message that wants an answer must be waited for in the order of sending.
 *
 * Return: 0, -EINTR for a dump that a change of policy interrupted, or a
 * negative errno of the kernel or of @answer.
 */
int client_wait(struct client *client, uint32_t sequence, const char *doing,
		client_answer answer, void *data)
{
	struct nlmsghdr *header;
	bool interrupted = false;
	int result = 0;
	int error;
	int left;

	for (;;) {
		error = receive(client, &left);
		if (error)
			return error;

		for (header = (struct nlmsghdr *)client->buffer; nlmsg_ok(header, left);
		     header = nlmsg_next(header, &left)) {
			if (header->nlmsg_seq != sequence)
				continue;
			if (header->nlmsg_flags & NLM_F_DUMP_INTR)
				interrupted = true;
			if (header->nlmsg_type == NLMSG_NOOP)
				continue;
			if (header->nlmsg_type == NLMSG_ERROR ||
			    header->nlmsg_type == NLMSG_DONE) {
				error = take_end(client, header, doing);
				if (error)
					return error;
				if (result)
					return result;
				return interrupted ? -EINTR : 0;
			}
			if (result || !answer)
				continue;
			result = answer(client, header, data);
			if (result == -EBADMSG)
				client_fail(client, result,
					    "%s: the kernel's answer lacks something", doing);
			else if (result)
				client_fail(client, result, "%s: %s", doing, strerror(-result));
		}
	}
}

/**
 * client_exchange() - send a message and wait for the answer
 * @client: an open client
 * @message: freed here, in every case
 * @doing: as for client_wait()
 * @answer: as for client_wait()
 * @data: for @answer
 *
 * Return: as client_wait().
 */
int client_exchange(struct client *client, struct nl_msg *message, const char *doing,
		    client_answer answer, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	uint32_t sequence;
	int error;

	/* A dump ends with NLMSG_DONE instead. */
	if ((header->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		header->nlmsg_flags |= NLM_F_ACK;
	error = client_send(client, message, &sequence);
	if (error)
		return error;
	return client_wait(client, sequence, doing, answer, data);
}
