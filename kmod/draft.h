/* SPDX-License-Identifier: GPL-2.0-only */
/* A change in the making, before it is compiled into a policy. */
#ifndef IPMASQ_DRAFT_H
#define IPMASQ_DRAFT_H

#include <linux/types.h>

#include "bounds.h"
#include "cidr_table.h"
#include "detail.h"
#include "selector.h"

struct ipmasq_ports;

/* What a draft does with its entries. */
enum ipmasq_edit {
	IPMASQ_EDIT_ADD,	/* none of them may be there */
	IPMASQ_EDIT_SET,	/* those that are there change their action */
	IPMASQ_EDIT_DELETE,	/* all of them must be there */
	IPMASQ_EDIT_REPLACE,	/* they become all that the origin has */
};

/**
 * struct ipmasq_draft - a change in the making, owned by its writer
 * @edit: what it does
 * @origin: whose entries it is about
 * @flags: new values of the flags in @flags_named
 * @flags_named: the flags that change
 * @ports_named: whether the port ranges change
 * @ports: the new ones, NULL for none; owned
 * @sources_named: whether the source list changes
 * @sources: the new one, NULL for none; a reference
 * @interfaces_named: whether the interface list changes
 * @interfaces: the new one, NULL for none; a reference
 * @pool_named: whether the pool changes
 * @pool: the new one, NULL for none; a reference
 * @has_based_on: whether the change was based on a certain generation
 * @based_on: that generation
 * @entries: owned
 * @count: how many
 * @room: how many fit
 * @sorted: they are in the order of ipmasq_entry_compare() so far
 * @details: of some of the entries; owned
 */
struct ipmasq_draft {
	enum ipmasq_edit edit;
	u8 origin;
	u32 flags;
	u32 flags_named;
	bool ports_named;
	struct ipmasq_ports *ports;
	bool sources_named;
	struct ipmasq_sources *sources;
	bool interfaces_named;
	struct ipmasq_interfaces *interfaces;
	bool pool_named;
	struct ipmasq_pool *pool;
	bool has_based_on;
	u64 based_on;
	struct ipmasq_entry *entries;
	u32 count;
	u32 room;
	bool sorted;
	struct ipmasq_details details;
};

enum ipmasq_refusal_reason {
	IPMASQ_REFUSED_OTHER,		/* the errno says it all */
	IPMASQ_REFUSED_LIMIT,		/* @number entries are the most */
	IPMASQ_REFUSED_DETAILS,		/* so are @number with a timeout or a pool */
	IPMASQ_REFUSED_EXISTS,		/* @entry is there already */
	IPMASQ_REFUSED_MISSING,		/* @entry is not there */
	IPMASQ_REFUSED_TWICE,		/* @entry is in the change twice */
	IPMASQ_REFUSED_STALE,		/* the generation in force is @number */
	IPMASQ_REFUSED_NO_POLICY,	/* there is none to change */
	IPMASQ_REFUSED_UNLOADING,	/* the module is */
	IPMASQ_REFUSED_HOOKS,		/* they cannot be registered */
};

/**
 * struct ipmasq_refusal - why a change was refused, for the writer to be told
 * @reason: the reason
 * @entry: the entry it is about, where it is about one
 * @number: the number it is about
 */
struct ipmasq_refusal {
	enum ipmasq_refusal_reason reason;
	struct ipmasq_entry entry;
	u64 number;
};

u32 ipmasq_max_entries(void);
void ipmasq_draft_init(struct ipmasq_draft *draft, enum ipmasq_edit edit, u8 origin);
int ipmasq_draft_append(struct ipmasq_draft *draft, const struct ipmasq_entry *entry,
			struct ipmasq_refusal *refusal);
int ipmasq_draft_detail(struct ipmasq_draft *draft, const struct ipmasq_detail *detail,
			struct ipmasq_refusal *refusal);
const struct ipmasq_entry *ipmasq_draft_find(const struct ipmasq_draft *draft,
					     const struct ipmasq_entry *key);
int ipmasq_draft_sort(struct ipmasq_draft *draft, struct ipmasq_refusal *refusal);
void ipmasq_draft_release(struct ipmasq_draft *draft);

#endif
