/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_LISTENER_H
#define IPMASQD_LISTENER_H

#include <netinet/in.h>
#include <stdbool.h>

#include "loop.h"

union listener_address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

/* Called with each accepted connection, which it then owns. */
typedef void (*listener_accepted)(int descriptor, const union listener_address *peer,
				  socklen_t length, void *data);

/**
 * struct listener - a TCP socket that waits for connections
 * @source: its place in the loop; the descriptor is -1 where there is no socket
 * @loop: the loop
 * @text: ADDRESS:PORT as it was given; borrowed
 * @address: the same
 * @bound: the socket has the address
 * @listening: and accepts connections
 * @error: errno of the last attempt, 0 for none
 * @accepted: called with each connection
 * @data: for @accepted
 */
struct listener {
	struct loop_source source;
	struct loop *loop;
	const char *text;
	union listener_address address;
	bool bound;
	bool listening;
	int error;
	listener_accepted accepted;
	void *data;
};

bool listener_address_valid(const char *text);
int listener_open(struct listener *listener, struct loop *loop, const char *text,
		  listener_accepted accepted, void *data);
int listener_try(struct listener *listener);
void listener_close(struct listener *listener);

#endif
