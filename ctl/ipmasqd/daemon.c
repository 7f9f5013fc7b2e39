// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The running daemon: what happens, and what is done about it.
 *
 *	the file changes		source_reload(), then reconcile()
 *	the kernel's policy changes	reconcile()
 *	the module comes or goes	connect anew, reconcile(); or wait
 *	the resync interval is over	look at all of it
 *
 * The first policy is in the kernel before anything is done that it does not
 * need: the HTTP server, the system call filter, the service manager. What is not
 * the policy may also be missing: it is tried again until it is there, see
 * fetch_missing().
 */
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "existing.h"
#include "family.h"
#include "http.h"
#include "interfaces.h"
#include "log.h"
#include "loop.h"
#include "memory.h"
#include "notify.h"
#include "pages.h"
#include "pool.h"
#include "port_use.h"
#include "port_warnings.h"
#include "presence.h"
#include "presence_name.h"
#include "privileges.h"
#include "reconcile.h"
#include "watch.h"

/* Between looks whether somebody still has the file open for writing; doubled each time.
 * A writer that closes it is an event, which may come a moment before it has.
 */
#define WRITING_MIN (2 * NANOSECONDS_PER_MILLISECOND)
#define WRITING_MAX NANOSECONDS_PER_SECOND

/* After a failure; doubled each time. */
#define RETRY_MIN (500 * NANOSECONDS_PER_MILLISECOND)
#define RETRY_MAX (30 * NANOSECONDS_PER_SECOND)

/* Between attempts to get what is missing; doubled each time. */
#define MISSING_MIN NANOSECONDS_PER_SECOND
#define MISSING_MAX (30 * NANOSECONDS_PER_SECOND)

/* What the service manager is told while the first policy is not in force yet:
 * not to give up, until well after the next try.
 */
#define START_PATIENCE "EXTEND_TIMEOUT_USEC=120000000"

/* The disk may be slow; a burst of changes is saved once. */
#define SAVE_PAUSE (100 * NANOSECONDS_PER_MILLISECOND)

/* "ipmasqctl module upgrade" is at work while this is there: it withdraws the policy and puts
 * it back, with the counters, and what is written meanwhile would only be in its way. How
 * often to look, and for how long to stand back at most: whoever was killed in the middle
 * leaves it there.
 */
#define REPLACING "/sys/module/ipmasq_hold"
#define REPLACING_LOOK (50 * NANOSECONDS_PER_MILLISECOND)
#define REPLACING_MAX (30 * NANOSECONDS_PER_SECOND)

/**
 * struct daemon - everything that runs
 * @options: the command line
 * @loop: calls what follows
 * @source: the configuration
 * @reconciler: the kernel
 * @deaf: events of that connection are not read until the next look
 * @connections: the reconciler's count when @events was added to @loop
 * @watch: the configuration's files, NULL while they cannot be watched
 * @family: the module coming and going, NULL while that cannot be received
 * @pool: the addresses of the wanted policy that the node does not have
 * @interfaces: patterns that match none
 * @existing: lets changes hold for present connections
 * @port_use: counts source ports
 * @port_warnings: warns of what it counts
 * @http: NULL unless wanted and possible
 * @pages: what @http shows
 * @replaced_since: monotonic nanoseconds when the module was first seen being replaced, 0
 *	while it is not
 * @unloaded: the module was seen to go: do not ask for it until it comes
 * @applied: the wanted policy was in force once
 * @ready_told: the service manager knows that the first policy is in force
 * @presence: the daemon's name
 * @replaced: another process asked us to leave
 * @start_over: the time for a first policy is over, and the node comes up without
 * @reloading: it waits for the end of a reload
 * @status_lost: the last message to it was lost
 * @retry_delay: nanoseconds until the next try after a failure
 * @missing_delay: nanoseconds until the next attempt to get what is missing
 * @watch_error: errno of the last attempt to watch the files
 * @family_error: the same of the module's coming and going
 * @writing_delay: nanoseconds until the next look whether a writer is still there
 */
struct daemon {
	const struct options *options;
	struct loop loop;
	struct source *source;
	struct reconciler reconciler;
	uint64_t connections;
	bool deaf;
	struct watch *watch;
	struct family *family;
	struct pool pool;
	struct interfaces interfaces;
	struct existing *existing;
	struct port_use *port_use;
	struct port_warnings port_warnings;
	struct http *http;
	struct pages pages;
	int64_t replaced_since;
	bool unloaded;
	bool applied;
	bool ready_told;
	struct presence *presence;
	bool replaced;
	bool start_over;
	bool reloading;
	bool status_lost;
	int64_t retry_delay;
	int64_t missing_delay;
	int watch_error;
	int family_error;
	int64_t writing_delay;
	int64_t watchdog_interval;

	struct loop_source signals;
	struct loop_source name;
	struct loop_source questions;
	struct loop_source files;
	struct loop_source families;
	struct loop_source events;
	struct timer resync;
	struct timer retry;
	struct timer missing;
	struct timer settle;
	struct timer save;
	struct timer start;
	struct timer watchdog;
};

/* Comes back in any case: without a message the manager would lose patience. */
static void fetch_missing_later(struct daemon *daemon)
{
	if (daemon->missing.armed)
		return;
	timer_set(&daemon->missing, daemon->missing_delay);
	daemon->missing_delay *= 2;
	if (daemon->missing_delay > MISSING_MAX)
		daemon->missing_delay = MISSING_MAX;
}

static void tell_status(struct daemon *daemon)
{
	const char *reason = pages_not_ready(daemon->source, &daemon->reconciler);
	bool started = !reason || daemon->start_over;
	const char *ready = daemon->reloading || (started && !daemon->ready_told) ?
			    "READY=1\n" : "";
	int error = http_error(daemon->http);
	const char *http = error ? "; metrics are not served: " : "";
	const char *http_reason = error ? strerror(error) : "";
	bool told;

	if (reason)
		told = notify_send("%s%sSTATUS=Not ready: %s%s%s", ready,
				   daemon->ready_told || started ? "" : START_PATIENCE "\n", reason,
				   http,
				   http_reason);
	else
		told = notify_send("%sSTATUS=Generation %" PRIu64 " with %zu prefixes from %s is in force%s%s%s",
				   ready, daemon->reconciler.generation,
				   daemon->source->wanted.count,
				   source_kind_name(daemon->source->kind),
				   daemon->source->good ? "" : "; the configuration is refused",
				   http, http_reason);
	daemon->status_lost = !told;
	if (!told) {
		fetch_missing_later(daemon);
		return;
	}
	daemon->reloading = false;
	daemon->ready_told |= started;
}

/* The events belong to the connection, which is made anew after a failure. */
static void follow_events(struct daemon *daemon)
{
	if (!daemon->reconciler.client ||
	    (daemon->connections == daemon->reconciler.connections && !daemon->deaf))
		return;
	daemon->connections = daemon->reconciler.connections;
	daemon->deaf = false;
	/* The one before left the loop when it was closed. */
	daemon->events.descriptor = daemon->reconciler.events;
	if (loop_add(&daemon->loop, &daemon->events))
		log_line(LOG_ERR, "the kernel's events cannot be followed");
}

/* Another process keeps changing the policy. What it does until the next look changes
 * nothing, and reading it would cost more than the look.
 */
static void ignore_events(struct daemon *daemon)
{
	if (!daemon->deaf)
		loop_remove(&daemon->loop, &daemon->events);
	daemon->deaf = true;
}

static void retry_later(struct daemon *daemon)
{
	timer_set(&daemon->retry, daemon->retry_delay);
	daemon->retry_delay *= 2;
	if (daemon->retry_delay > RETRY_MAX)
		daemon->retry_delay = RETRY_MAX;
}

/* A change is to hold for present connections too: look what it is from. */
static bool prepare_change(struct daemon *daemon)
{
	if (!daemon->source->apply_to_existing ||
	    daemon->source->serial == daemon->reconciler.serial ||
	    reconcile_connect(&daemon->reconciler))
		return false;
	existing_before(daemon->existing, daemon->reconciler.client);
	return true;
}

/* Whether to stand back, since the module is being replaced. */
static bool stand_back(struct daemon *daemon)
{
	if (access(REPLACING, F_OK)) {
		if (daemon->replaced_since)
			log_line(LOG_NOTICE, "the kernel module was replaced");
		daemon->replaced_since = 0;
		return false;
	}
	if (!daemon->replaced_since) {
		daemon->replaced_since = monotonic_now();
		log_line(LOG_NOTICE, "the kernel module is being replaced: waiting");
	}
	if (monotonic_now() - daemon->replaced_since > REPLACING_MAX)
		return false;
	timer_set(&daemon->retry, REPLACING_LOOK);
	return true;
}

/* Brings the kernel to what is wanted. */
static void apply(struct daemon *daemon)
{
	enum reconcile_result result;
	bool change;

	if (stand_back(daemon))
		return;
	if (daemon->unloaded)
		daemon->reconciler.module_missing = true;
	if (!daemon->source->serial || daemon->unloaded) {
		tell_status(daemon);
		return;
	}
	change = prepare_change(daemon);
	result = reconcile(&daemon->reconciler, &daemon->source->wanted, daemon->source->serial);
	if (change && result == RECONCILE_WRITTEN)
		existing_changed(daemon->existing);
	else if (daemon->reconciler.first)
		existing_first(daemon->existing);
	if (result != RECONCILE_LATER)
		follow_events(daemon);
	switch (result) {
	case RECONCILE_WRITTEN:
		/* What was repaired is in the log. */
		if (!daemon->reconciler.repaired)
			log_line(LOG_INFO, "generation %" PRIu64 " is in force: %zu prefixes from %s",
			 daemon->reconciler.generation, daemon->source->wanted.count,
			 source_kind_name(daemon->source->kind));
		/* fall through */
	case RECONCILE_IN_FORCE:
		if (result == RECONCILE_IN_FORCE && !daemon->applied)
			log_line(LOG_INFO,
				 "generation %" PRIu64 " is in force already: %zu prefixes from %s",
				 daemon->reconciler.generation, daemon->source->wanted.count,
				 source_kind_name(daemon->source->kind));
		daemon->applied = true;
		source_in_force(daemon->source);
		daemon->retry_delay = RETRY_MIN;
		timer_stop(&daemon->retry);
		if (daemon->source->unsaved && !daemon->save.armed)
			timer_set(&daemon->save, SAVE_PAUSE);
		break;
	case RECONCILE_LATER:
		ignore_events(daemon);
		timer_set(&daemon->retry, daemon->reconciler.wait);
		break;
	case RECONCILE_NO_MODULE:
	case RECONCILE_FAILED:
		retry_later(daemon);
		break;
	}
	tell_status(daemon);
}

static void look_again_for_writers(struct daemon *daemon)
{
	timer_set(&daemon->settle, daemon->writing_delay);
	daemon->writing_delay *= 2;
	if (daemon->writing_delay > WRITING_MAX)
		daemon->writing_delay = WRITING_MAX;
}

static void look_at_pools(struct daemon *daemon)
{
	pool_look(&daemon->pool, &daemon->source->wanted, daemon->source->serial);
	interfaces_look(&daemon->interfaces, &daemon->source->wanted, daemon->source->serial);
}

/* Looks at the configuration, and at the kernel if there is reason to. */
static void reload(struct daemon *daemon, bool force)
{
	switch (source_reload(daemon->source, force)) {
	case SOURCE_TAKEN:
		timer_set(&daemon->resync, daemon->source->resync_interval);
		apply(daemon);
		look_at_pools(daemon);
		break;
	case SOURCE_GONE:
		timer_set(&daemon->settle, SOURCE_GONE_WAIT);
		break;
	case SOURCE_WRITING:
		look_again_for_writers(daemon);
		break;
	case SOURCE_FAILED:
		timer_set(&daemon->settle, SOURCE_FAILED_WAIT);
		tell_status(daemon);
		break;
	case SOURCE_REFUSED:
		tell_status(daemon);
		break;
	case SOURCE_SAME:
		break;
	}
}

static void refresh_watch(struct daemon *daemon)
{
	source_as_reader(daemon->source, true);
	if (daemon->watch)
		watch_refresh(daemon->watch);
	source_as_reader(daemon->source, false);
}

static bool follow_watch(struct daemon *daemon)
{
	bool walked;

	source_as_reader(daemon->source, true);
	walked = watch_follow(daemon->watch);
	source_as_reader(daemon->source, false);
	return walked;
}

static void files_ready(void *data)
{
	struct daemon *daemon = data;
	enum watch_news news;

	source_as_reader(daemon->source, true);
	news = watch_read(daemon->watch);
	source_as_reader(daemon->source, false);
	if (news != WATCH_NOTHING) {
		/* A writer that closes the file, or has just begun. */
		daemon->source->modified = news == WATCH_WRITING;
		daemon->writing_delay = WRITING_MIN;
		timer_stop(&daemon->settle);
		reload(daemon, false);
	}
	if (follow_watch(daemon))
		reload(daemon, false);
}

static void settled(void *data)
{
	reload(data, false);
}

static void events_ready(void *data)
{
	struct daemon *daemon = data;

	if (reconcile_read_events(&daemon->reconciler))
		apply(daemon);
}

/* The policy counts as in force until the next look: nothing leaves untranslated. */
static void disconnect_meanwhile(struct daemon *daemon)
{
	bool in_force = daemon->reconciler.in_force;

	reconcile_disconnect(&daemon->reconciler);
	daemon->reconciler.in_force = in_force;
}

static void module_went(struct daemon *daemon)
{
	/* No retry: family.c says when it is there again. */
	daemon->unloaded = true;
	timer_stop(&daemon->retry);
	if (stand_back(daemon)) {
		disconnect_meanwhile(daemon);
		return;
	}
	reconcile_disconnect(&daemon->reconciler);
	daemon->reconciler.module_missing = true;
	log_line(LOG_ERR,
		 "the kernel module ipmasq was unloaded: nothing is masqueraded until it is loaded again");
	tell_status(daemon);
}

static void families_ready(void *data)
{
	struct daemon *daemon = data;

	switch (family_read(daemon->family)) {
	case FAMILY_WENT:
		module_went(daemon);
		break;
	case FAMILY_CAME:
		if (daemon->unloaded && !daemon->replaced_since)
			log_line(LOG_NOTICE, "the kernel module ipmasq is loaded again");
		/* fall through */
	case FAMILY_UNSURE:
		daemon->unloaded = false;
		daemon->retry_delay = RETRY_MIN;
		disconnect_meanwhile(daemon);
		apply(daemon);
		break;
	case FAMILY_SAME:
		break;
	}
}

static int add_source(struct daemon *daemon, struct loop_source *source, int descriptor,
		      void (*ready)(void *data))
{
	*source = (struct loop_source) { .descriptor = descriptor, .ready = ready, .data = daemon };
	return loop_add(&daemon->loop, source);
}

/* Watches the files. What happened before is found by the next look at them. */
static int open_watch(struct daemon *daemon)
{
	const char *path = daemon->source->path;
	int result;

	if (daemon->watch)
		return 0;
	source_as_reader(daemon->source, true);
	result = watch_open(&daemon->watch, path, daemon->source->prefix);
	source_as_reader(daemon->source, false);
	if (!result)
		result = add_source(daemon, &daemon->files, watch_descriptor(daemon->watch),
				    files_ready);
	if (result) {
		watch_close(daemon->watch);
		daemon->watch = NULL;
	}
	if (result && result != daemon->watch_error)
		log_line(LOG_WARNING,
			 "cannot watch %s (%s); changes are seen at the next resync; will try again",
			 path, result == -EMFILE ? "fs.inotify.max_user_instances is reached" :
			 strerror(-result));
	if (!result && daemon->watch_error)
		log_line(LOG_NOTICE, "%s is watched now", path);
	daemon->watch_error = result;
	return result;
}

static int open_family(struct daemon *daemon)
{
	int result;

	if (daemon->family)
		return 0;
	result = family_open(&daemon->family);
	if (!result)
		result = add_source(daemon, &daemon->families, family_descriptor(daemon->family),
				    families_ready);
	if (result) {
		family_close(daemon->family);
		daemon->family = NULL;
	}
	if (result && result != daemon->family_error)
		log_line(LOG_WARNING,
			 "cannot watch the module come and go: %s; will try again",
			 strerror(-result));
	daemon->family_error = result;
	return result;
}

/* What the daemon can do without for a time. */
static void open_watchers(struct daemon *daemon)
{
	if (open_watch(daemon))
		fetch_missing_later(daemon);
	if (open_family(daemon))
		fetch_missing_later(daemon);
}

static void resync(void *data)
{
	struct daemon *daemon = data;
	uint64_t taken = daemon->source->taken;

	timer_set(&daemon->resync, daemon->source->resync_interval);
	open_watchers(daemon);
	refresh_watch(daemon);
	source_stop_waiting(daemon->source);
	reload(daemon, false);
	if (daemon->source->taken == taken) {
		apply(daemon);
		look_at_pools(daemon);
	}
	if (daemon->source->unsaved)
		source_save(daemon->source);
	port_use_look(daemon->port_use, &daemon->source->wanted.settings);
}

static void retry(void *data)
{
	apply(data);
}

static void save(void *data)
{
	struct daemon *daemon = data;

	source_save(daemon->source);
}

/* The kubelet and the container runtimes wait for us. A module that does not come must
 * not take the node out of the cluster, unless that is what is wanted.
 */
static void start_is_over(void *data)
{
	struct daemon *daemon = data;
	const char *reason = pages_not_ready(daemon->source, &daemon->reconciler);

	if (!reason || daemon->ready_told)
		return;
	daemon->start_over = true;
	daemon->pages.started_without_policy = true;
	log_line(LOG_ERR,
		 "no policy is in force %" PRId64 " s after the start (%s): the node comes up all the same and NOTHING IS MASQUERADED; --start-timeout 0 would wait",
		 daemon->options->start_timeout / NANOSECONDS_PER_SECOND, reason);
	tell_status(daemon);
}

static void watchdog(void *data)
{
	struct daemon *daemon = data;

	notify_send("WATCHDOG=1");
	timer_set(&daemon->watchdog, daemon->watchdog_interval);
}

static void reload_on_request(struct daemon *daemon)
{
	uint64_t taken = daemon->source->taken;

	log_line(LOG_INFO, "SIGHUP: reading %s and the kernel's policy again",
		 daemon->source->path);
	if (daemon->ready_told) {
		notify_reloading();
		daemon->reloading = true;
	}
	daemon->unloaded = false;
	daemon->reconciler.generation = 0;
	refresh_watch(daemon);
	reload(daemon, true);
	if (daemon->source->taken == taken)
		apply(daemon);
	if (daemon->reloading)
		tell_status(daemon);
}

static void leave(struct daemon *daemon, const char *because)
{
	log_line(LOG_NOTICE, "%s: leaving, the policy stays in force", because);
	notify_send("STOPPING=1\nSTATUS=Leaving, the policy stays in force");
	daemon->loop.leaving = true;
}

static void signals_ready(void *data)
{
	struct daemon *daemon = data;
	struct signalfd_siginfo signal;

	if (read(daemon->signals.descriptor, &signal, sizeof(signal)) != sizeof(signal))
		return;
	if (signal.ssi_signo == SIGHUP)
		reload_on_request(daemon);
	else
		leave(daemon, signal.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
}

static void presence_ready(void *data)
{
	struct daemon *daemon = data;

	presence_connected(daemon->presence);
}

static void questions_ready(void *data)
{
	struct daemon *daemon = data;
	char who[PRESENCE_TEXT_MAX], because[PRESENCE_TEXT_MAX + 32];

	if (!presence_asked_to_leave(daemon->presence, who, sizeof(who)))
		return;
	daemon->replaced = true;
	snprintf(because, sizeof(because), "%s takes over", who);
	leave(daemon, because);
}

/* Whoever holds the name without being a daemon may give it up. */
static int open_name(struct daemon *daemon)
{
	int result;

	if (daemon->name.ready)
		return 0;
	result = daemon->presence->listener >= 0 ? 0 : presence_try(daemon->presence);
	if (!result)
		result = add_source(daemon, &daemon->name, daemon->presence->listener,
				    presence_ready);
	return result;
}

/* Tries again to get what is not the policy and what was not to be had. */
static void fetch_missing(void *data)
{
	struct daemon *daemon = data;
	bool watched = daemon->watch, served = !http_error(daemon->http);
	bool missing = open_watch(daemon);

	missing |= open_family(daemon);
	missing |= open_name(daemon);
	missing |= http_try(daemon->http);
	if (!watched && daemon->watch)
		reload(daemon, false);
	if (daemon->status_lost || served != !http_error(daemon->http))
		tell_status(daemon);
	if (missing)
		fetch_missing_later(daemon);
	else if (!daemon->status_lost)
		daemon->missing_delay = MISSING_MIN;
}

/* As PID 1 of a container no signal has a default action: those that count are
 * taken here, and children that are inherited go without being waited for.
 */
static int open_signals(struct daemon *daemon)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	daemon->signals.ready = signals_ready;
	daemon->signals.data = daemon;
	daemon->signals.descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (daemon->signals.descriptor < 0)
		return -errno;
	return loop_add(&daemon->loop, &daemon->signals);
}

static int open_timers(struct daemon *daemon)
{
	int result = timer_open(&daemon->resync, &daemon->loop, resync, daemon);

	if (!result)
		result = timer_open(&daemon->retry, &daemon->loop, retry, daemon);
	if (!result)
		result = timer_open(&daemon->missing, &daemon->loop, fetch_missing, daemon);
	if (!result)
		result = timer_open(&daemon->settle, &daemon->loop, settled, daemon);
	if (!result)
		result = timer_open(&daemon->save, &daemon->loop, save, daemon);
	if (!result)
		result = timer_open(&daemon->start, &daemon->loop, start_is_over, daemon);
	if (!result)
		result = timer_open(&daemon->watchdog, &daemon->loop, watchdog, daemon);
	return result;
}

static void ports_counted(const struct port_use_count *count, void *data)
{
	struct daemon *daemon = data;

	port_warnings_take(&daemon->port_warnings, count);
}

static void ports_exhausted(const struct client_exhaustion *exhaustion, void *data)
{
	struct daemon *daemon = data;

	port_warnings_exhausted(&daemon->port_warnings, exhaustion);
}

static int open_rest(struct daemon *daemon)
{
	int result;

	result = port_use_open(&daemon->port_use, &daemon->loop,
			       port_warnings_near(&daemon->port_warnings), ports_counted, daemon);
	if (result)
		return result;
	if (daemon->options->http_address) {
		daemon->pages = (struct pages) {
			.source = daemon->source,
			.reconciler = &daemon->reconciler,
			.existing = daemon->existing,
			.port_use = daemon->port_use,
			.port_warnings = &daemon->port_warnings,
			.start_time = time(NULL),
		};
		/* What it cannot do is in the log. */
		http_open(&daemon->http, &daemon->loop, daemon->options->http_address,
			  pages_answer, &daemon->pages);
		if (http_try(daemon->http)) {
			tell_status(daemon);
			fetch_missing_later(daemon);
		}
	}
	if (daemon->options->sandbox) {
		result = privileges_filter_system_calls();
		if (result)
			return result;
	}
	daemon->watchdog_interval = notify_watchdog_interval();
	if (daemon->watchdog_interval)
		watchdog(daemon);
	daemon->loop.rest = memory_give_back;
	memory_give_back();
	return 0;
}

/**
 * daemon_run() - keep the kernel's policy as the configuration says
 * @options: the command line
 * @source: after source_open()
 * @presence: from presence_claim()
 *
 * Return: 0 after a signal to leave; DAEMON_REPLACED after another process asked for
 * it; or a negative errno, after a line in the log. The policy stays in force in any
 * case.
 */
int daemon_run(const struct options *options, struct source *source,
	       struct presence *presence)
{
	struct daemon daemon = {
		.options = options,
		.source = source,
		.presence = presence,
		.retry_delay = RETRY_MIN,
		.missing_delay = MISSING_MIN,
		.writing_delay = WRITING_MIN,
		.port_warnings.percent = options->ports_warning,
		.signals.descriptor = -1,
		.resync.source.descriptor = -1,
		.retry.source.descriptor = -1,
		.missing.source.descriptor = -1,
		.settle.source.descriptor = -1,
		.save.source.descriptor = -1,
		.start.source.descriptor = -1,
		.watchdog.source.descriptor = -1,
		.events.ready = events_ready,
		.events.data = &daemon,
	};
	int result;

	source->wait_for_writers = true;
	reconcile_open(&daemon.reconciler);
	daemon.reconciler.exhausted = ports_exhausted;
	daemon.reconciler.exhausted_data = &daemon;
	result = loop_open(&daemon.loop);
	if (!result)
		result = open_signals(&daemon);
	if (!result)
		result = open_timers(&daemon);
	if (!result)
		result = existing_open(&daemon.existing, &daemon.loop);
	if (!result && presence->netlink >= 0)
		result = add_source(&daemon, &daemon.questions, presence->netlink, questions_ready);
	if (result) {
		log_line(LOG_ERR, "the event loop cannot be set up: %s", strerror(-result));
		goto close_all;
	}
	/* Before the first look, so that no change is missed. */
	open_watchers(&daemon);
	if (source_start(source) != SOURCE_TAKEN)
		look_again_for_writers(&daemon);
	timer_set(&daemon.resync, source->resync_interval);
	notify_open();
	if (options->start_timeout)
		timer_set(&daemon.start, options->start_timeout);
	apply(&daemon);
	look_at_pools(&daemon);
	if (open_name(&daemon))
		fetch_missing_later(&daemon);
	result = open_rest(&daemon);
	if (result)
		goto close_all;
	result = loop_run(&daemon.loop);
	if (result)
		log_line(LOG_ERR, "the event loop ended: %s", strerror(-result));
	else if (daemon.replaced)
		result = DAEMON_REPLACED;
	source_save(source);
close_all:
	notify_close();
	http_close(daemon.http);
	pool_clear(&daemon.pool);
	existing_close(daemon.existing);
	port_use_close(daemon.port_use);
	family_close(daemon.family);
	watch_close(daemon.watch);
	timer_close(&daemon.watchdog, &daemon.loop);
	timer_close(&daemon.start, &daemon.loop);
	timer_close(&daemon.save, &daemon.loop);
	timer_close(&daemon.settle, &daemon.loop);
	timer_close(&daemon.missing, &daemon.loop);
	timer_close(&daemon.retry, &daemon.loop);
	timer_close(&daemon.resync, &daemon.loop);
	if (daemon.signals.descriptor >= 0)
		close(daemon.signals.descriptor);
	reconcile_close(&daemon.reconciler);
	loop_close(&daemon.loop);
	return result;
}
