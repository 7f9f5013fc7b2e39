/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW_H
#define FLOW_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define FLOW_PORT 7000

/* "ADDRESS PORT\n": what a server answers, with room for any of it. */
#define ANSWER_MAX 96

/* A line that asks for an answer, and one that turns the rest of a TCP
 * connection into an echo.
 */
#define ASK "who am I\n"
#define ASK_TRANSFER "transfer\n"

/* Ahead of the payload of an ICMP echo request, so that nobody else's is answered. */
#define ICMP_MARK "ipmasq flow "

/**
 * struct flow_options - the words of the command line
 * @protocol: IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP or IPPROTO_ICMP (both families)
 * @destination: address and port to connect to
 * @source: address and port to bind to, either may be unset (all zero)
 * @device: interface to bind to, NULL for none
 * @log: file that a server writes a line to for each conversation, NULL for none
 * @until: go on until this file exists, NULL to go by @count
 * @count: connections to make
 * @parallel: processes that share them
 * @timeout: for one answer, in milliseconds
 * @pause: between a connection and the next one, in microseconds
 * @size: bytes to send in a datagram, 0 for just the question
 * @ttl: hop limit, 0 for the system's
 * @each: print a line for each connection and no summary
 * @successive: connections take source ports one after the other from @source's
 *	on, so that conntrack takes none for an earlier one
 * @megabytes: length of a transfer, in MiB
 */
struct flow_options {
	int protocol;
	struct sockaddr_in6 destination;
	struct sockaddr_in6 source;
	const char *device;
	const char *log;
	const char *until;
	unsigned long count;
	unsigned long parallel;
	int timeout;
	unsigned int pause;
	unsigned int size;
	int ttl;
	bool each;
	bool successive;
	unsigned long megabytes;
};

/* address.c */
bool address_is_ipv4(const struct in6_addr *address);
const char *address_format(const struct in6_addr *address, char text[INET6_ADDRSTRLEN]);
int address_parse(const char *text, struct sockaddr_in6 *address);
void address_map(struct sockaddr_in6 *address);
int address_family(bool ipv4);
uint16_t icmp_checksum(const void *data, size_t length);
void allow_sctp(int descriptor);

/* serve.c */
int serve(const struct flow_options *options);

/* connect.c */
int dial(const struct flow_options *options, const char **reason);
int ask(int descriptor, const struct flow_options *options, char answer[ANSWER_MAX],
	const char **reason);

/* count.c */
int connect_many(const struct flow_options *options);

/* transfer.c */
int transfer(const struct flow_options *options);
void echo_until_end(int descriptor);

#endif
