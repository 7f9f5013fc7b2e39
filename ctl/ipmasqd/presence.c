// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One daemon in each network namespace. Two would undo each other's work.
 *
 * The namespace's one daemon holds a name (ctl/lib/presence_name.c). Whoever finds
 * it taken connects, which tells the holder's process and user, and may send
 * "leave": the holder then exits and the connection ends, and the name is free.
 */
#include "presence.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "presence_name.h"

#define LEAVE "leave"

/* The first daemon may be in the middle of a large replacement. */
#define LEAVE_WAIT_MILLISECONDS 10000

#define CLAIM_ATTEMPTS 5

/* Asks the holder to leave and waits until its end of the connection is gone. */
static int ask_to_leave(int connection, const char *who)
{
	struct pollfd end = { .fd = connection, .events = POLLIN };
	int result;

	log_line(LOG_NOTICE, "%s is asked to leave", who);
	if (send(connection, LEAVE, strlen(LEAVE), MSG_NOSIGNAL) < 0 && errno != EPIPE)
		return -errno;
	do {
		result = poll(&end, 1, LEAVE_WAIT_MILLISECONDS);
	} while (result < 0 && errno == EINTR);
	if (result < 0)
		return -errno;
	if (!result) {
		log_line(LOG_ERR, "%s was asked to leave and is still there after %d s", who,
			 LEAVE_WAIT_MILLISECONDS / 1000);
		return -ETIMEDOUT;
	}
	return 0;
}

/* Deals with whoever holds the name: 0 says to try again, -EPERM that the name
 * is held by somebody who has no business with it.
 */
static int meet_holder(const struct sockaddr_un *address, socklen_t length, bool takeover)
{
	struct ucred process;
	char who[PRESENCE_TEXT_MAX];
	int connection;
	int result;

	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection < 0)
		return -errno;
	if (connect(connection, (const struct sockaddr *)address, length)) {
		/* Left just now. */
		result = errno == ECONNREFUSED ? 0 : -errno;
		goto close_connection;
	}
	result = presence_peer(connection, &process);
	if (result)
		goto close_connection;
	presence_describe(&process, who, sizeof(who));
	if (!presence_trusted(&process)) {
		log_line(LOG_WARNING,
			 "%s of user %u holds the name of ipmasqd in this network namespace and is no ipmasqd; going on without the name",
			 who, process.uid);
		result = -EPERM;
	} else if (!takeover) {
		log_line(LOG_ERR,
			 "another ipmasqd is at work in this network namespace: %s; stop it, or take over with --takeover",
			 who);
		result = -EADDRINUSE;
	} else {
		result = ask_to_leave(connection, who);
	}
close_connection:
	close(connection);
	return result;
}

/**
 * presence_claim() - become the network namespace's one daemon
 * @takeover: ask another one to leave
 * @descriptor: set to a socket that can be read when somebody comes, to be
 *	handed to presence_asked_to_leave() and closed at the end; -1 where a
 *	stranger holds the name
 *
 * Return: 0, or a negative errno after a line in the log: -EADDRINUSE where
 * another daemon is there and was not to be asked.
 */
int presence_claim(bool takeover, int *descriptor)
{
	struct sockaddr_un address;
	socklen_t length = presence_address(&address);
	unsigned int attempts;
	int result = -EADDRINUSE;
	int listener;

	*descriptor = -1;
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0) {
		result = -errno;
		goto failed;
	}
	for (attempts = 0; attempts < CLAIM_ATTEMPTS; attempts++) {
		if (!bind(listener, (struct sockaddr *)&address, length)) {
			if (listen(listener, 4)) {
				result = -errno;
				break;
			}
			*descriptor = listener;
			return 0;
		}
		if (errno != EADDRINUSE) {
			result = -errno;
			break;
		}
		result = meet_holder(&address, length, takeover);
		if (result)
			break;
		result = -EADDRINUSE;
	}
	close(listener);
	if (result == -EPERM)
		return 0;
	/* Told already. */
	if (result == -EADDRINUSE || result == -ETIMEDOUT)
		return result;
failed:
	log_line(LOG_ERR, "the name of ipmasqd in this network namespace cannot be had: %s",
		 strerror(-result));
	return result;
}

/**
 * presence_asked_to_leave() - hear what somebody who came wants
 * @descriptor: from presence_claim()
 * @who: filled with who asked
 * @room: bytes at @who
 *
 * Whoever only looks who is here connects and sends nothing.
 *
 * Return: whether to leave. The connection then stays open until the process
 * ends, which is what the other side waits for.
 */
bool presence_asked_to_leave(int descriptor, char *who, size_t room)
{
	char message[sizeof(LEAVE)];
	struct ucred process;
	int connection = accept4(descriptor, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd input = { .fd = connection, .events = POLLIN };
	ssize_t length;

	if (connection < 0)
		return false;
	/* A second is plenty for who connected in order to write. */
	if (presence_peer(connection, &process) || !presence_trusted(&process) || poll(&input, 1, 1000) <= 0) {
		close(connection);
		return false;
	}
	length = recv(connection, message, sizeof(message), MSG_DONTWAIT);
	if (length != (ssize_t)strlen(LEAVE) || memcmp(message, LEAVE, strlen(LEAVE))) {
		close(connection);
		return false;
	}
	presence_describe(&process, who, room);
	return true;
}
