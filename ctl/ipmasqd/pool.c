// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the node has the addresses of its pools. The kernel translates to any
 * address; answers to one that no interface has go astray, unless somebody routes
 * them here, so that is a warning and no more.
 */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "node_addresses.h"

/* Addresses of one look that go to the log. */
#define MISSING_LOGGED 20

/* A list that grows. */
struct addresses {
	struct cidr *list;
	size_t count;
	size_t room;
};

static int add(struct addresses *addresses, const struct cidr *more, size_t count)
{
	size_t room = addresses->count + count;
	struct cidr *list;

	if (room > addresses->room) {
		room *= 2;
		list = reallocarray(addresses->list, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		addresses->list = list;
		addresses->room = room;
	}
	if (count)
		memcpy(addresses->list + addresses->count, more, count * sizeof(*more));
	addresses->count += count;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return cidr_compare(a, b);
}

/* In order, each once. */
static void settle(struct addresses *addresses)
{
	size_t kept = 0;
	size_t i;

	if (!addresses->count)
		return;
	qsort(addresses->list, addresses->count, sizeof(*addresses->list), compare);
	for (i = 1; i < addresses->count; i++) {
		if (cidr_compare(&addresses->list[kept], &addresses->list[i]))
			addresses->list[++kept] = addresses->list[i];
	}
	addresses->count = kept + 1;
}

static int read_wanted(const struct policy *wanted, struct addresses *addresses)
{
	const struct policy_settings *settings = &wanted->settings;
	int result;
	size_t i;

	result = add(addresses, settings->list[SETTING_SNAT_ADDRESSES].items,
		     settings->list[SETTING_SNAT_ADDRESSES].count);
	for (i = 0; i < wanted->count && !result; i++) {
		const struct policy_detail *detail = wanted->entries[i].detail;

		if (detail)
			result = add(addresses, detail->addresses, detail->address_count);
	}
	settle(addresses);
	return result;
}

static bool has(const struct cidr *list, size_t count, const struct cidr *address)
{
	return count && bsearch(address, list, count, sizeof(*list), compare);
}

/* Takes what the node has out of the wanted ones. */
static void subtract(struct addresses *wanted, const struct node_addresses *present)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < wanted->count; i++) {
		if (!node_addresses_own(present, &wanted->list[i]))
			wanted->list[kept++] = wanted->list[i];
	}
	wanted->count = kept;
}

/* Once for each address, and again after another policy. */
static void log_missing(const struct pool *before, const struct addresses *missing)
{
	char text[CIDR_TEXT_MAX];
	size_t said = 0;
	size_t i;

	for (i = 0; i < missing->count; i++) {
		if (has(before->missing, before->count, &missing->list[i]) ||
		    ++said > MISSING_LOGGED)
			continue;
		log_line(LOG_WARNING,
			 "snatAddresses has %s, which no interface of this node has: answers to it may not come back",
			 cidr_format_address(&missing->list[i], text));
	}
	if (said > MISSING_LOGGED)
		log_line(LOG_WARNING, "and %zu more addresses that this node does not have",
			 said - MISSING_LOGGED);
}

static void log_found(const struct pool *before, const struct addresses *missing)
{
	char text[CIDR_TEXT_MAX];
	size_t said = 0;
	size_t i;

	for (i = 0; i < before->count && said < MISSING_LOGGED; i++) {
		if (has(missing->list, missing->count, &before->missing[i]))
			continue;
		said++;
		log_line(LOG_NOTICE, "%s of snatAddresses is on this node now",
			 cidr_format_address(&before->missing[i], text));
	}
}

/**
 * pool_look() - warn of source addresses that the node does not have
 * @pool: what was found at the last look; all zero before the first
 * @wanted: the policy
 * @serial: another one for each other @wanted
 */
void pool_look(struct pool *pool, const struct policy *wanted, uint64_t serial)
{
	struct addresses missing = { 0 };
	struct node_addresses present = { 0 };
	int result;

	if (pool->serial != serial)
		pool_clear(pool);
	result = read_wanted(wanted, &missing);
	if (!result && missing.count)
		result = node_addresses_read(&present);
	if (result) {
		log_line(LOG_WARNING, "the addresses of this node cannot be read: %s",
			 strerror(-result));
		free(missing.list);
	} else {
		subtract(&missing, &present);
		log_missing(pool, &missing);
		log_found(pool, &missing);
		pool_clear(pool);
		pool->missing = missing.list;
		pool->count = missing.count;
		pool->serial = serial;
	}
	node_addresses_clear(&present);
}

/**
 * pool_clear() - forget what was found
 * @pool: is all zero afterwards
 */
void pool_clear(struct pool *pool)
{
	free(pool->missing);
	memset(pool, 0, sizeof(*pool));
}
