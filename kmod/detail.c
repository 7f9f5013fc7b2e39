// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "bounds.h"
#include "detail.h"

/**
 * ipmasq_details_append() - add one at the end
 * @details: all zero to begin with
 * @detail: is copied, with a reference of its own to the pool
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_details_append(struct ipmasq_details *details, const struct ipmasq_detail *detail)
{
	if (details->count == details->room) {
		u32 room = max_t(u32, 4, details->room * 2);
		struct ipmasq_detail *grown;

		grown = kvmalloc_array(room, sizeof(*grown), ipmasq_gfp());
		if (!grown)
			return -ENOMEM;
		if (details->count)
			memcpy(grown, details->detail, details->count * sizeof(*grown));
		kvfree(details->detail);
		details->detail = grown;
		details->room = room;
	}
	ipmasq_pool_get(detail->pool);
	details->pools += !!detail->pool;
	details->detail[details->count++] = *detail;
	return 0;
}

/**
 * ipmasq_details_truncate() - take the last ones away
 * @details: the details
 * @count: how many stay
 */
void ipmasq_details_truncate(struct ipmasq_details *details, u32 count)
{
	while (details->count > count) {
		struct ipmasq_detail *last = &details->detail[--details->count];

		details->pools -= !!last->pool;
		ipmasq_pool_put(last->pool);
	}
}

/**
 * ipmasq_details_release() - free what details hold
 * @details: are empty afterwards
 */
void ipmasq_details_release(struct ipmasq_details *details)
{
	ipmasq_details_truncate(details, 0);
	kvfree(details->detail);
	memset(details, 0, sizeof(*details));
}

static int compare(const void *a, const void *b)
{
	const struct ipmasq_detail *x = a, *y = b;

	return ipmasq_entry_compare(&x->entry, &y->entry);
}

/**
 * ipmasq_details_sort() - put them in the order of ipmasq_entry_compare()
 * @details: IPMASQ_DETAILS_MAX of them at most, since it does not give up the CPU
 */
void ipmasq_details_sort(struct ipmasq_details *details)
{
	sort(details->detail, details->count, sizeof(*details->detail), compare, NULL);
}

/**
 * ipmasq_details_find() - the detail of an entry
 * @details: of a policy, or sorted; kept alive by the caller
 * @entry: an entry with its origin
 *
 * Return: NULL where the entry has none.
 */
const struct ipmasq_detail *ipmasq_details_find(const struct ipmasq_details *details,
						const struct ipmasq_entry *entry)
{
	u32 low = 0, high = details->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		int order = ipmasq_entry_compare(&details->detail[middle].entry, entry);

		if (!order)
			return &details->detail[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/**
 * ipmasq_details_next() - when the next entry goes
 * @details: the details
 *
 * Return: its deadline, 0 where none has one.
 */
u64 ipmasq_details_next(const struct ipmasq_details *details)
{
	u64 next = 0;
	u32 i;

	for (i = 0; i < details->count; i++) {
		u64 deadline = details->detail[i].deadline;

		if (deadline && (!next || deadline < next))
			next = deadline;
	}
	return next;
}
