// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every allocation of every command fails once: the first, the second, ... until
 * the command has no more. Needs a kernel with CONFIG_FAULT_INJECTION, where
 * /proc/thread-self/fail-nth counts down (Documentation/fault-injection).
 *
 * Whatever fails, the policy is the old one, byte for byte, or the new one, and
 * the writer is told -ENOMEM. Where the core has no memory for the request or the
 * answer he is told by the socket, and only then he cannot know which.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"

/**
 * struct stage - what a case plays on
 * @family: number of the family
 * @group: number of its group of events
 * @counter: /proc/thread-self/fail-nth
 * @control: a socket that nothing fails on
 * @before: everything that the namespace says
 * @log: the kernel's, from now on
 */
struct stage {
	uint16_t family;
	uint32_t group;
	int counter;
	int control;
	struct snapshot before;
	int log;
};

/**
 * struct attempted - one try with one failure
 * @outcome: of the request
 * @error: of the socket
 * @answer: of the kernel
 * @changed: the policy is another than before
 * @told: a listener got an event, or was told that he missed one
 * @left: allocations that the failure was too late for
 * @in_commit: the failure was inside the module's command COMMIT, if it is asked
 */
struct attempted {
	enum outcome outcome;
	int error;
	struct answer answer;
	bool changed;
	bool told;
	unsigned long left;
	bool in_commit;
};

static void die(const char *what)
{
	fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
	exit(2);
}

/**
 * fault_counter_open() - where failures are asked for
 *
 * Return: /proc/thread-self/fail-nth. Ends the program where there is none.
 */
int fault_counter_open(void)
{
	int counter = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);

	if (counter < 0)
		die("fail-nth");
	return counter;
}

/**
 * fault_arm() - let an allocation of this thread fail
 * @counter: from fault_counter_open()
 * @allocation: counted from now on, 0 for none
 */
void fault_arm(int counter, unsigned long allocation)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%lu", allocation);

	if (pwrite(counter, text, (size_t)length, 0) != length)
		die("fail-nth");
}

/**
 * fault_disarm() - let none fail any more
 * @counter: from fault_counter_open()
 *
 * Return: the allocations that there would have had to be more; 0 where one failed.
 */
unsigned long fault_disarm(int counter)
{
	char text[24] = "";

	if (pread(counter, text, sizeof(text) - 1, 0) <= 0)
		die("fail-nth");
	fault_arm(counter, 0);
	return strtoul(text, NULL, 10);
}

static void must(int socket, uint16_t family, uint8_t command, const struct attribute *attributes,
		 void (*build)(struct message *message))
{
	static struct message message;
	struct answer answer;

	message_begin(&message, family, command, 0);
	message_put(&message, attributes);
	if (build)
		build(&message);
	exchange(socket, &message, &answer, NULL);
	if (answer.error) {
		errno = answer.error;
		die(command_name(command));
	}
}

/* A policy with something of everything. */
static void set_the_scene(struct stage *stage)
{
	static struct message message;
	struct answer answer;
	int control = stage->control;

	message_begin(&message, stage->family, IPMASQ_CMD_POLICY_DEL, 0);
	exchange(control, &message, &answer, NULL);
	must(control, stage->family, IPMASQ_CMD_TRANSACTION_BEGIN,
	     LIST(ORIGIN_CONFIG, IPV6_ON, PORTS(30000, 40000)), NULL);
	must(control, stage->family, IPMASQ_CMD_TRANSACTION_ADD,
	     LIST(CIDR4(10, 0, 0, 0, 8), CIDR4(192, 168, 0, 0, 16)), NULL);
	must(control, stage->family, IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING, NULL);
	must(control, stage->family, IPMASQ_CMD_CIDR_ADD, LIST(CIDR4(10, 0, 0, 0, 8)), NULL);
	snapshot_take(control, stage->family, &stage->before);
}

static void enter(struct stage *stage, const struct fault_case *one, bool changed)
{
	if (one->place == IN_EMPTY) {
		/* One that never had a policy. */
		if (unshare(CLONE_NEWNET))
			die("unshare");
		close(stage->control);
		stage->control = netlink_open();
		snapshot_take(stage->control, stage->family, &stage->before);
	} else if (changed) {
		set_the_scene(stage);
	}
}

static int begin(const struct stage *stage, const struct fault_case *one)
{
	int socket = netlink_open();

	if (one->begun) {
		must(socket, stage->family, IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN_CONFIG),
		     NULL);
		must(socket, stage->family, IPMASQ_CMD_TRANSACTION_ADD,
		     LIST(CIDR4(198, 51, 100, 0, 24)), NULL);
		if (one->before)
			must(socket, stage->family, IPMASQ_CMD_TRANSACTION_ADD, NOTHING,
			     one->before);
	}
	return socket;
}

static int listen_to_events(const struct stage *stage)
{
	int socket = netlink_open();

	if (setsockopt(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &stage->group,
		       sizeof(stage->group)))
		die("events");
	return socket;
}

static void write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
		die(path);
	close(file);
}

static void forget_routes(void)
{
	write_file("/proc/sys/net/ipv4/route/flush", "1");
	write_file("/proc/sys/net/ipv6/route/flush", "1");
}

/* Let the kernel tell where an allocation fails, or not. */
static void tell_places(bool tell)
{
	write_file("/sys/kernel/debug/failslab/verbose", tell ? "2" : "0");
	write_file("/sys/kernel/debug/fail_page_alloc/verbose", tell ? "2" : "0");
}

/* Reads the log to its end. In a trace "?" is before what only happens to be there. */
static bool log_mentions(int log, const char *text)
{
	char record[2048];
	bool mentioned = false;
	ssize_t length;

	for (;;) {
		length = read(log, record, sizeof(record) - 1);
		/* What was overwritten meanwhile is told once. */
		if (length < 0 && errno == EPIPE)
			continue;
		if (length <= 0)
			return mentioned;
		record[length] = '\0';
		if (strstr(record, text))
			mentioned = true;
	}
}

static bool was_told(int socket)
{
	struct pollfd poll_for = { .fd = socket, .events = POLLIN };

	return poll(&poll_for, 1, 0) > 0;
}

/* Plain data of all entries and settings, without generation and memory. */
static void strip(const struct snapshot *snapshot, struct snapshot *plain)
{
	const uint8_t *at = snapshot->data, *end = snapshot->data + snapshot->length;

	plain->data = malloc(snapshot->length + 1);
	plain->length = 0;
	if (!plain->data)
		die("malloc");
	while (at < end) {
		const struct nlmsghdr *header = (const struct nlmsghdr *)at;
		const uint8_t *attribute = at + NLMSG_HDRLEN + GENL_HDRLEN;

		at += NLMSG_ALIGN(header->nlmsg_len);
		while (attribute < at) {
			const struct nlattr *one = (const struct nlattr *)attribute;

			if (one->nla_type != IPMASQ_A_GENERATION &&
			    one->nla_type != IPMASQ_A_MEMORY) {
				memcpy(plain->data + plain->length, attribute, one->nla_len);
				plain->length += one->nla_len;
			}
			attribute += NLA_ALIGN(one->nla_len);
		}
	}
}

/* Is the policy what another one was, but for its generation? */
static bool same_content(const struct snapshot *a, const struct snapshot *b)
{
	struct snapshot plain_a, plain_b;
	bool same;

	strip(a, &plain_a);
	strip(b, &plain_b);
	same = plain_a.length == plain_b.length &&
	       !memcmp(plain_a.data, plain_b.data, plain_a.length);
	free(plain_a.data);
	free(plain_b.data);
	return same;
}

static void try_once(struct stage *stage, const struct fault_case *one, int socket,
		     unsigned long allocation, struct attempted *attempted,
		     struct snapshot *replies)
{
	static struct message message;
	int listener = listen_to_events(stage);
	struct snapshot after = { 0 };

	message_begin(&message, stage->family, one->command, one->flags);
	message_put(&message, one->attributes);
	if (one->build)
		one->build(&message);
	/* A route that is remembered takes no memory. */
	if (one->command == IPMASQ_CMD_EXPLAIN)
		forget_routes();
	if (one->follow == COMMIT_IS_FREE)
		tell_places(true);
	fault_arm(stage->counter, allocation);
	attempted->outcome = attempt(socket, &message, &attempted->answer, replies,
				     &attempted->error);
	attempted->left = fault_disarm(stage->counter);
	if (one->follow == COMMIT_IS_FREE) {
		tell_places(false);
		attempted->in_commit = log_mentions(stage->log, "] transaction_commit+");
	}
	attempted->told = was_told(listener);
	close(listener);
	snapshot_take(stage->control, stage->family, &after);
	attempted->changed = after.length != stage->before.length ||
			     memcmp(after.data, stage->before.data, after.length);
	free(stage->before.data);
	stage->before = after;
}

/* Why a try went wrong, NULL if it did not. */
static const char *judge(const struct stage *stage, const struct fault_case *one,
			 const struct attempted *seen, const struct snapshot *wanted,
			 const struct snapshot *replies, const struct snapshot *wanted_replies)
{
	bool reached = same_content(&stage->before, wanted);
	int error = seen->answer.error;

	if (seen->changed && !reached)
		return "neither the old nor the new policy";
	if (seen->changed && !seen->told)
		return "changed without an event";
	switch (seen->outcome) {
	case NOT_SENT:
		if (seen->error != ENOBUFS && seen->error != ENOMEM)
			return "another errno of send() than ENOBUFS and ENOMEM";
		return seen->changed ? "changed by a request that was not sent" : NULL;
	case ANSWER_LOST:
		return seen->error != ENOBUFS && seen->error != ENOMEM ?
		       "another errno of recv() than ENOBUFS and ENOMEM" : NULL;
	case ANSWERED:
		break;
	}
	if (error == ENOMEM)
		return seen->changed ? "refused, and changed" : NULL;
	/* What the core says when it has no memory for the messages of a dump. */
	if (error == ENOBUFS && one->flags == NLM_F_DUMP)
		return NULL;
	if (error != one->error)
		return "another errno than ENOMEM";
	if (seen->changed != (one->changes && !error))
		return seen->changed ? "changed by a command that does not" : "nothing changed";
	if (!error && !one->changes && !same_content(replies, wanted_replies))
		return "another reply";
	return NULL;
}

static int ask(int socket, const struct stage *stage, uint8_t command,
	       const struct attribute *attributes)
{
	struct answer answer;

	return request_once(socket, stage->family, command, attributes, &answer);
}

/* Where is the transaction afterwards? A request that was not sent or whose answer
 * was lost may leave it where it was.
 */
static const char *follow_up(struct stage *stage, const struct fault_case *one, int socket,
			     const struct attempted *seen)
{
	bool done = seen->outcome == ANSWERED && !seen->answer.error;
	bool added;
	int error;

	if (seen->outcome == ANSWER_LOST)
		return NULL;
	switch (one->follow) {
	case NOTHING_MORE:
		return NULL;
	case BEGIN_IS_FREE:
		error = ask(socket, stage, IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN_CONFIG));
		return error == (done ? EBUSY : 0) ? NULL :
						     "the transaction is not where it should be";
	case COMMIT_IS_FREE:
		error = ask(socket, stage, IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN_CONFIG));
		if (seen->outcome == NOT_SENT && one->begun)
			return error == EBUSY ? NULL : "a commit that was not sent ended it";
		/* The core allocates room for the attributes before it calls anybody. */
		if (error == EBUSY && one->begun && seen->answer.error == ENOMEM &&
		    !seen->in_commit)
			return NULL;
		return error ? "a commit that failed left the transaction open" : NULL;
	case ADDED_ALL_OR_NOTHING:
		if (ask(socket, stage, IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING))
			return "the transaction cannot be committed";
		/* One of those that were to be added, and the last. */
		added = !ask(stage->control, stage, IPMASQ_CMD_CIDR_DEL,
			     one->build ? LIST(ORIGIN_CONFIG, CIDR4(172, 16, 0, 0, 32)) :
					  LIST(ORIGIN_CONFIG, CIDR4(11, 0, 0, 0, 8)));
		if (added != done)
			return added ? "refused, and added" : "accepted, and not added";
		if (ask(stage->control, stage, IPMASQ_CMD_CIDR_DEL,
			LIST(ORIGIN_CONFIG, CIDR4(198, 51, 100, 0, 24))))
			return "what was added before is lost";
		return NULL;
	}
	return NULL;
}

static const char *outcome_text(const struct attempted *seen, char text[400])
{
	if (seen->outcome == ANSWERED)
		return describe(&seen->answer, text);
	snprintf(text, 400, "%s: %s", seen->outcome == NOT_SENT ? "send" : "recv",
		 strerror(seen->error));
	return text;
}

/* How many allocations there were; complaints are results. */
static unsigned long run_case(struct stage *stage, const struct fault_case *one)
{
	struct snapshot wanted = { 0 }, wanted_replies = { 0 }, replies;
	struct attempted seen = { .changed = true };
	unsigned long allocation;
	const char *wrong;
	char name[160], text[400];
	bool dirty = true;
	int socket;

	for (allocation = 0; allocation <= ALLOCATIONS_MAX; allocation++) {
		enter(stage, one, dirty);
		socket = begin(stage, one);
		replies = (struct snapshot){ 0 };
		try_once(stage, one, socket, allocation, &seen, &replies);
		if (!allocation) {
			/* How it is when nothing fails. */
			wanted.length = stage->before.length;
			wanted.data = malloc(wanted.length + 1);
			if (!wanted.data)
				die("malloc");
			memcpy(wanted.data, stage->before.data, wanted.length);
			wanted_replies = replies;
			replies = (struct snapshot){ 0 };
		}
		wrong = judge(stage, one, &seen, &wanted, allocation ? &replies : &wanted_replies,
			      &wanted_replies);
		if (!wrong)
			wrong = follow_up(stage, one, socket, &seen);
		dirty = seen.changed || one->follow == ADDED_ALL_OR_NOTHING;
		close(socket);
		free(replies.data);
		if (wrong) {
			snprintf(name, sizeof(name), "%s: %s: allocation %lu fails",
				 command_name(one->command), one->name, allocation);
			result(name, false, outcome_text(&seen, text), wrong);
		}
		if (allocation && seen.left)
			break;
	}
	free(wanted.data);
	free(wanted_replies.data);
	return allocation - 1;
}

/**
 * run_faults() - all commands
 * @socket: from netlink_open()
 * @family: number of the family; the namespace has routes everywhere
 *
 * Return: the exit status.
 */
int run_faults(int socket, uint16_t family)
{
	struct stage stage = {
		.family = family,
		.group = family_group(socket),
		.counter = fault_counter_open(),
		.control = netlink_open(),
		.log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC),
	};
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned long allocations, all = 0;
	char name[160], seen[64];
	size_t i;

	if (home < 0 || stage.log < 0 || !stage.group)
		die("events");
	for (i = 0; i < fault_cases_count; i++) {
		allocations = run_case(&stage, &fault_cases[i]);
		all += allocations;
		snprintf(name, sizeof(name), "%s: %s: %lu allocations, each of which failed once",
			 command_name(fault_cases[i].command), fault_cases[i].name, allocations);
		snprintf(seen, sizeof(seen), "%lu", allocations);
		/* The request and its answer are two. */
		result(name, allocations > 1 && allocations < ALLOCATIONS_MAX,
		       "some, and an end", seen);
		if (fault_cases[i].place == IN_EMPTY) {
			if (setns(home, CLONE_NEWNET))
				die("setns");
			close(stage.control);
			stage.control = netlink_open();
			snapshot_take(stage.control, family, &stage.before);
		}
	}
	snprintf(name, sizeof(name), "%lu allocations in all", all);
	result(name, all > 200, "more than 200", name);
	free(stage.before.data);
	close(home);
	close(stage.log);
	close(stage.control);
	close(stage.counter);
	return results_end();
}
