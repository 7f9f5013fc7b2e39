// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How near a destination is to running out of source ports. A connection that
 * was given another source address holds one port of that address towards its
 * destination; when all are held new connections to it fail. Whoever gave the
 * address does not matter, they all share the ports.
 *
 * The connections are read from conntrack, of which there may be a million: one
 * message each time that the loop comes by, so that nothing else waits. A
 * scrape starts the count that the next scrape shows. What is counted by is
 * a fingerprint of protocol, destination and source address, kept only while
 * the counting goes on and only for so many.
 */
#include "port_use.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fingerprint.h"
#include "log.h"

/* CTA_STATUS_MASK, which older headers lack; kernels without it ignore it. */
#define STATUS_MASK 26

/* Between the beginnings of two counts. */
#define INTERVAL (10 * NANOSECONDS_PER_SECOND)

/* Destinations that are told apart, at 16 bytes each: 1 MiB while it lasts. A
 * destination that many connections go to is met early.
 */
#define SLOTS_MIN 256
#define SLOTS_MAX 65536

/* A dump's datagram is 32 KiB at most. */
#define RECEIVE_SIZE (32 * 1024)

struct slot {
	uint64_t destination;
	uint32_t ports;
};

/**
 * struct port_use - counting, and what came of it
 * @loop: the loop that it is done in
 * @socket: the dump that goes on, NULL for none
 * @source: its place in the loop
 * @buffer: for its messages
 * @slots: open addressing, a power of two; 0 ports is a free one
 * @slot_count: how many
 * @used: how many are not free
 * @going: the count that goes on
 * @last: the last that came to its end
 * @begun: when the last one began, 0 for never
 * @failed: this kernel does not tell
 */
struct port_use {
	struct loop *loop;
	struct nl_sock *socket;
	struct loop_source source;
	unsigned char *buffer;
	struct slot *slots;
	size_t slot_count;
	size_t used;
	struct port_use_count going;
	struct port_use_count last;
	int64_t begun;
	bool failed;
};

static struct slot *find_slot(struct slot *slots, size_t count, uint64_t destination)
{
	size_t i = destination & (count - 1);

	while (slots[i].ports && slots[i].destination != destination)
		i = (i + 1) & (count - 1);
	return &slots[i];
}

static bool grow(struct port_use *use)
{
	size_t count = use->slot_count * 2;
	struct slot *slots;
	size_t i;

	if (count > SLOTS_MAX)
		return false;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return false;
	for (i = 0; i < use->slot_count; i++) {
		if (use->slots[i].ports)
			*find_slot(slots, count, use->slots[i].destination) = use->slots[i];
	}
	free(use->slots);
	use->slots = slots;
	use->slot_count = count;
	return true;
}

static void count_port(struct port_use *use, enum port_use_protocol protocol,
		       uint64_t destination)
{
	struct slot *slot = find_slot(use->slots, use->slot_count, destination);

	if (!slot->ports) {
		if (use->used >= use->slot_count / 4 * 3) {
			if (!grow(use))
				return;
			slot = find_slot(use->slots, use->slot_count, destination);
		}
		slot->destination = destination;
		use->used++;
	}
	slot->ports++;
	if (slot->ports > use->going.ports[protocol])
		use->going.ports[protocol] = slot->ports;
}

static uint64_t add_attribute(uint64_t fingerprint, struct nlattr *attribute)
{
	if (!attribute)
		return fingerprint;
	return fingerprint_bytes(fingerprint, nla_data(attribute), (size_t)nla_len(attribute));
}

/* The tuple of the answer has the real destination as its source, and the
 * address that was given as its destination.
 */
static void count_reply(struct port_use *use, struct nlattr *tuple)
{
	struct nlattr *parts[CTA_TUPLE_MAX + 1];
	struct nlattr *addresses[CTA_IP_MAX + 1];
	struct nlattr *ports[CTA_PROTO_MAX + 1];
	uint64_t destination = FINGERPRINT_EMPTY;
	enum port_use_protocol protocol;

	if (nla_parse_nested(parts, CTA_TUPLE_MAX, tuple, NULL) < 0 ||
	    !parts[CTA_TUPLE_IP] || !parts[CTA_TUPLE_PROTO] ||
	    nla_parse_nested(addresses, CTA_IP_MAX, parts[CTA_TUPLE_IP], NULL) < 0 ||
	    nla_parse_nested(ports, CTA_PROTO_MAX, parts[CTA_TUPLE_PROTO], NULL) < 0 ||
	    !ports[CTA_PROTO_NUM] || nla_len(ports[CTA_PROTO_NUM]) < 1)
		return;
	switch (nla_get_u8(ports[CTA_PROTO_NUM])) {
	case IPPROTO_TCP:
		protocol = PORT_USE_TCP;
		break;
	case IPPROTO_UDP:
		protocol = PORT_USE_UDP;
		break;
	case IPPROTO_SCTP:
		protocol = PORT_USE_SCTP;
		break;
	default:
		return;
	}
	destination = add_attribute(destination, ports[CTA_PROTO_NUM]);
	destination = add_attribute(destination, ports[CTA_PROTO_SRC_PORT]);
	destination = add_attribute(destination, addresses[CTA_IP_V4_SRC]);
	destination = add_attribute(destination, addresses[CTA_IP_V6_SRC]);
	destination = add_attribute(destination, addresses[CTA_IP_V4_DST]);
	destination = add_attribute(destination, addresses[CTA_IP_V6_DST]);
	count_port(use, protocol, destination);
}

static void count_connection(struct port_use *use, struct nlmsghdr *header)
{
	struct nlattr *attributes[CTA_MAX + 1];

	if (nlmsg_parse(header, sizeof(struct nfgenmsg), attributes, CTA_MAX, NULL) < 0 ||
	    !attributes[CTA_STATUS] || nla_len(attributes[CTA_STATUS]) < 4 ||
	    !attributes[CTA_TUPLE_REPLY])
		return;
	/* Not every kernel heeds the filter of the request. */
	if (ntohl(nla_get_u32(attributes[CTA_STATUS])) & IPS_SRC_NAT)
		count_reply(use, attributes[CTA_TUPLE_REPLY]);
}

static void end_count(struct port_use *use)
{
	if (!use->socket)
		return;
	loop_remove(use->loop, &use->source);
	nl_socket_free(use->socket);
	use->socket = NULL;
	free(use->buffer);
	free(use->slots);
	use->buffer = NULL;
	use->slots = NULL;
}

/* Takes one datagram. Returns 0 to go on, 1 at the end, or a negative errno. */
static int receive(struct port_use *use)
{
	struct sockaddr_nl sender = { 0 };
	socklen_t size = sizeof(sender);
	struct nlmsghdr *header;
	ssize_t length;
	int left;

	length = recvfrom(nl_socket_get_fd(use->socket), use->buffer, RECEIVE_SIZE, 0,
			  (struct sockaddr *)&sender, &size);
	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	/* Any process may send to a netlink port: listen to the kernel only. */
	if (sender.nl_pid)
		return 0;
	left = (int)length;
	for (header = (void *)use->buffer; nlmsg_ok(header, left);
	     header = nlmsg_next(header, &left)) {
		const struct nlmsgerr *error = nlmsg_data(header);

		if (header->nlmsg_type == NLMSG_DONE)
			return 1;
		if (header->nlmsg_type == NLMSG_ERROR)
			return nlmsg_datalen(header) >= (int)sizeof(error->error) && error->error ?
			       error->error : -EIO;
		count_connection(use, header);
	}
	return 0;
}

static void ready(void *data)
{
	struct port_use *use = data;
	int result = receive(use);

	if (!result)
		return;
	end_count(use);
	if (result > 0) {
		use->last = use->going;
		use->last.time = time(NULL);
		return;
	}
	/* Asked again, the kernel would look for its module again. */
	use->failed = true;
	log_line(LOG_NOTICE, "the source ports in use cannot be counted: %s",
		 strerror(-result));
}

static int send_request(struct nl_sock *socket)
{
	struct nfgenmsg family = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	struct nl_msg *message;
	int result = -ENOMEM;

	message = nlmsg_alloc_simple((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET,
				     NLM_F_REQUEST | NLM_F_DUMP);
	if (!message)
		return -ENOMEM;
	if (!nlmsg_append(message, &family, sizeof(family), NLMSG_ALIGNTO) &&
	    !nla_put_u32(message, CTA_STATUS, htonl(IPS_SRC_NAT)) &&
	    !nla_put_u32(message, STATUS_MASK, htonl(IPS_SRC_NAT)))
		result = nl_send_auto(socket, message) < 0 ? -EIO : 0;
	nlmsg_free(message);
	return result;
}

/**
 * port_use_refresh() - begin to count, unless that was done shortly before
 * @use: from port_use_open()
 *
 * The count goes on in the loop.
 */
void port_use_refresh(struct port_use *use)
{
	int64_t now = monotonic_now();

	if (use->failed || use->socket || (use->begun && now - use->begun < INTERVAL))
		return;
	use->begun = now;
	use->slot_count = SLOTS_MIN;
	use->used = 0;
	use->going = (struct port_use_count) { 0 };
	use->slots = calloc(use->slot_count, sizeof(*use->slots));
	use->buffer = malloc(RECEIVE_SIZE);
	use->socket = nl_socket_alloc();
	if (!use->slots || !use->buffer || !use->socket)
		goto failed;
	if (nl_connect(use->socket, NETLINK_NETFILTER) < 0 ||
	    nl_socket_set_nonblocking(use->socket) < 0 || send_request(use->socket))
		goto failed;
	use->source.descriptor = nl_socket_get_fd(use->socket);
	if (loop_add(use->loop, &use->source))
		goto failed;
	return;

failed:
	nl_socket_free(use->socket);
	use->socket = NULL;
	free(use->buffer);
	free(use->slots);
	use->buffer = NULL;
	use->slots = NULL;
}

/**
 * port_use_last() - the last count that came to its end
 * @use: from port_use_open()
 *
 * Return: the count; it changes with the next one.
 */
const struct port_use_count *port_use_last(const struct port_use *use)
{
	return &use->last;
}

/**
 * port_use_open() - get ready to count
 * @use: to fill, freed with port_use_close()
 * @loop: the loop to count in
 *
 * Return: 0 or -ENOMEM.
 */
int port_use_open(struct port_use **use, struct loop *loop)
{
	struct port_use *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->source.ready = ready;
	made->source.data = made;
	*use = made;
	return 0;
}

/**
 * port_use_close() - the opposite of port_use_open()
 * @use: is freed; may be NULL
 */
void port_use_close(struct port_use *use)
{
	if (!use)
		return;
	end_count(use);
	free(use);
}
