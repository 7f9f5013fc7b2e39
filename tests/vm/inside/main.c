// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inside: runs a program in a network namespace that "ip netns" made:
 *
 *	inside NAMESPACE COMMAND [WORD...]
 *
 * As "ip netns exec" does, but without mounts of its own, for which that takes a
 * namespace more and mounts /sys anew, and without the libraries that iproute2 is
 * linked with: together two thirds of what a short command takes on an emulated
 * processor, and scenarios have thousands.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[256];
	int descriptor;

	if (argc < 3) {
		fputs("usage: inside NAMESPACE COMMAND [WORD...]\n", stderr);
		return 2;
	}
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || setns(descriptor, CLONE_NEWNET)) {
		fprintf(stderr, "inside: %s: %s\n", path, strerror(errno));
		return 125;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "inside: %s: %s\n", argv[2], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
