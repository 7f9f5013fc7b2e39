// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a file is still what it was: 64 bits that stand for its content.
 * The sum is FNV-1a (draft-eastlake-fnv): every step is a bijection of the 64
 * bits, so a single changed byte always shows, and other damage goes unseen
 * once in 2^64. It does not withstand an adversary, who would need write
 * access to the file anyway.
 */
#include "fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FNV_PRIME UINT64_C(0x100000001b3)

/* Content beyond this is represented by the file's size and times; the reader
 * of configurations refuses such a file anyway.
 */
#define CONTENT_MAX (8U << 20)

/* The coarsest file times in use, FAT's, and then some. */
#define CLOCK_STEP_SECONDS 3

/**
 * fingerprint_bytes() - go on with a fingerprint
 * @fingerprint: of what came before, FINGERPRINT_EMPTY to begin
 * @bytes: what comes next
 * @length: how many
 *
 * Return: the fingerprint of both.
 */
uint64_t fingerprint_bytes(uint64_t fingerprint, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	while (length--)
		fingerprint = (fingerprint ^ *byte++) * FNV_PRIME;
	return fingerprint;
}

static uint64_t add_number(uint64_t fingerprint, uint64_t number)
{
	return fingerprint_bytes(fingerprint, &number, sizeof(number));
}

/* What failed may succeed with the same inodes and times: it is tried each time. */
static uint64_t add_error(struct fingerprint *whole, uint64_t fingerprint)
{
	whole->denied |= errno == EACCES;
	whole->failed |= errno != ENOENT && errno != ENOTDIR;
	return add_number(fingerprint, (uint64_t)errno);
}

static uint64_t add_content(struct fingerprint *whole, uint64_t fingerprint, int descriptor)
{
	char buffer[4096];
	size_t all = 0;

	while (all < CONTENT_MAX) {
		ssize_t length = read(descriptor, buffer, sizeof(buffer));

		if (length < 0)
			return add_error(whole, fingerprint);
		if (!length)
			break;
		fingerprint = fingerprint_bytes(fingerprint, buffer, (size_t)length);
		all += (size_t)length;
	}
	return fingerprint;
}

/* Goes on with the fingerprint of one file, and notes in whole what it is. */
static uint64_t add_file(struct fingerprint *whole, uint64_t fingerprint, const char *path)
{
	struct stat stat;
	int descriptor;

	/* O_NONBLOCK: a FIFO that nobody writes must not stop us. */
	descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (descriptor < 0) {
		whole->missing &= errno == ENOENT || errno == ENOTDIR;
		return add_error(whole, fingerprint);
	}
	whole->missing = false;
	if (fstat(descriptor, &stat)) {
		fingerprint = add_error(whole, fingerprint);
	} else {
		fingerprint = add_number(fingerprint, stat.st_mode & S_IFMT);
		if (S_ISREG(stat.st_mode)) {
			whole->empty |= !stat.st_size;
			fingerprint = add_content(whole, fingerprint, descriptor);
		}
		if (stat.st_size > (off_t)CONTENT_MAX) {
			fingerprint = add_number(fingerprint, (uint64_t)stat.st_size);
			fingerprint = add_number(fingerprint, (uint64_t)stat.st_mtim.tv_sec);
			fingerprint = add_number(fingerprint, (uint64_t)stat.st_mtim.tv_nsec);
		}
	}
	close(descriptor);
	return fingerprint;
}

static uint64_t add_stamp(uint64_t fingerprint, const char *path, time_t *newest)
{
	struct stat stat_buffer;
	uint64_t numbers[8];

	if (stat(path, &stat_buffer))
		return add_number(fingerprint, (uint64_t)errno);
	numbers[0] = stat_buffer.st_dev;
	numbers[1] = stat_buffer.st_ino;
	numbers[2] = stat_buffer.st_mode;
	numbers[3] = (uint64_t)stat_buffer.st_size;
	numbers[4] = (uint64_t)stat_buffer.st_mtim.tv_sec;
	numbers[5] = (uint64_t)stat_buffer.st_mtim.tv_nsec;
	numbers[6] = (uint64_t)stat_buffer.st_ctim.tv_sec;
	numbers[7] = (uint64_t)stat_buffer.st_ctim.tv_nsec;
	if (stat_buffer.st_ctim.tv_sec > *newest)
		*newest = stat_buffer.st_ctim.tv_sec;
	return fingerprint_bytes(fingerprint, numbers, sizeof(numbers));
}

/* Stamps and, if wanted, contents of the files that count in a directory. The
 * order in which it lists them does not matter.
 */
static void add_directory(struct fingerprint *fingerprint, const char *path, const char *prefix,
			  bool contents, time_t *newest)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory) {
		fingerprint->missing &= errno == ENOENT || errno == ENOTDIR;
		fingerprint->stamp = add_number(fingerprint->stamp, (uint64_t)errno);
		fingerprint->content = add_error(fingerprint, fingerprint->content);
		return;
	}
	while ((entry = readdir(directory))) {
		uint64_t name;
		char file[4096];

		if (strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		if ((size_t)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) >=
		    sizeof(file))
			continue;
		name = fingerprint_bytes(FINGERPRINT_EMPTY, entry->d_name, strlen(entry->d_name));
		fingerprint->stamp += add_stamp(name, file, newest);
		if (contents)
			fingerprint->content += add_file(fingerprint, name, file);
	}
	closedir(directory);
}

static void add_all(struct fingerprint *fingerprint, const char *path, const char *prefix,
		    bool contents, time_t *newest)
{
	*newest = 0;
	*fingerprint = (struct fingerprint) {
		.content = FINGERPRINT_EMPTY, .missing = true, .stamp = FINGERPRINT_EMPTY,
	};
	if (prefix) {
		add_directory(fingerprint, path, prefix, contents, newest);
		return;
	}
	fingerprint->stamp = add_stamp(fingerprint->stamp, path, newest);
	if (contents)
		fingerprint->content = add_file(fingerprint, fingerprint->content, path);
}

/**
 * fingerprint_take() - find out what a file, or the files of a directory, hold
 * @fingerprint: what was taken last, all zero before the first time; updated
 * @path: the file, or the directory; anything may be there, or nothing
 * @prefix: how the names of the directory's files begin, NULL for one file
 *
 * As long as inodes, sizes and times are the same nothing is read, unless a file
 * was changed so shortly before it was read that the file system's clock may
 * have stood still between that change and another.
 */
void fingerprint_take(struct fingerprint *fingerprint, const char *path, const char *prefix)
{
	struct fingerprint now;
	time_t newest;

	if (fingerprint->settled) {
		add_all(&now, path, prefix, false, &newest);
		if (now.stamp == fingerprint->stamp)
			return;
	}
	add_all(&now, path, prefix, true, &newest);
	now.settled = !now.failed && newest + CLOCK_STEP_SECONDS < time(NULL);
	*fingerprint = now;
}
