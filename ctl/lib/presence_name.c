// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The name by which an ipmasqd is known in its network namespace: the abstract
 * unix socket "ipmasqd". Such names belong to the network namespace, go with the
 * process that holds them, and leave nothing behind.
 *
 * Anybody can hold the name, and anybody can connect, under any user. What counts is
 * CAP_NET_ADMIN in the network namespace, since only who has it can keep a policy or
 * change it. The kernel checks it for us: a message from one generic netlink socket to
 * another is delivered only if the sender has that capability now (netlink_sendmsg(),
 * which asks netlink_allowed(), in net/netlink/af_netlink.c). So
 *
 *	the holder	accepts a connection, writes the number of its netlink port,
 *			and closes it
 *	the asker	sends a word to that port, with a number of its choice
 *	the holder	answers with that number to the port that asked
 *
 * and each of them knows that the other has the capability. The messages are of the type
 * NLMSG_NOOP, which whoever else has such a port ignores.
 */
#include "presence_name.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <linux/netlink.h>

#define NAME "ipmasqd"
#define GREETING NAME " has netlink port %" SCNu32

/* For a hint in the tool: a holder that has other work is not waited for. */
#define LOOK_MILLISECONDS 1000

/* One message on the wire, the same in each network namespace of a machine. */
struct wire {
	struct nlmsghdr header;
	char name[8];
	uint32_t word;
	uint32_t reserved;
	uint64_t number;
};

/**
 * presence_address() - the address of the name
 * @address: filled
 *
 * Return: its length, for bind() and connect().
 */
socklen_t presence_address(struct sockaddr_un *address)
{
	*address = (struct sockaddr_un) { .sun_family = AF_UNIX };
	/* The leading NUL makes it abstract. */
	memcpy(address->sun_path + 1, NAME, strlen(NAME));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(NAME));
}

/**
 * presence_open() - make a netlink socket to ask or to answer with
 * @port: set to its number
 *
 * Return: a descriptor that does not block, or a negative errno.
 */
int presence_open(uint32_t *port)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t length = sizeof(address);
	const int on = 1;
	int result;
	int netlink;

	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);
	if (netlink < 0)
		return -errno;
	if (bind(netlink, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(netlink, (struct sockaddr *)&address, &length) ||
	    setsockopt(netlink, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on))) {
		result = -errno;
		close(netlink);
		return result;
	}
	*port = address.nl_pid;
	return netlink;
}

/**
 * presence_send() - send a word to another process
 * @netlink: from presence_open()
 * @port: of the other process
 * @word: what to send
 * @number: to tell the answer by
 *
 * Return: 0; -EPERM where this process does not have CAP_NET_ADMIN; -ECONNREFUSED where
 * nobody has that port; or another negative errno.
 */
int presence_send(int netlink, uint32_t port, enum presence_word word, uint64_t number)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = port };
	struct wire wire = {
		.header.nlmsg_len = sizeof(wire),
		.header.nlmsg_type = NLMSG_NOOP,
		.name = NAME,
		.word = word,
		.number = number,
	};

	/* Port 0 is the kernel. */
	if (!port)
		return -ECONNREFUSED;
	if (sendto(netlink, &wire, sizeof(wire), MSG_DONTWAIT, (struct sockaddr *)&address,
		   sizeof(address)) < 0)
		return -errno;
	return 0;
}

/**
 * presence_receive() - take one message
 * @netlink: from presence_open()
 * @message: filled
 *
 * Return: 0 for a message of a process with CAP_NET_ADMIN; -EBADMSG for one that is
 * something else; -EAGAIN where there is none; or another negative errno.
 */
int presence_receive(int netlink, struct presence_message *message)
{
	char control[CMSG_SPACE(sizeof(struct ucred))] __attribute__((aligned(8)));
	struct sockaddr_nl sender = { 0 };
	struct wire wire = { 0 };
	struct iovec part = { .iov_base = &wire, .iov_len = sizeof(wire) };
	struct msghdr header = {
		.msg_name = &sender, .msg_namelen = sizeof(sender),
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *item;

	if (recvmsg(netlink, &header, MSG_DONTWAIT) < 0)
		return -errno;
	/* Port 0 is the kernel, whose messages prove nothing about a process. */
	if (!sender.nl_pid || wire.header.nlmsg_type != NLMSG_NOOP ||
	    wire.header.nlmsg_len != sizeof(wire) || memcmp(wire.name, NAME, sizeof(NAME)))
		return -EBADMSG;
	*message = (struct presence_message) {
		.port = sender.nl_pid, .word = wire.word, .number = wire.number,
	};
	for (item = CMSG_FIRSTHDR(&header); item; item = CMSG_NXTHDR(&header, item)) {
		if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_CREDENTIALS)
			memcpy(&message->process, CMSG_DATA(item), sizeof(message->process));
	}
	return 0;
}

/**
 * presence_greet() - tell whoever connected where to ask
 * @connection: that the holder of the name accepted
 * @port: from presence_open()
 *
 * Return: 0 or a negative errno.
 */
int presence_greet(int connection, uint32_t port)
{
	char text[64];
	int length = snprintf(text, sizeof(text), NAME " has netlink port %" PRIu32 "\n", port);

	if (send(connection, text, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	return 0;
}

static int64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Returns 0 once there is something to read, -ETIMEDOUT after @deadline. */
static int wait_for_input(int descriptor, int64_t deadline)
{
	struct pollfd input = { .fd = descriptor, .events = POLLIN };
	int64_t left;
	int result;

	do {
		left = deadline - milliseconds_now();
		result = poll(&input, 1, left > 0 ? (int)left : 0);
	} while (result < 0 && errno == EINTR);
	return result > 0 ? 0 : result ? -errno : -ETIMEDOUT;
}

/* Returns 0 with the holder's @port; -ENOENT where the holder went away. */
static int read_greeting(int connection, int64_t deadline, uint32_t *port)
{
	char text[64];
	ssize_t length;
	int result;

	result = wait_for_input(connection, deadline);
	if (result)
		return result;
	length = recv(connection, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (length <= 0)
		return -ENOENT;
	text[length] = '\0';
	return sscanf(text, GREETING, port) == 1 ? 0 : -EBADMSG;
}

static int ask_port(uint32_t port, enum presence_word word, int64_t deadline)
{
	struct presence_message answer;
	uint64_t number;
	uint32_t own;
	int netlink, result;

	netlink = presence_open(&own);
	if (netlink < 0)
		return netlink;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = ((uint64_t)own << 32) ^ (uint64_t)milliseconds_now();
	result = presence_send(netlink, port, word, number);
	while (!result) {
		result = wait_for_input(netlink, deadline);
		if (result)
			break;
		/* What is not the answer is passed over. */
		if (!presence_receive(netlink, &answer) && answer.port == port &&
		    answer.word == PRESENCE_HERE && answer.number == number)
			break;
	}
	close(netlink);
	return result;
}

/**
 * presence_ask() - ask who holds the name
 * @word: PRESENCE_LOOK or PRESENCE_LEAVE
 * @milliseconds: how long to wait for an answer
 * @holder: filled with the process that holds the name, where there is one
 *
 * Return: 0 where an ipmasqd holds it, which has CAP_NET_ADMIN and was asked; -ENOENT
 * where nobody does; -EPERM where somebody does who did not prove to be an ipmasqd; or
 * another negative errno.
 */
int presence_ask(enum presence_word word, int milliseconds, struct ucred *holder)
{
	int64_t deadline = milliseconds_now() + milliseconds;
	socklen_t size = sizeof(*holder);
	struct sockaddr_un address;
	socklen_t length = presence_address(&address);
	uint32_t port = 0;
	int connection;
	int result;

	/* Not waiting, should a holder not take the connection. */
	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connection < 0)
		return -errno;
	if (connect(connection, (const struct sockaddr *)&address, length)) {
		/* EAGAIN: a holder that does not accept connections. */
		result = errno == ECONNREFUSED ? -ENOENT : errno == EAGAIN ? -EPERM : -errno;
		goto out;
	}
	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, holder, &size)) {
		result = -errno;
		goto out;
	}
	result = read_greeting(connection, deadline, &port);
	if (!result)
		result = ask_port(port, word, deadline);
	if (result == -ETIMEDOUT || result == -EBADMSG || result == -ECONNREFUSED)
		result = -EPERM;
out:
	close(connection);
	return result;
}

/**
 * presence_describe() - a process in words, as in "process 12 (ipmasqd)"
 * @process: from presence_ask() or presence_receive()
 * @text: filled
 * @room: bytes at @text, PRESENCE_TEXT_MAX is enough
 */
void presence_describe(const struct ucred *process, char *text, size_t room)
{
	char path[64], name[32];
	FILE *file;

	/* Of another PID namespace: it has no number here. */
	if (process->pid <= 0) {
		snprintf(text, room, "a process of another container");
		return;
	}
	snprintf(text, room, "process %d", process->pid);
	snprintf(path, sizeof(path), "/proc/%d/comm", process->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		snprintf(text, room, "process %d (%s)", process->pid, name);
	}
	fclose(file);
}

/**
 * presence_look() - whether there is an ipmasqd in this network namespace
 * @who: filled with what presence_describe() says of it
 * @room: bytes at @who
 */
bool presence_look(char *who, size_t room)
{
	struct ucred process;

	if (presence_ask(PRESENCE_LOOK, LOOK_MILLISECONDS, &process))
		return false;
	presence_describe(&process, who, room);
	return true;
}
