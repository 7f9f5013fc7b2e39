// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the configuration to the wanted policy.
 *
 * What decides when there is no good file:
 *
 *	the file is gone		the defaults, as with the reference agent
 *	it is refused or unreadable,	what was wanted before; at the start, the
 *	or somebody is writing it	policy that was saved, if one was
 *	at the start its directory is	the policy that was saved, if one was, for
 *	not there either		one resync interval; then the defaults
 *
 * The last is a volume that is not mounted yet: a node that booted with a
 * policy of its own would otherwise run on the defaults for that moment, and
 * connections made then stay as they were decided. A directory that never
 * comes is a file that is not there, and means the defaults.
 */
#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "duration.h"
#include "log.h"
#include "loop.h"
#include "state.h"
#include "writers.h"

/**
 * source_kind_name() - the word for where a policy comes from
 * @kind: as in struct source
 *
 * Return: a constant text.
 */
const char *source_kind_name(enum source_kind kind)
{
	switch (kind) {
	case SOURCE_FILE:
		return "file";
	case SOURCE_DEFAULTS:
		return "defaults";
	case SOURCE_SAVED:
		return "saved";
	default:
		return "nothing";
	}
}

/**
 * source_open() - begin with nothing read
 * @source: its path, prefix, state_directory and flags are set by the caller
 *	and borrowed; the rest is zero
 */
void source_open(struct source *source)
{
	source->resync_interval = setting_table[SETTING_RESYNC_INTERVAL].initial;
}

/**
 * source_is_denied() - whether this process may not read the files as it is
 * @source: after source_open()
 */
bool source_is_denied(const struct source *source)
{
	struct fingerprint there = { 0 };

	fingerprint_take(&there, source->path, source->prefix);
	return there.denied;
}

/**
 * source_as_reader() - for as long as the files are read or watched
 * @source: any
 * @on: begin, or end
 */
void source_as_reader(const struct source *source, bool on)
{
	if (source->as_reader)
		source->as_reader(on);
}

static void files_clear(struct source *source)
{
	size_t i;

	for (i = 0; i < source->file_count; i++)
		free(source->files[i]);
	free(source->files);
	source->files = NULL;
	source->file_count = 0;
}

/**
 * source_close() - free what a source owns
 * @source: after source_open()
 */
void source_close(struct source *source)
{
	policy_clear(&source->wanted);
	config_problems_clear(&source->problems);
	files_clear(source);
}

/* Whether the policy is on is the operator's business ("ipmasqctl set enabled
 * off"), so the daemon never names that flag.
 */
static void want(struct source *source, struct policy *policy, enum source_kind kind)
{
	policy->settings.flags_named &= ~IPMASQ_FLAG_ENABLED;
	source->kind = kind;
	if (source->serial &&
	    policy_settings_equal(&policy->settings, &source->wanted.settings) &&
	    !policy_compare(policy, &source->wanted, NULL, NULL)) {
		policy_clear(policy);
		return;
	}
	policy_clear(&source->wanted);
	source->wanted = *policy;
	source->serial++;
	if (kind != SOURCE_SAVED)
		source->unsaved = true;
}

static void set_interval(struct source *source, int64_t interval)
{
	/* The reader of the file has told it. */
	source->resync_interval = interval < CONFIG_RESYNC_MIN ? CONFIG_RESYNC_MIN : interval;
}

static void look(struct source *source)
{
	fingerprint_take(&source->there, source->path, source->prefix);
}

static void log_problems(const struct config_problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++)
		log_problem(&problems->list[i]);
}

static enum source_news refuse(struct source *source)
{
	source->good = false;
	source->refused++;
	if (source->serial)
		log_line(LOG_ERR, "%s is refused, the policy stays as it was (from %s)",
			 source->path, source_kind_name(source->kind));
	else
		log_line(LOG_ERR, "%s is refused", source->path);
	return SOURCE_REFUSED;
}

/* Whether a file may be read the next time though it is what it was. A verdict on the
 * content is -EINVAL; what is wrong with the path shows in the fingerprint.
 */
static bool is_passing(int error)
{
	switch (error) {
	case -EINVAL:
	case -EISDIR:
	case -EACCES:
	case -EPERM:
	case -ELOOP:
	case -ENAMETOOLONG:
	case -ENOENT:
	case -ENOTDIR:
		return false;
	default:
		return true;
	}
}

static enum source_news fail(struct source *source, int error)
{
	if (!source->failed) {
		log_problems(&source->problems);
		log_line(LOG_ERR, "cannot read %s: %s; keeping the current policy, will try again",
			 source->path, strerror(-error));
		source->refused++;
	}
	source->failed = true;
	source->good = false;
	source->read = 0;
	return SOURCE_FAILED;
}

static enum source_news take(struct source *source, struct config *config)
{
	enum source_kind kind = config->from_defaults ? SOURCE_DEFAULTS : SOURCE_FILE;
	uint64_t serial = source->serial;
	struct policy policy;

	if (policy_from_config(config, &policy))
		return fail(source, -ENOMEM);
	source->failed = false;
	want(source, &policy, kind);
	set_interval(source, config->value[SETTING_RESYNC_INTERVAL].number);
	source->apply_to_existing = config->value[SETTING_APPLY_TO_EXISTING].truth;
	files_clear(source);
	source->files = config->files;
	source->file_count = config->file_count;
	config->files = NULL;
	config->file_count = 0;
	source->good = true;
	source->good_time = time(NULL);
	source->taken++;
	if (kind == SOURCE_DEFAULTS && source->prefix && !access(source->path, F_OK))
		log_line(LOG_INFO, "%s has no file whose name begins with \"%s\", the defaults are used",
			 source->path, source->prefix);
	else if (kind == SOURCE_DEFAULTS)
		log_line(LOG_INFO, "%s is not there, the defaults are used", source->path);
	else
		log_line(LOG_INFO, "%s: %zu prefixes%s", source->path, source->wanted.count,
			 serial == source->serial ? ", the policy is the same" : "");
	return SOURCE_TAKEN;
}

static enum source_news read_now(struct source *source)
{
	int64_t begin = monotonic_now();
	struct config config = { 0 };
	enum source_news news;
	int result;

	config_problems_clear(&source->problems);
	if (source->prefix)
		result = config_read_directory(source->path, source->flags, &config,
					       &source->problems);
	else
		result = config_read(source->path, source->flags, &config, &source->problems);
	if (is_passing(result) && result) {
		news = fail(source, result);
	} else {
		log_problems(&source->problems);
		if (result && !source->problems.count)
			log_line(LOG_ERR, "cannot read %s: %s", source->path, strerror(-result));
		if (result)
			source->failed = false;
		if (result == -EACCES)
			log_line(LOG_ERR,
				 "ipmasqd runs as user %u without CAP_DAC_READ_SEARCH: make the file readable for that user, or restart ipmasqd, which keeps that capability where it has it and needs it",
				 geteuid());
		news = result ? refuse(source) : take(source, &config);
	}
	if (!result)
		config_clear(&config);
	source->duration = monotonic_now() - begin;
	return news;
}

static bool directory_missing(const struct source *source)
{
	char directory[4096];
	struct stat stat_buffer;
	char *slash;

	if (source->prefix)
		return stat(source->path, &stat_buffer) && errno == ENOENT;
	if (strlen(source->path) >= sizeof(directory))
		return false;
	strcpy(directory, source->path);
	slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return false;
	*slash = '\0';
	return stat(directory, &stat_buffer) && errno == ENOENT;
}

/**
 * source_stop_waiting() - a directory that is not there by now will not come
 * @source: any; only one that source_start() left waiting changes
 */
void source_stop_waiting(struct source *source)
{
	if (source->gone_since >= 0)
		return;
	source->gone_since = 0;
	/* Any other than that of a missing file. */
	source->read = 0;
}

/* Whether to wait for whoever is writing the file. */
static bool must_wait(struct source *source, enum writers_news news)
{
	int64_t now = monotonic_now();

	if (news == WRITERS_NONE || (news == WRITERS_UNKNOWN && !source->modified)) {
		source->written_since = 0;
		return false;
	}
	if (!source->written_since)
		source->written_since = now;
	if (now - source->written_since < SOURCE_WRITING_MAX)
		return true;
	log_line(LOG_WARNING, "%s is open for writing for a minute; it is read as it is",
		 source->path);
	source->written_since = now;
	return false;
}

static enum source_news reload(struct source *source, bool force)
{
	enum source_news news;
	bool gone;

	/* Before the reading: a change in between is a difference next time. */
	look(source);
	gone = source->there.missing || source->there.empty;
	if (!gone)
		source->gone_since = 0;
	if (source->gone_since < 0 && (force || !directory_missing(source)))
		source_stop_waiting(source);
	if (source->gone_since < 0 || (source->there.content == source->read && !force))
		return SOURCE_SAME;
	if (gone && !force && source->kind != SOURCE_DEFAULTS) {
		int64_t now = monotonic_now();

		if (!source->gone_since)
			source->gone_since = now;
		if (now - source->gone_since < SOURCE_GONE_WAIT)
			return SOURCE_GONE;
	}
	news = read_now(source);
	if (news != SOURCE_FAILED)
		source->read = source->there.content;
	return news;
}

/**
 * source_reload() - read the file if it is not what it was
 * @source: after source_start()
 * @force: read it in any case, unless somebody is writing it
 *
 * A file that was there and is not is given SOURCE_GONE_WAIT to come back, and so
 * is the content of one that is empty: whoever writes it has made or truncated it
 * first. A file that is being written is given SOURCE_WRITING_MAX.
 *
 * Return: what was found.
 */
enum source_news source_reload(struct source *source, bool force)
{
	enum source_news news = SOURCE_WRITING;
	struct writers writers = { 0 };

	source_as_reader(source, true);
	if (!source->wait_for_writers)
		news = reload(source, force);
	else if (!must_wait(source, writers_hold_off(&writers, source->path, source->prefix)))
		news = reload(source, force);
	writers_let_in(&writers);
	source_as_reader(source, false);
	return news;
}

static bool load_saved(struct source *source, const char *because)
{
	char reason[STATE_REASON_MAX];
	struct policy policy;
	int result;

	if (!source->state_directory)
		return false;
	result = state_load(source->state_directory, &policy, reason);
	if (result == -ENOENT)
		return false;
	if (result) {
		log_line(LOG_WARNING, "the saved policy %s/" STATE_FILE " is ignored: %s",
			 source->state_directory, reason);
		return false;
	}
	log_line(LOG_NOTICE, "%s, the last good policy is used: %s/" STATE_FILE ", %zu prefixes",
		 because, source->state_directory, policy.count);
	want(source, &policy, SOURCE_SAVED);
	return true;
}

static enum source_news start(struct source *source)
{
	enum source_news news;

	look(source);
	if (source->there.missing && directory_missing(source) &&
	    load_saved(source, "the directory of the configuration is not there yet")) {
		source->read = source->there.content;
		source->gone_since = -1;
		return SOURCE_REFUSED;
	}
	news = read_now(source);
	if (news != SOURCE_FAILED)
		source->read = source->there.content;
	if (news == SOURCE_REFUSED)
		load_saved(source, "the configuration is refused");
	if (news == SOURCE_FAILED)
		load_saved(source, "the configuration cannot be read for now");
	return news;
}

/**
 * source_start() - read the file for the first time
 * @source: after source_open()
 *
 * Return: SOURCE_TAKEN, or another where the file was not taken; the saved policy may be
 * used then, which source->kind tells.
 */
enum source_news source_start(struct source *source)
{
	enum source_news news = SOURCE_WRITING;
	struct writers writers = { 0 };

	source_as_reader(source, true);
	if (!source->wait_for_writers)
		news = start(source);
	else if (must_wait(source, writers_hold_off(&writers, source->path, source->prefix)))
		load_saved(source, "the configuration is being written");
	else
		news = start(source);
	writers_let_in(&writers);
	source_as_reader(source, false);
	return news;
}

/**
 * source_in_force() - note that the kernel holds the wanted policy
 * @source: any
 *
 * Only such a policy is saved: one that the kernel refuses is not good.
 */
void source_in_force(struct source *source)
{
	source->held = source->serial;
}

/**
 * source_save() - write the last good policy, if it was in force and is not on disk
 * @source: any
 *
 * A failure is logged, once until it works again, and changes nothing else.
 */
void source_save(struct source *source)
{
	char reason[STATE_REASON_MAX];

	if (!source->unsaved || source->held != source->serial || !source->state_directory)
		return;
	if (!state_save(source->state_directory, &source->wanted, reason)) {
		source->unsaved = false;
		if (source->save_failed)
			log_line(LOG_NOTICE, "the last good policy is saved again in %s",
				 source->state_directory);
		source->save_failed = false;
		return;
	}
	if (!source->save_failed)
		log_line(LOG_WARNING, "the last good policy is not saved in %s: %s",
			 source->state_directory, reason);
	source->save_failed = true;
}
