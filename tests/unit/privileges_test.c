// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system call filter, each case in a process of its own: what the daemon
 * does goes on working, anything else ends it with a line that names the call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../ctl/ipmasqd/privileges.h"

/* Runs @work under the filter; returns the exit status and standard error. */
static int run(void (*work)(void), char *said, size_t room)
{
	int pipe_ends[2], status;
	size_t used = 0;
	ssize_t length;
	pid_t child;

	assert_int_equal(pipe(pipe_ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		dup2(pipe_ends[1], STDERR_FILENO);
		if (privileges_lower() || privileges_drop(false) || privileges_filter_system_calls())
			_exit(99);
		work();
		_exit(0);
	}
	close(pipe_ends[1]);
	while ((length = read(pipe_ends[0], said + used, room - 1 - used)) > 0)
		used += (size_t)length;
	said[used] = '\0';
	close(pipe_ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_forbidden(void (*work)(void), unsigned int number)
{
	char said[1024], expected[64];
	int status = run(work, said, sizeof(said));

	snprintf(expected, sizeof(expected), "system call %06u is not allowed", number);
	if (status != 128 + SIGSYS || !strstr(said, expected))
		fail_msg("status %d, said: %s", status, said);
}

static void work_files(void)
{
	char template[] = "/tmp/ipmasq-privileges-XXXXXX";
	int file = mkstemp(template);
	FILE *stream;

	if (file < 0 || write(file, "a", 1) != 1 || close(file))
		_exit(1);
	stream = fopen(template, "r");
	if (!stream || fgetc(stream) != 'a' || fclose(stream) || unlink(template))
		_exit(2);
}

static void work_memory(void)
{
	char *large = malloc(64U << 20);

	if (!large)
		_exit(1);
	memset(large, 1, 64U << 20);
	large = realloc(large, 128U << 20);
	if (!large)
		_exit(2);
	free(large);
}

static void work_sockets(void)
{
	if (socket(AF_NETLINK, SOCK_RAW, 0) < 0 || socket(AF_UNIX, SOCK_DGRAM, 0) < 0)
		_exit(1);
}

static void what_the_daemon_does_works(void **state)
{
	void (*const works[])(void) = { work_files, work_memory, work_sockets };
	char said[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		int status = run(works[i], said, sizeof(said));

		if (status)
			fail_msg("work %zu: status %d, said: %s", i, status, said);
	}
}

static void work_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void work_fork(void)
{
	fork();
}

static void work_internet(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void work_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void work_trace(void)
{
	syscall(SYS_ptrace, 0, 0, 0, 0);
}

static void anything_else_ends_it(void **state)
{
	(void)state;
	expect_forbidden(work_exec, SYS_execve);
	expect_forbidden(work_fork, SYS_clone);
	expect_forbidden(work_internet, SYS_socket);
	expect_forbidden(work_code, SYS_mmap);
	expect_forbidden(work_trace, SYS_ptrace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_daemon_does_works),
		cmocka_unit_test(anything_else_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
