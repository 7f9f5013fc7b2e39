// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl trace */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "live.h"
#include "policy.h"
#include "verdict_events.h"

static const char *const keywords[] = { "from", "to", "verdict", "count" };

/**
 * struct tracing - what to show, and how much was shown
 * @invocation: how the program was called
 * @from: only from these sources
 * @to: only to these destinations
 * @has_from: @from is set
 * @has_to: @to is set
 * @verdict: only this one, 0 for all
 * @left: lines to print still, counts down unless it is 0 from the start
 * @lost: events that were lost and not told of yet
 */
struct tracing {
	const struct invocation *invocation;
	struct cidr from;
	struct cidr to;
	bool has_from;
	bool has_to;
	uint8_t verdict;
	uint64_t left;
	uint64_t lost;
};

/* So that a line fits 80 characters with IPv4. */
static void print_columns(const char *time, const char *colour, const char *verdict,
			  const char *source, const char *destination, const char *prefix,
			  const char *origin)
{
	printf("%-10s %s%-10s%s %-15s %-15s", time, colour, verdict, *colour ? "\033[0m" : "",
	       source, destination);
	if (*prefix)
		printf(" %-18s %s", prefix, origin);
	putchar('\n');
}

static void print_text(const struct invocation *invocation, const struct verdict_event *event)
{
	bool translated = policy_verdict_translates(event->verdict);
	char source[CIDR_TEXT_MAX], destination[CIDR_TEXT_MAX], prefix[CIDR_TEXT_MAX];
	char time[LIVE_TIME_MAX];

	print_columns(live_time_of(event->time, LIVE_CLOCK, time),
		      !invocation->colour ? "" : translated ? "\033[32m" : "\033[36m",
		      policy_verdict_name(event->verdict),
		      cidr_format_address(&event->source, source),
		      cidr_format_address(&event->destination, destination),
		      event->has_prefix ? cidr_format(&event->prefix, prefix) : "",
		      policy_origin_name(event->origin));
}

/* Says that it listens. */
static void print_start(const struct invocation *invocation)
{
	char time[LIVE_TIME_MAX];

	if (invocation->json)
		live_print_json(json_pack("{s:s, s:s}", "time", live_time(true, time),
					  "event", "start"));
	else if (!invocation->no_header)
		print_columns("TIME", "", "VERDICT", "SOURCE", "DESTINATION", "PREFIX", "ORIGIN");
}

static void print_json_line(const struct verdict_event *event)
{
	char source[CIDR_TEXT_MAX], destination[CIDR_TEXT_MAX], prefix[CIDR_TEXT_MAX];
	char time[LIVE_TIME_MAX];

	live_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?}",
		"time", live_time_of(event->time, LIVE_RFC3339, time), "event", "verdict",
		"verdict", policy_verdict_name(event->verdict),
		"source", cidr_format_address(&event->source, source),
		"destination", cidr_format_address(&event->destination, destination),
		"prefix", event->has_prefix ? cidr_format(&event->prefix, prefix) : NULL,
		"origin", event->has_prefix ? policy_origin_name(event->origin) : NULL));
}

static void print_lost(struct tracing *tracing)
{
	char time[LIVE_TIME_MAX];

	if (!tracing->lost)
		return;
	if (tracing->invocation->json)
		live_print_json(json_pack("{s:s, s:s, s:I}", "time", live_time(true, time),
					  "event", "lost", "count", (json_int_t)tracing->lost));
	else
		printf("%" PRIu64 " decisions were lost: they came faster than they could be read\n",
		       tracing->lost);
	tracing->lost = 0;
}

static bool take(const struct verdict_event *event, void *data)
{
	struct tracing *tracing = data;

	if ((tracing->has_from && !cidr_holds(&tracing->from, &event->source)) ||
	    (tracing->has_to && !cidr_holds(&tracing->to, &event->destination)))
		return true;
	if (tracing->invocation->json)
		print_json_line(event);
	else
		print_text(tracing->invocation, event);
	return !tracing->left || --tracing->left;
}

static int trace(struct tracing *tracing, struct verdict_events *events, int signals)
{
	bool more = true;
	int ready;

	print_start(tracing->invocation);
	if (fflush(stdout))
		return live_output_ended();
	while (more) {
		ready = verdict_events_wait(events, signals);
		if (ready < 0)
			return refuse_errno(tracing->invocation, ready,
					    "cannot wait for decisions: %s", strerror(-ready));
		if (!ready)
			break;
		more = verdict_events_read(events, take, tracing, &tracing->lost);
		print_lost(tracing);
		if (fflush(stdout))
			return live_output_ended();
	}
	return EXIT_DONE;
}

static int start(struct tracing *tracing)
{
	const struct invocation *invocation = tracing->invocation;
	struct verdict_events *events;
	char *reason = NULL;
	int result;
	int signals;
	int error;

	signals = live_open_signals();
	if (signals < 0)
		return refuse_errno(invocation, errno, "cannot wait for signals: %s",
				    strerror(errno));
	error = verdict_events_open(&events, tracing->verdict, &reason);
	if (error) {
		result = refuse_errno(invocation, error, "%s", reason ? reason : "out of memory");
		free(reason);
	} else {
		result = trace(tracing, events, signals);
		verdict_events_close(events);
	}
	close(signals);
	return result;
}

static int read_verdict(struct arguments *arguments, uint8_t *verdict)
{
	const char *names[IPMASQ_VERDICT_MAX];
	const char *word = NULL;
	int wrong;
	int i;

	wrong = argument_value(arguments, "a verdict", &word);
	if (wrong)
		return wrong;
	for (i = 1; i <= IPMASQ_VERDICT_MAX; i++) {
		names[i - 1] = policy_verdict_name(i);
		if (word_is(word, names[i - 1])) {
			*verdict = i;
			return 0;
		}
	}
	return argument_unknown(arguments->invocation, word, names, IPMASQ_VERDICT_MAX);
}

static int read_word(struct arguments *arguments, struct tracing *tracing)
{
	const char *word = *arguments->next++;
	int wrong;

	if (word_is(word, "from"))
		return argument_prefix(arguments, &tracing->from, &tracing->has_from);
	if (word_is(word, "to"))
		return argument_prefix(arguments, &tracing->to, &tracing->has_to);
	if (word_is(word, "verdict"))
		return read_verdict(arguments, &tracing->verdict);
	if (!word_is(word, "count"))
		return argument_unknown(arguments->invocation, word, keywords,
					sizeof(keywords) / sizeof(keywords[0]));
	wrong = argument_value(arguments, "a number", &word);
	if (wrong)
		return wrong;
	return argument_number(arguments->invocation, word, "count", 1, UINT64_MAX,
			       &tracing->left);
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct tracing tracing = { .invocation = invocation };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_word(&arguments, &tracing);
	return result ? result : start(&tracing);
}

const struct command command_trace = {
	.name = "trace",
	.arguments = "[from CIDR] [to CIDR] [verdict VERDICT] [count N]",
	.summary = "print decisions as they are made",
	.description =
		"A line for each new connection of this network namespace: the time, the verdict\n"
		"(\"help stats\" explains them), source and destination, and the entry that\n"
		"decided. With --json each line is an object, its \"event\" one of start, verdict\n"
		"and lost.\n"
		"\n"
		"  from CIDR  only connections from there\n"
		"  to CIDR    only connections to there\n"
		"  verdict    only this verdict, as in \"verdict failed\"\n"
		"  count N    end after N decisions\n"
		"\n"
		"It never holds up traffic: where decisions come faster than they can be read,\n"
		"a line says how many were lost. The kernel keeps other verdicts and namespaces\n"
		"from being copied; from and to are looked at here. It wakes up when a buffer of\n"
		"some 700 decisions is half full, and ten times a second. Needs CAP_PERFMON and\n"
		"tracefs. Ends on Ctrl-C, SIGTERM, or when its output is no longer read, and\n"
		"leaves nothing behind.\n",
	.run = run,
};
