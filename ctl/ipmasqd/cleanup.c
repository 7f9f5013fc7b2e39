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

/* Say what the hooks are still kept for, as the module cannot be unloaded meanwhile. */
static void log_draining(struct client *client)
{
	struct client_status status;

	if (!client_policy_get(client, &status) && status.draining)
		log_line(LOG_INFO,
			 "%" PRIu64 " masqueraded connections go on until they end, and keep the module in use (--now ends that)",
			 status.draining);
	client_status_clear(&status);
}

static int remove_policy(struct client *client, const struct client_status *status, bool now)
{
	int result;

	if (!status->generation && !(now && status->draining)) {
		log_line(LOG_INFO, "there is no policy in this network namespace");
		log_draining(client);
		return 0;
	}
	result = client_policy_delete(client, status->generation, now);
	if (result)
		return result;
	if (status->generation)
		log_line(LOG_INFO, "the policy with its %" PRIu32 " config entries is removed",
			 status->entries_config);
	if (now)
		log_line(LOG_INFO, "the hooks are removed, for masqueraded connections too");
	else
		log_draining(client);
	return 0;
}

static int remove_entries(struct client *client, bool now)
{
	/* The lists are the configuration's. The flags stay as they are: IPv6 may
	 * be on for the entries that stay.
	 */
	struct policy empty = { 0 };
	struct client_status status = { 0 };
	int result;

	policy_settings_name_lists(&empty.settings);
	result = client_policy_get(client, &status);
	if (result)
		return result;
	if (!status.generation || !status.entries_static) {
		result = remove_policy(client, &status, now);
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
 * @now: keep no hook for connections that were masqueraded
 *
 * Removes the config entries and the lists of the settings, and the policy unless
 * static entries are left. Masqueraded connections go on unless @now.
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int cleanup(const char *state_directory, bool now)
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
			result = remove_entries(client, now);
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
