// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kubelet: changes a ConfigMap volume the way the kubelet does (its
 * AtomicWriter), and can wait for what the kernel makes of it:
 *
 *	kubelet VOLUME KEY FILE [wait MILLISECONDS]
 *
 * The content goes to a new folder ..TIME, the symbolic link ..data is replaced
 * by rename, VOLUME/KEY is a link to ..data/KEY, and the old folder is removed
 * last. With wait it prints the microseconds from just before that rename to
 * the arrival of the kernel's event that the policy changed, in the network
 * namespace that it runs in, and the generation:
 *
 *	MICROSECONDS GENERATION
 *
 * An empty file (/dev/null) makes an empty key; FILE "-" removes the key.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

static int fail(const char *what)
{
	fprintf(stderr, "kubelet: %s: %s\n", what, strerror(errno));
	return 1;
}

static int64_t microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Copies FILE to KEY in the folder. */
static int write_payload(int folder, const char *key, const char *file)
{
	char data[65536];
	ssize_t length;
	int from, to;

	from = open(file, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return fail(file);
	to = openat(folder, key, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0) {
		close(from);
		return fail(key);
	}
	while ((length = read(from, data, sizeof(data))) > 0) {
		if (write(to, data, (size_t)length) != length) {
			length = -1;
			break;
		}
	}
	close(from);
	close(to);
	return length ? fail(key) : 0;
}

static void remove_folder(int volume, const char *name)
{
	struct dirent *entry;
	int folder;
	DIR *list;

	folder = openat(volume, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	list = folder < 0 ? NULL : fdopendir(folder);
	if (!list)
		return;
	while ((entry = readdir(list)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(folder, entry->d_name, 0);
	closedir(list);
	unlinkat(volume, name, AT_REMOVEDIR);
}

/* Waits for the event of a change that was made after began. */
static int wait_for_event(struct client *client, int descriptor, int64_t began, int limit)
{
	struct pollfd wanted = { .fd = descriptor, .events = POLLIN };
	struct client_event event;
	int left, error;

	for (;;) {
		left = limit - (int)((microseconds() - began) / 1000);
		if (left < 0 || poll(&wanted, 1, left) == 0) {
			fprintf(stderr, "kubelet: no event within %d ms\n", limit);
			return 1;
		}
		error = client_next_event(client, &event);
		if (error == -EAGAIN)
			continue;
		if (error) {
			fprintf(stderr, "kubelet: %s\n", client_error(client));
			return 1;
		}
		printf("%lld %llu\n", (long long)(microseconds() - began),
		       (unsigned long long)event.generation);
		return 0;
	}
}

static int change_volume(int volume, const char *key, const char *file, int64_t *renamed)
{
	char folder_name[64], old_name[NAME_MAX + 1], target[NAME_MAX + 16];
	bool removing = !strcmp(file, "-");
	struct timespec now;
	ssize_t length;
	int folder;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(folder_name, sizeof(folder_name), "..%lld.%09ld", (long long)now.tv_sec,
		 now.tv_nsec);
	if (mkdirat(volume, folder_name, 0755))
		return fail(folder_name);
	folder = openat(volume, folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return fail(folder_name);
	if (!removing && write_payload(folder, key, file)) {
		close(folder);
		return 1;
	}
	close(folder);

	length = readlinkat(volume, "..data", old_name, sizeof(old_name) - 1);
	old_name[length > 0 ? length : 0] = '\0';
	if (symlinkat(folder_name, volume, "..data_tmp"))
		return fail("..data_tmp");
	*renamed = microseconds();
	if (renameat(volume, "..data_tmp", volume, "..data"))
		return fail("..data");
	/* The links that users see come after it, and go after it. */
	snprintf(target, sizeof(target), "..data/%s", key);
	if (removing)
		unlinkat(volume, key, 0);
	else if (symlinkat(target, volume, key) && errno != EEXIST)
		return fail(key);
	if (*old_name)
		remove_folder(volume, old_name);
	return 0;
}

int main(int argc, char **argv)
{
	struct client *client = NULL;
	int volume, descriptor = -1, status, limit = 0;
	int64_t renamed;

	if (argc == 6 && !strcmp(argv[4], "wait"))
		limit = atoi(argv[5]);
	if (argc != 4 && limit <= 0) {
		fprintf(stderr, "usage: kubelet VOLUME KEY FILE|- [wait MILLISECONDS]\n");
		return 2;
	}
	if (mkdir(argv[1], 0755) && errno != EEXIST)
		return fail(argv[1]);
	volume = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (volume < 0)
		return fail(argv[1]);
	if (limit && (client_open(&client) || client_subscribe(client, &descriptor))) {
		fprintf(stderr, "kubelet: %s\n", client_error(client));
		client_close(client);
		return 1;
	}
	status = change_volume(volume, argv[2], argv[3], &renamed);
	if (!status && limit)
		status = wait_for_event(client, descriptor, renamed, limit);
	if (client)
		client_close(client);
	close(volume);
	return status;
}
