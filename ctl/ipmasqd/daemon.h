/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_DAEMON_H
#define IPMASQD_DAEMON_H

#include "options.h"
#include "presence.h"
#include "source.h"

/* How daemon_run() came out, beside 0 and errors. */
enum { DAEMON_REPLACED = 1 };

int daemon_run(const struct options *options, struct source *source,
	       struct presence *presence);

#endif
