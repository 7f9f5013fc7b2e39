// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client of the generic-netlink family "ipmasq": opening, closing, and its
 * events.
 *
 * libnl makes the sockets, the messages and the attributes. Sending and
 * receiving is done on its descriptors directly, because libnl turns errno
 * into numbers of its own and several errnos into the same one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client_private.h"

static int open_socket(struct client *client, struct nl_sock **opened)
{
	static const int on = 1;
	struct nl_sock *socket;
	int error;

	socket = nl_socket_alloc();
	if (!socket)
		return client_fail(client, -ENOMEM, "out of memory");

	error = nl_connect(socket, NETLINK_GENERIC);
	if (error) {
		client_fail(client, client_errno(error), "cannot open a netlink socket: %s",
			    nl_geterror(error));
		nl_socket_free(socket);
		return client_errno(error);
	}

	nl_socket_disable_auto_ack(socket);
	/* Kernels without these still say the errno, so failing is no error. */
	setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*opened = socket;
	return 0;
}

/**
 * client_open() - connect to the module in this network namespace
 * @client: set to the client, which client_close() frees. After a failure it is
 *	set too, good for client_error() only, and must be closed as well; it is
 *	NULL where even that had no memory, and both functions take NULL.
 *
 * Return: 0; -ENOTSUP when the module is not loaded; -EPROTONOSUPPORT when it
 * speaks another version of the protocol; or another negative errno.
 */
int client_open(struct client **client)
{
	struct client *opened;
	socklen_t length;
	int error;
	int room;

	opened = calloc(1, sizeof(*opened));
	*client = opened;
	if (!opened)
		return -ENOMEM;
	opened->buffer = malloc(CLIENT_RECEIVE_SIZE);
	if (!opened->buffer)
		return client_fail(opened, -ENOMEM, "out of memory");

	error = open_socket(opened, &opened->socket);
	if (error)
		return error;

	/* The kernel caps both at net.core.[rw]mem_max, so ask what it gave. A
	 * message may take all of the send buffer but 32 bytes. */
	nl_socket_set_buffer_size(opened->socket, 256 * 1024, 1024 * 1024);
	opened->message_max = CLIENT_MESSAGE_SIZE;
	length = sizeof(room);
	if (!getsockopt(nl_socket_get_fd(opened->socket), SOL_SOCKET, SO_SNDBUF, &room,
			&length) && room > CLIENT_MESSAGE_SIZE + 32)
		opened->message_max = room - 32;

	return client_resolve(opened);
}

/**
 * client_close() - end the connection and free the client
 * @client: what client_open() gave; NULL is allowed
 *
 * A transaction that is still open is aborted by the kernel.
 */
void client_close(struct client *client)
{
	if (!client)
		return;
	/* Frees the descriptor too; both take NULL. */
	nl_socket_free(client->events.socket);
	nl_socket_free(client->socket);
	free(client->buffer);
	free(client);
}

static int open_events(struct client *client)
{
	int error;

	error = open_socket(client, &client->events.socket);
	if (error)
		return error;

	nl_socket_set_buffer_size(client->events.socket, 1024 * 1024, 0);
	error = nl_socket_set_nonblocking(client->events.socket);
	if (!error)
		error = nl_socket_add_membership(client->events.socket, client->event_group);
	if (error) {
		client_fail(client, client_errno(error), "cannot listen to events: %s",
			    nl_geterror(error));
		nl_socket_free(client->events.socket);
		client->events.socket = NULL;
		return client_errno(error);
	}
	return 0;
}

/**
 * client_subscribe() - listen to changes of the policy
 * @client: an open client
 * @descriptor: set to a descriptor that polls readable when there are events;
 *	it belongs to the client
 *
 * Subscribing twice gives the same descriptor.
 *
 * Return: 0 or a negative errno.
 */
int client_subscribe(struct client *client, int *descriptor)
{
	int error;

	if (!client->event_group)
		return client_fail(client, -EPROTONOSUPPORT,
				   "the kernel module has no events to listen to");
	if (!client->events.socket) {
		error = open_events(client);
		if (error)
			return error;
	}
	*descriptor = nl_socket_get_fd(client->events.socket);
	return 0;
}

static int receive_events(struct client *client)
{
	struct client_events *events = &client->events;
	struct sockaddr_nl sender = { 0 };
	socklen_t length = sizeof(sender);
	ssize_t got;

	do {
		got = recvfrom(nl_socket_get_fd(events->socket), events->buffer,
			       sizeof(events->buffer), 0, (struct sockaddr *)&sender, &length);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		if (errno == EAGAIN)
			return client_fail(client, -EAGAIN, "no event is waiting");
		if (errno == ENOBUFS)
			return client_fail(client, -ENOBUFS,
					   "events were lost: more came than the socket could hold");
		return client_fail(client, -errno, "cannot receive events: %s", strerror(errno));
	}
	/* Any process may send to a netlink port: listen to the kernel only. */
	if (sender.nl_pid != 0)
		return 0;
	events->next = (struct nlmsghdr *)events->buffer;
	events->left = got;
	return 0;
}

/**
 * client_next_event() - take the next change of the policy
 * @client: a client that has subscribed
 * @event: set on success
 *
 * Return: 0; -EAGAIN when none is waiting; -ENOBUFS when some were lost, after
 * which the next call goes on; or another negative errno.
 */
int client_next_event(struct client *client, struct client_event *event)
{
	struct client_events *events = &client->events;
	struct nlmsghdr *header;
	int error;

	if (!events->socket)
		return client_fail(client, -EINVAL, "events were not subscribed to");

	for (;;) {
		while (events->left > 0 && nlmsg_ok(events->next, events->left)) {
			header = events->next;
			events->next = nlmsg_next(header, &events->left);
			if (header->nlmsg_type != client->family)
				continue;
			if (!client_parse_event(header, event))
				return 0;
		}
		events->left = 0;

		error = receive_events(client);
		if (error)
			return error;
	}
}
