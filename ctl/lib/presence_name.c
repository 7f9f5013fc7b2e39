// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The name by which an ipmasqd is known in its network namespace: the abstract
 * unix socket "ipmasqd". Such names belong to the network namespace, go with the
 * process that holds them, and leave nothing behind. Whoever connects is told the
 * holder's process and user by the kernel.
 */
#include "presence_name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "ipmasqd"

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
 * presence_peer() - who is at the other end
 * @connection: a connected socket
 * @process: filled
 *
 * Return: 0 or a negative errno.
 */
int presence_peer(int connection, struct ucred *process)
{
	socklen_t length = sizeof(*process);

	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, process, &length) ? -errno : 0;
}

/**
 * presence_trusted() - whether a process may be an ipmasqd: anybody can take the name
 * @process: from presence_peer()
 */
bool presence_trusted(const struct ucred *process)
{
	return !process->uid || process->uid == geteuid();
}

/**
 * presence_describe() - a process in words, as in "process 12 (ipmasqd)"
 * @process: from presence_peer()
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
	struct sockaddr_un address;
	socklen_t length = presence_address(&address);
	struct ucred process;
	bool found;
	int connection;

	/* Not waiting, should a holder not take the connection. */
	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connection < 0)
		return false;
	found = !connect(connection, (const struct sockaddr *)&address, length) &&
		!presence_peer(connection, &process) && presence_trusted(&process);
	close(connection);
	if (found)
		presence_describe(&process, who, room);
	return found;
}
