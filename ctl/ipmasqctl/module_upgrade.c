// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replacing the kernel module while connections go on:
 *
 *	1 before anything is touched, the new file is shown to the kernel, which refuses a
 *	  bad signature, form or kernel version before it says that the module is there
 *	2 ipmasq_hold holds each network namespace that has a policy or drains: NAT of
 *	  established connections goes on, the first packets of new ones are dropped
 *	3 the policies are read, saved in STATE and withdrawn; the old module goes, the new
 *	  one comes, and the policies are put back with what they had counted
 *	4 the namespaces are let go of
 *
 * If 3 fails the old module is loaded again, from a copy of its file if another one is
 * installed meanwhile (module_kept.c). If this program is killed in 3, module_recover() finds
 * in STATE what is left to do, and ipmasq_hold lets new connections pass after a few seconds.
 */
#include "module_upgrade.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "held_namespace.h"
#include "module_kept.h"

#define HOLD "ipmasq_hold"
#define HOLD_AT_LOAD "/sys/module/" HOLD "/parameters/at_load"

#define LOCK MODULE_FOLDER "/upgrade.lock"
#define STATE MODULE_FOLDER "/upgrade"
/* Written last: what is in STATE is complete, and the module may be gone. */
#define PLAN STATE "/plan"

/* A dump or a command of another process may use the module for a moment. */
#define REMOVE_ATTEMPTS 100
#define REMOVE_PAUSE_MICROSECONDS 2000

/* Times that the module was loaded by somebody else meanwhile. */
#define INSERT_ATTEMPTS 5

/**
 * struct upgrade - a replacement of the module
 * @invocation: how the program was called
 * @loaded: the module that is to go
 * @wanted: the file that is to come
 * @back: the file of @loaded; its path is empty where there is none
 * @hold: the file of ipmasq_hold
 * @options: parameters of @loaded, for those that come
 * @namespaces: those with a policy, and those that drain
 * @lock: descriptor of the lock
 * @began: monotonic nanoseconds when new connections began to be dropped
 * @gap: nanoseconds for which they were
 * @error: what went wrong
 */
struct upgrade {
	const struct invocation *invocation;
	struct kernel_module loaded;
	struct kernel_module wanted;
	struct kernel_module back;
	struct kernel_module hold;
	char options[2048];
	struct held_namespaces namespaces;
	int lock;
	uint64_t began;
	uint64_t gap;
	char error[4608];
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int fail(struct upgrade *upgrade, int error, const char *what)
{
	snprintf(upgrade->error, sizeof(upgrade->error), "%s: %s", what,
		 kernel_module_error(error));
	return error;
}

/* What was given when the module was loaded, or written since. */
static void read_options(char *options, size_t room)
{
	static const char folder[] = "/sys/module/" MODULE "/parameters";
	DIR *directory = opendir(folder);
	struct dirent *entry;
	size_t used = 0;

	options[0] = '\0';
	while (directory && (entry = readdir(directory))) {
		char path[512], value[256];
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(value, sizeof(value), file)) {
			value[strcspn(value, "\n")] = '\0';
			if (used + strlen(entry->d_name) + strlen(value) + 3 < room)
				used += (size_t)snprintf(options + used, room - used, "%s%s=%s",
							 used ? " " : "", entry->d_name, value);
		}
		fclose(file);
	}
	if (directory)
		closedir(directory);
}

/* Beside the new module, or where modprobe would find it. */
static int find_hold(struct upgrade *upgrade)
{
	char folder[sizeof(upgrade->wanted.path)];
	const char *suffix = strstr(basename(upgrade->wanted.path), ".ko");
	char path[sizeof(upgrade->wanted.path) + 32];

	memcpy(folder, upgrade->wanted.path, sizeof(folder));
	snprintf(path, sizeof(path), "%s/" HOLD "%s", dirname(folder), suffix ? suffix : ".ko");
	if (!access(path, R_OK) && !kernel_module_file(path, &upgrade->hold))
		return 0;
	return kernel_module_installed(HOLD, &upgrade->hold);
}

/* With at_load it holds the namespace that this process is in. */
static int insert_hold(const struct upgrade *upgrade, const char *at_load)
{
	const char *priority = strstr(upgrade->options, "priority=");
	char options[128] = "";
	size_t used = 0;

	if (priority)
		used = (size_t)snprintf(options, 64, "%.*s ", (int)strcspn(priority, " "),
					priority);
	if (at_load)
		snprintf(options + used, sizeof(options) - used, "at_load=%s", at_load);
	return kernel_module_insert(upgrade->hold.path, options);
}

/* Finds out whatever can be found out while nothing has been touched. */
static int prepare(struct upgrade *upgrade)
{
	int error;

	read_options(upgrade->options, sizeof(upgrade->options));
	error = kernel_module_depend(&upgrade->wanted);
	if (error)
		return fail(upgrade, error, "what the new module needs cannot be loaded");
	error = kernel_module_insert(upgrade->wanted.path, upgrade->options);
	if (error != -EEXIST)
		return fail(upgrade, error ? error : -ENOENT, upgrade->wanted.path);
	error = find_hold(upgrade);
	if (error)
		return fail(upgrade, error, "the module " HOLD " is not installed");
	error = kernel_module_depend(&upgrade->hold);
	if (!error)
		error = held_namespaces_find(&upgrade->namespaces);
	if (error)
		return fail(upgrade, error, "cannot find the network namespaces");
	return held_namespaces_keep_users(&upgrade->namespaces, upgrade->error,
					  sizeof(upgrade->error));
}

static int write_plan(const struct upgrade *upgrade)
{
	FILE *file = fopen(STATE "/draft", "we");
	int failed;

	if (!file)
		return -errno;
	fprintf(file, "%s\n%s\n%s\n%s\n", upgrade->wanted.path, upgrade->back.path,
		upgrade->hold.path, upgrade->options);
	failed = ferror(file);
	if (fclose(file) || failed)
		return -EIO;
	return rename(STATE "/draft", PLAN) ? -errno : 0;
}

static void forget_state(void)
{
	unlink(PLAN);
	module_empty_folder(STATE);
	rmdir(STATE);
}

static int enter_and(struct upgrade *upgrade, struct held_namespace *namespace,
		     int (*step)(struct upgrade *upgrade, struct held_namespace *namespace))
{
	int error = held_namespace_enter(namespace);

	if (error)
		return fail(upgrade, error, namespace->where);
	/* The time without new connections begins again: tables may be large and the machine
	 * busy. Where somebody has unloaded ipmasq_hold the policies are needed all the more.
	 */
	if (namespace->held)
		held_namespace_hold(namespace, true);
	return step(upgrade, namespace);
}

/* What is done in each namespace, entered, until one fails. */
static int for_each(struct upgrade *upgrade,
		    int (*step)(struct upgrade *upgrade, struct held_namespace *namespace))
{
	struct held_namespaces *namespaces = &upgrade->namespaces;
	size_t i;
	int error = 0;

	for (i = 0; i < namespaces->count && !error; i++)
		error = enter_and(upgrade, &namespaces->items[i], step);
	return error;
}

/* The same in all of them, also after one that fails: what puts back must not leave out those
 * that could have been restored. Returns the first error.
 */
static int for_all(struct upgrade *upgrade,
		   int (*step)(struct upgrade *upgrade, struct held_namespace *namespace))
{
	struct held_namespaces *namespaces = &upgrade->namespaces;
	char first[sizeof(upgrade->error)];
	int result = 0;
	size_t i;

	for (i = 0; i < namespaces->count; i++) {
		int error = enter_and(upgrade, &namespaces->items[i], step);

		if (error && !result) {
			result = error;
			memcpy(first, upgrade->error, sizeof(first));
		}
	}
	if (result)
		memcpy(upgrade->error, first, sizeof(first));
	return result;
}

static int read_one(struct upgrade *upgrade, struct held_namespace *namespace)
{
	return held_namespace_read(namespace, upgrade->error, sizeof(upgrade->error));
}

/* From here on new connections are dropped. */
static int hold_one(struct upgrade *upgrade, struct held_namespace *namespace)
{
	/* Whether IPv6 is held the settings say. */
	int error = read_one(upgrade, namespace);

	if (error)
		return error;
	if (!upgrade->began)
		upgrade->began = now();
	error = held_namespace_hold(namespace, true);
	return error ? fail(upgrade, error, namespace->where) : 0;
}

static int release_one(struct upgrade *upgrade, struct held_namespace *namespace)
{
	(void)upgrade;
	if (namespace->held)
		held_namespace_hold(namespace, false);
	return 0;
}

/* Without ipmasq_hold none is held, whatever could not be written. */
static int release_all(struct upgrade *upgrade)
{
	for_all(upgrade, release_one);
	if (upgrade->began)
		upgrade->gap = now() - upgrade->began;
	held_namespaces_leave(&upgrade->namespaces);
	return kernel_module_remove(HOLD);
}

/* Nothing is decided any more, so that what is read is final. */
static int save_one(struct upgrade *upgrade, struct held_namespace *namespace)
{
	int error = read_one(upgrade, namespace);

	if (error)
		return error;
	if (namespace->at_load && strcmp(namespace->at_load, "ipv4") == 0 &&
	    strcmp(namespace->at_load, held_namespace_word(namespace)))
		return fail(upgrade, -EAGAIN, "IPv6 was switched on or off meanwhile");
	error = held_namespace_write(namespace, STATE);
	return error ? fail(upgrade, error, STATE) : 0;
}

static int save_all(struct upgrade *upgrade)
{
	int error = module_make_folder(STATE);

	if (error)
		return fail(upgrade, error, STATE);
	error = for_each(upgrade, save_one);
	if (error)
		return error;
	error = write_plan(upgrade);
	return error ? fail(upgrade, error, PLAN) : 0;
}

static int withdraw_one(struct upgrade *upgrade, struct held_namespace *namespace)
{
	return held_namespace_withdraw(namespace, upgrade->error, sizeof(upgrade->error));
}

/* Where the new module took some of the policies and not all. */
static int withdraw_again(struct upgrade *upgrade, struct held_namespace *namespace)
{
	if (!namespace->withdrawn)
		withdraw_one(upgrade, namespace);
	return 0;
}

static int restore_one(struct upgrade *upgrade, struct held_namespace *namespace)
{
	int error;

	if (!namespace->withdrawn)
		return 0;
	error = held_namespace_restore(namespace, upgrade->error, sizeof(upgrade->error));
	/* Of another user namespace, by a parameter that was changed since. */
	if (error != -EPERM)
		return error;
	warn(upgrade->invocation, "%s: the policy is not permitted any more: %s",
	     namespace->where, upgrade->error);
	namespace->withdrawn = false;
	return 0;
}

/* Not for ever: a namespace that was not found may have a policy. */
static int remove_module(struct upgrade *upgrade)
{
	int attempt;
	int error;

	for (attempt = 0; attempt < REMOVE_ATTEMPTS; attempt++) {
		error = kernel_module_remove(MODULE);
		if (!error || error == -ENOENT)
			return 0;
		if (error != -EWOULDBLOCK && error != -EBUSY)
			break;
		usleep(REMOVE_PAUSE_MICROSECONDS);
	}
	return fail(upgrade, error, "the loaded module is in use, perhaps by a network namespace that cannot be seen from here");
}

/* Somebody who asked for the family by name may have had the kernel load the installed
 * module meanwhile.
 */
static int insert_module(struct upgrade *upgrade, const struct kernel_module *module)
{
	struct kernel_module loaded;
	int attempt;
	int error = -EEXIST;

	for (attempt = 0; attempt < INSERT_ATTEMPTS && error == -EEXIST; attempt++) {
		error = kernel_module_insert(module->path, upgrade->options);
		if (error != -EEXIST)
			break;
		if (!kernel_module_loaded(MODULE, &loaded) && module_same_source(&loaded, module))
			return 0;
		kernel_module_remove(MODULE);
	}
	return error ? fail(upgrade, error, module->path) : 0;
}

static int exchange(struct upgrade *upgrade, const struct kernel_module *module)
{
	int error;

	error = remove_module(upgrade);
	if (!error)
		error = insert_module(upgrade, module);
	return error ? error : for_each(upgrade, restore_one);
}

/* The reason why there is a way back stays in upgrade->error. */
static int roll_back(struct upgrade *upgrade)
{
	char reason[sizeof(upgrade->error)];
	struct kernel_module loaded;
	int error = 0;

	memcpy(reason, upgrade->error, sizeof(reason));
	for_all(upgrade, withdraw_again);
	if (kernel_module_loaded(MODULE, &loaded) || !module_same_source(&loaded, &upgrade->loaded)) {
		if (!*upgrade->back.path)
			return -ENOENT;
		error = remove_module(upgrade);
		if (!error)
			error = insert_module(upgrade, &upgrade->back);
	}
	if (!error)
		error = for_all(upgrade, restore_one);
	if (!error)
		memcpy(upgrade->error, reason, sizeof(reason));
	return error;
}

/* In a container sysfs is read-only: what ipmasq_hold holds is given when it is loaded. That is
 * one namespace, and of the node's a container sees no other.
 */
static int hold_at_load(struct upgrade *upgrade, const char **word)
{
	struct held_namespace *only = upgrade->namespaces.items;
	int error;

	*word = NULL;
	if (!upgrade->namespaces.count || !access("/sys/module", W_OK) || errno != EROFS)
		return 0;
	if (upgrade->namespaces.count > 1)
		return fail(upgrade, -EROFS, "more than one network namespace has a policy, and where sysfs is read-only one can be held");
	error = enter_and(upgrade, only, read_one);
	if (!error)
		*word = only->at_load = held_namespace_word(only);
	return error;
}

static int load_hold(struct upgrade *upgrade)
{
	const char *at_load;
	int error;

	error = hold_at_load(upgrade, &at_load);
	if (error)
		return error;
	if (at_load)
		upgrade->began = now();
	error = insert_hold(upgrade, at_load);
	if (error == -EEXIST) {
		/* Left by a run that was killed, and perhaps of another priority. */
		kernel_module_remove(HOLD);
		error = insert_hold(upgrade, at_load);
	}
	if (error)
		return fail(upgrade, error, upgrade->hold.path);
	/* The kernel ignores parameters that a module does not have. */
	if (at_load && access(HOLD_AT_LOAD, F_OK)) {
		kernel_module_remove(HOLD);
		return fail(upgrade, -EROFS, HOLD " of another version cannot be used where sysfs is read-only");
	}
	return 0;
}

/* With signals blocked: whoever presses Ctrl-C does not want half of it. */
static int replace(struct upgrade *upgrade, bool *rolled_back)
{
	int error;

	*rolled_back = false;
	error = load_hold(upgrade);
	if (error) {
		held_namespaces_leave(&upgrade->namespaces);
		return error;
	}
	error = for_each(upgrade, hold_one);
	if (!error)
		error = save_all(upgrade);
	if (error) {
		release_all(upgrade);
		forget_state();
		return error;
	}
	error = for_each(upgrade, withdraw_one);
	if (!error)
		error = exchange(upgrade, &upgrade->wanted);
	if (error) {
		*rolled_back = !roll_back(upgrade);
		/* What is saved is all there is, and NAT goes on. */
		if (!*rolled_back) {
			held_namespaces_leave(&upgrade->namespaces);
			return error;
		}
	}
	release_all(upgrade);
	forget_state();
	return error;
}

static int lock(struct upgrade *upgrade)
{
	int error = module_make_folder(MODULE_FOLDER);

	if (error)
		return refuse_errno(upgrade->invocation, error, "%s: %s", MODULE_FOLDER,
				    strerror(-error));
	upgrade->lock = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (upgrade->lock < 0 || flock(upgrade->lock, LOCK_EX))
		return refuse_errno(upgrade->invocation, -errno, "%s: %s", LOCK, strerror(errno));
	return 0;
}

static int report(const struct upgrade *upgrade)
{
	if (upgrade->invocation->json)
		return print_json(json_pack("{s:s, s:s, s:s, s:i, s:f}",
					    "from", upgrade->loaded.version,
					    "to", upgrade->wanted.version,
					    "file", upgrade->wanted.path,
					    "namespace_count", (int)upgrade->namespaces.count,
					    "gap_milliseconds", (double)upgrade->gap / 1e6));
	printf("replaced %s %s by %s in %zu network namespaces\n", MODULE,
	       upgrade->loaded.version, upgrade->wanted.version, upgrade->namespaces.count);
	printf("new connections waited for %.1f ms\n", (double)upgrade->gap / 1e6);
	return EXIT_DONE;
}

static int begin(struct upgrade *upgrade, const char *file, bool one_way)
{
	const struct invocation *invocation = upgrade->invocation;
	int error;

	error = kernel_module_loaded(MODULE, &upgrade->loaded);
	if (error)
		return refuse_errno(invocation, error, "the kernel module ipmasq is not loaded");
	error = file ? kernel_module_file(file, &upgrade->wanted) :
		       kernel_module_installed(MODULE, &upgrade->wanted);
	if (error)
		return refuse_errno(invocation, error, "%s: %s", file ? file : "no module ipmasq is installed",
				    strerror(-error));
	/* Not the new file, even of the same source: it may be what cannot be loaded. */
	if (module_find_back(&upgrade->loaded, NULL, &upgrade->back) && !one_way)
		return refuse(invocation, "there is no file of the loaded module %s to go back to; add one-way to do without",
			      upgrade->loaded.version);
	if (*upgrade->back.path) {
		error = module_keep(&upgrade->back, &upgrade->back);
		if (error)
			return refuse_errno(invocation, error, "the module's file cannot be kept: %s",
					    strerror(-error));
	}
	return EXIT_DONE;
}

static int finish(struct upgrade *upgrade, int error, bool rolled_back)
{
	if (!error) {
		error = module_keep(&upgrade->wanted, NULL);
		if (error)
			warn(upgrade->invocation, "the module's file cannot be kept: %s",
					    strerror(-error));
		return report(upgrade);
	}
	if (rolled_back)
		return refuse_errno(upgrade->invocation, error,
				    "%s; rolled back to the module that was loaded, version %s",
				    upgrade->error, upgrade->loaded.version);
	if (!access(PLAN, F_OK))
		return refuse_errno(upgrade->invocation, error,
				    "%s; the policies are saved, \"ipmasqctl module recover\" puts them back",
				    upgrade->error);
	return refuse_errno(upgrade->invocation, error, "%s; nothing was changed", upgrade->error);
}

static void read_plan_line(FILE *file, char *text, size_t room)
{
	if (!fgets(text, (int)room, file))
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static int read_plan(struct upgrade *upgrade)
{
	FILE *file = fopen(PLAN, "re");
	char path[4096];

	if (!file)
		return -errno;
	read_plan_line(file, path, sizeof(path));
	kernel_module_file(path, &upgrade->wanted);
	read_plan_line(file, path, sizeof(path));
	if (*path)
		kernel_module_file(path, &upgrade->back);
	read_plan_line(file, path, sizeof(path));
	kernel_module_file(path, &upgrade->hold);
	read_plan_line(file, upgrade->options, sizeof(upgrade->options));
	fclose(file);
	return 0;
}

/* Puts back what is not there. */
static int recover_one(struct upgrade *upgrade, struct held_namespace *namespace)
{
	int error = held_namespace_recall(namespace, STATE);

	/* It did not use the module. */
	if (error == -ENOENT)
		return 0;
	if (error)
		return fail(upgrade, error, STATE);
	/* Without ipmasq_hold it is restored all the same. */
	held_namespace_hold(namespace, true);
	return restore_one(upgrade, namespace);
}

static int recover(struct upgrade *upgrade)
{
	struct kernel_module loaded;
	int error;

	error = read_plan(upgrade);
	if (error)
		return fail(upgrade, error, PLAN);
	/* Left where it is: while ipmasq is not loaded it is the last to be notified of
	 * interfaces that go down, and with the last one the kernel drops all masqueraded
	 * connections, as if all interfaces went (unregister_netdevice_notifier()).
	 */
	error = insert_hold(upgrade, NULL);
	/* Loaded, withdrawn everywhere and in use nowhere: one that knows of nothing yet
	 * restores generations too.
	 */
	if (!error || error == -EEXIST)
		kernel_module_remove(MODULE);
	error = 0;
	if (kernel_module_loaded(MODULE, &loaded)) {
		error = insert_module(upgrade, &upgrade->wanted);
		if (error && *upgrade->back.path)
			error = insert_module(upgrade, &upgrade->back);
	}
	if (error)
		return error;
	error = held_namespaces_find(&upgrade->namespaces);
	if (!error)
		error = for_all(upgrade, recover_one);
	if (upgrade->namespaces.own >= 0)
		release_all(upgrade);
	if (!error)
		forget_state();
	return error;
}

/* With the lock. */
static int complete(const struct invocation *invocation)
{
	struct upgrade upgrade = { .invocation = invocation, .namespaces = { .own = -1 } };
	int error;

	if (access(PLAN, F_OK)) {
		/* Killed before anything was touched but for ipmasq_hold. */
		forget_state();
		kernel_module_remove(HOLD);
		return EXIT_DONE;
	}
	error = recover(&upgrade);
	held_namespaces_clear(&upgrade.namespaces);
	if (error)
		return refuse_errno(invocation, error,
				    "an upgrade that was interrupted cannot be completed: %s",
				    upgrade.error);
	return EXIT_DONE;
}

/**
 * module_recover() - complete what a run that was killed has left
 * @invocation: how the program was called
 *
 * Return: enum exit_code.
 */
int module_recover(const struct invocation *invocation)
{
	struct upgrade upgrade = { .invocation = invocation };
	int result;

	result = lock(&upgrade);
	if (result)
		return result;
	result = complete(invocation);
	close(upgrade.lock);
	return result;
}

/**
 * module_upgrade() - replace the module
 * @invocation: how the program was called
 * @file: the new module's file; NULL for the installed one, if that is another one
 * @one_way: also where there is no file of the loaded one
 *
 * Return: enum exit_code.
 */
int module_upgrade(const struct invocation *invocation, const char *file, bool one_way)
{
	struct upgrade upgrade = { .invocation = invocation, .namespaces = { .own = -1 } };
	bool rolled_back = false;
	sigset_t all, before;
	int result;
	int error;

	result = lock(&upgrade);
	if (result)
		return result;
	result = complete(invocation);
	if (!result)
		result = begin(&upgrade, file, one_way);
	if (result)
		goto unlock;
	if (!file && module_same_source(&upgrade.loaded, &upgrade.wanted)) {
		result = invocation->json ? report(&upgrade) : EXIT_DONE;
		if (!invocation->json)
			printf("the installed module %s is loaded\n", upgrade.loaded.version);
		goto unlock;
	}
	error = prepare(&upgrade);
	if (!error) {
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &before);
		error = replace(&upgrade, &rolled_back);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	result = finish(&upgrade, error, rolled_back);
	held_namespaces_clear(&upgrade.namespaces);
unlock:
	close(upgrade.lock);
	return result;
}
