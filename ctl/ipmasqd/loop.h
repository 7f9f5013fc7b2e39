/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_LOOP_H
#define IPMASQD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct loop - the one epoll set of the process
 * @epoll: its descriptor
 * @leaving: loop_run() is to return
 * @rest: called when nothing more has happened for a second; may be NULL
 */
struct loop {
	int epoll;
	bool leaving;
	void (*rest)(void);
};

/**
 * struct loop_source - a descriptor and who wants to know that it can be read
 * @descriptor: watched for input
 * @ready: called each time that there is some
 * @data: for @ready
 */
struct loop_source {
	int descriptor;
	void (*ready)(void *data);
	void *data;
};

int loop_open(struct loop *loop);
void loop_close(struct loop *loop);
int loop_add(struct loop *loop, struct loop_source *source);
void loop_remove(struct loop *loop, struct loop_source *source);
int loop_run(struct loop *loop);

/**
 * struct timer - one call at a later time
 * @source: its timerfd in the loop
 * @expired: called once the time has come
 * @data: for @expired
 * @armed: the time is still to come
 */
struct timer {
	struct loop_source source;
	void (*expired)(void *data);
	void *data;
	bool armed;
};

int timer_open(struct timer *timer, struct loop *loop, void (*expired)(void *data), void *data);
void timer_close(struct timer *timer, struct loop *loop);
void timer_set(struct timer *timer, int64_t nanoseconds);
void timer_stop(struct timer *timer);

int64_t monotonic_now(void);

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define NANOSECONDS_PER_MILLISECOND INT64_C(1000000)

#endif
