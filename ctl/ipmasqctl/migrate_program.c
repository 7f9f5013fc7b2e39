// SPDX-License-Identifier: GPL-2.0-or-later
/* Running iptables-save, iptables-restore and nft. */
#include "migrate_program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the shell and execvp() agree on for a program that is not there. */
#define STATUS_NOT_FOUND 127

static int write_all(int file, const char *text)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t written = write(file, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	return lseek(file, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* The content of a memory file as text; NULL without memory. */
static char *read_all(int file)
{
	struct stat status;
	size_t length = 0;
	char *text;

	if (fstat(file, &status))
		return NULL;
	text = malloc((size_t)status.st_size + 1);
	if (!text)
		return NULL;
	while (length < (size_t)status.st_size) {
		ssize_t got = pread(file, text + length, (size_t)status.st_size - length,
				    (off_t)length);

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	text[length] = '\0';
	return text;
}

static void become(char *const argv[], const int files[3])
{
	int i;

	for (i = 0; i < 3; i++) {
		if (dup2(files[i], i) < 0)
			_exit(STATUS_NOT_FOUND);
	}
	execvp(argv[0], argv);
	_exit(STATUS_NOT_FOUND);
}

/**
 * program_run() - run a program to its end, found by PATH
 * @argv: its name and words, ended by NULL
 * @input: its standard input; NULL for none
 * @output: set to its standard output, to be freed by the caller
 * @errors: set to its standard error, to be freed by the caller
 *
 * Input and output go through files in memory, so that neither side waits for
 * the other.
 *
 * Return: its exit status; -ENOENT where there is no such program; or another
 * negative errno, and then *output and *errors are NULL.
 */
int program_run(char *const argv[], const char *input, char **output, char **errors)
{
	int files[3] = { -1, -1, -1 };
	int result = 0;
	int status;
	pid_t child;
	int i;

	*output = NULL;
	*errors = NULL;
	for (i = 0; i < 3; i++) {
		files[i] = memfd_create("ipmasqctl", MFD_CLOEXEC);
		if (files[i] < 0) {
			result = -errno;
			goto close_files;
		}
	}
	if (input)
		result = write_all(files[0], input);
	if (result)
		goto close_files;

	fflush(NULL);
	child = fork();
	if (child < 0) {
		result = -errno;
		goto close_files;
	}
	if (!child)
		become(argv, files);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR) {
			result = -errno;
			goto close_files;
		}
	}
	result = WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
	if (result == STATUS_NOT_FOUND)
		result = -ENOENT;
	if (result < 0)
		goto close_files;
	*output = read_all(files[1]);
	*errors = read_all(files[2]);
	if (!*output || !*errors) {
		free(*output);
		free(*errors);
		*output = NULL;
		*errors = NULL;
		result = -ENOMEM;
	}

close_files:
	for (i = 0; i < 3; i++) {
		if (files[i] >= 0)
			close(files[i]);
	}
	return result;
}
