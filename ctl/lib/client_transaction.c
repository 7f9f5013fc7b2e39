// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replacing a table of any size in one step: one TRANSACTION_BEGIN, as many
 * TRANSACTION_ADDs as the entries need, one TRANSACTION_COMMIT.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client_private.h"

static const char doing[] = "cannot replace the table";

/* Whether the entries can go out as they are: sorted, each prefix once. */
static bool in_order(const struct policy *policy)
{
	size_t i;

	for (i = 1; i < policy->count; i++) {
		if (cidr_compare(&policy->entries[i - 1].cidr, &policy->entries[i].cidr) >= 0)
			return false;
	}
	return true;
}

static void refuse_two(struct client *client, const struct policy_entry *one,
		       const struct policy_entry *other)
{
	char text[CIDR_TEXT_MAX];

	cidr_format(&one->cidr, text);
	if (one->action == other->action)
		client_fail(client, -EINVAL, "%s: %s is given twice, with different %s", doing, text,
			    one->action == IPMASQ_ACTION_SNAT ? "source addresses" : "timeouts");
	else
		client_fail(client, -EINVAL, "%s: %s is given both as %s and as %s", doing, text,
			    policy_action_name(one->action), policy_action_name(other->action));
}

/* A sorted copy of the entries in which each prefix is there once. */
static int put_in_order(struct client *client, const struct policy *policy,
			struct policy *ordered)
{
	struct policy_entry *last;
	struct policy_entry *next;
	struct policy_entry swap;
	size_t kept = 0;
	size_t i;

	memset(ordered, 0, sizeof(*ordered));
	ordered->entries = malloc(policy->count * sizeof(*ordered->entries));
	if (!ordered->entries)
		return client_fail(client, -ENOMEM, "%s: out of memory", doing);
	ordered->room = policy->count;
	for (i = 0; i < policy->count; i++) {
		if (policy_append(ordered, &policy->entries[i])) {
			policy_clear(ordered);
			return client_fail(client, -ENOMEM, "%s: out of memory", doing);
		}
		/* They all get one origin, so only the prefix counts. */
		ordered->entries[i].origin = 0;
	}
	policy_sort(ordered);

	for (i = 1; i < ordered->count; i++) {
		last = &ordered->entries[kept];
		next = &ordered->entries[i];
		if (cidr_compare(&last->cidr, &next->cidr)) {
			/* What they change with is freed with the others. */
			swap = *++last;
			*last = *next;
			*next = swap;
			kept++;
		} else if (!policy_entry_equal(last, next)) {
			refuse_two(client, last, next);
			policy_clear(ordered);
			return -EINVAL;
		}
	}
	policy_truncate(ordered, kept + 1);
	return 0;
}

static int begin(struct client *client, uint8_t origin, const struct policy_settings *settings,
		 uint64_t based_on)
{
	struct nl_msg *message;
	int error;

	error = client_settings_message(client, IPMASQ_CMD_TRANSACTION_BEGIN, doing, settings,
					&message);
	if (error)
		return error;
	client_put_origin(message, origin);
	client_put_generation(message, based_on);
	return client_request(client, message, doing, NULL, NULL);
}

/* Sends what fits into one message; *count is what there is, then what fitted. */
static int send_batch(struct client *client, const struct policy_entry *entries,
		      size_t *count, uint32_t *sequence)
{
	size_t size = client->message_max < CLIENT_BATCH_SIZE ? client->message_max :
								CLIENT_BATCH_SIZE;
	struct nl_msg *message;

	message = client_message(client, IPMASQ_CMD_TRANSACTION_ADD, NLM_F_ACK, size);
	if (!message)
		return client_fail(client, -ENOMEM, "%s: out of memory", doing);
	*count = client_put_entries(message, entries, *count, true);
	return client_send(client, message, sequence);
}

/* Sends all entries, with up to CLIENT_WINDOW answers outstanding. Answers come
 * in the order of the requests, and this socket's numbers are consecutive. */
static int send_entries(struct client *client, const struct policy *policy,
			void (*progress)(size_t done, size_t all, void *data), void *data)
{
	uint32_t outstanding = 0;
	uint32_t sequence = 0;
	size_t done = 0;
	size_t count;
	int error;

	while (done < policy->count || outstanding) {
		if (outstanding == CLIENT_WINDOW || done == policy->count) {
			error = client_wait(client, sequence - outstanding + 1, doing, NULL, NULL);
			if (error)
				return client_gone(client, error, doing);
			outstanding--;
			continue;
		}
		count = policy->count - done;
		error = send_batch(client, policy->entries + done, &count, &sequence);
		if (error)
			return error;
		outstanding++;
		done += count;
		if (progress)
			progress(done, policy->count, data);
	}
	return 0;
}

/* Ends a transaction after a failure; what is still on its way is passed over,
 * and the failure's text stays. */
static void abort_transaction(struct client *client)
{
	char error[sizeof(client->error)];
	struct nl_msg *message;

	memcpy(error, client->error, sizeof(error));
	message = client_message(client, IPMASQ_CMD_TRANSACTION_ABORT, 0, CLIENT_HEAD_SIZE);
	client_request(client, message, doing, NULL, NULL);
	memcpy(client->error, error, sizeof(error));
}

static int take_generation(struct client *client, struct nlmsghdr *header, void *data)
{
	(void)client;
	return client_parse_generation(header, data);
}

/**
 * client_replace() - replace all entries of one origin in one step
 * @client: an open client
 * @origin: enum ipmasq_origin; the other origin's entries stay
 * @policy: the entries, in any order, whatever their own origin says; and the
 *	settings that are to change in the same step, if it names any
 * @based_on: generation that the change was based on, 0 for any
 * @generation: set to the generation that the change made; may be NULL
 * @progress: called after each message with how many entries were sent; may be
 *	NULL
 * @data: for @progress
 *
 * The policy in force stays until the kernel has all entries, and after any
 * failure. Entries are sent sorted, because the kernel takes them faster so.
 *
 * Return: 0; -ESTALE when another generation is in force; -EINVAL for a prefix
 * with two actions; or another negative errno.
 */
int client_replace(struct client *client, uint8_t origin, const struct policy *policy,
		   uint64_t based_on, uint64_t *generation,
		   void (*progress)(size_t done, size_t all, void *data), void *data)
{
	const struct policy *sent = policy;
	struct policy ordered = { 0 };
	uint64_t made = 0;
	int error;

	error = client_check_entries(client, doing, policy->entries, policy->count);
	if (error)
		return error;
	if (!in_order(policy)) {
		error = put_in_order(client, policy, &ordered);
		if (error)
			return error;
		sent = &ordered;
	}

	error = begin(client, origin, &policy->settings, based_on);
	if (error)
		goto out_ordered;
	error = send_entries(client, sent, progress, data);
	if (error) {
		abort_transaction(client);
		goto out_ordered;
	}
	error = client_request(client,
			       client_message(client, IPMASQ_CMD_TRANSACTION_COMMIT, 0,
					      CLIENT_HEAD_SIZE),
			       doing, take_generation, &made);
	if (!error && generation)
		*generation = made;

out_ordered:
	policy_clear(&ordered);
	return error;
}
