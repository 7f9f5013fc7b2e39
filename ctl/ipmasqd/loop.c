// SPDX-License-Identifier: GPL-2.0-or-later
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Work comes in bursts: a scrape is two or three events, a reload some more. */
#define REST_MILLISECONDS 1000

/**
 * monotonic_now() - a clock that nobody sets
 *
 * Return: nanoseconds since some moment in the past.
 */
int64_t monotonic_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

/**
 * loop_open() - make an empty loop
 * @loop: to fill
 *
 * Return: 0 or a negative errno.
 */
int loop_open(struct loop *loop)
{
	loop->leaving = false;
	loop->rest = NULL;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? -errno : 0;
}

/**
 * loop_close() - the opposite of loop_open()
 * @loop: its sources stay the property of those who added them
 */
void loop_close(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	loop->epoll = -1;
}

/**
 * loop_add() - call a source when it can be read
 * @loop: the loop
 * @source: must stay where it is until loop_remove()
 *
 * Return: 0 or a negative errno.
 */
int loop_add(struct loop *loop, struct loop_source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, source->descriptor, &event))
		return -errno;
	return 0;
}

/**
 * loop_remove() - the opposite of loop_add(), before the descriptor is closed
 * @loop: the loop
 * @source: a source of it; may be called from its own ready()
 */
void loop_remove(struct loop *loop, struct loop_source *source)
{
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->descriptor, NULL);
}

/**
 * loop_run() - wait and call until somebody sets @loop->leaving
 * @loop: the loop
 *
 * One event is taken at a time: a source may then be removed and freed by
 * another's call without leaving an event for it behind.
 *
 * Return: 0 or a negative errno.
 */
int loop_run(struct loop *loop)
{
	int patience = REST_MILLISECONDS;

	while (!loop->leaving) {
		struct epoll_event event;
		int count = epoll_wait(loop->epoll, &event, 1, loop->rest ? patience : -1);

		if (count < 0 && errno != EINTR)
			return -errno;
		if (count == 1) {
			struct loop_source *source = event.data.ptr;

			patience = REST_MILLISECONDS;
			source->ready(source->data);
		} else if (!count) {
			patience = -1;
			loop->rest();
		}
	}
	return 0;
}

static void timer_ready(void *data)
{
	struct timer *timer = data;
	uint64_t times;

	/* Nothing to read: it was set anew since epoll saw it. */
	if (read(timer->source.descriptor, &times, sizeof(times)) != sizeof(times))
		return;
	timer->armed = false;
	timer->expired(timer->data);
}

/**
 * timer_open() - make a timer that is not set yet
 * @timer: to fill; must stay where it is
 * @loop: the loop that it belongs to
 * @expired: what to call
 * @data: for @expired
 *
 * Return: 0 or a negative errno.
 */
int timer_open(struct timer *timer, struct loop *loop, void (*expired)(void *data), void *data)
{
	int result;

	timer->expired = expired;
	timer->data = data;
	timer->armed = false;
	timer->source = (struct loop_source) {
		.descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
		.ready = timer_ready,
		.data = timer,
	};
	if (timer->source.descriptor < 0)
		return -errno;
	result = loop_add(loop, &timer->source);
	if (result) {
		close(timer->source.descriptor);
		timer->source.descriptor = -1;
	}
	return result;
}

/**
 * timer_close() - the opposite of timer_open()
 * @timer: may also be one that timer_open() failed on
 * @loop: the loop that it belongs to
 */
void timer_close(struct timer *timer, struct loop *loop)
{
	if (timer->source.descriptor < 0)
		return;
	loop_remove(loop, &timer->source);
	close(timer->source.descriptor);
	timer->source.descriptor = -1;
}

static void settime(struct timer *timer, int64_t nanoseconds)
{
	struct itimerspec when = {
		.it_value.tv_sec = nanoseconds / NANOSECONDS_PER_SECOND,
		.it_value.tv_nsec = nanoseconds % NANOSECONDS_PER_SECOND,
	};

	timerfd_settime(timer->source.descriptor, 0, &when, NULL);
}

/**
 * timer_set() - call once, from now on in so many nanoseconds
 * @timer: the timer; a time set before is forgotten
 * @nanoseconds: 0 or less is at once, but from the loop
 */
void timer_set(struct timer *timer, int64_t nanoseconds)
{
	/* timerfd takes 0 for "not at all". */
	settime(timer, nanoseconds > 0 ? nanoseconds : 1);
	timer->armed = true;
}

/**
 * timer_stop() - do not call any more
 * @timer: the timer
 */
void timer_stop(struct timer *timer)
{
	settime(timer, 0);
	timer->armed = false;
}
