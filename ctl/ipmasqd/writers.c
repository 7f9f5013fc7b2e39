// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether somebody is writing a file, and keeping others from it for a moment.
 *
 * "kubectl get configmap ... >FILE" empties the file at once and writes it seconds later.
 * The kernel gives a read lease (fcntl(2), F_SETLEASE) only on a file that nobody has
 * open for writing, and whoever opens it for writing then waits until the lease is
 * given back. So a lease that is held while a file is read says that what was read is
 * whole. Only a file's owner can have one, and only on local file systems.
 */
#include "writers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many files of a directory as are watched. */
#define FILES_MAX 256

static enum writers_news hold_off_file(struct writers *writers, const char *path)
{
	enum writers_news news = WRITERS_UNKNOWN;
	struct stat stat;
	int *descriptors;
	int descriptor;

	descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (descriptor < 0)
		return errno == ENOENT || errno == ENOTDIR ? WRITERS_NONE : WRITERS_UNKNOWN;
	if (fstat(descriptor, &stat) || !S_ISREG(stat.st_mode)) {
		close(descriptor);
		return WRITERS_NONE;
	}
	if (fcntl(descriptor, F_SETLEASE, F_RDLCK)) {
		if (errno == EAGAIN)
			news = WRITERS_SOME;
		close(descriptor);
		return news;
	}
	descriptors = reallocarray(writers->descriptors, writers->count + 1,
				   sizeof(*descriptors));
	if (!descriptors) {
		close(descriptor);
		return WRITERS_UNKNOWN;
	}
	writers->descriptors = descriptors;
	descriptors[writers->count++] = descriptor;
	return WRITERS_NONE;
}

static enum writers_news hold_off_directory(struct writers *writers, const char *path,
					    const char *prefix)
{
	enum writers_news news = WRITERS_NONE;
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return WRITERS_UNKNOWN;
	while ((entry = readdir(directory)) && writers->count < FILES_MAX) {
		enum writers_news one;
		char file[4096];

		if (strncmp(entry->d_name, prefix, strlen(prefix)) ||
		    (size_t)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) >=
		    sizeof(file))
			continue;
		one = hold_off_file(writers, file);
		if (one > news)
			news = one;
	}
	closedir(directory);
	return news;
}

/**
 * writers_hold_off() - keep others from writing a file, or the files of a directory
 * @writers: to fill; writers_let_in() empties it, and is to be called soon
 * @path: the file, or the directory
 * @prefix: how the names of the directory's files begin, NULL for one file
 *
 * Whoever opens the file for writing waits meanwhile.
 *
 * Return: whether somebody has one of the files open for writing already.
 */
enum writers_news writers_hold_off(struct writers *writers, const char *path, const char *prefix)
{
	*writers = (struct writers) { 0 };
	/* The kernel's request to give a lease back, which would end the process. */
	signal(SIGIO, SIG_IGN);
	return prefix ? hold_off_directory(writers, path, prefix) : hold_off_file(writers, path);
}

/**
 * writers_let_in() - let others write the files
 * @writers: from writers_hold_off()
 */
void writers_let_in(struct writers *writers)
{
	size_t i;

	/* A lease goes with its descriptor. */
	for (i = 0; i < writers->count; i++)
		close(writers->descriptors[i]);
	free(writers->descriptors);
	*writers = (struct writers) { 0 };
}
