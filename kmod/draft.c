// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "draft.h"
#include "policy.h"

static unsigned int max_entries = 1048576;

static int max_entries_set(const char *text, const struct kernel_param *parameter)
{
	unsigned int value;
	int err = kstrtouint(text, 0, &value);

	if (err)
		return err;
	if (value > IPMASQ_ENTRIES_CAP)
		return -EINVAL;
	WRITE_ONCE(max_entries, value);
	return 0;
}

static const struct kernel_param_ops max_entries_ops = {
	.set = max_entries_set,
	.get = param_get_uint,
};

module_param_cb(max_entries, &max_entries_ops, &max_entries, 0644);
__MODULE_PARM_TYPE(max_entries, "uint");
MODULE_PARM_DESC(max_entries,
		 "most entries in the table of one network namespace (at most 67108864)");

/**
 * ipmasq_max_entries() - the limit of one namespace's table
 *
 * Return: entries, of all origins together.
 */
u32 ipmasq_max_entries(void)
{
	return READ_ONCE(max_entries);
}

/**
 * ipmasq_draft_init() - begin a change that changes nothing yet
 * @draft: the writer's own; ended with ipmasq_draft_release()
 * @edit: what it will do with its entries
 * @origin: whose entries they are
 */
void ipmasq_draft_init(struct ipmasq_draft *draft, enum ipmasq_edit edit, u8 origin)
{
	memset(draft, 0, sizeof(*draft));
	draft->edit = edit;
	draft->origin = origin;
	draft->sorted = true;
}

/**
 * ipmasq_draft_release() - free what a draft holds
 * @draft: the draft, which may be thrown away afterwards
 */
void ipmasq_draft_release(struct ipmasq_draft *draft)
{
	ipmasq_details_release(&draft->details);
	ipmasq_pool_put(draft->pool);
	draft->pool = NULL;
	ipmasq_interfaces_put(draft->interfaces);
	draft->interfaces = NULL;
	ipmasq_sources_put(draft->sources);
	draft->sources = NULL;
	kfree(draft->ports);
	draft->ports = NULL;
	kvfree(draft->entries);
	draft->entries = NULL;
	draft->count = 0;
	draft->room = 0;
}

/* A large draft is hundreds of megabytes. */
static void copy_entries(struct ipmasq_entry *to, const struct ipmasq_entry *from, u32 count)
{
	u32 some;

	for (; count; to += some, from += some, count -= some) {
		some = min_t(u32, count, IPMASQ_RESCHEDULE_EVERY);
		cond_resched();
		memcpy(to, from, some * sizeof(*to));
	}
}

static int draft_grow(struct ipmasq_draft *draft)
{
	u32 room = max_t(u32, 16, draft->room * 2);
	struct ipmasq_entry *entries;

	entries = kvmalloc_array(room, sizeof(*entries), ipmasq_gfp());
	if (!entries)
		return -ENOMEM;
	copy_entries(entries, draft->entries, draft->count);
	kvfree(draft->entries);
	draft->entries = entries;
	draft->room = room;
	return 0;
}

/**
 * ipmasq_draft_append() - add an entry to a draft
 * @draft: the draft
 * @entry: checked by the caller: family, length, no host bits, action
 * @refusal: says why not
 *
 * May sleep.
 *
 * Return: 0, -ENOMEM, or -ENOSPC when the draft alone would fill the table.
 */
int ipmasq_draft_append(struct ipmasq_draft *draft, const struct ipmasq_entry *entry,
			struct ipmasq_refusal *refusal)
{
	/* A limit that was lowered keeps nobody, and no timer, from deleting entries. */
	const u32 most = draft->edit == IPMASQ_EDIT_DELETE ? IPMASQ_ENTRIES_CAP :
							     ipmasq_max_entries();
	int err;

	if (draft->count >= most) {
		refusal->reason = IPMASQ_REFUSED_LIMIT;
		refusal->number = most;
		return -ENOSPC;
	}
	if (draft->count == draft->room) {
		err = draft_grow(draft);
		if (err)
			return err;
	}
	if (draft->count &&
	    ipmasq_entry_compare(&draft->entries[draft->count - 1], entry) >= 0)
		draft->sorted = false;
	draft->entries[draft->count] = *entry;
	draft->entries[draft->count].origin = draft->origin;
	draft->count++;
	return 0;
}

/**
 * ipmasq_draft_detail() - say more about the entry that was appended last
 * @draft: the draft, which has an entry
 * @detail: its deadline and its pool, to which the draft takes a reference
 * @refusal: says why not
 *
 * May sleep.
 *
 * Return: 0, -ENOMEM, or -ENOSPC when the draft alone would be above the limit.
 */
int ipmasq_draft_detail(struct ipmasq_draft *draft, const struct ipmasq_detail *detail,
			struct ipmasq_refusal *refusal)
{
	struct ipmasq_detail added = *detail;

	if (draft->details.count >= IPMASQ_DETAILS_MAX) {
		refusal->reason = IPMASQ_REFUSED_DETAILS;
		refusal->number = IPMASQ_DETAILS_MAX;
		return -ENOSPC;
	}
	added.entry = draft->entries[draft->count - 1];
	return ipmasq_details_append(&draft->details, &added);
}

/* Merge two sorted neighbours, [0, middle) and [middle, count), into to. */
static void merge_runs(struct ipmasq_entry *to, const struct ipmasq_entry *from,
		       u32 middle, u32 count)
{
	u32 left = 0, right = middle, i;

	for (i = 0; i < count; i++) {
		ipmasq_reschedule(i);
		if (right == count || (left < middle &&
				       ipmasq_entry_compare(&from[left], &from[right]) <= 0))
			to[i] = from[left++];
		else
			to[i] = from[right++];
	}
}

/* A bottom-up merge sort. The kernel's sort() never gives up the CPU before 6.13
 * (sort_nonatomic()), which a million entries from user space must not cost.
 */
static int sort_entries(struct ipmasq_draft *draft)
{
	struct ipmasq_entry *from = draft->entries, *to;
	size_t width, at;

	to = kvmalloc_array(draft->room, sizeof(*to), ipmasq_gfp());
	if (!to)
		return -ENOMEM;
	for (width = 1; width < draft->count; width *= 2) {
		for (at = 0; at < draft->count; at += 2 * width) {
			u32 count = min_t(size_t, 2 * width, draft->count - at);

			merge_runs(to + at, from + at, min_t(u32, width, count), count);
		}
		swap(from, to);
	}
	kvfree(to);
	draft->entries = from;
	return 0;
}

static int check_twice(const struct ipmasq_draft *draft, struct ipmasq_refusal *refusal)
{
	u32 i;

	for (i = 1; i < draft->count; i++) {
		ipmasq_reschedule(i);
		if (ipmasq_entry_compare(&draft->entries[i - 1], &draft->entries[i]))
			continue;
		refusal->reason = IPMASQ_REFUSED_TWICE;
		refusal->entry = draft->entries[i];
		return -EEXIST;
	}
	return 0;
}

/**
 * ipmasq_draft_find() - a prefix among a draft's entries
 * @draft: after ipmasq_draft_sort()
 * @key: prefix and origin
 *
 * Return: the entry, the draft's; NULL for none.
 */
const struct ipmasq_entry *ipmasq_draft_find(const struct ipmasq_draft *draft,
					     const struct ipmasq_entry *key)
{
	u32 low = 0, high = draft->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		int order = ipmasq_entry_compare(&draft->entries[middle], key);

		if (!order)
			return &draft->entries[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/**
 * ipmasq_draft_sort() - put a draft's entries in the order of ipmasq_entry_compare()
 * @draft: the draft
 * @refusal: says which entry is there twice
 *
 * May sleep.
 *
 * Return: 0, -ENOMEM, or -EEXIST.
 */
int ipmasq_draft_sort(struct ipmasq_draft *draft, struct ipmasq_refusal *refusal)
{
	int err = 0;

	ipmasq_details_sort(&draft->details);
	/* Entries that came in order have none twice. */
	if (!draft->sorted) {
		err = sort_entries(draft);
		if (!err)
			err = check_twice(draft, refusal);
		draft->sorted = !err;
	}
	return err;
}
