// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A TCP socket that waits for connections, as soon as it can.
 *
 * The socket is made before the system call filter, which allows no other of its
 * kind. It is bound as often as it takes: the address may be assigned later, and the
 * port may be another program's for now.
 */
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

/* Connections that the kernel keeps until they are accepted. */
#define BACKLOG 128

/* "127.0.0.1:9100", "[::1]:9100", or ":9100" for every address. */
static int parse_address(const char *text, union listener_address *address)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	unsigned long port;
	size_t length;
	char *end;

	memset(address, 0, sizeof(*address));
	if (!colon || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	port = strtoul(colon + 1, &end, 10);
	if (*end || !port || port > 65535)
		return -EINVAL;
	length = (size_t)(colon - text);
	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
		address->any.sa_family = AF_INET6;
	} else {
		address->any.sa_family = length ? AF_INET : AF_INET6;
	}
	if (length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';
	if (address->any.sa_family == AF_INET) {
		address->ipv4.sin_port = htons((uint16_t)port);
		return inet_pton(AF_INET, host, &address->ipv4.sin_addr) == 1 ? 0 : -EINVAL;
	}
	address->ipv6.sin6_port = htons((uint16_t)port);
	/* All zero is every address already. */
	return !length || inet_pton(AF_INET6, host, &address->ipv6.sin6_addr) == 1 ? 0 : -EINVAL;
}

/**
 * listener_address_valid() - check the text of an address
 * @text: ADDRESS:PORT, [ADDRESS]:PORT or :PORT
 */
bool listener_address_valid(const char *text)
{
	union listener_address address;

	return !parse_address(text, &address);
}

/* One connection a call: what the one before sent is dealt with first. */
static void ready(void *data)
{
	struct listener *listener = data;
	union listener_address peer;
	socklen_t length = sizeof(peer);
	int descriptor;

	descriptor = accept4(listener->source.descriptor, &peer.any, &length,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (descriptor >= 0)
		listener->accepted(descriptor, &peer, length, listener->data);
}

static int make_socket(struct listener *listener)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	const int on = 1, off = 0;
	int descriptor;

	descriptor = socket(listener->address.any.sa_family, type, 0);
	/* A kernel without IPv6: every address is every IPv4 address. */
	if (descriptor < 0 && errno == EAFNOSUPPORT && *listener->text == ':') {
		in_port_t port = listener->address.ipv6.sin6_port;

		listener->address.ipv4 = (struct sockaddr_in) {
			.sin_family = AF_INET, .sin_port = port,
		};
		descriptor = socket(AF_INET, type, 0);
	}
	if (descriptor < 0)
		return -errno;
	/* Connections of an earlier daemon must not hold the port for a minute. */
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (listener->address.any.sa_family == AF_INET6)
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	listener->source.descriptor = descriptor;
	return 0;
}

/**
 * listener_open() - make the socket
 * @listener: to fill; must stay where it is until listener_close()
 * @loop: the loop that it will be in
 * @text: ADDRESS:PORT, [ADDRESS]:PORT or :PORT; borrowed
 * @accepted: called with each connection
 * @data: for @accepted
 *
 * It does not listen before listener_try().
 *
 * Return: 0; -EINVAL for a text that is no address; or another negative errno.
 */
int listener_open(struct listener *listener, struct loop *loop, const char *text,
		  listener_accepted accepted, void *data)
{
	*listener = (struct listener) {
		.source.descriptor = -1,
		.source.ready = ready,
		.source.data = listener,
		.loop = loop,
		.text = text,
		.accepted = accepted,
		.data = data,
	};
	if (parse_address(text, &listener->address))
		return -EINVAL;
	return make_socket(listener);
}

static int bind_and_listen(struct listener *listener)
{
	socklen_t length = listener->address.any.sa_family == AF_INET ?
			   sizeof(listener->address.ipv4) : sizeof(listener->address.ipv6);

	if (!listener->bound &&
	    bind(listener->source.descriptor, &listener->address.any, length))
		return -errno;
	listener->bound = true;
	if (listen(listener->source.descriptor, BACKLOG))
		return -errno;
	return loop_add(listener->loop, &listener->source);
}

/**
 * listener_try() - wait for connections, if that is possible by now
 * @listener: after listener_open()
 *
 * Each other reason why it is not possible is logged once.
 *
 * Return: 0, or a negative errno where another attempt may succeed.
 */
int listener_try(struct listener *listener)
{
	int result;

	if (listener->listening)
		return 0;
	result = bind_and_listen(listener);
	if (result && result != -listener->error)
		log_line(LOG_ERR, "metrics are not served: cannot listen on %s: %s; will try again",
			 listener->text, strerror(-result));
	if (!result && listener->error)
		log_line(LOG_NOTICE, "metrics are served on %s now", listener->text);
	listener->listening = !result;
	listener->error = -result;
	return result;
}

/**
 * listener_close() - the opposite of listener_open()
 * @listener: may also be one that listener_open() failed on
 */
void listener_close(struct listener *listener)
{
	if (listener->source.descriptor < 0)
		return;
	if (listener->listening)
		loop_remove(listener->loop, &listener->source);
	close(listener->source.descriptor);
	listener->source.descriptor = -1;
	listener->listening = false;
}
