// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests about the table: read it, change some entries, replace it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client_private.h"

struct listing {
	struct policy *policy;
	uint64_t generation;	/* of the first message; 0 before it */
	bool mixed;		/* messages of more than one generation */
};

static int take_entry(struct client *client, struct nlmsghdr *header, void *data)
{
	struct listing *listing = data;
	struct policy_entry entry;
	uint64_t generation;
	int error;

	(void)client;
	error = client_parse_entry(header, &generation, &entry);
	if (error)
		return error;
	if (!listing->generation)
		listing->generation = generation;
	else if (listing->generation != generation)
		listing->mixed = true;
	error = policy_append(listing->policy, &entry);
	free(entry.detail);
	return error;
}

static int dump(struct client *client, uint8_t origin, const struct cidr *within,
		struct listing *listing)
{
	struct nl_msg *message;

	policy_truncate(listing->policy, 0);
	listing->generation = 0;
	listing->mixed = false;
	message = client_message(client, IPMASQ_CMD_CIDR_GET, NLM_F_DUMP, CLIENT_HEAD_SIZE);
	if (message) {
		client_put_origin(message, origin);
		if (within)
			client_put_prefix(message, within);
	}
	return client_request(client, message, "cannot read the table", take_entry, listing);
}

static int read_generation(struct client *client, uint64_t *generation)
{
	struct client_status status;
	int error;

	error = client_policy_get(client, &status);
	*generation = status.generation;
	client_status_clear(&status);
	return error;
}

/**
 * client_list() - read entries, all of one generation
 * @client: an open client
 * @origin: enum ipmasq_origin; 0 for both
 * @within: only this prefix and those inside it; NULL for all
 * @policy: its entries are replaced by those read, its settings stay; it must be
 *	zeroed or hold a policy, and policy_clear() frees it in every case
 * @generation: set to the generation of the entries, 0 where there is no policy;
 *	may be NULL
 *
 * Return: 0; -EAGAIN when the policy changed during every attempt; or another
 * negative errno.
 */
int client_list(struct client *client, uint8_t origin, const struct cidr *within,
		struct policy *policy, uint64_t *generation)
{
	struct listing listing = { .policy = policy };
	uint64_t before;
	uint64_t after;
	int attempt;
	int error;

	for (attempt = 0; attempt < CLIENT_LIST_ATTEMPTS; attempt++) {
		error = read_generation(client, &before);
		if (error)
			return error;
		error = dump(client, origin, within, &listing);
		if (error == -EINTR || (!error && listing.mixed))
			continue;
		if (error)
			return error;

		/* A dump without an entry does not say of which generation. */
		after = listing.generation;
		if (!after) {
			error = read_generation(client, &after);
			if (error)
				return error;
			if (after != before)
				continue;
		}
		if (generation)
			*generation = after;
		return 0;
	}
	policy_truncate(policy, 0);
	return client_fail(client, -EAGAIN,
			   "the policy changed during each of %d attempts to read the table",
			   CLIENT_LIST_ATTEMPTS);
}

/* One message with all the entries, or -E2BIG. Frees it where it cannot be sent. */
static int change(struct client *client, struct nl_msg *message,
		  const struct policy_entry *entries, size_t count, bool actions,
		  const char *doing)
{
	size_t put;

	int error;

	if (!message)
		return client_fail(client, -ENOMEM, "%s: out of memory", doing);
	error = actions ? client_check_entries(client, doing, entries, count) : 0;
	if (error) {
		nlmsg_free(message);
		return error;
	}
	put = client_put_entries(message, entries, count, actions);
	if (put < count) {
		nlmsg_free(message);
		return client_fail(client, -E2BIG,
				   "%s: %zu entries are too many for one step, at most %zu",
				   doing, count, put);
	}
	return client_request(client, message, doing, NULL, NULL);
}

static struct nl_msg *change_message(const struct client *client, uint8_t command,
				     const struct policy_entry *entries, size_t count,
				     uint8_t origin, uint64_t based_on)
{
	size_t size = CLIENT_HEAD_SIZE;
	struct nl_msg *message;
	size_t i;

	for (i = 0; i < count && size < client->message_max; i++)
		size += client_entry_size(&entries[i]);
	if (size > client->message_max)
		size = client->message_max;
	message = client_message(client, command, 0, size);
	if (message) {
		/* CLIENT_HEAD_SIZE has room for both. */
		client_put_origin(message, origin);
		client_put_generation(message, based_on);
	}
	return message;
}

/**
 * client_add() - add entries, all or none
 * @client: an open client
 * @entries: prefixes, actions and details
 * @count: how many, at least 1
 * @origin: enum ipmasq_origin of all of them; 0 for static
 * @replace: change an entry that is there already
 * @based_on: generation that the change was based on, 0 for any
 *
 * Return: 0; -EEXIST; -ESTALE; -E2BIG for more than one message holds; or
 * another negative errno.
 */
int client_add(struct client *client, const struct policy_entry *entries, size_t count,
	       uint8_t origin, bool replace, uint64_t based_on)
{
	struct nl_msg *message;

	message = change_message(client, IPMASQ_CMD_CIDR_ADD, entries, count, origin, based_on);
	if (message && replace)
		nla_put_flag(message, IPMASQ_A_REPLACE);
	return change(client, message, entries, count, true, "cannot add");
}

/**
 * client_delete() - delete entries, all or none
 * @client: an open client
 * @entries: their prefixes count, their actions do not
 * @count: how many, at least 1
 * @origin: enum ipmasq_origin of all of them; 0 for static
 * @based_on: generation that the change was based on, 0 for any
 *
 * Return: 0; -ENOENT; -ESTALE; -E2BIG for more than one message holds; or
 * another negative errno.
 */
int client_delete(struct client *client, const struct policy_entry *entries, size_t count,
		  uint8_t origin, uint64_t based_on)
{
	return change(client,
		      change_message(client, IPMASQ_CMD_CIDR_DEL, entries, count, origin,
				     based_on),
		      entries, count, false, "cannot delete");
}

/**
 * client_policy_read() - read the policy in force as a whole
 * @client: an open client
 * @policy: is overwritten, also after an error: policy_clear() frees it
 * @generation: set to its generation, 0 for no policy
 *
 * Return: 0; -EAGAIN when the policy changed during every attempt; or another
 * negative errno.
 */
int client_policy_read(struct client *client, struct policy *policy, uint64_t *generation)
{
	struct client_status status;
	int attempt;
	int error;

	memset(policy, 0, sizeof(*policy));
	for (attempt = 0; attempt < CLIENT_LIST_ATTEMPTS; attempt++) {
		policy_clear(policy);
		error = client_policy_get(client, &status);
		if (error) {
			client_status_clear(&status);
			return error;
		}
		error = client_list(client, 0, NULL, policy, generation);
		/* What the status owns goes over to the policy. */
		policy->settings = status.settings;
		if (error || *generation == status.generation)
			return error;
	}
	return client_fail(client, -EAGAIN, "the policy changed each of %d times it was read",
			   CLIENT_LIST_ATTEMPTS);
}
