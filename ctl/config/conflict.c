// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Check lists that are valid one by one against each other, and against the limits of
 * the kernel module.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/ipmasq.h>

#include "private.h"

/**
 * struct conflicts - the search for them
 * @sources: the files, by their index
 * @result: -EINVAL after one was reported
 */
struct conflicts {
	struct config_source *const *sources;
	int result;
};

static int compare_prefixes(const void *a, const void *b)
{
	const struct config_item *const *x = a;
	const struct config_item *const *y = b;

	return cidr_compare(&(*x)->cidr, &(*y)->cidr);
}

/* Report one at its place, and name the place of the other. */
static void report_opposites(struct conflicts *conflicts, enum setting key,
			     const struct config_item *item, const struct config_item *skipped)
{
	struct config_source *source = conflicts->sources[item->file];
	const char *list = setting_table[SETTING_NON_MASQUERADE_CIDRS].name;

	if (skipped->file == item->file)
		config_complain(source, item->offset,
				"\"%s\" in %s is also in %s on line %d; keep it in one of them",
				item->text, setting_table[key].name, list, skipped->line);
	else
		config_complain(source, item->offset,
				"\"%s\" in %s is also in %s at %s:%d; keep it in one of them",
				item->text, setting_table[key].name, list,
				conflicts->sources[skipped->file]->path, skipped->line);
	conflicts->result = -EINVAL;
}

static void find_opposite(struct conflicts *conflicts, enum setting key,
			  const struct config_item *item,
			  const struct config_item *const *sorted, size_t count)
{
	const struct config_item *const *opposite =
		bsearch(&item, sorted, count, sizeof(*sorted), compare_prefixes);

	if (opposite)
		report_opposites(conflicts, key, item, *opposite);
}

/* A prefix of nonMasqueradeCIDRs that is masqueraded, or has a pool. */
static int find_opposites(struct conflicts *conflicts, const struct config_fields *fields)
{
	const struct config_list *skipped = &fields->value[SETTING_NON_MASQUERADE_CIDRS].list;
	const struct config_list *masquerade = &fields->value[SETTING_MASQUERADE_CIDRS].list;
	const struct config_pools *pools = &fields->value[SETTING_SNAT_ADDRESSES].pools;
	const struct config_item **sorted;
	size_t i;

	if (!skipped->count || (!masquerade->count && !pools->count))
		return 0;
	sorted = calloc(skipped->count, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < skipped->count; i++)
		sorted[i] = &skipped->items[i];
	qsort(sorted, skipped->count, sizeof(*sorted), compare_prefixes);
	for (i = 0; i < masquerade->count; i++)
		find_opposite(conflicts, SETTING_MASQUERADE_CIDRS, &masquerade->items[i],
			      sorted, skipped->count);
	for (i = 0; i < pools->count; i++) {
		if (pools->list[i].destination.text)
			find_opposite(conflicts, SETTING_SNAT_ADDRESSES,
				      &pools->list[i].destination, sorted, skipped->count);
	}
	free(sorted);
	return 0;
}

static void check_length(struct conflicts *conflicts, enum setting key,
			 const struct config_list *list)
{
	const size_t limit = setting_table[key].most;
	const struct config_item *item;

	if (!limit || list->count <= limit)
		return;
	item = &list->items[limit];
	config_complain(conflicts->sources[item->file], item->offset,
			"too many entries in %s (%zu, at most %zu)", setting_table[key].name,
			list->count, limit);
	conflicts->result = -EINVAL;
}

static void check_pool(struct conflicts *conflicts, const struct config_pool *pool)
{
	struct cidr addresses[IPMASQ_SNAT_ADDRESSES_MAX];
	const struct config_range *beyond;

	config_pool_addresses(pool, addresses, IPMASQ_SNAT_ADDRESSES_MAX, &beyond);
	if (!beyond)
		return;
	config_complain(conflicts->sources[beyond->file], beyond->offset,
			"too many addresses for %s in %s (at most %d)",
			pool->destination.text ? pool->destination.text : "all destinations",
			setting_table[SETTING_SNAT_ADDRESSES].name, IPMASQ_SNAT_ADDRESSES_MAX);
	conflicts->result = -EINVAL;
}

static void check_pools(struct conflicts *conflicts, const struct config_pools *pools)
{
	size_t destinations = pools->count;
	const struct config_item *last;
	size_t i;

	if (!destinations)
		return;
	if (!pools->list[0].destination.text)
		destinations--;
	if (destinations > IPMASQ_DETAILS_MAX) {
		last = &pools->list[pools->count - 1].destination;
		config_complain(conflicts->sources[last->file], last->offset,
				"too many prefixes in %s (%zu, at most %d)",
				setting_table[SETTING_SNAT_ADDRESSES].name, destinations,
				IPMASQ_DETAILS_MAX);
		conflicts->result = -EINVAL;
	}
	for (i = 0; i < pools->count; i++)
		check_pool(conflicts, &pools->list[i]);
}

/**
 * config_check_conflicts() - report lists that contradict each other or are too long
 * @sources: the files, by the index that the lists name them with
 * @fields: what they say
 *
 * The defaults are not checked: the lists of a file override them.
 *
 * Return: 0, -EINVAL after it reported everything, or -ENOMEM.
 */
int config_check_conflicts(struct config_source *const *sources,
			   const struct config_fields *fields)
{
	struct conflicts conflicts = { .sources = sources };
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		switch (setting_table[i].type) {
		case SETTING_TYPE_CIDRS:
		case SETTING_TYPE_INTERFACES:
			check_length(&conflicts, (enum setting)i, &fields->value[i].list);
			break;
		case SETTING_TYPE_POOLS:
			check_pools(&conflicts, &fields->value[i].pools);
			break;
		case SETTING_TYPE_BOOL:
		case SETTING_TYPE_INTEGER:
		case SETTING_TYPE_DURATION:
		case SETTING_TYPE_PORTS:	/* their reader has counted them */
			break;
		}
	}
	return find_opposites(&conflicts, fields) ? -ENOMEM : conflicts.result;
}
