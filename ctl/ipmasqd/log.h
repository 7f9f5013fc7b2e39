/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_LOG_H
#define IPMASQD_LOG_H

#include <stdbool.h>
#include <syslog.h>

struct config_problem;

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

void log_open(enum log_format format, bool debug);
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_problem(const struct config_problem *problem);

#endif
