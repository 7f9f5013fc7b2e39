// SPDX-License-Identifier: GPL-2.0-or-later
/* A table of entries: put together, sorted, compared. And the words for it all. */
#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "text.h"

/**
 * policy_detail_new() - what an entry with a timeout or a pool has
 * @timeout: milliseconds, 0 for none
 * @addresses: the pool, is copied
 * @count: of @addresses
 *
 * Return: the detail, which free() frees, or NULL without memory.
 */
struct policy_detail *policy_detail_new(uint64_t timeout, const struct cidr *addresses,
					size_t count)
{
	struct policy_detail *detail;

	detail = malloc(sizeof(*detail) + count * sizeof(*addresses));
	if (!detail)
		return NULL;
	detail->timeout = timeout;
	detail->address_count = count;
	if (count)
		memcpy(detail->addresses, addresses, count * sizeof(*addresses));
	return detail;
}

/**
 * policy_append() - add one entry at the end
 * @policy: grows
 * @entry: is copied, and its detail with it
 *
 * Return: 0 or -ENOMEM, with @policy as it was.
 */
int policy_append(struct policy *policy, const struct policy_entry *entry)
{
	const struct policy_detail *detail = entry->detail;
	struct policy_detail *copy = NULL;

	if (policy->count == policy->room) {
		size_t room = policy->room ? policy->room * 2 : 16;
		struct policy_entry *entries;

		entries = reallocarray(policy->entries, room, sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		policy->entries = entries;
		policy->room = room;
	}
	if (detail) {
		copy = policy_detail_new(detail->timeout, detail->addresses,
					 detail->address_count);
		if (!copy)
			return -ENOMEM;
	}
	policy->entries[policy->count] = *entry;
	policy->entries[policy->count++].detail = copy;
	return 0;
}

/**
 * policy_truncate() - take entries away from the end
 * @policy: keeps its memory for others
 * @count: entries that stay
 */
void policy_truncate(struct policy *policy, size_t count)
{
	while (policy->count > count)
		free(policy->entries[--policy->count].detail);
}

/**
 * policy_clear() - free what a policy owns
 * @policy: is empty afterwards and can be used again
 */
void policy_clear(struct policy *policy)
{
	policy_settings_clear(&policy->settings);
	policy_truncate(policy, 0);
	free(policy->entries);
	memset(policy, 0, sizeof(*policy));
}

/**
 * policy_entry_compare() - the order of the kernel's dumps
 * @a: an entry
 * @b: another
 *
 * By family, address, prefix length and origin. The action does not count.
 *
 * Return: below, equal to or above 0, as memcmp() does.
 */
int policy_entry_compare(const struct policy_entry *a, const struct policy_entry *b)
{
	int order = cidr_compare(&a->cidr, &b->cidr);

	return order ? order : (int)a->origin - (int)b->origin;
}

/* Bytes of the key that policy_entry_compare() orders by: family, address, prefix
 * length, origin.
 */
#define KEY_BYTES (1 + sizeof(((struct cidr *)0)->address) + 1 + 1)

/* So few are sorted faster by comparing them than by counting 256 values. */
#define COMPARED_MAX 64

static uint8_t key_byte(const struct policy_entry *entry, size_t byte)
{
	if (byte == 0)
		return entry->cidr.family == AF_INET ? 0 : 1;
	if (byte <= sizeof(entry->cidr.address))
		return entry->cidr.address[byte - 1];
	return byte == KEY_BYTES - 2 ? entry->cidr.prefix_len : entry->origin;
}

static void sort_by_comparing(struct policy_entry *entries, size_t count)
{
	size_t i, j;

	for (i = 1; i < count; i++) {
		const struct policy_entry moved = entries[i];

		for (j = i; j && policy_entry_compare(&entries[j - 1], &moved) > 0; j--)
			entries[j] = entries[j - 1];
		entries[j] = moved;
	}
}

/* By one byte of the key after the other, each entry swapped to where the entries
 * with its byte belong ("American flag sort": McIlroy, Bostic, McIlroy,
 * "Engineering Radix Sort", 1993). It needs no second array, as qsort() does.
 */
static void sort_by_bytes(struct policy_entry *entries, size_t count, size_t byte)
{
	size_t end[256] = { 0 };
	size_t next[256];
	size_t from = 0;
	size_t i;

	if (byte == KEY_BYTES)
		return;
	if (count <= COMPARED_MAX) {
		sort_by_comparing(entries, count);
		return;
	}
	for (i = 0; i < count; i++)
		end[key_byte(&entries[i], byte)]++;
	for (i = 0; i < 256; i++) {
		next[i] = from;
		from += end[i];
		end[i] = from;
	}
	for (i = 0; i < 256; i++) {
		while (next[i] < end[i]) {
			uint8_t value = key_byte(&entries[next[i]], byte);
			struct policy_entry moved;

			if (value != i) {
				moved = entries[next[value]];
				entries[next[value]] = entries[next[i]];
				entries[next[i]] = moved;
			}
			next[value]++;
		}
	}
	for (i = 0, from = 0; i < 256; i++) {
		sort_by_bytes(entries + from, end[i] - from, byte + 1);
		from = end[i];
	}
}

/**
 * policy_sort() - put the entries in the order of policy_entry_compare()
 * @policy: is sorted in place; entries that are equal stay, next to each other
 */
void policy_sort(struct policy *policy)
{
	size_t i;

	for (i = 1; i < policy->count; i++) {
		if (policy_entry_compare(&policy->entries[i - 1], &policy->entries[i]) > 0)
			break;
	}
	if (i < policy->count)
		sort_by_bytes(policy->entries, policy->count, 0);
}

/**
 * policy_entry_equal() - whether two entries for the same prefix say the same
 * @a: an entry
 * @b: another
 *
 * Of timeouts only whether there is one counts, because they run.
 */
bool policy_entry_equal(const struct policy_entry *a, const struct policy_entry *b)
{
	static const struct policy_detail none;
	const struct policy_detail *x = a->detail ? a->detail : &none;
	const struct policy_detail *y = b->detail ? b->detail : &none;

	return a->action == b->action && !x->timeout == !y->timeout &&
	       policy_addresses_equal(x->addresses, x->address_count,
				      y->addresses, y->address_count);
}

/**
 * policy_compare() - what has to change for one table to become another
 * @wanted: sorted, without duplicates
 * @present: sorted, without duplicates
 * @report: called for each difference, in the order of policy_entry_compare();
 *	may be NULL
 * @data: handed to @report
 *
 * Return: how many differences.
 */
size_t policy_compare(const struct policy *wanted, const struct policy *present,
		      policy_difference report, void *data)
{
	size_t differences = 0;
	size_t i = 0;
	size_t j = 0;

	while (i < wanted->count || j < present->count) {
		const struct policy_entry *a = i < wanted->count ? &wanted->entries[i] : NULL;
		const struct policy_entry *b = j < present->count ? &present->entries[j] : NULL;
		int order;

		if (!a)
			order = 1;
		else if (!b)
			order = -1;
		else
			order = policy_entry_compare(a, b);
		i += order <= 0;
		j += order >= 0;
		if (!order && policy_entry_equal(a, b))
			continue;
		differences++;
		if (report)
			report(order <= 0 ? a : NULL, order >= 0 ? b : NULL, data);
	}
	return differences;
}

/*
 * Words for the numbers of the protocol. No switch has a default: the compiler names
 * what is missing here. Numbers that only a newer module knows are unknown.
 */
static const char unknown[] = "unknown";

/**
 * policy_verdict_name() - the word for a verdict
 * @verdict: enum ipmasq_verdict
 *
 * Return: a constant text, "unknown" for any other number.
 */
const char *policy_verdict_name(uint8_t verdict)
{
	switch ((enum ipmasq_verdict)verdict) {
	case IPMASQ_VERDICT_DISABLED:
		return "disabled";
	case IPMASQ_VERDICT_SOURCE:
		return "source";
	case IPMASQ_VERDICT_INTERFACE:
		return "interface";
	case IPMASQ_VERDICT_CIDR:
		return "cidr";
	case IPMASQ_VERDICT_LOCAL:
		return "local";
	case IPMASQ_VERDICT_MASQUERADE:
		return "masquerade";
	case IPMASQ_VERDICT_SNAT:
		return "snat";
	case IPMASQ_VERDICT_FAILED:
		return "failed";
	case __IPMASQ_VERDICT_MAX:
		break;
	}
	return unknown;
}

/**
 * policy_verdict_translates() - whether a connection gets another source by a verdict
 * @verdict: enum ipmasq_verdict
 */
bool policy_verdict_translates(uint8_t verdict)
{
	switch ((enum ipmasq_verdict)verdict) {
	case IPMASQ_VERDICT_MASQUERADE:
	case IPMASQ_VERDICT_SNAT:
		return true;
	case IPMASQ_VERDICT_DISABLED:
	case IPMASQ_VERDICT_SOURCE:
	case IPMASQ_VERDICT_INTERFACE:
	case IPMASQ_VERDICT_CIDR:
	case IPMASQ_VERDICT_LOCAL:
	case IPMASQ_VERDICT_FAILED:
	case __IPMASQ_VERDICT_MAX:
		break;
	}
	return false;
}

/**
 * policy_action_name() - the word for an entry's action
 * @action: enum ipmasq_action
 *
 * Return: a constant text, "unknown" for any other number.
 */
const char *policy_action_name(uint8_t action)
{
	switch ((enum ipmasq_action)action) {
	case IPMASQ_ACTION_SKIP:
		return "skip";
	case IPMASQ_ACTION_MASQUERADE:
		return "masquerade";
	case IPMASQ_ACTION_SNAT:
		return "snat";
	}
	return unknown;
}

/**
 * policy_origin_name() - the word for an entry's origin
 * @origin: enum ipmasq_origin
 *
 * Return: a constant text, "unknown" for any other number.
 */
const char *policy_origin_name(uint8_t origin)
{
	switch ((enum ipmasq_origin)origin) {
	case IPMASQ_ORIGIN_CONFIG:
		return "config";
	case IPMASQ_ORIGIN_STATIC:
		return "static";
	}
	return unknown;
}

/**
 * policy_command_name() - the word for a command of the family
 * @command: enum ipmasq_cmd
 *
 * Return: a constant text as in the YNL spec, "unknown" for any other number.
 */
const char *policy_command_name(uint8_t command)
{
	switch ((enum ipmasq_cmd)command) {
	case IPMASQ_CMD_POLICY_GET:
		return "policy-get";
	case IPMASQ_CMD_POLICY_SET:
		return "policy-set";
	case IPMASQ_CMD_POLICY_DEL:
		return "policy-del";
	case IPMASQ_CMD_CIDR_GET:
		return "cidr-get";
	case IPMASQ_CMD_CIDR_ADD:
		return "cidr-add";
	case IPMASQ_CMD_CIDR_DEL:
		return "cidr-del";
	case IPMASQ_CMD_TRANSACTION_BEGIN:
		return "transaction-begin";
	case IPMASQ_CMD_TRANSACTION_ADD:
		return "transaction-add";
	case IPMASQ_CMD_TRANSACTION_COMMIT:
		return "transaction-commit";
	case IPMASQ_CMD_TRANSACTION_ABORT:
		return "transaction-abort";
	case IPMASQ_CMD_EXPLAIN:
		return "explain";
	case IPMASQ_CMD_STATS_GET:
		return "stats-get";
	case IPMASQ_CMD_CARRY_OVER:
		return "carry-over";
	case IPMASQ_CMD_POLICY_CHANGED:
		return "policy-changed";
	case IPMASQ_CMD_PORTS_EXHAUSTED:
		return "ports-exhausted";
	case __IPMASQ_CMD_MAX:
		break;
	}
	return unknown;
}

static uint8_t find_word(const char *(*name)(uint8_t number), const char *word, size_t length)
{
	uint8_t number;

	for (number = 1; name(number) != unknown; number++) {
		if (text_equals(word, length, name(number)))
			return number;
	}
	return 0;
}

/**
 * policy_action_find() - the action that a word stands for
 * @word: the word, need not end with NUL
 * @length: its bytes
 *
 * Return: enum ipmasq_action, or 0 when the word is none.
 */
uint8_t policy_action_find(const char *word, size_t length)
{
	return find_word(policy_action_name, word, length);
}

/**
 * policy_origin_find() - the origin that a word stands for
 * @word: the word, need not end with NUL
 * @length: its bytes
 *
 * Return: enum ipmasq_origin, or 0 when the word is none.
 */
uint8_t policy_origin_find(const char *word, size_t length)
{
	return find_word(policy_origin_name, word, length);
}
