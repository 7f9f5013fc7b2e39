// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snatAddresses: source addresses instead of the interface's own, for all
 * destinations or for those of a prefix. An item of the list is an address, a
 * range ADDRESS-ADDRESS, or a mapping of prefixes to one of those or to a list of
 * them. Items for one destination make one pool.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/ipmasq.h>

#include "private.h"
#include "text.h"

/* Addresses and ranges of a file, so that its memory is bounded. */
#define RANGES_MAX 65536

/**
 * struct pool_reading - snatAddresses while it is being read
 * @source: the file
 * @pools: where pools go, in the order of the file and not yet joined
 * @enable_ipv6: whether IPv6 addresses may be in it
 * @ranges: addresses and ranges so far
 * @result: -EINVAL after something was reported
 */
struct pool_reading {
	struct config_source *source;
	struct config_pools *pools;
	bool enable_ipv6;
	size_t ranges;
	int result;
};

static void clear_pool(struct config_pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++)
		free(pool->ranges[i].text);
	free(pool->ranges);
	free(pool->destination.text);
	memset(pool, 0, sizeof(*pool));
}

/**
 * config_pools_clear() - free pools
 * @pools: are empty afterwards
 */
void config_pools_clear(struct config_pools *pools)
{
	size_t i;

	for (i = 0; i < pools->count; i++)
		clear_pool(&pools->list[i]);
	free(pools->list);
	memset(pools, 0, sizeof(*pools));
}

/* Room is a power of two, so a count that is one is full. */
static void *grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? count * 2 : 1, size);
}

static int add_range(struct config_pool *pool, const struct config_range *range)
{
	struct config_range *ranges = grow(pool->ranges, pool->count, sizeof(*ranges));

	if (!ranges)
		return -ENOMEM;
	pool->ranges = ranges;
	ranges[pool->count++] = *range;
	return 0;
}

/* Takes over what the pool owns, also where there is no memory. */
static int add_pool(struct config_pools *pools, struct config_pool *pool)
{
	struct config_pool *list = grow(pools->list, pools->count, sizeof(*list));

	if (!list) {
		clear_pool(pool);
		return -ENOMEM;
	}
	pools->list = list;
	list[pools->count++] = *pool;
	memset(pool, 0, sizeof(*pool));
	return 0;
}

/* What no packet may come from. */
static bool is_unusable(const struct cidr *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t unspecified[16];
	static const uint8_t loopback[16] = { [15] = 1 };
	const uint8_t *bytes = address->address;

	if (address->family == AF_INET)
		return !bytes[0] || bytes[0] == 127 || (bytes[0] & 0xf0) == 0xe0 ||
		       !memcmp(bytes, "\xff\xff\xff\xff", 4);
	return bytes[0] == 0xff || !memcmp(bytes, mapped, sizeof(mapped)) ||
	       !memcmp(bytes, unspecified, 16) || !memcmp(bytes, loopback, 16);
}

/* Why it is no range, NULL where it is one. */
static const char *parse_range(const char *text, size_t length, struct config_range *range)
{
	const char *dash = length ? memchr(text, '-', length) : NULL;
	size_t first_length = dash ? (size_t)(dash - text) : length;
	const char *reason = NULL;
	struct cidr address;
	size_t count = 1;

	if (length && memchr(text, '/', length))
		return "a prefix is not an address";
	if (cidr_parse_address(text, first_length, &range->first, &reason))
		return reason;
	range->last = range->first;
	if (dash && cidr_parse_address(dash + 1, length - first_length - 1, &range->last, &reason))
		return reason;
	if (range->first.family != range->last.family)
		return "the range mixes IPv4 and IPv6";
	if (cidr_compare(&range->first, &range->last) > 0)
		return "the range is inverted";
	for (address = range->first; cidr_compare(&address, &range->last); cidr_next(&address)) {
		if (++count > IPMASQ_SNAT_ADDRESSES_MAX)
			return "the range has more than 64 addresses";
	}
	/* Of what is unusable no run lies inside of a range: each ends at the end of the
	 * addresses or is longer than 64.
	 */
	return is_unusable(&range->first) || is_unusable(&range->last) ?
	       "not a unicast address that a packet can come from" : NULL;
}

/* The addresses of a prefix, to suggest in its place. */
static bool suggest_range(const char *text, size_t length, char suggestion[2 * CIDR_TEXT_MAX])
{
	struct cidr first, last;
	char end[CIDR_TEXT_MAX];
	unsigned int hosts;

	if (cidr_parse(text, length, &first, NULL))
		return false;
	hosts = (first.family == AF_INET ? 32U : 128U) - first.prefix_len;
	if (1ULL << (hosts < 63 ? hosts : 63) > IPMASQ_SNAT_ADDRESSES_MAX)
		return false;
	last = first;
	last.address[first.family == AF_INET ? 3 : 15] |= (uint8_t)((1U << hosts) - 1);
	cidr_format_address(&first, suggestion);
	if (hosts) {
		strcat(suggestion, "-");
		strcat(suggestion, cidr_format_address(&last, end));
	}
	return true;
}

static void refuse_range(struct pool_reading *reading, const struct config_node *node,
			 const struct config_node *text, const char *reason)
{
	char *quoted = text_quote(text->text, text->length, CONFIG_SHOWN_MAX);
	char suggestion[2 * CIDR_TEXT_MAX];

	if (!suggest_range(text->text, text->length, suggestion))
		*suggestion = '\0';
	config_complain(reading->source, node->offset, "invalid source address %s: %s%s%s%s",
			quoted ? quoted : "", reason, *suggestion ? "; did you mean " : "",
			suggestion, *suggestion ? "?" : "");
	free(quoted);
	reading->result = -EINVAL;
}

/* The text at node, an address or a range of them, to a pool. Returns 0 after a
 * report too, or -ENOMEM.
 */
static int read_range(struct pool_reading *reading, struct config_pool *pool,
		      const struct config_node *node)
{
	const struct config_node *text = config_follow(node);
	struct config_range range = { .file = reading->source->index, .offset = node->offset };
	const char *reason = parse_range(text->text, text->length, &range);

	if (reason) {
		refuse_range(reading, node, text, reason);
		return 0;
	}
	if (!config_allow_family(reading->source, SETTING_SNAT_ADDRESSES, node->offset, &range.first,
				 text, reading->enable_ipv6)) {
		reading->result = -EINVAL;
		return 0;
	}
	if (pool->destination.text && pool->destination.cidr.family != range.first.family) {
		config_complain(reading->source, node->offset,
				"\"%.*s\" cannot be a source address for \"%s\"; expected an %s address",
				(int)text->length, text->text, pool->destination.text,
				range.first.family == AF_INET ? "IPv6" : "IPv4");
		reading->result = -EINVAL;
		return 0;
	}
	if (reading->ranges++ >= RANGES_MAX) {
		config_complain(reading->source, node->offset,
				"too many addresses and ranges in %s (at most %d)",
				setting_table[SETTING_SNAT_ADDRESSES].name, RANGES_MAX);
		reading->result = -EINVAL;
		return 0;
	}
	range.text = strndup(text->text, text->length);
	if (!range.text)
		return -ENOMEM;
	range.line = config_source_line(reading->source, node->offset);
	if (add_range(pool, &range)) {
		free(range.text);
		return -ENOMEM;
	}
	return 0;
}

static void refuse_value(struct pool_reading *reading, const struct config_node *node,
			 const struct config_node *value)
{
	char *found = config_describe(value);

	config_complain(reading->source, node->offset,
			"expected an address, a range FIRST-LAST or a list of them, not %s",
			found ? found : "something else");
	free(found);
	reading->result = -EINVAL;
}

/* The value of a prefix. */
static int read_value(struct pool_reading *reading, struct config_pool *pool,
		      const struct config_node *value)
{
	const struct config_node *item;
	int result = 0;

	if (value->kind == CONFIG_TEXT)
		return read_range(reading, pool, value);
	if (value->kind != CONFIG_SEQUENCE || !value->length) {
		refuse_value(reading, value, value);
		return 0;
	}
	for (item = value->first; item && !result && reading->ranges <= RANGES_MAX;
	     item = item->next) {
		if (config_follow(item)->kind == CONFIG_TEXT)
			result = read_range(reading, pool, item);
		else
			refuse_value(reading, item, config_follow(item));
	}
	return result;
}

static int read_destination(struct pool_reading *reading, const struct config_node *key,
			    struct config_item *destination)
{
	char *found;

	if (key->kind != CONFIG_TEXT) {
		found = config_describe(key);
		config_complain(reading->source, key->offset,
				"a key in %s must be a prefix such as 10.0.0.0/8, not %s",
				setting_table[SETTING_SNAT_ADDRESSES].name,
				found ? found : "something else");
		free(found);
		reading->result = -EINVAL;
		return 0;
	}
	if (config_parse_prefix(reading->source, key, key, &destination->cidr) ||
	    !config_allow_family(reading->source, SETTING_SNAT_ADDRESSES, key->offset,
				 &destination->cidr, key, reading->enable_ipv6)) {
		reading->result = -EINVAL;
		return 0;
	}
	destination->text = strndup(key->text, key->length);
	destination->file = reading->source->index;
	destination->line = config_source_line(reading->source, key->offset);
	destination->offset = key->offset;
	return destination->text ? 0 : -ENOMEM;
}

static int visit_pool(const struct config_node *key, const struct config_node *value,
		      bool merged, void *data)
{
	struct pool_reading *reading = data;
	struct config_pool pool = { 0 };
	int result;

	(void)merged;
	if (reading->ranges > RANGES_MAX)
		return 0;
	result = read_destination(reading, key, &pool.destination);
	/* Also report what is wrong with the value of an invalid prefix. */
	if (!result)
		result = read_value(reading, &pool, value);
	if (!result && pool.destination.text && pool.count)
		return add_pool(reading->pools, &pool);
	clear_pool(&pool);
	return result;
}

static int compare_pools(const void *a, const void *b)
{
	const struct config_item *x = &((const struct config_pool *)a)->destination;
	const struct config_item *y = &((const struct config_pool *)b)->destination;
	int order;

	if (!x->text != !y->text)
		return x->text ? 1 : -1;
	order = x->text ? cidr_compare(&x->cidr, &y->cidr) : 0;
	/* Then as they were written, so that the first one stays. */
	if (!order)
		order = x->file - y->file;
	return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

static bool same_destination(const struct config_pool *a, const struct config_pool *b)
{
	if (!a->destination.text || !b->destination.text)
		return !a->destination.text == !b->destination.text;
	return !cidr_compare(&a->destination.cidr, &b->destination.cidr);
}

static int join(struct config_pool *pool, struct config_pool *more)
{
	int result = 0;
	size_t i;

	for (i = 0; i < more->count && !result; i++) {
		result = add_range(pool, &more->ranges[i]);
		if (!result)
			more->ranges[i].text = NULL;
	}
	clear_pool(more);
	return result;
}

/**
 * config_pools_settle() - sort pools, and join those for the same destination
 * @pools: the pools
 *
 * Return: 0 or -ENOMEM.
 */
int config_pools_settle(struct config_pools *pools)
{
	int result = 0;
	size_t kept = 0;
	size_t i;

	if (!pools->count)
		return 0;
	qsort(pools->list, pools->count, sizeof(*pools->list), compare_pools);
	for (i = 1; i < pools->count; i++) {
		if (!same_destination(&pools->list[kept], &pools->list[i])) {
			pools->list[++kept] = pools->list[i];
		} else {
			int failed = join(&pools->list[kept], &pools->list[i]);

			if (failed)
				result = failed;
		}
	}
	pools->count = kept + 1;
	return result;
}

/**
 * config_pools_append() - add the pools of another file
 * @pools: get them; config_pools_settle() joins them after the last file
 * @more: is empty afterwards
 *
 * Return: 0 or -ENOMEM.
 */
int config_pools_append(struct config_pools *pools, struct config_pools *more)
{
	int result = 0;
	size_t i;

	for (i = 0; i < more->count && !result; i++)
		result = add_pool(pools, &more->list[i]);
	config_pools_clear(more);
	return result;
}

/**
 * config_read_pools() - read snatAddresses
 * @source: the file
 * @value: a list; what config_check_items() has found wrong in it is passed over
 * @enable_ipv6: whether IPv6 addresses may be in it
 * @pools: is empty, and filled; the caller frees it
 *
 * Return: 0, -EINVAL after it reported everything that is wrong, or -ENOMEM.
 */
int config_read_pools(struct config_source *source, const struct config_node *value,
		      bool enable_ipv6, struct config_pools *pools)
{
	struct pool_reading reading = {
		.source = source, .pools = pools, .enable_ipv6 = enable_ipv6,
	};
	struct config_pool all = { 0 };
	const struct config_node *item;
	int result = 0;

	for (item = value->first; item && !result && reading.ranges <= RANGES_MAX;
	     item = item->next) {
		const struct config_node *node = config_follow(item);

		if (node->kind == CONFIG_TEXT)
			result = read_range(&reading, &all, item);
		else if (node->kind == CONFIG_MAPPING)
			result = config_visit_mapping(node, visit_pool, &reading);
	}
	if (!result && all.count)
		result = add_pool(pools, &all);
	clear_pool(&all);
	if (!result)
		result = config_pools_settle(pools);
	return result ? result : reading.result;
}

/* Where an address is among sorted ones, or belongs. */
static size_t find_address(const struct cidr *addresses, size_t count, const struct cidr *address)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (cidr_compare(&addresses[middle], address) < 0)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/**
 * config_pool_addresses() - the addresses of a pool, each once
 * @pool: the pool
 * @addresses: filled, in the order of cidr_compare()
 * @room: of @addresses
 * @beyond: set to the range that there was no room for, NULL for none; may be NULL
 *
 * Return: how many there are, at most @room.
 */
size_t config_pool_addresses(const struct config_pool *pool, struct cidr *addresses, size_t room,
			     const struct config_range **beyond)
{
	size_t count = 0;
	size_t i;

	if (beyond)
		*beyond = NULL;
	for (i = 0; i < pool->count; i++) {
		const struct config_range *range = &pool->ranges[i];
		struct cidr address = range->first;

		do {
			size_t at = find_address(addresses, count, &address);

			if (at < count && !cidr_compare(&addresses[at], &address))
				continue;
			if (count == room) {
				if (beyond)
					*beyond = range;
				return count;
			}
			memmove(addresses + at + 1, addresses + at,
				(count - at) * sizeof(*addresses));
			addresses[at] = address;
			count++;
		} while (cidr_compare(&address, &range->last) < 0 && cidr_next(&address));
	}
	return count;
}
