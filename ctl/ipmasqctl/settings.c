// SPDX-License-Identifier: GPL-2.0-or-later
/* The words for a policy's settings. */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t flag;
} switches[] = {
	{ "enabled", IPMASQ_FLAG_ENABLED },
	{ "ipv6", IPMASQ_FLAG_IPV6 },
	{ "random-fully", IPMASQ_FLAG_RANDOM_FULLY },
};

/**
 * settings_flag() - the flag that a word stands for
 * @name: the word, need not end with NUL
 * @length: its bytes
 *
 * Return: IPMASQ_FLAG_*, or 0 when the word is none.
 */
uint32_t settings_flag(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strlen(switches[i].name) == length &&
		    memcmp(switches[i].name, name, length) == 0)
			return switches[i].flag;
	}
	return 0;
}

/**
 * settings_print() - write settings as the set command reads them
 * @file: to write to
 * @settings: all of them are written, with a blank before each
 *
 * Return: 0, or -ENOMEM when nothing was written.
 */
int settings_print(FILE *file, const struct policy_settings *settings)
{
	char *ports = port_ranges_format(settings->port_ranges, settings->port_range_count);
	size_t i;

	if (!ports)
		return -ENOMEM;
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		fprintf(file, " %s %s", switches[i].name,
			settings->flags & switches[i].flag ? "on" : "off");
	fprintf(file, " to-ports %s", *ports ? ports : "any");
	free(ports);
	return 0;
}
