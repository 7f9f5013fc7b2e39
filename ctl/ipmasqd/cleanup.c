// SPDX-License-Identifier: GPL-2.0-or-later
#include "cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "client.h"
#include "log.h"
#include "state.h"

/* Times to begin again when another writer comes in between. */
#define ATTEMPTS_MAX 10

static int remove_entries(struct client *client)
{
	/* The lists are the configuration's. The flags stay as they are: IPv6 may
	 * be on for the entries that stay.
	 */
	static const struct policy empty = {
		.settings.port_ranges_named = true,
		.settings.source_cidrs_named = true,
		.settings.interfaces_named = true,
		.settings.snat_addresses_named = true,
	};
	struct client_status status = { 0 };
	int result;

	result = client_policy_get(client, &status);
	if (result)
		return result;
	if (!status.generation) {
		log_line(LOG_INFO, "there is no policy in this network namespace");
	} else if (!status.entries_static) {
		result = client_policy_delete(client, status.generation);
		if (!result)
			log_line(LOG_INFO, "the policy with its %" PRIu32 " config entries is removed",
				 status.entries_config);
	} else {
		result = client_replace(client, IPMASQ_ORIGIN_CONFIG, &empty, status.generation,
					NULL, NULL, NULL);
		if (!result)
			log_line(LOG_INFO,
				 "%" PRIu32 " config entries are removed; the policy stays in force with %" PRIu32 " static ones (ipmasqctl flush removes it)",
				 status.entries_config, status.entries_static);
	}
	client_status_clear(&status);
	return result;
}

static int remove_state(const char *directory)
{
	int result = state_remove(directory);

	if (!result)
		log_line(LOG_INFO, "the saved policy %s/" STATE_FILE " is removed", directory);
	if (!result || result == -ENOENT)
		return 0;
	log_line(LOG_ERR, "the saved policy %s/" STATE_FILE " cannot be removed: %s", directory,
		 strerror(-result));
	return result;
}

/**
 * cleanup() - take the configuration out of this network namespace
 * @state_directory: where a saved policy is removed too, NULL for nowhere
 *
 * Removes the config entries and the lists of the settings, and the policy unless
 * static entries are left.
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int cleanup(const char *state_directory)
{
	unsigned int attempts = 0;
	struct client *client;
	int result;

	result = client_open(&client);
	if (result == -ENOTSUP) {
		log_line(LOG_INFO, "%s: there is no policy", client_error(client));
		result = 0;
		goto close_client;
	}
	if (!result) {
		do {
			result = remove_entries(client);
		} while (result == -ESTALE && ++attempts < ATTEMPTS_MAX);
	}
	if (result)
		log_line(LOG_ERR, "%s", client_error(client));
close_client:
	client_close(client);
	if (!result && state_directory)
		result = remove_state(state_directory);
	return result;
}
