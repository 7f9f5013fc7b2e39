// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests about the policy as a whole: settings, explanation, statistics. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client_private.h"

static int take_status(struct client *client, struct nlmsghdr *header, void *data)
{
	(void)client;
	return client_parse_status(header, data);
}

/**
 * client_policy_get() - read the settings and the size of the policy
 * @client: an open client
 * @status: overwritten in every case; client_status_clear() frees what it holds.
 *	Its generation is 0 where the namespace has no policy.
 *
 * Return: 0 or a negative errno.
 */
int client_policy_get(struct client *client, struct client_status *status)
{
	memset(status, 0, sizeof(*status));
	return client_request(client,
			      client_message(client, IPMASQ_CMD_POLICY_GET, 0, CLIENT_HEAD_SIZE),
			      "cannot read the policy", take_status, status);
}

/**
 * client_status_clear() - free what a status holds
 * @status: what client_policy_get() set; it may be cleared twice
 */
void client_status_clear(struct client_status *status)
{
	policy_settings_clear(&status->settings);
}

/**
 * client_policy_set() - change settings
 * @client: an open client
 * @settings: those that are named are changed, the others stay. A namespace
 *	without a policy gets one.
 * @based_on: generation that the change was based on, 0 for any
 *
 * Return: 0; -ESTALE when another generation is in force; or another negative
 * errno.
 */
int client_policy_set(struct client *client, const struct policy_settings *settings,
		      uint64_t based_on)
{
	static const char doing[] = "cannot change the settings";
	struct nl_msg *message;

	int error;

	error = client_settings_message(client, IPMASQ_CMD_POLICY_SET, doing, settings, &message);
	if (error)
		return error;
	client_put_generation(message, based_on);
	return client_request(client, message, doing, NULL, NULL);
}

/**
 * client_policy_delete() - remove the policy with all its entries
 * @client: an open client
 * @based_on: generation that the change was based on, 0 for any
 * @now: unregister the hooks even if translated connections need them; also ends a
 *	removal that waits for connections, where there is no policy any more
 *
 * Return: 0; -ESTALE when another generation is in force; or another negative
 * errno.
 */
int client_policy_delete(struct client *client, uint64_t based_on, bool now)
{
	struct nl_msg *message;

	message = client_message(client, IPMASQ_CMD_POLICY_DEL, 0, CLIENT_HEAD_SIZE);
	/* The empty message has room for both. */
	if (message) {
		client_put_generation(message, based_on);
		if (now)
			nla_put_flag(message, IPMASQ_A_NOW);
	}
	return client_request(client, message, "cannot remove the policy", NULL, NULL);
}

/**
 * client_drain_end() - unregister hooks that are kept for connections without a policy
 * @client: an open client
 *
 * Return: 0; -ENOENT where nothing drains; -ESTALE where there is a policy; or another
 * negative errno.
 */
int client_drain_end(struct client *client)
{
	struct nl_msg *message;

	message = client_message(client, IPMASQ_CMD_POLICY_DEL, 0, CLIENT_HEAD_SIZE);
	/* Generation 0 stands for no policy. The empty message has room for both. */
	if (message) {
		nla_put_u64(message, IPMASQ_A_GENERATION, 0);
		nla_put_flag(message, IPMASQ_A_NOW);
	}
	return client_request(client, message, "cannot end draining", NULL, NULL);
}

static int take_explanation(struct client *client, struct nlmsghdr *header, void *data)
{
	(void)client;
	client_explanation_clear(data);
	return client_parse_explanation(header, data);
}

/**
 * client_explain() - ask what would become of a connection
 * @client: an open client
 * @flow: the connection
 * @explanation: overwritten in every case; client_explanation_clear() frees what
 *	it holds
 *
 * Return: 0 or a negative errno.
 */
int client_explain(struct client *client, const struct client_flow *flow,
		   struct client_explanation *explanation)
{
	struct nl_msg *message;

	memset(explanation, 0, sizeof(*explanation));
	message = client_message(client, IPMASQ_CMD_EXPLAIN, 0, CLIENT_HEAD_SIZE);
	if (message)
		client_put_flow(message, flow);
	return client_request(client, message, "cannot explain", take_explanation, explanation);
}

/**
 * client_explanation_clear() - free what an explanation holds
 * @explanation: what client_explain() set; it may be cleared twice
 */
void client_explanation_clear(struct client_explanation *explanation)
{
	free(explanation->port_ranges);
	explanation->port_ranges = NULL;
	explanation->port_range_count = 0;
	free(explanation->entry.detail);
	explanation->entry.detail = NULL;
}

static int take_statistics(struct client *client, struct nlmsghdr *header, void *data)
{
	(void)client;
	return client_parse_statistics(header, data);
}

/**
 * client_statistics() - read how many connections got which verdict
 * @client: an open client
 * @statistics: overwritten in every case
 *
 * Return: 0 or a negative errno.
 */
int client_statistics(struct client *client, struct client_statistics *statistics)
{
	memset(statistics, 0, sizeof(*statistics));
	return client_request(client,
			      client_message(client, IPMASQ_CMD_STATS_GET, 0, CLIENT_HEAD_SIZE),
			      "cannot read the statistics", take_statistics, statistics);
}
