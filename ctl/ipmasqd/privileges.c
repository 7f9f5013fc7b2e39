// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the daemon may do, given up in two steps: the capabilities before
 * anything is read, the system calls once everything is open.
 *
 * A configuration that belongs to another user can only be read with
 * CAP_DAC_READ_SEARCH. It is kept where the files need it at the start and nowhere else,
 * and is in force only while they are read.
 *
 * A system call that is not on the list ends the process with a line that
 * names it. The policy stays in force, as after any other end.
 */
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "library.h"
#include "log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#ifdef IPMASQ_LINKED
#define CALL(name) seccomp_##name
static int load_library(void)
{
	return 0;
}
#else
#define LIBRARY "libseccomp.so.2"
#define FUNCTIONS(f) f(init) f(attr_set) f(rule_add) f(load) f(release)

#define DECLARE(name) static __typeof__(seccomp_##name) *loaded_##name;
FUNCTIONS(DECLARE)

#define CALL(name) loaded_##name

static int load_library(void)
{
#define FUNCTION(name) { "seccomp_" #name, &loaded_##name },
	static const struct library_function functions[] = { FUNCTIONS(FUNCTION) };
	const char *error = library_load(LIBRARY, functions, COUNT(functions));

	if (!error)
		return 0;
	log_line(LOG_ERR, "the system call filter needs a library: %s", error);
	return -ELIBACC;
}
#endif

static void drop_bounding_set(void)
{
	unsigned long capability;

	/* Up to the last one that this kernel knows. */
	for (capability = 0; !prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); capability++)
		;
}

/* CAP_DAC_READ_SEARCH was kept. */
static bool is_reader;

static int set_capabilities(uint32_t effective, uint32_t permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = effective, .permitted = permitted },
	};

	return syscall(SYS_capset, &header, sets) ? -errno : 0;
}

static int get_permitted(uint32_t *effective, uint32_t *permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets))
		return -errno;
	*effective = sets[0].effective;
	*permitted = sets[0].permitted;
	return 0;
}

static int cannot_drop(int error)
{
	log_line(LOG_ERR, "the capabilities of this process cannot be dropped: %s",
		 strerror(-error));
	return error;
}

/**
 * privileges_lower() - let only CAP_NET_ADMIN be in force
 *
 * What else there is can be had back until privileges_drop(). Where the process has no
 * CAP_SETPCAP the bounding set stays as it is, which no_new_privs makes harmless.
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int privileges_lower(void)
{
	uint32_t wanted = CAP_TO_MASK(CAP_NET_ADMIN);
	uint32_t effective = 0, permitted = 0;
	int result;

	result = get_permitted(&effective, &permitted);
	if (result)
		return cannot_drop(result);
	if (!(permitted & wanted))
		log_line(LOG_WARNING,
			 "this process does not have CAP_NET_ADMIN, the kernel will refuse it");
	if (effective & CAP_TO_MASK(CAP_SETPCAP))
		drop_bounding_set();
	result = set_capabilities(permitted & wanted, permitted);
	return result ? cannot_drop(result) : 0;
}

/**
 * privileges_drop() - keep CAP_NET_ADMIN and nothing else, for good
 * @reader: also keep CAP_DAC_READ_SEARCH, if it is there, for privileges_as_reader()
 *
 * Also no_new_privs, so that no program could give anything back.
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int privileges_drop(bool reader)
{
	uint32_t wanted = CAP_TO_MASK(CAP_NET_ADMIN);
	uint32_t effective = 0, permitted = 0;
	int result;

	result = get_permitted(&effective, &permitted);
	if (result)
		return cannot_drop(result);
	is_reader = reader && permitted & CAP_TO_MASK(CAP_DAC_READ_SEARCH);
	if (is_reader) {
		wanted |= CAP_TO_MASK(CAP_DAC_READ_SEARCH);
		log_line(LOG_NOTICE,
			 "the configuration may be read by another user only; keeping CAP_DAC_READ_SEARCH for reading it");
	}
	result = set_capabilities(effective, permitted & wanted);
	if (!result && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		result = -errno;
	return result ? cannot_drop(result) : 0;
}

/**
 * privileges_as_reader() - for as long as the configuration is read
 * @on: begin, or end
 */
void privileges_as_reader(bool on)
{
	uint32_t reader = CAP_TO_MASK(CAP_DAC_READ_SEARCH);
	uint32_t effective = 0, permitted = 0;

	if (!is_reader || get_permitted(&effective, &permitted))
		return;
	set_capabilities(on ? effective | reader : effective & ~reader, permitted);
}

/* What the event loop, libnl, libyaml, libmicrohttpd and the C library call
 * after the start, on every architecture; names that one does not have are
 * passed over.
 */
static const int allowed[] = {
	/* waiting, signals, time */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64), SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_settime64), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(restart_syscall),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64), SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	/* files: the configuration and the saved policy */
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64),
	SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(_llseek),
	SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64), SCMP_SYS(fstat),
	SCMP_SYS(fstat64), SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(statx),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getdents), SCMP_SYS(getdents64), SCMP_SYS(getcwd),
	SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rename), SCMP_SYS(renameat),
	SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(sync_file_range),
	SCMP_SYS(sync_file_range2), SCMP_SYS(fcntl), SCMP_SYS(fcntl64), SCMP_SYS(fadvise64),
	SCMP_SYS(inotify_init1), SCMP_SYS(inotify_add_watch), SCMP_SYS(inotify_rm_watch),
	/* netlink, the service manager, HTTP */
	SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(connect), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(send), SCMP_SYS(sendto),
	SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recv), SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown),
	/* memory, and the process itself */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(futex_time64), SCMP_SYS(sched_yield), SCMP_SYS(getrandom), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
	SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rseq),
	SCMP_SYS(membarrier),
};

static int allow_memory(scmp_filter_ctx filter, int call)
{
	/* Nothing becomes code any more. */
	return CALL(rule_add)(filter, SCMP_ACT_ALLOW, call, 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

static int allow_socket(scmp_filter_ctx filter, int domain)
{
	return CALL(rule_add)(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)domain, 0));
}

static int add_rules(scmp_filter_ctx filter)
{
	size_t i;
	int result;

	for (i = 0; i < COUNT(allowed); i++) {
		result = CALL(rule_add)(filter, SCMP_ACT_ALLOW, allowed[i], 0);
		/* Not a call of this architecture. */
		if (result && result != -EDOM && result != -EINVAL)
			return result;
	}
	if (is_reader) {
		result = CALL(rule_add)(filter, SCMP_ACT_ALLOW, SCMP_SYS(capget), 0);
		if (!result)
			result = CALL(rule_add)(filter, SCMP_ACT_ALLOW, SCMP_SYS(capset), 0);
		if (result)
			return result;
	}
	result = allow_memory(filter, SCMP_SYS(mmap));
	if (!result)
		result = allow_memory(filter, SCMP_SYS(mprotect));
	/* A module that was loaded again needs new sockets, and so does a service
	 * manager that was restarted. None of the internet: that for HTTP is there.
	 */
	if (!result)
		result = allow_socket(filter, AF_NETLINK);
	if (!result)
		result = allow_socket(filter, AF_UNIX);
	return result;
}

/* Names the call in the log and ends. Only what is safe in a signal handler. */
static void forbidden(int signal, siginfo_t *info, void *context)
{
	char text[] = "ipmasqd: system call 000000 is not allowed here, the policy stays in force\n";
	char *digit = strchr(text, '0') + 5;
	struct pollfd output = { .fd = STDERR_FILENO, .events = POLLOUT };
	unsigned int number = (unsigned int)info->si_syscall;
	size_t i;

	(void)signal;
	(void)context;
	for (i = 0; i < 6; i++, number /= 10)
		*digit-- = (char)('0' + number % 10);
	/* A log that nobody reads must not keep the process from ending. */
	if (poll(&output, 1, 0) == 1)
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(128 + SIGSYS);
}

/**
 * privileges_filter_system_calls() - from now on only what the daemon needs
 *
 * Everything that needs another call must have been done: libraries are
 * loaded, the socket for HTTP and the timers are made.
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int privileges_filter_system_calls(void)
{
	struct sigaction action = { .sa_sigaction = forbidden, .sa_flags = SA_SIGINFO };
	scmp_filter_ctx filter;
	int result;

	result = load_library();
	if (result)
		return result;
	filter = CALL(init)(SCMP_ACT_TRAP);
	if (!filter) {
		log_line(LOG_ERR, "no memory for the system call filter");
		return -ENOMEM;
	}
	sigaction(SIGSYS, &action, NULL);
	/* A binary tree instead of a list: the filter runs on every call. */
	CALL(attr_set)(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	result = add_rules(filter);
	if (!result)
		result = CALL(load)(filter);
	CALL(release)(filter);
	if (result)
		log_line(LOG_ERR,
			 "the system call filter cannot be set: %s (--no-sandbox does without)",
			 strerror(-result));
	return result;
}
