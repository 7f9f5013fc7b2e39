// SPDX-License-Identifier: GPL-2.0-or-later
/* Replacing a table, seen from a terminal. */
#include "transaction.h"

#include <stdio.h>
#include <unistd.h>

#include "ipmasqctl.h"
#include "policy.h"

/* Below it a replacement is done before anybody could read about it. */
#define PROGRESS_FROM	50000

static void show_progress(size_t done, size_t all, void *data)
{
	size_t *shown = data;
	size_t percent = done * 100 / all;

	if (percent == *shown)
		return;
	*shown = percent;
	/* The last one clears the line. */
	if (done == all)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r%zu of %zu entries", done, all);
}

/**
 * replace_entries() - client_replace() that shows how far it is
 * @client: an open client
 * @origin: enum ipmasq_origin
 * @policy: entries, and the settings to change
 * @based_on: only if this generation is in force, 0 for any
 * @generation: set to the new one
 *
 * Large tables are counted on standard error, where that is a terminal.
 *
 * Return: as client_replace().
 */
int replace_entries(struct client *client, uint8_t origin, const struct policy *policy,
		    uint64_t based_on, uint64_t *generation)
{
	bool progress = policy->count >= PROGRESS_FROM && is_terminal(STDERR_FILENO);
	size_t shown = 0;
	int error;

	error = client_replace(client, origin, policy, based_on, generation,
			       progress ? show_progress : NULL, &shown);
	if (error && shown)
		fputs("\r\033[K", stderr);
	return error;
}

/**
 * replace_origin() - replace the entries of one origin by those of a policy of both
 * @client: an open client
 * @saved: the policy
 * @origin: enum ipmasq_origin; entries of the other one are left out
 * @settings: change the settings too
 * @generation: only if this one is in force, 0 for any; set to the new one
 *
 * Return: as client_replace().
 */
int replace_origin(struct client *client, const struct policy *saved, uint8_t origin,
		   bool settings, uint64_t *generation)
{
	struct policy policy = { 0 };
	size_t i;
	int error = 0;

	for (i = 0; i < saved->count && !error; i++) {
		if (saved->entries[i].origin == origin)
			error = policy_append(&policy, &saved->entries[i]);
	}
	if (!error) {
		if (settings)
			policy.settings = saved->settings;
		error = replace_entries(client, origin, &policy, *generation, generation);
	}
	/* The lists are those of @saved. */
	policy.settings = (struct policy_settings){ 0 };
	policy_clear(&policy);
	return error;
}
