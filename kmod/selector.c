// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "selector.h"

/**
 * ipmasq_sources_create() - compile a source list
 * @entries: in the order of ipmasq_entry_compare(), none twice, all with the same
 *	action and counter, which say nothing here
 * @count: how many
 * @sources: the list; ended with ipmasq_sources_put()
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int ipmasq_sources_create(const struct ipmasq_entry *entries, u32 count,
			  struct ipmasq_sources **sources)
{
	struct ipmasq_sources *made = kzalloc(sizeof(*made), GFP_KERNEL_ACCOUNT);
	int err;

	if (!made)
		return -ENOMEM;
	refcount_set(&made->users, 1);
	made->count = count;
	err = ipmasq_cidr_table_build(&made->table, NULL, entries, count, 0);
	if (err) {
		kfree(made);
		return err;
	}
	*sources = made;
	return 0;
}

/**
 * ipmasq_sources_get() - one user more
 * @sources: kept alive by one that is there; NULL for none
 *
 * Return: @sources.
 */
struct ipmasq_sources *ipmasq_sources_get(struct ipmasq_sources *sources)
{
	if (sources)
		refcount_inc(&sources->users);
	return sources;
}

/**
 * ipmasq_sources_put() - one user less, the last of whom frees it
 * @sources: nobody may look it up any more on this user's behalf; NULL for none
 */
void ipmasq_sources_put(struct ipmasq_sources *sources)
{
	if (!sources || !refcount_dec_and_test(&sources->users))
		return;
	ipmasq_cidr_table_release(&sources->table);
	kfree(sources);
}

/**
 * ipmasq_interfaces_create() - an interface list to be filled
 * @count: patterns
 *
 * May sleep.
 *
 * Return: the list, all of whose patterns are empty; ended with
 * ipmasq_interfaces_put(). NULL without memory.
 */
struct ipmasq_interfaces *ipmasq_interfaces_create(u32 count)
{
	struct ipmasq_interfaces *interfaces;

	interfaces = kzalloc(struct_size(interfaces, pattern, count), GFP_KERNEL_ACCOUNT);
	if (!interfaces)
		return NULL;
	refcount_set(&interfaces->users, 1);
	interfaces->count = count;
	return interfaces;
}

/**
 * ipmasq_interfaces_get() - one user more
 * @interfaces: kept alive by one that is there; NULL for none
 *
 * Return: @interfaces.
 */
struct ipmasq_interfaces *ipmasq_interfaces_get(struct ipmasq_interfaces *interfaces)
{
	if (interfaces)
		refcount_inc(&interfaces->users);
	return interfaces;
}

/**
 * ipmasq_interfaces_put() - one user less, the last of whom frees it
 * @interfaces: NULL for none
 */
void ipmasq_interfaces_put(struct ipmasq_interfaces *interfaces)
{
	if (interfaces && refcount_dec_and_test(&interfaces->users))
		kfree(interfaces);
}

/* Where a character does not fit, the last asterisk takes one character more. It is
 * enough to go back to the last one: what stands before it fitted already. (The
 * kernel's glob_match() does the same, but not every kernel is built with it.)
 */
static bool name_matches(const char *name, const char *pattern)
{
	const char *asterisk = NULL, *taken = NULL;

	while (*name) {
		if (*pattern == '*') {
			asterisk = pattern++;
			taken = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (asterisk) {
			pattern = asterisk + 1;
			name = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/**
 * ipmasq_interfaces_have() - is an interface on the list?
 * @interfaces: kept alive by the caller, in the hook by its RCU read section
 * @name: of the interface. It is compared each time, so that an interface that
 *	comes, goes or is renamed needs no notifier
 *
 * Return: whether a pattern fits.
 */
bool ipmasq_interfaces_have(const struct ipmasq_interfaces *interfaces, const char *name)
{
	u32 i;

	for (i = 0; i < interfaces->count; i++)
		if (name_matches(name, interfaces->pattern[i]))
			return true;
	return false;
}
