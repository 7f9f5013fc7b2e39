/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_DAEMON_H
#define IPMASQD_DAEMON_H

#include "options.h"
#include "source.h"

int daemon_run(const struct options *options, struct source *source, int presence);

#endif
