// SPDX-License-Identifier: GPL-2.0-or-later
/* The way back from an upgrade: a copy of the loaded module's file. */
#include "module_kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT MODULE_FOLDER "/module"

/**
 * module_empty_folder() - delete the files of a folder but for hidden ones
 * @folder: the folder; it may be missing
 */
void module_empty_folder(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[512];

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(directory);
}

/**
 * module_make_folder() - make MODULE_FOLDER, or a folder in it
 * @folder: the folder; it may be there
 *
 * Return: 0 or a negative errno.
 */
int module_make_folder(const char *folder)
{
	if (mkdir(MODULE_FOLDER, 0755) && errno != EEXIST)
		return -errno;
	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	return 0;
}

static int copy(const char *from, const char *to)
{
	int input = open(from, O_RDONLY | O_CLOEXEC);
	int output;
	ssize_t got = -1;
	char *buffer = malloc(65536);
	int error = 0;

	output = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (input < 0 || output < 0 || !buffer)
		error = -errno;
	while (!error && (got = read(input, buffer, 65536)) > 0) {
		if (write(output, buffer, (size_t)got) != got)
			error = -EIO;
	}
	if (!error && got < 0)
		error = -errno;
	free(buffer);
	if (input >= 0)
		close(input);
	if (output >= 0 && close(output) && !error)
		error = -errno;
	return error;
}

/**
 * module_same_source() - compare two builds
 * @one: a module
 * @other: another one
 *
 * Return: whether both are known to be of the same sources.
 */
bool module_same_source(const struct kernel_module *one, const struct kernel_module *other)
{
	return *one->source && strcmp(one->source, other->source) == 0 &&
	       strcmp(one->version, other->version) == 0;
}

static int find_kept(struct kernel_module *kept)
{
	DIR *directory = opendir(KEPT);
	struct dirent *entry;
	char path[512];
	int error = -ENOENT;

	if (!directory)
		return -ENOENT;
	while (error && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, MODULE ".ko", strlen(MODULE ".ko")))
			continue;
		snprintf(path, sizeof(path), KEPT "/%s", entry->d_name);
		error = kernel_module_file(path, kept);
	}
	closedir(directory);
	return error;
}

/**
 * module_find_back() - find a file of the loaded module
 * @loaded: from kernel_module_loaded()
 * @file: look at this one only; NULL for the kept one and the installed one
 * @back: filled in; its path is empty where there is none
 *
 * Return: 0, or -ENOENT.
 */
int module_find_back(const struct kernel_module *loaded, const char *file,
		     struct kernel_module *back)
{
	if (file && !kernel_module_file(file, back) && module_same_source(loaded, back))
		return 0;
	if (!file && !find_kept(back) && module_same_source(loaded, back))
		return 0;
	if (!file && !kernel_module_installed(MODULE, back) && module_same_source(loaded, back))
		return 0;
	back->path[0] = '\0';
	return -ENOENT;
}

/**
 * module_keep() - keep a module's file, so that there is a way back to it
 * @module: the file; it may be the kept one
 * @kept: filled in; may be NULL
 *
 * In a file system that forgets it as the kernel forgets the module.
 *
 * Return: 0 or a negative errno.
 */
int module_keep(const struct kernel_module *module, struct kernel_module *kept)
{
	const char *slash = strrchr(module->path, '/');
	const char *name = slash ? slash + 1 : module->path;
	const char *suffix = strstr(name, ".ko");
	char path[512];
	int error;

	if (strncmp(module->path, KEPT "/", strlen(KEPT "/"))) {
		error = module_make_folder(KEPT);
		if (!error)
			error = copy(module->path, KEPT "/draft");
		if (error)
			return error;
		/* With a suffix for its compression, by which libkmod goes. */
		snprintf(path, sizeof(path), KEPT "/" MODULE "%s", suffix ? suffix : ".ko");
		rename(KEPT "/draft", KEPT "/.draft");
		module_empty_folder(KEPT);
		if (rename(KEPT "/.draft", path))
			return -errno;
	}
	return kept ? find_kept(kept) : 0;
}
