/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_SOURCE_H
#define IPMASQD_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "config/config.h"
#include "fingerprint.h"
#include "policy.h"

/* Where the wanted policy comes from. */
enum source_kind {
	SOURCE_NOTHING,		/* nothing is wanted yet: the first file was refused */
	SOURCE_FILE,
	SOURCE_DEFAULTS,	/* there is no file */
	SOURCE_SAVED,		/* the last good policy of this node */
};

/* What source_reload() found. */
enum source_news {
	SOURCE_SAME,		/* nothing new was read */
	SOURCE_TAKEN,		/* read and good; the wanted policy may have changed */
	SOURCE_REFUSED,		/* read and bad; the wanted policy is what it was */
	SOURCE_GONE,		/* gone just now: ask again in SOURCE_GONE_WAIT */
	SOURCE_WRITING,		/* somebody is writing it: ask again later */
	SOURCE_FAILED,		/* not read for now: ask again in SOURCE_FAILED_WAIT */
};

/* An editor that keeps a backup renames the old file away before it writes the
 * new one. A file that stays away for longer than this is gone.
 */
#define SOURCE_GONE_WAIT (INT64_C(250) * 1000 * 1000)

/* Memory or descriptors may be short for a moment. */
#define SOURCE_FAILED_WAIT (INT64_C(2) * 1000 * 1000 * 1000)

/* A file that somebody has open for writing for longer than this is read as it is. */
#define SOURCE_WRITING_MAX (INT64_C(60) * 1000 * 1000 * 1000)

/**
 * struct source - the configuration and what it wants of the kernel
 * @path: the file, or the directory
 * @prefix: how the names of the directory's files begin, NULL for one file
 * @state_directory: where the last good policy is saved, NULL for nowhere
 * @flags: the command line's part
 * @wait_for_writers: a file that somebody has open for writing is not read yet
 * @as_reader: raises and lowers what it takes to read the files; NULL for nothing
 * @kind: where @wanted comes from
 * @wanted: what the kernel's config entries and settings have to be
 * @serial: counts the changes of @wanted, from 1
 * @resync_interval: nanoseconds, not below CONFIG_RESYNC_MIN
 * @apply_to_existing: the file's applyToExisting; what it was before after a file
 *	that was refused
 * @modified: somebody wrote to the file and did not close it, as far as inotify tells
 * @written_since: since when somebody is writing it, 0 for nobody
 * @files: the paths that @wanted was read from
 * @file_count: how many
 * @problems: of the last reading, errors and warnings
 * @good: the last reading was
 * @good_time: when a reading was good last, 0 for never
 * @duration: nanoseconds that the last reading took
 * @taken: readings that were good
 * @refused: readings that were bad
 */
struct source {
	const char *path;
	const char *prefix;
	const char *state_directory;
	const struct config_flags *flags;
	bool wait_for_writers;
	void (*as_reader)(bool on);

	enum source_kind kind;
	struct policy wanted;
	uint64_t serial;
	int64_t resync_interval;
	bool apply_to_existing;
	bool modified;
	int64_t written_since;
	char **files;
	size_t file_count;

	struct config_problems problems;
	bool good;
	time_t good_time;
	int64_t duration;
	uint64_t taken;
	uint64_t refused;

	/* Of source.c: what is there, what was read last, since when it is gone, whether
	 * the last reading failed, and the serial that the kernel held.
	 */
	struct fingerprint there;
	uint64_t read;
	int64_t gone_since;
	bool failed;
	bool unsaved;
	uint64_t held;
	bool save_failed;
};

void source_open(struct source *source);
void source_close(struct source *source);
enum source_news source_start(struct source *source);
enum source_news source_reload(struct source *source, bool force);
void source_stop_waiting(struct source *source);
bool source_is_denied(const struct source *source);
void source_as_reader(const struct source *source, bool on);
void source_in_force(struct source *source);
void source_save(struct source *source);
const char *source_kind_name(enum source_kind kind);

#endif
