/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_PAGES_H
#define IPMASQD_PAGES_H

#include <time.h>

#include "existing.h"
#include "http.h"
#include "port_use.h"
#include "port_warnings.h"
#include "reconcile.h"
#include "source.h"

/**
 * struct pages - what the pages tell about
 * @source: the configuration
 * @reconciler: the kernel
 * @existing: lets changes hold for present connections
 * @port_use: counts the source ports in use
 * @port_warnings: what the kernel told of those that ran out
 * @start_time: of the process
 * @started_without_policy: the start was reported as complete before a policy was in force
 */
struct pages {
	const struct source *source;
	struct reconciler *reconciler;
	const struct existing *existing;
	struct port_use *port_use;
	const struct port_warnings *port_warnings;
	time_t start_time;
	bool started_without_policy;
};

void pages_answer(const char *path, struct http_page *page, void *data);
const char *pages_not_ready(const struct source *source, const struct reconciler *reconciler);

#endif
