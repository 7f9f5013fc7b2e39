/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_PRESENCE_NAME_H
#define IPMASQ_PRESENCE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Room for what presence_describe() writes. */
#define PRESENCE_TEXT_MAX 80

/* What is sent over netlink. */
enum presence_word {
	PRESENCE_LOOK = 1,	/* to the holder: are you there? */
	PRESENCE_LEAVE,		/* to the holder: leave */
	PRESENCE_HERE,		/* from the holder: the answer to both */
};

/**
 * struct presence_message - one that was received over netlink
 * @port: the sender's netlink port
 * @word: enum presence_word
 * @number: the asker's, repeated in the answer
 * @process: who sent it; its pid is 0 for one of another PID namespace
 */
struct presence_message {
	uint32_t port;
	uint32_t word;
	uint64_t number;
	struct ucred process;
};

socklen_t presence_address(struct sockaddr_un *address);
int presence_open(uint32_t *port);
int presence_send(int netlink, uint32_t port, enum presence_word word, uint64_t number);
int presence_receive(int netlink, struct presence_message *message);
int presence_greet(int connection, uint32_t port);
int presence_ask(enum presence_word word, int milliseconds, struct ucred *holder);
void presence_describe(const struct ucred *process, char *text, size_t room);
bool presence_look(char *who, size_t room);

#endif
