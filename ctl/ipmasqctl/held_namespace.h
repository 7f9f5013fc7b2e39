/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_HELD_NAMESPACE_H
#define IPMASQCTL_HELD_NAMESPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client.h"

/**
 * struct held_namespace - a network namespace whose hooks outlive a change of the module
 * @inode: its number, by which it is found again
 * @descriptor: keeps it; for setns()
 * @where: a path at which it was found
 * @policy: settings, entries and their counters
 * @generation: of @policy, 0 where there is none
 * @draining: hooks are kept for connections that no policy masquerades any more
 * @statistics: of the verdicts
 * @saved_at: milliseconds of the boot-time clock when @policy was read
 * @withdrawn: neither @policy nor hooks are in the kernel any more
 * @held: ipmasq_hold holds it
 * @recalled: read from files, and perhaps restored already, as a whole or in part
 * @at_load: the word that ipmasq_hold was loaded with to hold it, where sysfs is read-only;
 *	NULL elsewhere
 */
struct held_namespace {
	uint64_t inode;
	int descriptor;
	char where[80];
	struct policy policy;
	uint64_t generation;
	bool draining;
	struct client_statistics statistics;
	uint64_t saved_at;
	bool withdrawn;
	bool held;
	bool recalled;
	const char *at_load;
};

/**
 * struct held_namespaces - all that were found
 * @items: the first @count of @room
 * @count: how many
 * @room: how many fit
 * @own: descriptor of the namespace that the program began in
 */
struct held_namespaces {
	struct held_namespace *items;
	size_t count;
	size_t room;
	int own;
};

int held_namespaces_find(struct held_namespaces *namespaces);
int held_namespaces_keep_users(struct held_namespaces *namespaces, char *error, size_t room);
void held_namespaces_clear(struct held_namespaces *namespaces);
int held_namespace_enter(const struct held_namespace *namespace);
void held_namespaces_leave(const struct held_namespaces *namespaces);

const char *held_namespace_word(const struct held_namespace *namespace);
int held_namespace_hold(struct held_namespace *namespace, bool hold);
int held_namespace_read(struct held_namespace *namespace, char *error, size_t room);
int held_namespace_withdraw(struct held_namespace *namespace, char *error, size_t room);
int held_namespace_restore(struct held_namespace *namespace, char *error, size_t room);

int held_namespace_write(const struct held_namespace *namespace, const char *folder);
int held_namespace_recall(struct held_namespace *namespace, const char *folder);

uint64_t boottime_milliseconds(void);

#endif
