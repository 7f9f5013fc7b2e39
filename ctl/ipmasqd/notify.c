// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The service manager's side of sd_notify(3): a datagram of assignments to the
 * socket named by NOTIFY_SOCKET. The protocol is documented for use without
 * libsystemd, which would cost 470 KiB of memory for this one message.
 */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

/**
 * struct manager - the service manager
 * @address: its socket
 * @length: bytes of @address, 0 where there is no service manager
 * @descriptor: connected to it, -1 while it is not
 * @lost: a failure to reach it was logged
 */
static struct manager {
	struct sockaddr_un address;
	socklen_t length;
	int descriptor;
	bool lost;
} manager = { .descriptor = -1 };

/**
 * notify_open() - find out whether there is a service manager
 */
void notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (!name || !*name)
		return;
	if ((*name != '/' && *name != '@') || strlen(name) >= sizeof(manager.address.sun_path)) {
		log_line(LOG_WARNING, "NOTIFY_SOCKET is \"%s\", expected a path or @NAME", name);
		return;
	}
	manager.address.sun_family = AF_UNIX;
	strcpy(manager.address.sun_path, name);
	manager.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	if (*name == '@')
		manager.address.sun_path[0] = '\0';
	else
		manager.length++;
}

static void disconnect(void)
{
	if (manager.descriptor >= 0)
		close(manager.descriptor);
	manager.descriptor = -1;
}

/**
 * notify_close() - let go of the service manager
 */
void notify_close(void)
{
	disconnect();
	manager.length = 0;
}

static int send_message(const char *message)
{
	if (manager.descriptor < 0) {
		manager.descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (manager.descriptor < 0)
			return -errno;
		if (connect(manager.descriptor, (struct sockaddr *)&manager.address,
			    manager.length))
			return -errno;
	}
	if (send(manager.descriptor, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	return 0;
}

/**
 * notify_send() - tell the service manager something
 * @format: as printf; "READY=1" and the like, several separated by newlines
 *
 * A service manager that was restarted has another socket of the same name. That it
 * cannot be reached is logged once.
 *
 * Return: whether nothing has to be sent again; also where there is no service
 * manager.
 */
bool notify_send(const char *format, ...)
{
	char message[512];
	va_list arguments;
	int result;

	if (!manager.length)
		return true;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	result = send_message(message);
	/* Its queue is full, which is no reason to connect again. */
	if (result == -EAGAIN)
		return false;
	if (result) {
		disconnect();
		result = send_message(message);
	}
	if (result)
		disconnect();
	if (result && !manager.lost)
		log_line(LOG_WARNING, "the service manager cannot be reached: %s; will try again",
			 strerror(-result));
	manager.lost = result;
	return !result;
}

/**
 * notify_reloading() - tell that a reload began; READY=1 tells that it ended
 */
void notify_reloading(void)
{
	notify_send("RELOADING=1\nMONOTONIC_USEC=%" PRId64, monotonic_now() / 1000);
}

/**
 * notify_watchdog_interval() - how often the service manager wants WATCHDOG=1
 *
 * Return: nanoseconds, half of the time after which it would act; 0 for never.
 */
int64_t notify_watchdog_interval(void)
{
	const char *process = getenv("WATCHDOG_PID");
	const char *text = getenv("WATCHDOG_USEC");
	long long microseconds;
	char *end;

	if (!manager.length || !text || (process && atoll(process) != getpid()))
		return 0;
	errno = 0;
	microseconds = strtoll(text, &end, 10);
	if (errno || *end || microseconds <= 0 || microseconds > INT64_MAX / 1000)
		return 0;
	return microseconds * 1000 / 2;
}
