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
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

static int manager = -1;

/**
 * notify_open() - connect to the service manager, if there is one
 */
void notify_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *name = getenv("NOTIFY_SOCKET");
	socklen_t length;

	if (!name || !*name)
		return;
	if ((*name != '/' && *name != '@') || strlen(name) >= sizeof(address.sun_path)) {
		log_line(LOG_WARNING, "NOTIFY_SOCKET is \"%s\", expected a path or @NAME", name);
		return;
	}
	strcpy(address.sun_path, name);
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	else
		length++;
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (manager < 0)
		return;
	if (connect(manager, (struct sockaddr *)&address, length)) {
		log_line(LOG_WARNING, "the service manager cannot be reached at %s: %s", name,
			 strerror(errno));
		notify_close();
	}
}

/**
 * notify_close() - let go of the service manager
 */
void notify_close(void)
{
	if (manager >= 0)
		close(manager);
	manager = -1;
}

/**
 * notify_send() - tell the service manager something
 * @format: as printf; "READY=1" and the like, several separated by newlines
 *
 * Does nothing where there is no service manager.
 */
void notify_send(const char *format, ...)
{
	char message[512];
	va_list arguments;

	if (manager < 0)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	send(manager, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT);
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

	if (manager < 0 || !text || (process && atoll(process) != getpid()))
		return 0;
	errno = 0;
	microseconds = strtoll(text, &end, 10);
	if (errno || *end || microseconds <= 0 || microseconds > INT64_MAX / 1000)
		return 0;
	return microseconds * 1000 / 2;
}
