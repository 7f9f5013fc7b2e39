/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_WATCH_H
#define IPMASQD_WATCH_H

#include <stdbool.h>

struct watch;

/* What a look at the events said about the file or files. */
enum watch_news {
	WATCH_NOTHING,		/* they are what they were */
	WATCH_WRITING,		/* somebody is writing, and may not be done */
	WATCH_CHANGED,		/* look at once */
};

int watch_open(struct watch **watch, const char *path, const char *prefix);
void watch_close(struct watch *watch);
int watch_descriptor(const struct watch *watch);
enum watch_news watch_read(struct watch *watch);
bool watch_follow(struct watch *watch);
void watch_refresh(struct watch *watch);

#endif
