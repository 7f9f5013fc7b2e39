/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_PREFIX_SETS_H
#define TEST_PREFIX_SETS_H

#include <linux/types.h>

#include "cidr_table.h"

typedef u32 (*make_set)(struct ipmasq_entry *entries, u32 room, u8 family);

/**
 * struct prefix_set - a kind of sets
 * @name: for results
 * @make: fills room for a set and returns how many it made, not settled
 */
struct prefix_set {
	const char *name;
	make_set make;
};

#define SETS 7

extern const struct prefix_set sets[SETS];

void random_seed(u64 seed);
u64 random64(void);
u32 random_below(u32 bound);

void prefix_mask(u8 prefix_len, u64 *high, u64 *low);
struct ipmasq_entry prefix(u8 family, u64 high, u64 low, u8 prefix_len, u8 origin);
int entry_order(const void *a, const void *b);
u32 settle(struct ipmasq_entry *entries, u32 count);
void choose_address(const struct ipmasq_entry *entries, u32 count, u8 family, u64 *high, u64 *low);
u8 longest(u8 family);
u32 make_random(struct ipmasq_entry *entries, u32 room, u8 family);

#endif
