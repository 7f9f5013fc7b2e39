// SPDX-License-Identifier: GPL-2.0-or-later
/* For commands that print until they are stopped. */
#include "live.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/signalfd.h>
#include <time.h>

#include "ipmasqctl.h"

/**
 * live_time_of() - a time as text
 * @nanoseconds: since 1970
 * @form: for whom
 * @text: filled
 *
 * Return: @text.
 */
const char *live_time_of(uint64_t nanoseconds, enum live_form form, char text[LIVE_TIME_MAX])
{
	static const char *const formats[] = {
		[LIVE_RFC3339] = "%Y-%m-%dT%H:%M:%S",
		[LIVE_LOCAL] = "%Y-%m-%d %H:%M:%S",
		[LIVE_CLOCK] = "%H:%M:%S",
	};
	unsigned long part = (unsigned long)(nanoseconds % 1000000000);
	time_t seconds = (time_t)(nanoseconds / 1000000000);
	struct tm parts;
	size_t length;

	if (form == LIVE_RFC3339)
		gmtime_r(&seconds, &parts);
	else
		localtime_r(&seconds, &parts);
	length = strftime(text, LIVE_TIME_MAX, formats[form], &parts);
	if (form == LIVE_RFC3339)
		snprintf(text + length, LIVE_TIME_MAX - length, ".%06luZ", part / 1000);
	else if (form == LIVE_LOCAL)
		snprintf(text + length, LIVE_TIME_MAX - length, ".%03lu", part / 1000000);
	else
		snprintf(text + length, LIVE_TIME_MAX - length, ".%lu", part / 100000000);
	return text;
}

/**
 * live_time() - the time now
 * @utc: UTC as in RFC 3339, for programs; otherwise local time, for people
 * @text: filled
 *
 * Return: @text.
 */
const char *live_time(bool utc, char text[LIVE_TIME_MAX])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return live_time_of((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
			    utc ? LIVE_RFC3339 : LIVE_LOCAL, text);
}

/**
 * live_print_json() - print a value on a line of its own
 * @value: is taken over
 */
void live_print_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_PRESERVE_ORDER);
	json_decref(value);
	putchar('\n');
}

/**
 * live_open_signals() - have the signals that end a program come by a descriptor
 *
 * A write to a pipe that nobody reads is an error from then on and no signal.
 *
 * Return: the descriptor, or -1 with errno set.
 */
int live_open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/**
 * live_output_ended() - what to exit with when standard output cannot be written
 *
 * A reader that has gone is no error, and main() reports any other. errno is
 * that of the write.
 */
int live_output_ended(void)
{
	if (errno == EPIPE) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	return EXIT_DONE;
}
