// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One daemon in each network namespace. Two would undo each other's work.
 *
 * The namespace's one daemon holds a name. How whoever finds it taken and the holder
 * prove to each other that they may change the policy is in ctl/lib/presence_name.c.
 * Nobody else is obeyed, and nobody else keeps a daemon from working by holding the
 * name.
 */
#include "presence.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "presence_name.h"

/* A daemon may be in the middle of a large replacement; somebody who is none must not
 * delay the first policy for long.
 */
#define ANSWER_WAIT_MILLISECONDS 5000

/* The time in which a daemon that was asked to leave has to do so. */
#define LEAVE_WAIT_SECONDS 10
#define LEAVE_PAUSE (20 * NANOSECONDS_PER_MILLISECOND)

#define CLAIM_ATTEMPTS 5

/**
 * presence_try() - take the name if nobody holds it
 * @presence: from presence_claim(), without the name
 *
 * Return: 0, -EADDRINUSE where somebody holds it, or another negative errno.
 */
int presence_try(struct presence *presence)
{
	struct sockaddr_un address;
	socklen_t length = presence_address(&address);
	int listener, result;

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0)
		return -errno;
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 16)) {
		result = -errno;
		close(listener);
		return result;
	}
	presence->listener = listener;
	return 0;
}

static int wait_for_name(struct presence *presence, const char *who)
{
	const struct timespec pause = { .tv_nsec = LEAVE_PAUSE };
	int64_t end = monotonic_now() + LEAVE_WAIT_SECONDS * NANOSECONDS_PER_SECOND;
	int result;

	log_line(LOG_NOTICE, "asked %s to leave", who);
	while ((result = presence_try(presence)) == -EADDRINUSE) {
		if (monotonic_now() > end) {
			log_line(LOG_ERR, "%s was asked to leave and is still there after %d s",
				 who, LEAVE_WAIT_SECONDS);
			return -ETIMEDOUT;
		}
		nanosleep(&pause, NULL);
	}
	return result;
}

/* Deals with whoever holds the name: 0 where it is ours now, -ENOENT where the holder
 * went away, -EPERM where it is no ipmasqd.
 */
static int meet_holder(struct presence *presence, bool takeover, unsigned int attempt)
{
	char who[PRESENCE_TEXT_MAX];
	struct ucred process = { 0 };
	int result;

	result = presence_ask(takeover ? PRESENCE_LEAVE : PRESENCE_LOOK,
			      ANSWER_WAIT_MILLISECONDS, &process);
	/* It may have left just now, or only wants to seem so. */
	if (result == -ENOENT && attempt < CLAIM_ATTEMPTS)
		return result;
	presence_describe(&process, who, sizeof(who));
	if (result == -EPERM || result == -ENOENT) {
		log_line(LOG_WARNING,
			 "%s of user %u holds the name of ipmasqd in this network namespace and did not prove that it has CAP_NET_ADMIN; continuing without the name",
			 who, process.uid);
		return -EPERM;
	}
	if (result)
		return result;
	if (takeover)
		return wait_for_name(presence, who);
	log_line(LOG_ERR,
		 "another ipmasqd is at work in this network namespace: %s; stop it, or take over with --takeover",
		 who);
	return -EADDRINUSE;
}

/**
 * presence_claim() - become the network namespace's one daemon
 * @takeover: ask another one to leave
 * @presence: filled, for presence_release()
 *
 * Where the name cannot be had for another reason than a daemon, presence_try() may have
 * it later. It keeps nobody from working.
 *
 * Return: 0; or after a line in the log -EADDRINUSE where another daemon is there and was
 * not to be asked, -ETIMEDOUT where it was asked and stays.
 */
int presence_claim(bool takeover, struct presence *presence)
{
	unsigned int attempt = 0;
	int result;

	*presence = (struct presence) { .listener = -1 };
	presence->netlink = presence_open(&presence->port);
	result = presence->netlink < 0 ? presence->netlink : -ENOENT;
	while (result == -ENOENT && ++attempt <= CLAIM_ATTEMPTS) {
		result = presence_try(presence);
		if (result == -EADDRINUSE)
			result = meet_holder(presence, takeover, attempt);
	}
	if (result == -EADDRINUSE || result == -ETIMEDOUT)
		return result;
	if (result && result != -EPERM)
		log_line(LOG_WARNING,
			 "the name of ipmasqd in this network namespace cannot be had: %s; continuing without it",
			 strerror(-result));
	return 0;
}

/**
 * presence_connected() - tell whoever connected where to ask
 * @presence: with the name
 *
 * The connection is closed again, so nobody holds anything up by being silent.
 */
void presence_connected(const struct presence *presence)
{
	int connection = accept4(presence->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (connection < 0)
		return;
	presence_greet(connection, presence->port);
	close(connection);
}

/**
 * presence_asked_to_leave() - answer one message
 * @presence: from presence_claim()
 * @who: filled with who asked, if anybody did
 * @room: bytes at @who
 *
 * Return: whether a process that has CAP_NET_ADMIN in this network namespace asked us
 * to leave.
 */
bool presence_asked_to_leave(const struct presence *presence, char *who, size_t room)
{
	struct presence_message message;

	if (presence_receive(presence->netlink, &message))
		return false;
	if (message.word != PRESENCE_LOOK && message.word != PRESENCE_LEAVE)
		return false;
	presence_send(presence->netlink, message.port, PRESENCE_HERE, message.number);
	presence_describe(&message.process, who, room);
	return message.word == PRESENCE_LEAVE;
}

/**
 * presence_release() - give the name up
 * @presence: from presence_claim(), whatever it returned
 */
void presence_release(struct presence *presence)
{
	if (presence->listener >= 0)
		close(presence->listener);
	if (presence->netlink >= 0)
		close(presence->netlink);
	presence->listener = -1;
	presence->netlink = -1;
}
