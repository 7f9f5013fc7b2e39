// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The far side: answers everybody with the source address and port that it
 * saw, on TCP, UDP, SCTP (where the kernel has it) and ICMP echo, both
 * families. The answer comes inside the conversation, so a client learns what
 * its packets looked like over there without asking anybody else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "flow.h"

enum role { LISTEN_TCP, LISTEN_SCTP, DATAGRAMS, ECHO_IPV4, ECHO_IPV6, ROLES };

#define CONNECTED ROLES		/* role and descriptor of an accepted connection */

static int log_descriptor = -1;

static void record(const char *protocol, const struct sockaddr_in6 *peer)
{
	char text[INET6_ADDRSTRLEN];

	if (log_descriptor >= 0)
		dprintf(log_descriptor, "%s %s %u\n", protocol,
			address_format(&peer->sin6_addr, text), ntohs(peer->sin6_port));
}

static int answer_text(const struct in6_addr *address, unsigned int port, char text[ANSWER_MAX])
{
	char buffer[INET6_ADDRSTRLEN];

	return snprintf(text, ANSWER_MAX, "%s %u\n", address_format(address, buffer), port);
}

static int open_socket(int type, int protocol, int port)
{
	/* The port lies in the same place in an address of AF_INET, and the rest is zero. */
	const int family = address_family(true);
	struct sockaddr_in6 any = { .sin6_family = family, .sin6_port = htons(port) };
	int descriptor, on = 1, off = 0;

	descriptor = socket(family, type | SOCK_CLOEXEC, protocol);
	if (descriptor < 0)
		return -errno;
	setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	if (family == AF_INET)
		setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	if (bind(descriptor, (struct sockaddr *)&any, sizeof(any)) ||
	    (type != SOCK_DGRAM && listen(descriptor, 4096))) {
		int error = errno;

		close(descriptor);
		return -error;
	}
	return descriptor;
}

static int open_echo(int family, int protocol)
{
	struct icmp6_filter filter;
	int descriptor, on = 1;

	descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (descriptor < 0)
		return -errno;
	if (family == AF_INET) {
		setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	} else {
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
		ICMP6_FILTER_SETBLOCKALL(&filter);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REQUEST, &filter);
		setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
	}
	return descriptor;
}

/* The kernel would answer echo requests too, and first. */
static void silence_kernel(void)
{
	static const char *const paths[] = {
		"/proc/sys/net/ipv4/icmp_echo_ignore_all",
		"/proc/sys/net/ipv6/icmp/echo_ignore_all",
	};
	size_t i;
	int file;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		file = open(paths[i], O_WRONLY);
		/* Without IPv6 there is nothing to silence. */
		if (file < 0 && errno == ENOENT)
			continue;
		if (file < 0 || write(file, "1\n", 2) != 2)
			fprintf(stderr, "flow: %s: %s\n", paths[i], strerror(errno));
		if (file >= 0)
			close(file);
	}
}

/* What is received over IPv4 is answered from the address that it was sent to. IPv6 needs no
 * change for that.
 */
static void answer_from_there(struct msghdr *message)
{
	struct in_pktinfo *info;
	struct cmsghdr *header;

	for (header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != IPPROTO_IP || header->cmsg_type != IP_PKTINFO)
			continue;
		info = (struct in_pktinfo *)CMSG_DATA(header);
		info->ipi_spec_dst = info->ipi_addr;
		info->ipi_ifindex = 0;
	}
}

/* A datagram is answered from the address that it was sent to: the control
 * message with that address goes back as it came.
 */
static void answer_datagram(int descriptor)
{
	struct sockaddr_in6 peer = { 0 }, seen;
	char data[65536], control[256], text[ANSWER_MAX];
	struct iovec vector = { data, sizeof(data) };
	struct msghdr message = {
		.msg_name = &peer, .msg_namelen = sizeof(peer), .msg_iov = &vector,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};

	if (recvmsg(descriptor, &message, MSG_DONTWAIT) < 0)
		return;
	seen = peer;
	address_map(&seen);
	record("udp", &seen);
	answer_from_there(&message);
	vector.iov_base = text;
	vector.iov_len = answer_text(&seen.sin6_addr, ntohs(seen.sin6_port), text);
	sendmsg(descriptor, &message, MSG_DONTWAIT);
}

static void answer_echo_ipv4(int descriptor)
{
	struct sockaddr_in peer = { 0 };
	struct sockaddr_in6 mapped = { 0 };
	char data[65536], control[256], text[INET_ADDRSTRLEN];
	struct iovec vector = { data, sizeof(data) };
	struct msghdr message = {
		.msg_name = &peer, .msg_namelen = sizeof(peer), .msg_iov = &vector,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct icmphdr *icmp;
	size_t length, offset;
	ssize_t received;

	received = recvmsg(descriptor, &message, MSG_DONTWAIT);
	if (received < (ssize_t)sizeof(struct iphdr))
		return;
	offset = (size_t)((struct iphdr *)data)->ihl * 4;
	if ((size_t)received < offset + sizeof(*icmp) + strlen(ICMP_MARK))
		return;
	icmp = (struct icmphdr *)(data + offset);
	if (icmp->type != ICMP_ECHO ||
	    memcmp(icmp + 1, ICMP_MARK, strlen(ICMP_MARK)))
		return;
	inet_ntop(AF_INET, &peer.sin_addr, text, sizeof(text));
	address_parse(text, &mapped);
	mapped.sin6_port = icmp->un.echo.id;
	record("icmp", &mapped);

	answer_from_there(&message);
	length = sizeof(*icmp) + answer_text(&mapped.sin6_addr, ntohs(icmp->un.echo.id),
					     (char *)(icmp + 1));
	icmp->type = ICMP_ECHOREPLY;
	icmp->checksum = 0;
	icmp->checksum = icmp_checksum(icmp, length);
	vector.iov_base = icmp;
	vector.iov_len = length;
	sendmsg(descriptor, &message, MSG_DONTWAIT);
}

static void answer_echo_ipv6(int descriptor)
{
	struct sockaddr_in6 peer = { 0 };
	char data[65536], control[256];
	struct iovec vector = { data, sizeof(data) };
	struct msghdr message = {
		.msg_name = &peer, .msg_namelen = sizeof(peer), .msg_iov = &vector,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct icmp6_hdr *icmp = (struct icmp6_hdr *)data;
	ssize_t received;

	received = recvmsg(descriptor, &message, MSG_DONTWAIT);
	if (received < (ssize_t)(sizeof(*icmp) + strlen(ICMP_MARK)) ||
	    memcmp(icmp + 1, ICMP_MARK, strlen(ICMP_MARK)))
		return;
	peer.sin6_port = icmp->icmp6_id;
	record("icmp", &peer);
	peer.sin6_port = 0;	/* for a raw socket it would be the protocol */
	icmp->icmp6_type = ICMP6_ECHO_REPLY;
	vector.iov_len = sizeof(*icmp) + answer_text(&peer.sin6_addr, ntohs(icmp->icmp6_id),
						     (char *)(icmp + 1));
	sendmsg(descriptor, &message, MSG_DONTWAIT);
}

static void accept_connection(int poll, int listener, const char *protocol)
{
	struct sockaddr_in6 peer = { 0 };
	socklen_t length = sizeof(peer);
	struct epoll_event event = { .events = EPOLLIN };
	int descriptor;

	descriptor = accept4(listener, (struct sockaddr *)&peer, &length,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (descriptor < 0)
		return;
	address_map(&peer);
	record(protocol, &peer);
	event.data.u64 = (uint64_t)CONNECTED << 32 | (uint32_t)descriptor;
	if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event))
		close(descriptor);
}

/* A question is short and alone, so it arrives whole. */
static void answer_connection(int descriptor)
{
	struct sockaddr_in6 peer = { 0 };
	socklen_t length = sizeof(peer);
	char question[64], text[ANSWER_MAX];
	ssize_t received;

	/* No more than the first line of a transfer: what follows is for the echo. */
	received = recv(descriptor, question, strlen(ASK_TRANSFER), 0);
	if (received <= 0 || getpeername(descriptor, (struct sockaddr *)&peer, &length)) {
		if (received < 0 && errno == EAGAIN)
			return;
		close(descriptor);
		return;
	}
	address_map(&peer);
	length = answer_text(&peer.sin6_addr, ntohs(peer.sin6_port), text);
	if (send(descriptor, text, length, MSG_NOSIGNAL) != (ssize_t)length) {
		close(descriptor);
		return;
	}
	if ((size_t)received == strlen(ASK_TRANSFER) &&
	    !memcmp(question, ASK_TRANSFER, strlen(ASK_TRANSFER))) {
		if (fork() == 0) {
			echo_until_end(descriptor);
			_exit(0);
		}
		close(descriptor);
	}
}

static void serve_forever(int poll)
{
	struct epoll_event events[64];
	int count, descriptor, i;

	for (;;) {
		count = epoll_wait(poll, events, 64, -1);
		for (i = 0; i < count; i++) {
			descriptor = (int)(uint32_t)events[i].data.u64;
			switch (events[i].data.u64 >> 32) {
			case LISTEN_TCP:
				accept_connection(poll, descriptor, "tcp");
				break;
			case LISTEN_SCTP:
				accept_connection(poll, descriptor, "sctp");
				break;
			case DATAGRAMS:
				answer_datagram(descriptor);
				break;
			case ECHO_IPV4:
				answer_echo_ipv4(descriptor);
				break;
			case ECHO_IPV6:
				answer_echo_ipv6(descriptor);
				break;
			default:
				answer_connection(descriptor);
			}
		}
	}
}

/**
 * serve() - answer in the background
 * @options: port of the destination, and log
 *
 * Return: 0 once it is listening, 1 if it could not (said on standard error).
 */
int serve(const struct flow_options *options)
{
	int port = ntohs(options->destination.sin6_port);
	int descriptors[ROLES];
	struct epoll_event event = { .events = EPOLLIN };
	int poll, role;

	descriptors[LISTEN_TCP] = open_socket(SOCK_STREAM, IPPROTO_TCP, port);
	descriptors[LISTEN_SCTP] = open_socket(SOCK_STREAM, IPPROTO_SCTP, port);
	descriptors[DATAGRAMS] = open_socket(SOCK_DGRAM, IPPROTO_UDP, port);
	descriptors[ECHO_IPV4] = open_echo(AF_INET, IPPROTO_ICMP);
	descriptors[ECHO_IPV6] = open_echo(AF_INET6, IPPROTO_ICMPV6);
	poll = epoll_create1(EPOLL_CLOEXEC);

	for (role = 0; role < ROLES; role++) {
		if (role == LISTEN_SCTP && descriptors[role] == -EPROTONOSUPPORT)
			continue;
		if (role == ECHO_IPV6 && descriptors[role] == -EAFNOSUPPORT)
			continue;
		event.data.u64 = (uint64_t)role << 32 | (uint32_t)descriptors[role];
		if (descriptors[role] < 0 ||
		    epoll_ctl(poll, EPOLL_CTL_ADD, descriptors[role], &event)) {
			fprintf(stderr, "flow: cannot serve port %d (socket %d): %s\n", port, role,
				strerror(descriptors[role] < 0 ? -descriptors[role] : errno));
			return 1;
		}
	}
	if (options->log) {
		log_descriptor = open(options->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (log_descriptor < 0) {
			fprintf(stderr, "flow: %s: %s\n", options->log, strerror(errno));
			return 1;
		}
	}
	silence_kernel();
	allow_sctp(descriptors[LISTEN_SCTP]);
	signal(SIGCHLD, SIG_IGN);
	/* Whoever started it can go on now: everything is listening. */
	if (daemon(0, 0)) {
		fprintf(stderr, "flow: cannot go to the background: %s\n", strerror(errno));
		return 1;
	}
	serve_forever(poll);
	return 0;
}
