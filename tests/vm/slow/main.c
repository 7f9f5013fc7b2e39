// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slow: HTTP clients that never come to the end of their request. Each sends a byte a
 * second, and connects again when it is disconnected. Made for scenarios in a VM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 4096

static struct pollfd clients[CLIENTS_MAX];
static struct sockaddr_in server = { .sin_family = AF_INET };

static void connect_client(struct pollfd *client)
{
	client->events = POLLIN;
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		return;
	if (connect(client->fd, (struct sockaddr *)&server, sizeof(server)) &&
	    errno != EINPROGRESS) {
		close(client->fd);
		client->fd = -1;
	}
}

/* What a server sends to such a client is an end, whatever it says. */
static void end_client(struct pollfd *client)
{
	close(client->fd);
	client->fd = -1;
}

int main(int argc, char **argv)
{
	unsigned long count, i;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1 ||
	    (count = strtoul(argv[3], NULL, 10)) > CLIENTS_MAX) {
		fprintf(stderr, "usage: slow ADDRESS PORT CLIENTS\n");
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &(struct rlimit) { CLIENTS_MAX + 16, CLIENTS_MAX + 16 });
	server.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	for (i = 0; i < count; i++)
		clients[i].fd = -1;
	for (;;) {
		time_t second = time(NULL);

		for (i = 0; i < count; i++) {
			if (clients[i].fd < 0)
				connect_client(&clients[i]);
			else if (send(clients[i].fd, "G", 1, MSG_NOSIGNAL) < 0 &&
				 errno != EAGAIN && errno != ENOTCONN)
				end_client(&clients[i]);
		}
		while (time(NULL) == second) {
			if (poll(clients, count, 100) <= 0)
				continue;
			for (i = 0; i < count; i++) {
				if (clients[i].revents)
					end_client(&clients[i]);
			}
		}
	}
}
