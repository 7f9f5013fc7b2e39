// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One conversation: connect, ask what the far side sees, read its answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "flow.h"

/* The words that scenarios compare with. */
static const char *error_word(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "refused";
	case EMSGSIZE:
		return "too big";
	case EHOSTUNREACH:
		return "host unreachable";
	case ENETUNREACH:
		return "network unreachable";
	case ECONNRESET:
		return "reset";
	case EPIPE:
		return "closed";
	case EAGAIN:
	case ETIMEDOUT:
	case EINPROGRESS:
		return "no answer";
	default:
		return strerror(error);
	}
}

static int fail(int descriptor, int error, const char **reason)
{
	*reason = error_word(error);
	if (descriptor >= 0)
		close(descriptor);
	return -error;
}

static int open_raw(bool ipv4)
{
	struct icmp6_filter filter6;
	struct icmp_filter {
		uint32_t mask;
	} filter4 = { ~(1U << ICMP_ECHOREPLY) };
	int descriptor;

	descriptor = socket(ipv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
			    ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (descriptor < 0)
		return -1;
	if (ipv4) {
		setsockopt(descriptor, SOL_RAW, 1 /* ICMP_FILTER */, &filter4, sizeof(filter4));
	} else {
		ICMP6_FILTER_SETBLOCKALL(&filter6);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
		setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof(filter6));
	}
	return descriptor;
}

/* Only a socket of AF_INET needs an IPv4 address, mapped ones do for the rest. */
static socklen_t fill_address(const struct sockaddr_in6 *from, bool plain_ipv4,
			      struct sockaddr_storage *to)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	if (!plain_ipv4) {
		memcpy(to, from, sizeof(*from));
		return sizeof(*from);
	}
	ipv4->sin_family = AF_INET;
	ipv4->sin_port = from->sin6_port;
	memcpy(&ipv4->sin_addr, &from->sin6_addr.s6_addr[12], 4);
	return sizeof(*ipv4);
}

static int bind_source(int descriptor, const struct flow_options *options, bool raw, bool ipv4,
		       bool plain_ipv4)
{
	struct sockaddr_storage address;
	struct sockaddr_in6 source = options->source;
	socklen_t length;
	int on = 1;

	if (options->device &&
	    setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, options->device,
		       strlen(options->device)))
		return -1;
	if (!source.sin6_family && !source.sin6_port)
		return 0;
	if (!source.sin6_family) {
		source.sin6_family = AF_INET6;
		if (ipv4)
			address_parse("0.0.0.0", &source);
	}
	if (raw)
		source.sin6_port = 0;
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	length = fill_address(&source, plain_ipv4, &address);
	return bind(descriptor, (struct sockaddr *)&address, length);
}

/**
 * dial() - open a socket that is connected to the destination
 * @options: protocol, destination, source, device, timeout, ttl
 * @reason: set to a word that says why not
 *
 * Return: a descriptor, blocking with the timeout set, or a negative errno.
 */
int dial(const struct flow_options *options, const char **reason)
{
	bool ipv4 = address_is_ipv4(&options->destination.sin6_addr);
	bool raw = options->protocol == IPPROTO_ICMP;
	int family = address_family(ipv4);
	bool plain_ipv4 = ipv4 && (raw || family == AF_INET);
	struct timeval timeout = { options->timeout / 1000, options->timeout % 1000 * 1000 };
	struct sockaddr_storage address;
	int descriptor, on = 1, discover = IP_PMTUDISC_DO;
	socklen_t length;

	if (raw)
		descriptor = open_raw(ipv4);
	else
		descriptor = socket(family,
				    (options->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) |
				    SOCK_CLOEXEC, options->protocol);
	if (descriptor < 0)
		return fail(-1, errno, reason);
	if (options->protocol == IPPROTO_SCTP)
		allow_sctp(descriptor);
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (options->protocol == IPPROTO_UDP) {
		/* Errors of all kinds come back to the socket, and DF is set. */
		setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
		setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover));
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &discover,
			   sizeof(discover));
	}
	if (options->ttl) {
		setsockopt(descriptor, IPPROTO_IP, IP_TTL, &options->ttl, sizeof(options->ttl));
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &options->ttl,
			   sizeof(options->ttl));
	}
	if (bind_source(descriptor, options, raw, ipv4, plain_ipv4))
		return fail(descriptor, errno, reason);
	length = fill_address(&options->destination, plain_ipv4, &address);
	if (raw && !ipv4)
		((struct sockaddr_in6 *)&address)->sin6_port = 0;
	if (connect(descriptor, (struct sockaddr *)&address, length))
		return fail(descriptor, errno, reason);
	return descriptor;
}

static int read_echo_reply(int descriptor, bool ipv4, uint16_t id, char answer[ANSWER_MAX],
			   const char **reason)
{
	char data[2048];
	size_t offset;
	ssize_t received;
	uint16_t seen;

	for (;;) {
		received = recv(descriptor, data, sizeof(data) - 1, 0);
		if (received < 0)
			return fail(-1, errno, reason);
		offset = ipv4 ? (size_t)(data[0] & 0xf) * 4 : 0;
		if ((size_t)received < offset + 8)
			continue;
		memcpy(&seen, data + offset + 4, sizeof(seen));
		if (seen != id)
			continue;
		data[received] = '\0';
		snprintf(answer, ANSWER_MAX, "%.*s", ANSWER_MAX - 1, data + offset + 8);
		return 0;
	}
}

static int ask_echo(int descriptor, const struct flow_options *options, char answer[ANSWER_MAX],
		    const char **reason)
{
	static uint16_t next_id;
	bool ipv4 = address_is_ipv4(&options->destination.sin6_addr);
	char data[8 + sizeof(ICMP_MARK)] = { 0 };
	struct icmphdr *icmp = (struct icmphdr *)data;

	/* The id stands in for a port: one for each conversation. */
	if (!next_id)
		next_id = (uint16_t)getpid();
	if (options->source.sin6_port)
		next_id = ntohs(options->source.sin6_port);
	icmp->type = ipv4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	icmp->un.echo.id = htons(next_id++);
	memcpy(icmp + 1, ICMP_MARK, sizeof(ICMP_MARK));
	if (ipv4)
		icmp->checksum = icmp_checksum(data, sizeof(data));
	if (send(descriptor, data, sizeof(data), 0) < 0)
		return fail(-1, errno, reason);
	return read_echo_reply(descriptor, ipv4, icmp->un.echo.id, answer, reason);
}

/**
 * ask() - ask the far side what it sees
 * @descriptor: from dial()
 * @options: those given to dial(), and size
 * @answer: set to "ADDRESS PORT", without a newline
 * @reason: set to a word that says why not
 *
 * Return: 0 or a negative errno.
 */
int ask(int descriptor, const struct flow_options *options, char answer[ANSWER_MAX],
	const char **reason)
{
	static char question[65536];
	size_t length = strlen(ASK);
	ssize_t received;

	if (options->protocol == IPPROTO_ICMP) {
		int error = ask_echo(descriptor, options, answer, reason);

		if (!error)
			answer[strcspn(answer, "\n")] = '\0';
		return error;
	}
	memcpy(question, ASK, strlen(ASK));
	if (options->protocol == IPPROTO_UDP && options->size > length)
		length = options->size;
	if (send(descriptor, question, length, MSG_NOSIGNAL) != (ssize_t)length)
		return fail(-1, errno, reason);
	received = recv(descriptor, answer, ANSWER_MAX - 1, 0);
	if (received <= 0)
		return fail(-1, received ? errno : EPIPE, reason);
	answer[received] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return 0;
}
