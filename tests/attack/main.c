// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attacks the module where it stands, in the network namespace of the caller or in others:
 *
 *	attack [denied] SEED SECONDS ATTACKER[@NAMESPACE]...
 *
 * Each attacker is a process, and has a file of its own, which says what it does. It
 * goes on for SECONDS and until it has seen each of its attempts succeed and fail as
 * often as it must, for an attack that never gets through is none: until it does, those
 * that are killed or kept from memory live longer and longer. What was attempted is
 * printed for each attacker, in the form of tests/vm/guest/hostile.sh.
 *
 * With "denied" the family must refuse everything.
 *
 * The numbers of a run follow from SEED; which thread comes first does not.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"
#include "../vm/hostile/command_name.h"

/* How much longer an attack may take until it has seen all that it needs, and how long
 * its processes may take to end.
 */
#define LONGEST		4
#define EXTRA_SECONDS	60
#define END_SECONDS	120
#define PACE_SECONDS	2
#define PACE_MAX	64

static const struct attacker *const attackers[] = {
	&allocation_fault, &conntrack_flush, &expiry, &explain, &half_dump, &killed_writer,
	&link_change, &listener, &many_interfaces, &memory_limit, &parameter, &port_thief,
	&random_request, &reload, &shared_socket, &short_namespace, &traffic, &withdrawal,
};

/* struct process - one that attacks */
struct process {
	const struct attacker *attacker;
	const char *namespace;
	pid_t pid;
	unsigned int started;
};

/* Those that are no commands. */
static const char *const attempt_names[ATTEMPTS] = {
	[ATTEMPT_BIND] = "bind",
	[ATTEMPT_KILL] = "kill",
	[ATTEMPT_NAMESPACE] = "namespace",
	[ATTEMPT_UNLOAD] = "unload",
	[ATTEMPT_LOAD] = "load",
	[ATTEMPT_PARAMETER] = "parameter",
	[ATTEMPT_LIMIT] = "limit",
	[ATTEMPT_FAULT] = "fault",
	[ATTEMPT_LINK] = "link",
	[ATTEMPT_ADDRESS] = "address",
	[ATTEMPT_IPV6_SWITCH] = "disable_ipv6",
	[ATTEMPT_PACKET] = "packet",
	[ATTEMPT_FLUSH] = "flush",
	[ATTEMPT_EVENT] = "event",
};

static const char *attempt_name(unsigned int attempt)
{
	return attempt < ATTEMPT_BIND ? command_name(attempt) : attempt_names[attempt];
}

static struct process processes[ATTACKERS_MAX];
static unsigned int process_count;
static struct board *board;
static uint64_t seed;
static unsigned int results;
static bool failed;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void result(bool ok, const char *sentence, const char *expected, const char *found)
{
	results++;
	failed |= !ok;
	printf("%s|%s|%s|%s\n", ok ? "ok" : "not ok", sentence, ok ? "" : expected,
	       ok ? "" : found);
}

static void write_file(const char *path, const char *text)
{
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);

	if (descriptor >= 0 && write(descriptor, text, strlen(text)) < 0)
		perror(path);
	close(descriptor);
}

static void enter(const char *namespace)
{
	char path[64];
	int descriptor;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || setns(descriptor, CLONE_NEWNET)) {
		perror(path);
		_exit(2);
	}
	close(descriptor);
}

/* Into the others' memory limit, and marked for faults. */
static void expose(void)
{
	char path[256];

	if (getenv("ATTACK_CGROUP")) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", getenv("ATTACK_CGROUP"));
		write_file(path, "0");
	}
	if (board->faulty && !access("/proc/self/make-it-fail", W_OK))
		write_file("/proc/self/make-it-fail", "1");
}

static void start(unsigned int number)
{
	struct process *process = &processes[number];
	struct attack attack = {
		.board = board,
		.scores = board->scores[number],
		.pace = &board->pace[number],
	};

	process->started++;
	attack.chance.state = seed + ((uint64_t)number << 24) + ((uint64_t)process->started << 40);
	fflush(stdout);
	process->pid = fork();
	if (process->pid)
		return;
	if (process->namespace)
		enter(process->namespace);
	if (!process->attacker->apart)
		expose();
	process->attacker->run(&attack);
	_exit(0);
}

static const struct score *score_of(unsigned int number, unsigned int attempt)
{
	return &board->scores[number][attempt];
}

/* What is missing; NULL where all was seen. */
static const struct need *unmet(unsigned int number)
{
	const struct need *need;

	for (need = processes[number].attacker->needs; need->attempt; need++) {
		const struct score *score = score_of(number, need->attempt);
		bool denied = board->denied && need->attempt < ATTEMPT_BIND;

		if (denied ? !score->refused : need->done && !score->done)
			return need;
		if (!denied && need->refused && !score->refused)
			return need;
	}
	return NULL;
}

static bool all_met(void)
{
	unsigned int i;

	for (i = 0; i < process_count; i++)
		if (unmet(i))
			return false;
	return true;
}

/* Those who lack an attempt, and those who keep others from theirs, are more patient. */
static void slow_down(void)
{
	bool met = all_met();
	unsigned int i;

	for (i = 0; i < process_count; i++)
		if (board->pace[i] < PACE_MAX &&
		    (unmet(i) || (processes[i].attacker->apart && !met)))
			board->pace[i] *= 2;
}

/* Processes that ended ahead of time: only one that was killed for its memory may, and
 * then the next takes its place. Returns whether all have ended.
 */
static bool reap(void)
{
	int status;
	pid_t pid;
	unsigned int i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < process_count; i++) {
			char found[64];

			if (processes[i].pid != pid)
				continue;
			processes[i].pid = 0;
			if (board->end && !status)
				continue;
			if (board->faulty) {
				if (!board->end)
					start(i);
				continue;
			}
			snprintf(found, sizeof(found), "status %#x", status);
			result(false, processes[i].attacker->name, "goes on to the end", found);
		}
	}
	for (i = 0; i < process_count; i++)
		if (processes[i].pid > 0)
			return false;
	return true;
}

/* A process that does not end hangs in the kernel: show where. */
static void show_stack(pid_t pid)
{
	char path[64], line[160];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stack", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		fputs(line, stderr);
	if (file)
		fclose(file);
}

static void end_all(void)
{
	double deadline = now() + END_SECONDS;
	unsigned int i;

	board->end = true;
	while (!reap()) {
		usleep(20000);
		if (now() < deadline)
			continue;
		for (i = 0; i < process_count; i++) {
			if (processes[i].pid <= 0)
				continue;
			show_stack(processes[i].pid);
			kill(processes[i].pid, SIGKILL);
			result(false, processes[i].attacker->name, "comes to its end", "hangs");
		}
		return;
	}
}

/* "port-thief: bind 812 done 4711 refused, ..." */
static void report_scores(unsigned int number)
{
	const struct need *need = unmet(number);
	char sentence[1024], expected[64];
	bool wrong = false;
	unsigned int i;
	int length;

	length = snprintf(sentence, sizeof(sentence), "%s:", processes[number].attacker->name);
	for (i = 0; i < ATTEMPTS; i++) {
		const struct score *score = score_of(number, i);

		if (!(score->done + score->refused))
			continue;
		length += snprintf(sentence + length, sizeof(sentence) - (size_t)length,
				   " %s %llu done %llu refused,", attempt_name(i),
				   (unsigned long long)score->done,
				   (unsigned long long)score->refused);
		wrong |= board->denied && i < ATTEMPT_BIND && score->done;
	}
	snprintf(sentence + length, sizeof(sentence) - (size_t)length, " %u started",
		 processes[number].started);
	if (wrong)
		snprintf(expected, sizeof(expected), "nothing of the family is done");
	else if (need)
		snprintf(expected, sizeof(expected), "%s%s%s at least once",
			 attempt_name(need->attempt), need->done ? " done" : "",
			 need->refused ? " refused" : "");
	result(!wrong && !need, sentence, expected, "as it says");
}

static bool add_process(const char *word)
{
	struct process *process = &processes[process_count];
	size_t length = strcspn(word, "@");
	size_t i;

	for (i = 0; i < sizeof(attackers) / sizeof(attackers[0]); i++) {
		if (strlen(attackers[i]->name) != length ||
		    memcmp(attackers[i]->name, word, length))
			continue;
		process->attacker = attackers[i];
		process->namespace = word[length] ? word + length + 1 : NULL;
		board->reloads |= process->attacker == &reload;
		board->faulty |= process->attacker == &memory_limit ||
				 process->attacker == &allocation_fault;
		process_count++;
		return true;
	}
	fprintf(stderr, "attack: no attacker %s\n", word);
	return false;
}

static void fight(double seconds)
{
	double began = now();
	double longest = began + seconds * LONGEST + EXTRA_SECONDS;
	double slower = began + PACE_SECONDS;
	unsigned int i;

	for (i = 0; i < process_count; i++) {
		board->pace[i] = 1;
		start(i);
	}
	while (now() < longest && !(now() >= began + seconds && all_met())) {
		reap();
		request_family(board);
		if (now() >= slower) {
			slow_down();
			slower += PACE_SECONDS;
		}
		usleep(30000);
	}
	end_all();
}

int main(int argc, char **argv)
{
	unsigned int i;
	char found[16];
	int at = 1;

	board = board_create();
	if (argc > at && !strcmp(argv[at], "denied")) {
		board->denied = true;
		at++;
	}
	if (argc < at + 3)
		goto usage;
	seed = strtoull(argv[at++], NULL, 10);
	i = (unsigned int)strtoul(argv[at++], NULL, 10);
	for (; at < argc; at++)
		if (process_count == ATTACKERS_MAX || !add_process(argv[at]))
			goto usage;
	signal(SIGPIPE, SIG_IGN);
	request_family(board);
	fight(i);
	for (i = 0; i < process_count; i++)
		report_scores(i);
	snprintf(found, sizeof(found), "%u times", board->wrong);
	result(!board->wrong, board->wrong ? board->wrong_text : "nothing wrong was seen",
	       "never", found);
	printf("end|%u\n", results);
	return failed;
usage:
	fputs("usage: attack [denied] SEED SECONDS ATTACKER[@NAMESPACE]...\n", stderr);
	return 2;
}
