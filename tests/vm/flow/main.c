// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flow: traffic whose far side tells what it saw. Made for scenarios in a VM;
 * every socket is IPv6 with IPv4 mapped into it, apart from ICMP over IPv4.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"

static const char usage[] =
	"usage: flow serve [port N] [log FILE]\n"
	"       flow connect tcp|udp|icmp|sctp DESTINATION [port N] [from ADDRESS]\n"
	"            [source-port N] [device IF] [count N] [until FILE] [parallel N]\n"
	"            [each] [successive] [timeout MILLISECONDS] [size BYTES] [ttl N]\n"
	"            [pause MICROSECONDS]\n"
	"       flow converse tcp|udp|icmp|sctp DESTINATION [the same]\n"
	"       flow transfer DESTINATION [port N] [from ADDRESS] [megabytes N]\n";

static int usage_error(const char *what, const char *word)
{
	fprintf(stderr, "flow: %s '%s'\n%s", what, word, usage);
	return 2;
}

static int parse_number(const char *text, unsigned long lowest, unsigned long highest,
			unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	if (errno || end == text || *end || *number < lowest || *number > highest)
		return -EINVAL;
	return 0;
}

static int parse_protocol(const char *text)
{
	static const struct {
		const char *name;
		int protocol;
	} known[] = {
		{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP },
		{ "icmp", IPPROTO_ICMP }, { "sctp", IPPROTO_SCTP },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(text, known[i].name))
			return known[i].protocol;
	return -1;
}

/* Takes one keyword and its value. Returns how many words that were, or 0. */
static int parse_option(struct flow_options *options, const char *word, const char *value)
{
	unsigned long number;

	if (!strcmp(word, "each")) {
		options->each = true;
		return 1;
	}
	if (!strcmp(word, "successive")) {
		options->successive = true;
		return 1;
	}
	if (!value)
		return 0;
	if (!strcmp(word, "from"))
		return address_parse(value, &options->source) ? 0 : 2;
	if (!strcmp(word, "device")) {
		options->device = value;
		return 2;
	}
	if (!strcmp(word, "log")) {
		options->log = value;
		return 2;
	}
	if (!strcmp(word, "until")) {
		options->until = value;
		return 2;
	}
	if (parse_number(value, 1, 100000000, &number))
		return 0;
	if (!strcmp(word, "port") && number < 65536)
		options->destination.sin6_port = htons((uint16_t)number);
	else if (!strcmp(word, "source-port") && number < 65536)
		options->source.sin6_port = htons((uint16_t)number);
	else if (!strcmp(word, "count"))
		options->count = number;
	else if (!strcmp(word, "parallel") && number <= 256)
		options->parallel = number;
	else if (!strcmp(word, "timeout"))
		options->timeout = (int)number;
	else if (!strcmp(word, "size") && number < 65508)
		options->size = (unsigned int)number;
	else if (!strcmp(word, "ttl") && number < 256)
		options->ttl = (int)number;
	else if (!strcmp(word, "pause") && number < 1000000)
		options->pause = (unsigned int)number;
	else if (!strcmp(word, "megabytes"))
		options->megabytes = number;
	else
		return 0;
	return 2;
}

/* A line of standard input is a question; its answer is printed at once. */
static int converse(const struct flow_options *options)
{
	char line[256], answer[ANSWER_MAX];
	const char *reason = "";
	int descriptor;

	setvbuf(stdout, NULL, _IOLBF, 0);
	descriptor = dial(options, &reason);
	if (descriptor < 0) {
		printf("%s\n", reason);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		if (ask(descriptor, options, answer, &reason))
			printf("%s\n", reason);
		else
			printf("%s\n", answer);
	}
	close(descriptor);
	return 0;
}

int main(int argc, char **argv)
{
	struct flow_options options = {
		.protocol = IPPROTO_TCP, .count = 1, .parallel = 1, .timeout = 5000,
		.megabytes = 64,
	};
	const char *command = argc > 1 ? argv[1] : "";
	int i = 2, words;

	options.destination.sin6_port = htons(FLOW_PORT);
	if (!strcmp(command, "connect") || !strcmp(command, "converse")) {
		options.protocol = argc > i ? parse_protocol(argv[i]) : -1;
		if (options.protocol < 0)
			return usage_error("no such protocol", argc > i ? argv[i] : "");
		i++;
	} else if (strcmp(command, "serve") && strcmp(command, "transfer")) {
		return usage_error("no such command", command);
	}
	if (strcmp(command, "serve")) {
		if (argc <= i || address_parse(argv[i], &options.destination))
			return usage_error("no such address", argc > i ? argv[i] : "");
		i++;
	}
	for (; i < argc; i += words) {
		words = parse_option(&options, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
		if (!words)
			return usage_error("wrong option or value at", argv[i]);
	}
	if (!strcmp(command, "serve"))
		return serve(&options);
	if (!strcmp(command, "converse"))
		return converse(&options);
	if (!strcmp(command, "transfer"))
		return transfer(&options);
	return connect_many(&options);
}
