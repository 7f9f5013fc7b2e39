// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The network namespaces that are carried over a change of the module, with their policies
 * or draining without one: found by their names and by the processes in them, entered one
 * after the other.
 */
#include "held_namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "saved_policy.h"
#include "transaction.h"

#define HOLD "/sys/module/ipmasq_hold/parameters/hold"

/* Times that a policy is read again since somebody changed it before it was withdrawn. */
#define ATTEMPTS 20

/**
 * boottime_milliseconds() - the clock that entries' timeouts go by
 *
 * Return: milliseconds, those in suspend included.
 */
uint64_t boottime_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int add(struct held_namespaces *namespaces, const char *path)
{
	struct held_namespace *items;
	struct stat status;
	size_t i;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	/* The process is gone, or it is a file that no namespace is mounted on any more. */
	if (descriptor < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : 0;
	if (fstat(descriptor, &status)) {
		close(descriptor);
		return 0;
	}
	for (i = 0; i < namespaces->count; i++) {
		if (namespaces->items[i].inode == status.st_ino) {
			close(descriptor);
			return 0;
		}
	}
	if (namespaces->count == namespaces->room) {
		size_t room = namespaces->room ? 2 * namespaces->room : 64;

		items = realloc(namespaces->items, room * sizeof(*items));
		if (!items) {
			close(descriptor);
			return -ENOMEM;
		}
		namespaces->items = items;
		namespaces->room = room;
	}
	items = &namespaces->items[namespaces->count++];
	memset(items, 0, sizeof(*items));
	items->inode = status.st_ino;
	items->descriptor = descriptor;
	snprintf(items->where, sizeof(items->where), "%s", path);
	return 0;
}

/* All that FORMAT makes of the names in a folder. */
static int add_all(struct held_namespaces *namespaces, const char *folder, const char *suffix,
		   bool numbers)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[512];
	int error = 0;

	if (!directory)
		return 0;
	while (!error && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' ||
		    (numbers && (entry->d_name[0] < '0' || entry->d_name[0] > '9')))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", folder, entry->d_name, suffix);
		error = add(namespaces, path);
	}
	closedir(directory);
	return error;
}

/**
 * held_namespaces_find() - find all network namespaces that this process can see
 * @namespaces: filled in; held_namespaces_clear() frees it in every case
 *
 * Return: 0 or a negative errno.
 */
int held_namespaces_find(struct held_namespaces *namespaces)
{
	int error;

	memset(namespaces, 0, sizeof(*namespaces));
	namespaces->own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (namespaces->own < 0)
		return -errno;
	error = add(namespaces, "/proc/self/ns/net");
	if (!error)
		error = add_all(namespaces, "/run/netns", "", false);
	if (!error)
		error = add_all(namespaces, "/proc", "/ns/net", true);
	return error;
}

static void drop(struct held_namespace *namespace)
{
	policy_clear(&namespace->policy);
	close(namespace->descriptor);
}

/**
 * held_namespaces_clear() - free what was found
 * @namespaces: after held_namespaces_find()
 */
void held_namespaces_clear(struct held_namespaces *namespaces)
{
	while (namespaces->count)
		drop(&namespaces->items[--namespaces->count]);
	free(namespaces->items);
	namespaces->items = NULL;
	if (namespaces->own >= 0)
		close(namespaces->own);
	namespaces->own = -1;
}

/* Where it is there already that takes no capability, which a container may not have. */
static int enter(int descriptor)
{
	struct stat wanted, present;

	if (!fstat(descriptor, &wanted) && !stat("/proc/self/ns/net", &present) &&
	    wanted.st_dev == present.st_dev && wanted.st_ino == present.st_ino)
		return 0;
	return setns(descriptor, CLONE_NEWNET) ? -errno : 0;
}

/**
 * held_namespace_enter() - let what follows act on a network namespace
 * @namespace: which
 *
 * Return: 0 or a negative errno.
 */
int held_namespace_enter(const struct held_namespace *namespace)
{
	return enter(namespace->descriptor);
}

/**
 * held_namespaces_leave() - go back to the namespace that the program began in
 * @namespaces: after held_namespaces_find()
 */
void held_namespaces_leave(const struct held_namespaces *namespaces)
{
	/* It could be entered when it was found. */
	if (enter(namespaces->own))
		abort();
}

/* The client's own words, and no client any more. */
static int end(struct client *client, int failed, char *error, size_t room)
{
	if (failed)
		snprintf(error, room, "%s", client_error(client));
	client_close(client);
	return failed;
}

/**
 * held_namespaces_keep_users() - forget the namespaces that do not use the module
 * @namespaces: after held_namespaces_find()
 * @error: set to what is wrong
 * @room: bytes at @error
 *
 * A namespace uses the module while it has a policy or drains.
 *
 * Return: 0 or a negative errno.
 */
int held_namespaces_keep_users(struct held_namespaces *namespaces, char *error, size_t room)
{
	struct client_status status;
	struct client *client;
	size_t kept = 0;
	size_t i;
	int failed = 0;

	for (i = 0; i < namespaces->count; i++) {
		struct held_namespace *namespace = &namespaces->items[i];
		bool wanted = false;

		if (!failed)
			failed = held_namespace_enter(namespace);
		if (failed == -EPERM || failed == -EINVAL)
			failed = 0;
		else if (!failed) {
			failed = client_open(&client);
			if (!failed)
				failed = client_policy_get(client, &status);
			wanted = !failed && (status.generation || status.draining);
			if (!failed)
				client_status_clear(&status);
			/* Of a user namespace that this process has no say in. */
			failed = end(client, failed == -EPERM ? 0 : failed, error, room);
		}
		if (wanted)
			namespaces->items[kept++] = *namespace;
		else
			drop(namespace);
	}
	namespaces->count = kept;
	held_namespaces_leave(namespaces);
	return failed;
}

/* Which family drains, the kernel does not report: both may. */
static bool needs_ipv6(const struct held_namespace *namespace)
{
	int test;

	if (namespace->policy.settings.flags & IPMASQ_FLAG_IPV6)
		return true;
	if (!namespace->draining)
		return false;
	/* Fails in a kernel that was booted with ipv6.disable=1. */
	test = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (test >= 0)
		close(test);
	return test >= 0;
}

/**
 * held_namespace_word() - what ipmasq_hold is to hold in a namespace
 * @namespace: after held_namespace_read()
 *
 * Return: a value of its parameters "hold" and "at_load".
 */
const char *held_namespace_word(const struct held_namespace *namespace)
{
	return needs_ipv6(namespace) ? "ipv4+ipv6" : "ipv4";
}

/**
 * held_namespace_hold() - have ipmasq_hold hold a namespace, or let go of it
 * @namespace: it, entered
 * @hold: hold, or let go
 *
 * One that is held since ipmasq_hold was loaded is held until it is unloaded.
 *
 * Return: 0 or a negative errno.
 */
int held_namespace_hold(struct held_namespace *namespace, bool hold)
{
	const char *word = hold ? held_namespace_word(namespace) : "none";
	int descriptor;
	int error = 0;

	if (namespace->at_load) {
		namespace->held = hold;
		return 0;
	}
	descriptor = open(HOLD, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0)
		return -errno;
	if (write(descriptor, word, strlen(word)) < 0)
		error = -errno;
	close(descriptor);
	if (!error)
		namespace->held = hold;
	return error;
}

/**
 * held_namespace_read() - read all that is to be carried over
 * @namespace: it, entered
 * @error: set to what is wrong
 * @room: bytes at @error
 *
 * Return: 0 or a negative errno.
 */
int held_namespace_read(struct held_namespace *namespace, char *error, size_t room)
{
	struct client_status status = { 0 };
	struct client *client;
	int failed;

	policy_clear(&namespace->policy);
	failed = client_open(&client);
	if (!failed)
		failed = client_policy_read(client, &namespace->policy, &namespace->generation);
	if (!failed)
		failed = client_statistics(client, &namespace->statistics);
	if (!failed)
		failed = client_policy_get(client, &status);
	namespace->draining = status.draining;
	client_status_clear(&status);
	namespace->saved_at = boottime_milliseconds();
	return end(client, failed, error, room);
}

/* Hooks that have drained since are none. */
static int end_drain(struct client *client)
{
	int error = client_drain_end(client);

	return error == -ENOENT ? 0 : error;
}

/**
 * held_namespace_withdraw() - withdraw exactly the policy that was read, and the hooks
 * @namespace: it, entered, after held_namespace_read()
 * @error: set to what is wrong
 * @room: bytes at @error
 *
 * Return: 0 or a negative errno.
 */
int held_namespace_withdraw(struct held_namespace *namespace, char *error, size_t room)
{
	struct client *client;
	int attempt;
	int failed;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		failed = client_open(&client);
		if (!failed)
			failed = namespace->generation ?
				 client_policy_delete(client, namespace->generation, true) :
				 end_drain(client);
		end(client, failed, error, room);
		if (failed != -ESTALE)
			break;
		failed = held_namespace_read(namespace, error, room);
		if (failed)
			return failed;
	}
	namespace->withdrawn = !failed;
	return failed;
}

/* Temporary entries go on from the time that they had left. */
static void pass_time(struct held_namespace *namespace)
{
	uint64_t now = boottime_milliseconds();
	uint64_t passed = now > namespace->saved_at ? now - namespace->saved_at : 0;
	size_t i;

	namespace->saved_at = now;
	for (i = 0; i < namespace->policy.count; i++) {
		struct policy_detail *detail = namespace->policy.entries[i].detail;

		if (detail && detail->timeout)
			detail->timeout = detail->timeout > passed ? detail->timeout - passed : 1;
	}
}

static size_t count_origin(const struct policy *policy, uint8_t origin)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < policy->count; i++)
		count += policy->entries[i].origin == origin;
	return count;
}

/* A transaction is about one origin. Where there are two, the first one leaves the policy
 * switched off, so that nothing is decided by half of it: ipmasq's hook runs before that of
 * ipmasq_hold. What drains has two as well, the first of which has IPv6 on, so that the hooks
 * are there to drain when the second one switches it off.
 *
 * The last one makes the generation that was. A policy with one generation behind it has one
 * origin and drains nothing.
 */
static int restore_policy(struct client *client, struct held_namespace *namespace)
{
	struct policy *policy = &namespace->policy;
	const bool fixed = count_origin(policy, IPMASQ_ORIGIN_STATIC);
	const bool both = fixed && count_origin(policy, IPMASQ_ORIGIN_CONFIG);
	const uint32_t flags = policy->settings.flags;
	const uint64_t steps = both || namespace->draining ? 2 : 1;
	uint64_t generation = 0;
	int error;

	error = client_carry_generation(client, namespace->generation > steps ?
					namespace->generation - steps : 0);
	/* A module that does not know of it counts from 1. */
	if (error && error != -EOPNOTSUPP)
		return error;
	if (steps == 1)
		return replace_origin(client, policy,
				      fixed ? IPMASQ_ORIGIN_STATIC : IPMASQ_ORIGIN_CONFIG, true,
				      &generation);
	policy->settings.flags &= ~IPMASQ_FLAG_ENABLED;
	policy->settings.flags |= needs_ipv6(namespace) ? IPMASQ_FLAG_IPV6 : 0;
	/* Without a policy there were no settings to name. */
	policy->settings.flags_named = IPMASQ_FLAGS_ALL;
	error = replace_origin(client, policy, IPMASQ_ORIGIN_CONFIG, true, &generation);
	policy->settings.flags = flags;
	if (!error && namespace->generation)
		error = replace_origin(client, policy, IPMASQ_ORIGIN_STATIC, true, &generation);
	return error;
}

static void deduct(uint64_t *count, uint64_t present)
{
	*count -= present < *count ? present : *count;
}

/* A run that was killed may have carried some of the counters over, or withdrawn a policy
 * from a module that stayed: only what is missing is added.
 */
static int deduct_present(struct client *client, struct held_namespace *namespace)
{
	struct policy *saved = &namespace->policy;
	struct client_statistics statistics;
	struct policy present = { 0 };
	uint64_t generation;
	size_t i, verdict;
	size_t next = 0;
	int error;

	error = client_statistics(client, &statistics);
	if (!error)
		error = client_policy_read(client, &present, &generation);
	for (verdict = 0; !error && verdict <= IPMASQ_VERDICT_MAX; verdict++) {
		for (i = 0; i < 2; i++)
			deduct(&namespace->statistics.connections[i][verdict],
			       statistics.connections[i][verdict]);
	}
	policy_sort(saved);
	policy_sort(&present);
	for (i = 0; !error && i < saved->count; i++) {
		struct policy_entry *entry = &saved->entries[i];

		while (next < present.count &&
		       policy_entry_compare(&present.entries[next], entry) < 0)
			next++;
		/* One that has expired since counts no more. */
		deduct(&entry->connections, next == present.count ||
		       policy_entry_compare(&present.entries[next], entry) ? UINT64_MAX :
		       present.entries[next].connections);
	}
	policy_clear(&present);
	return error;
}

static int carry_counters(struct client *client, struct held_namespace *namespace)
{
	int error = namespace->recalled ? deduct_present(client, namespace) : 0;

	if (!error)
		error = client_carry_counters(client, &namespace->policy, &namespace->statistics);
	/* A module that does not know of it counts from 0. */
	return error == -EOPNOTSUPP ? 0 : error;
}

/* Whether it is there that was read from files, or another one in the place of none. */
static int is_restored(struct client *client, const struct held_namespace *namespace,
		       bool *restored, bool *done)
{
	struct client_status status = { 0 };
	int error = client_policy_get(client, &status);

	if (namespace->generation) {
		*restored = status.generation == namespace->generation;
		*done = false;
	} else {
		/* Switched off it is the one whose hooks are to drain. */
		*restored = status.generation;
		*done = status.draining || (status.settings.flags & IPMASQ_FLAG_ENABLED);
	}
	client_status_clear(&status);
	return error;
}

/**
 * held_namespace_restore() - put back what was withdrawn, with all that it had counted
 * @namespace: it, entered
 * @error: set to what is wrong
 * @room: bytes at @error
 *
 * Whoever put a policy there meanwhile did not know of this one, which takes its place.
 * Where there was none, the hooks drain again, unless a policy is there that needs them.
 *
 * Return: 0 or a negative errno.
 */
int held_namespace_restore(struct held_namespace *namespace, char *error, size_t room)
{
	bool restored = false, done = false;
	struct client *client;
	int attempt;
	int failed;

	if (!namespace->generation && !namespace->draining)
		return 0;
	failed = client_open(&client);
	if (!failed && namespace->recalled)
		failed = is_restored(client, namespace, &restored, &done);
	pass_time(namespace);
	for (attempt = 0; !failed && !restored && !done && attempt < ATTEMPTS; attempt++) {
		failed = restore_policy(client, namespace);
		if (failed != -EBUSY && failed != -ESTALE)
			break;
		if (!namespace->generation) {
			done = true;
			failed = 0;
			break;
		}
		failed = client_policy_delete(client, 0, false);
		if (failed == -ENOENT)
			failed = 0;
	}
	if (!failed && !done)
		failed = carry_counters(client, namespace);
	if (!failed && !done && !namespace->generation)
		failed = client_policy_delete(client, 0, false);
	namespace->withdrawn = failed;
	failed = end(client, failed, error, room);
	/* Half of it would keep the module from going again. */
	if (failed && !client_open(&client))
		client_policy_delete(client, 0, true);
	if (failed)
		client_close(client);
	return failed;
}

/* Numbers that the file of a policy has no words for; entries by their place in it. */
static int write_counters(const struct held_namespace *namespace, const char *folder)
{
	char path[256];
	FILE *file;
	size_t i;
	int ipv6;
	int verdict;

	snprintf(path, sizeof(path), "%s/%" PRIu64 ".counters", folder, namespace->inode);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file, "%" PRIu64 " %" PRIu64 " %d\n", namespace->generation, namespace->saved_at,
		namespace->draining);
	for (ipv6 = 0; ipv6 < 2; ipv6++)
		for (verdict = 0; verdict <= IPMASQ_VERDICT_MAX; verdict++)
			fprintf(file, "%" PRIu64 "\n",
				namespace->statistics.connections[ipv6][verdict]);
	for (i = 0; i < namespace->policy.count; i++)
		fprintf(file, "%" PRIu64 "\n", namespace->policy.entries[i].connections);
	i = ferror(file);
	return fclose(file) || i ? -EIO : 0;
}

/**
 * held_namespace_write() - save what is to be carried over, in case this program is killed
 * @namespace: after held_namespace_read()
 * @folder: where the files go, named by the namespace's number
 *
 * Return: 0 or a negative errno.
 */
int held_namespace_write(const struct held_namespace *namespace, const char *folder)
{
	char path[256];
	FILE *file;
	int error;

	error = write_counters(namespace, folder);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s/%" PRIu64, folder, namespace->inode);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	error = saved_policy_write(file, &namespace->policy, namespace->generation);
	if (ferror(file) && !error)
		error = -EIO;
	if (fclose(file) && !error)
		error = -errno;
	return error;
}

static int recall_counters(struct held_namespace *namespace, const char *folder)
{
	uint64_t *verdicts = namespace->statistics.connections[0];
	char path[256];
	int draining;
	FILE *file;
	size_t i;
	int error = 0;

	snprintf(path, sizeof(path), "%s/%" PRIu64 ".counters", folder, namespace->inode);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (fscanf(file, "%" SCNu64 "%" SCNu64 "%d", &namespace->generation, &namespace->saved_at,
		   &draining) != 3)
		error = -EINVAL;
	else
		namespace->draining = draining;
	for (i = 0; i < 2 * (IPMASQ_VERDICT_MAX + 1) && !error; i++)
		error = fscanf(file, "%" SCNu64, &verdicts[i]) == 1 ? 0 : -EINVAL;
	for (i = 0; i < namespace->policy.count && !error; i++)
		error = fscanf(file, "%" SCNu64, &namespace->policy.entries[i].connections) == 1 ?
			0 : -EINVAL;
	fclose(file);
	return error;
}

/**
 * held_namespace_recall() - read what held_namespace_write() wrote
 * @namespace: its policy, which is empty, and its counters are filled in
 * @folder: where the files are
 *
 * Return: 0, -ENOENT where there are none, or another negative errno.
 */
int held_namespace_recall(struct held_namespace *namespace, const char *folder)
{
	char *reason = NULL;
	bool exists = false;
	char path[256];
	int descriptor;
	int error;

	snprintf(path, sizeof(path), "%s/%" PRIu64, folder, namespace->inode);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return -errno;
	error = saved_policy_read(descriptor, path, &namespace->policy, &exists, &reason);
	free(reason);
	close(descriptor);
	if (!error)
		error = recall_counters(namespace, folder);
	namespace->withdrawn = true;
	namespace->recalled = true;
	return error;
}
