// SPDX-License-Identifier: GPL-2.0-or-later
/* Each allocation of loading the module fails once. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults.h"

/**
 * run_load_faults() - the module is loaded, and each allocation of that fails once
 * @path: the module
 *
 * Return: the exit status; the module is not loaded.
 */
int run_load_faults(const char *path)
{
	int counter = fault_counter_open();
	int module = open(path, O_RDONLY | O_CLOEXEC);
	unsigned long allocation, left, survived = 0, wrong = 0;
	char name[160], seen[160];
	int error;

	if (module < 0) {
		perror(path);
		return 2;
	}
	for (allocation = 1; allocation <= ALLOCATIONS_MAX; allocation++) {
		fault_arm(counter, allocation);
		error = syscall(SYS_finit_module, module, "", 0) ? errno : 0;
		left = fault_disarm(counter);
		if (!error && syscall(SYS_delete_module, "ipmasq", 0)) {
			perror("delete_module");
			return 2;
		}
		if (left)
			break;
		survived += !error;
		/* How the loader and the notifiers of a kernel tell it differs. */
		if (error && error != ENOMEM && error != ENOENT && error != ENOEXEC &&
		    error != EAGAIN && error != EINVAL && error != EFAULT) {
			wrong++;
			snprintf(name, sizeof(name), "loading: allocation %lu fails", allocation);
			result(name, false, "ENOMEM", strerror(error));
		}
	}
	snprintf(name, sizeof(name), "loading: %lu allocations failed, %lu without effect",
		 allocation - 1, survived);
	snprintf(seen, sizeof(seen), "%lu wrong, %s in the end", wrong, strerror(error));
	result(name, !wrong && !error && allocation > 10 && allocation < ALLOCATIONS_MAX,
	       "loaded in the end", seen);
	close(module);
	close(counter);
	return results_end();
}
