/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What few entries have: a time when they go, a pool of source addresses. It is kept
 * beside the table, so that a table of a million entries does not pay for it.
 */
#ifndef IPMASQ_DETAIL_H
#define IPMASQ_DETAIL_H

#include <linux/types.h>

#include "cidr_table.h"
#include "pool.h"

/**
 * struct ipmasq_detail - the detail of one entry
 * @entry: the entry it is about; its counter and action say nothing here
 * @deadline: when the entry goes, ktime_get_boottime_ns(); 0 for never
 * @pool: for an action of snat, a reference; otherwise NULL
 */
struct ipmasq_detail {
	struct ipmasq_entry entry;
	u64 deadline;
	struct ipmasq_pool *pool;
};

/**
 * struct ipmasq_details - the details of a policy's or a draft's entries
 * @detail: owned; a policy's in the order of ipmasq_entry_compare()
 * @count: how many
 * @room: how many fit
 * @pools: how many of them have a pool
 */
struct ipmasq_details {
	struct ipmasq_detail *detail;
	u32 count;
	u32 room;
	u32 pools;
};

int ipmasq_details_append(struct ipmasq_details *details, const struct ipmasq_detail *detail);
void ipmasq_details_truncate(struct ipmasq_details *details, u32 count);
void ipmasq_details_release(struct ipmasq_details *details);
void ipmasq_details_sort(struct ipmasq_details *details);
const struct ipmasq_detail *ipmasq_details_find(const struct ipmasq_details *details,
						const struct ipmasq_entry *entry);
u64 ipmasq_details_next(const struct ipmasq_details *details);

#endif
