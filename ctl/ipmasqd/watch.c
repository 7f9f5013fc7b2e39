// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a change of the configuration shows.
 *
 * inotify watches inodes, and what we care for is a path. So the path is
 * walked the way the kernel would, and every directory is watched in which a
 * name of it, or of a symlink that it leads over, can come, go or be replaced:
 *
 *	/etc/config/ip-masq-agent	the file as it is given
 *	  -> ..data/ip-masq-agent	a symlink that the kubelet made
 *	..data -> ..2024_05_01		the symlink that it renames to update
 *
 * gives watches on /, /etc, /etc/config (for "ip-masq-agent", "..data" and
 * "..2024_05_01") and /etc/config/..2024_05_01. Where a name is not there yet
 * the walk ends, and the directory in which it will appear is watched already.
 * After each event that may have turned the path elsewhere it is walked again.
 *
 * A watch is set before the name is looked up: what changes in between is seen
 * by the look or by the watch.
 */
#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "log.h"

/* As many as the kernel follows. */
#define SYMLINKS_MAX 40

/* With --config-dir: more files than anybody has, fewer than could hurt. */
#define FILES_MAX 256

#define NAME_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | \
		     IN_DELETE_SELF | IN_MOVE_SELF)
#define CONTENT_EVENTS (IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB)
#define FILE_EVENTS (CONTENT_EVENTS | IN_DELETE_SELF | IN_MOVE_SELF)

/* What it means that something happens to a name. */
enum interest_kind {
	INTEREST_WAY,		/* a directory or a symlink on the way */
	INTEREST_FILE,		/* the file itself, or where it will appear */
	INTEREST_PREFIX,	/* any name that begins so is a file */
	INTEREST_INODE,		/* the inode of the file, whatever its name */
};

/**
 * struct interest - one name in one directory
 * @descriptor: the inotify watch of the directory, or of the file's inode
 * @kind: what it is to us
 * @name: owned; NULL for an inode
 */
struct interest {
	int descriptor;
	enum interest_kind kind;
	char *name;
};

struct interests {
	struct interest *list;
	size_t count;
	size_t room;
};

/**
 * struct watch - a file, or the files of a directory, under observation
 * @inotify: descriptor
 * @path: absolute; the file, or the directory if there is a @prefix
 * @prefix: how the names of the directory's files begin, NULL for one file
 * @interests: what the last walk found
 * @told: a failure of inotify was logged
 * @is_symlink: the last name of the last walk is one
 * @lost: the path may lead elsewhere since the last walk
 */
struct watch {
	int inotify;
	char *path;
	char *prefix;
	struct interests interests;
	bool told;
	bool is_symlink;
	bool lost;
};

static void interests_clear(struct interests *interests)
{
	size_t i;

	for (i = 0; i < interests->count; i++)
		free(interests->list[i].name);
	free(interests->list);
	*interests = (struct interests) { 0 };
}

static bool interests_have(const struct interests *interests, int descriptor)
{
	size_t i;

	for (i = 0; i < interests->count; i++) {
		if (interests->list[i].descriptor == descriptor)
			return true;
	}
	return false;
}

static bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static int interests_append(struct interests *interests, int descriptor,
			    enum interest_kind kind, const char *name)
{
	struct interest *interest;
	size_t i;

	for (i = 0; i < interests->count; i++) {
		interest = &interests->list[i];
		if (interest->descriptor == descriptor && interest->kind == kind &&
		    same_name(interest->name, name))
			return 0;
	}
	if (interests->count == interests->room) {
		size_t room = interests->room ? 2 * interests->room : 8;
		struct interest *list = realloc(interests->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		interests->list = list;
		interests->room = room;
	}
	interest = &interests->list[interests->count];
	interest->descriptor = descriptor;
	interest->kind = kind;
	interest->name = name ? strdup(name) : NULL;
	if (name && !interest->name)
		return -ENOMEM;
	interests->count++;
	return 0;
}

/* Returns 0, -ENOENT where nothing is there (any more), or -ENOTDIR. Other
 * failures are logged once: what cannot be watched is still looked at in every
 * resync interval.
 */
static int add_watch(struct watch *watch, struct interests *interests, const char *path,
		     uint32_t events, enum interest_kind kind, const char *name)
{
	int descriptor = inotify_add_watch(watch->inotify, path, events | IN_MASK_ADD);

	if (descriptor >= 0)
		return interests_append(interests, descriptor, kind, name);
	if (errno == ENOENT || errno == ENOTDIR)
		return -errno;
	if (!watch->told)
		log_line(LOG_WARNING,
			 "%s cannot be watched (%s), changes there are seen at the next resync",
			 path, errno == ENOSPC ? "fs.inotify.max_user_watches is reached" :
			 strerror(errno));
	watch->told = true;
	return 0;
}

/* Removes the last component of an absolute path without symlinks. */
static void go_up(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash == path ? slash + 1 : slash) = '\0';
}

static int join(char path[PATH_MAX], const char *directory, const char *name)
{
	int length = snprintf(path, PATH_MAX, "%s/%s", strcmp(directory, "/") ? directory : "",
			      name);

	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Walks a path and notes every name that it depends on. The last name is a
 * file, or a directory whose own names are noted by the caller; where the
 * walk comes to its end, @end is the path without symlinks.
 */
static int walk(struct watch *watch, struct interests *interests, const char *path,
		bool is_file, char end[PATH_MAX])
{
	char current[PATH_MAX] = "/";
	char next[PATH_MAX];
	char target[PATH_MAX];
	char *rest = strdup(path);
	char *left = rest;
	unsigned int symlinks = 0;
	int result = 0;

	if (!rest)
		return -ENOMEM;
	watch->is_symlink = false;
	for (;;) {
		char name[NAME_MAX + 1];
		size_t length;
		ssize_t target_length;
		bool last;

		left += strspn(left, "/");
		length = strcspn(left, "/");
		if (!length)
			break;
		if (length > NAME_MAX) {
			result = -ENAMETOOLONG;
			break;
		}
		memcpy(name, left, length);
		name[length] = '\0';
		left += length;
		last = !left[strspn(left, "/")];
		if (!strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			go_up(current);
			continue;
		}

		result = add_watch(watch, interests, current,
				   NAME_EVENTS | IN_ONLYDIR |
				   (last && is_file ? CONTENT_EVENTS : 0),
				   last && is_file ? INTEREST_FILE : INTEREST_WAY, name);
		if (result)
			break;
		result = join(next, current, name);
		if (result)
			break;
		target_length = readlink(next, target, sizeof(target) - 1);
		if (target_length >= 0) {
			char *expanded;

			if (++symlinks > SYMLINKS_MAX) {
				result = -ELOOP;
				break;
			}
			target[target_length] = '\0';
			if (last)
				watch->is_symlink = true;
			if (asprintf(&expanded, "%s/%s", target, left) < 0) {
				result = -ENOMEM;
				break;
			}
			if (*target == '/')
				strcpy(current, "/");
			free(rest);
			rest = expanded;
			left = rest;
			continue;
		}
		if (errno != EINVAL) {
			result = -errno;
			break;
		}
		strcpy(current, next);
		if (last && is_file) {
			/* The same file may be written under another name: that
			 * is what a bind mount of a single file looks like.
			 */
			result = add_watch(watch, interests, current, FILE_EVENTS,
					   INTEREST_INODE, NULL);
			break;
		}
	}
	if (end)
		strcpy(end, current);
	free(rest);
	return result;
}

static int walk_directory(struct watch *watch, struct interests *interests)
{
	char end[PATH_MAX], path[PATH_MAX];
	struct dirent *entry;
	unsigned int files = 0;
	DIR *directory;
	int result;

	result = walk(watch, interests, watch->path, false, end);
	if (result)
		return result;
	result = add_watch(watch, interests, end, NAME_EVENTS | CONTENT_EVENTS | IN_ONLYDIR,
			   INTEREST_PREFIX, watch->prefix);
	if (result)
		return result;
	directory = opendir(end);
	if (!directory)
		return -errno;
	while ((entry = readdir(directory)) && files < FILES_MAX) {
		if (strncmp(entry->d_name, watch->prefix, strlen(watch->prefix)) ||
		    join(path, end, entry->d_name))
			continue;
		files++;
		result = walk(watch, interests, path, true, NULL);
		if (result == -ENOMEM)
			break;
	}
	closedir(directory);
	return result;
}

/**
 * watch_refresh() - walk the path again
 * @watch: from watch_open()
 *
 * For what inotify does not tell: a file system that was mounted over a
 * directory on the way, or one that belongs to another machine.
 */
void watch_refresh(struct watch *watch)
{
	struct interests before = watch->interests;
	struct interests after = { 0 };
	int result;
	size_t i;

	if (watch->prefix)
		result = walk_directory(watch, &after);
	else
		result = walk(watch, &after, watch->path, true, NULL);
	if (result == -ENOMEM)
		log_line(LOG_ERR, "no memory to watch %s", watch->path);
	watch->interests = after;
	watch->lost = false;
	for (i = 0; i < before.count; i++) {
		/* Fails for an inode that is gone, whose watch went with it. */
		if (!interests_have(&after, before.list[i].descriptor))
			inotify_rm_watch(watch->inotify, before.list[i].descriptor);
	}
	interests_clear(&before);
}

/**
 * watch_open() - begin to watch a file or the files of a directory
 * @watch: to fill, freed with watch_close()
 * @path: the file, or the directory; need not exist
 * @prefix: how the names of the directory's files begin, NULL for one file
 *
 * Return: 0 or a negative errno; -EMFILE where the user has too many inotify
 * instances.
 */
int watch_open(struct watch **watch, const char *path, const char *prefix)
{
	struct watch *made = calloc(1, sizeof(*made));
	char directory[PATH_MAX];
	int result = -ENOMEM;

	if (!made)
		return -ENOMEM;
	made->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (made->inotify < 0) {
		result = -errno;
		goto free_watch;
	}
	if (*path == '/')
		made->path = strdup(path);
	else if (!getcwd(directory, sizeof(directory)) ||
		 asprintf(&made->path, "%s/%s", directory, path) < 0)
		made->path = NULL;
	if (!made->path)
		goto close_inotify;
	if (prefix) {
		made->prefix = strdup(prefix);
		if (!made->prefix)
			goto free_path;
	}
	watch_refresh(made);
	*watch = made;
	return 0;

free_path:
	free(made->path);
close_inotify:
	close(made->inotify);
free_watch:
	free(made);
	return result;
}

/**
 * watch_close() - the opposite of watch_open()
 * @watch: is freed; may be NULL
 */
void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	interests_clear(&watch->interests);
	close(watch->inotify);
	free(watch->prefix);
	free(watch->path);
	free(watch);
}

/**
 * watch_descriptor() - what to wait on
 * @watch: from watch_open()
 *
 * Return: a descriptor that can be read when watch_read() has something to say.
 */
int watch_descriptor(const struct watch *watch)
{
	return watch->inotify;
}

/**
 * struct reading - what the events of one reading amount to
 * @news: the most urgent of them
 * @lost: the path may lead elsewhere now
 * @created: a file appeared under the last name, or a symlink
 */
struct reading {
	enum watch_news news;
	bool lost;
	bool created;
};

static void note_news(struct reading *reading, enum watch_news news)
{
	if (news > reading->news)
		reading->news = news;
}

static void read_file_event(struct reading *reading, uint32_t events)
{
	/* A created file has no content yet; whoever made it will write it and
	 * close it. Only a symlink is complete from the start.
	 */
	if (events & IN_CREATE) {
		reading->lost = true;
		reading->created = true;
		note_news(reading, WATCH_WRITING);
	}
	if (events & (IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) {
		reading->lost = true;
		note_news(reading, WATCH_CHANGED);
	}
	if (events & (IN_CLOSE_WRITE | IN_ATTRIB))
		note_news(reading, WATCH_CHANGED);
	if (events & IN_MODIFY)
		note_news(reading, WATCH_WRITING);
}

static void read_event(const struct watch *watch, const struct inotify_event *event,
		       struct reading *reading)
{
	const char *name = event->len ? event->name : NULL;
	size_t i;

	if (event->mask & IN_Q_OVERFLOW) {
		reading->lost = true;
		note_news(reading, WATCH_CHANGED);
		return;
	}
	for (i = 0; i < watch->interests.count; i++) {
		const struct interest *interest = &watch->interests.list[i];

		if (interest->descriptor != event->wd)
			continue;
		if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) {
			reading->lost = true;
			note_news(reading, WATCH_CHANGED);
			return;
		}
		switch (interest->kind) {
		case INTEREST_WAY:
			if (same_name(interest->name, name) && (event->mask & NAME_EVENTS)) {
				reading->lost = true;
				note_news(reading, WATCH_CHANGED);
			}
			break;
		case INTEREST_FILE:
			if (same_name(interest->name, name))
				read_file_event(reading, event->mask);
			break;
		case INTEREST_PREFIX:
			if (name && !strncmp(name, interest->name, strlen(interest->name)))
				read_file_event(reading, event->mask);
			break;
		case INTEREST_INODE:
			read_file_event(reading, event->mask);
			break;
		}
	}
}

/**
 * watch_read() - take all events that are there
 * @watch: from watch_open()
 *
 * watch_follow() is to be called afterwards, when the files were looked at.
 *
 * Return: what they say about the file or files.
 */
enum watch_news watch_read(struct watch *watch)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct reading reading = { .news = WATCH_NOTHING };
	ssize_t length;

	while ((length = read(watch->inotify, buffer, sizeof(buffer))) > 0) {
		const char *position = buffer;

		while (position < buffer + length) {
			const struct inotify_event *event = (const void *)position;

			read_event(watch, event, &reading);
			position += sizeof(*event) + event->len;
		}
	}
	watch->lost |= reading.lost;
	if (reading.created) {
		watch_refresh(watch);
		if (watch->is_symlink)
			note_news(&reading, WATCH_CHANGED);
	}
	return reading.news;
}

/**
 * watch_follow() - walk the path again if it may lead elsewhere now
 * @watch: from watch_open()
 *
 * Not done by watch_read(), because a change is to be in the kernel before the
 * next one is prepared for.
 *
 * Return: whether it was walked: a change since the files were looked at may
 * have gone unseen, and they must be looked at once more.
 */
bool watch_follow(struct watch *watch)
{
	if (!watch->lost)
		return false;
	watch_refresh(watch);
	return true;
}
