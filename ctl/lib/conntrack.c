// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading conntrack's connections and removing some, by way of
 * libnetfilter_conntrack: it knows the messages, the sockets are ours, because its
 * own reading does not return before the last of perhaps a million connections.
 *
 * The library is loaded by name: neither the daemon's start needs it nor most
 * commands of the tool.
 */
#include "conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/msg.h>

#include "library.h"
#include "protocol.h"

#define LIBRARY "libnetfilter_conntrack.so.3"
#define FUNCTIONS(f)							\
	f(new) f(destroy) f(nlmsg_parse) f(nlmsg_build)			\
	f(attr_is_set) f(get_attr) f(get_attr_u8) f(get_attr_u16)	\
	f(get_attr_u32) f(get_attr_u64)					\
	f(set_attr) f(set_attr_u8) f(set_attr_u16) f(set_attr_u32)

#define DECLARE(name) static __typeof__(nfct_##name) *loaded_##name;
FUNCTIONS(DECLARE)

#define CALL(name) loaded_##name

/* CTA_STATUS_MASK, which older headers lack; kernels without it ignore it. */
#define STATUS_MASK 26

/* A dump's datagram is 32 KiB at most. */
#define RECEIVE_SIZE (32 * 1024)

/* Longest request: two addresses, ports, numbers. */
#define REQUEST_SIZE 1024

/**
 * struct conntrack - a way to conntrack
 * @dump: socket of the reading
 * @requests: socket of the removals, -1 before the first
 * @sequence: of the last request on either
 * @reading: sequence of the reading that goes on
 * @translated: it is about connections whose source was translated
 * @buffer: RECEIVE_SIZE bytes
 */
struct conntrack {
	int dump;
	int requests;
	uint32_t sequence;
	uint32_t reading;
	bool translated;
	unsigned char *buffer;
};

static const char *library_error;

/**
 * conntrack_load() - load the library that conntrack_open() needs
 *
 * For whoever cannot load one later any more.
 *
 * Return: 0 or -ELIBACC.
 */
int conntrack_load(void)
{
#define FUNCTION(name) { "nfct_" #name, &loaded_##name },
	static const struct library_function functions[] = { FUNCTIONS(FUNCTION) };

	if (loaded_new)
		return 0;
	library_error = library_load(LIBRARY, functions, sizeof(functions) / sizeof(functions[0]));
	if (!library_error)
		return 0;
	/* Some may have been found. */
	loaded_new = NULL;
	return -ELIBACC;
}

/**
 * conntrack_strerror() - the text of an error of any function here
 * @error: negative errno
 *
 * Return: one line that stays valid until the next call.
 */
const char *conntrack_strerror(int error)
{
	if (error == -EPROTONOSUPPORT)
		return "this kernel has no nf_conntrack_netlink";
	return error == -ELIBACC && library_error ? library_error : strerror(-error);
}

static int open_socket(void)
{
	int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	return descriptor < 0 ? -errno : descriptor;
}

/**
 * conntrack_open() - get ready to read
 * @conntrack: to fill, freed with conntrack_close(); NULL after an error
 *
 * Return: 0 or a negative errno, for conntrack_strerror().
 */
int conntrack_open(struct conntrack **conntrack)
{
	struct conntrack *made;
	int error;

	*conntrack = NULL;
	error = conntrack_load();
	if (error)
		return error;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->requests = -1;
	made->dump = -1;
	made->buffer = malloc(RECEIVE_SIZE);
	error = made->buffer ? open_socket() : -ENOMEM;
	if (error < 0) {
		conntrack_close(made);
		return error;
	}
	made->dump = error;
	*conntrack = made;
	return 0;
}

/**
 * conntrack_close() - end it
 * @conntrack: is freed; may be NULL
 */
void conntrack_close(struct conntrack *conntrack)
{
	if (!conntrack)
		return;
	if (conntrack->dump >= 0)
		close(conntrack->dump);
	if (conntrack->requests >= 0)
		close(conntrack->requests);
	free(conntrack->buffer);
	free(conntrack);
}

static void take_address(const struct nf_conntrack *from, enum nf_conntrack_attr ipv4,
			 enum nf_conntrack_attr ipv6, struct cidr *address)
{
	bool is_ipv4 = CALL(get_attr_u8)(from, ATTR_ORIG_L3PROTO) == AF_INET;
	size_t size = is_ipv4 ? 4 : 16;
	const void *bytes = CALL(get_attr)(from, is_ipv4 ? ipv4 : ipv6);

	memset(address, 0, sizeof(*address));
	address->family = is_ipv4 ? AF_INET : AF_INET6;
	address->prefix_len = 8 * size;
	if (bytes)
		memcpy(address->address, bytes, size);
}

static uint16_t take_number(const struct nf_conntrack *from, enum nf_conntrack_attr attribute)
{
	return CALL(attr_is_set)(from, attribute) > 0 ? CALL(get_attr_u16)(from, attribute) : 0;
}

static void take_connection(const struct nf_conntrack *from, struct connection *connection)
{
	uint32_t status = CALL(get_attr_u32)(from, ATTR_STATUS);

	memset(connection, 0, sizeof(*connection));
	/* The tuple of the answers has the real destination as its source, and
	 * the address that was given as its destination.
	 */
	take_address(from, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, &connection->source);
	take_address(from, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC, &connection->destination);
	take_address(from, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST, &connection->asked);
	take_address(from, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST, &connection->translated);
	connection->protocol = CALL(get_attr_u8)(from, ATTR_ORIG_L4PROTO);
	connection->source_port = ntohs(take_number(from, ATTR_ORIG_PORT_SRC));
	connection->destination_port = ntohs(take_number(from, ATTR_REPL_PORT_SRC));
	connection->asked_port = ntohs(take_number(from, ATTR_ORIG_PORT_DST));
	connection->translated_port = ntohs(take_number(from, ATTR_REPL_PORT_DST));
	if (CALL(attr_is_set)(from, ATTR_ICMP_ID) > 0) {
		connection->icmp_id = ntohs(CALL(get_attr_u16)(from, ATTR_ICMP_ID));
		connection->icmp_type = CALL(get_attr_u8)(from, ATTR_ICMP_TYPE);
		connection->icmp_code = CALL(get_attr_u8)(from, ATTR_ICMP_CODE);
	}
	connection->source_nat = status & IPS_SRC_NAT;
	/* IPVS changes the destination and does not set the flag. */
	connection->destination_nat = status & IPS_DST_NAT ||
		cidr_compare(&connection->asked, &connection->destination) ||
		connection->asked_port != connection->destination_port;
	connection->nat_asked = status & IPS_SRC_NAT_DONE;
	connection->answered = status & IPS_SEEN_REPLY;
	connection->expected = status & IPS_EXPECTED;
	connection->id = CALL(get_attr_u32)(from, ATTR_ID);
	connection->zone = take_number(from, ATTR_ZONE);
	connection->started = CALL(attr_is_set)(from, ATTR_TIMESTAMP_START) > 0 ?
			      CALL(get_attr_u64)(from, ATTR_TIMESTAMP_START) : 0;
}

/* One connection of a message, unless it is none. */
static int look_at(const struct conntrack *conntrack, const struct nlmsghdr *header,
		   conntrack_look look, void *data)
{
	struct connection connection;
	struct nf_conntrack *parsed;
	int result = 0;

	if (header->nlmsg_type >> 8 != NFNL_SUBSYS_CTNETLINK ||
	    !nlmsg_valid_hdr(header, sizeof(struct nfgenmsg)))
		return 0;
	parsed = CALL(new)();
	if (!parsed)
		return -ENOMEM;
	if (CALL(nlmsg_parse)(header, parsed) >= 0) {
		take_connection(parsed, &connection);
		/* Not every kernel heeds the filter of the request. */
		if (connection.source_nat || !conntrack->translated)
			result = look(&connection, data);
	}
	CALL(destroy)(parsed);
	return result;
}

static struct nlmsghdr *request(struct conntrack *conntrack, void *buffer, uint16_t type,
				uint16_t flags)
{
	struct nlmsghdr *header = buffer;
	struct nfgenmsg *family;

	memset(buffer, 0, NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(*family)));
	header->nlmsg_len = NLMSG_LENGTH(sizeof(*family));
	header->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	header->nlmsg_seq = ++conntrack->sequence;
	family = nlmsg_data(header);
	family->nfgen_family = AF_UNSPEC;
	family->version = NFNETLINK_V0;
	return header;
}

static int send_request(int descriptor, const struct nlmsghdr *header)
{
	ssize_t sent;

	do {
		/* Not connected: a message without an address goes to the kernel. */
		sent = send(descriptor, header, header->nlmsg_len, 0);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static void put_number(struct nlmsghdr *header, uint16_t type, uint32_t value)
{
	struct nlattr *attribute = (void *)((char *)header + header->nlmsg_len);

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + sizeof(value);
	memcpy(attribute + 1, &value, sizeof(value));
	header->nlmsg_len += NLA_ALIGN(attribute->nla_len);
}

/**
 * conntrack_start() - begin to read all connections of this network namespace
 * @conntrack: after conntrack_open(); no reading goes on
 * @translated: only those whose source was translated
 *
 * Return: 0 or a negative errno.
 */
int conntrack_start(struct conntrack *conntrack, bool translated)
{
	_Alignas(struct nlmsghdr) unsigned char buffer[REQUEST_SIZE];
	struct nlmsghdr *header = request(conntrack, buffer, IPCTNL_MSG_CT_GET, NLM_F_DUMP);

	conntrack->reading = header->nlmsg_seq;
	conntrack->translated = translated;
	if (translated) {
		put_number(header, CTA_STATUS, htonl(IPS_SRC_NAT));
		put_number(header, STATUS_MASK, htonl(IPS_SRC_NAT));
	}
	return send_request(conntrack->dump, header);
}

/**
 * conntrack_descriptor() - has input when conntrack_continue() has something to do
 * @conntrack: after conntrack_open()
 */
int conntrack_descriptor(const struct conntrack *conntrack)
{
	return conntrack->dump;
}

/* The errno of a message that ends a request; 0 for success. */
static int end_of(const struct nlmsghdr *header)
{
	const int *error = nlmsg_data(header);

	if (nlmsg_datalen(header) < (int)sizeof(*error))
		return header->nlmsg_type == NLMSG_DONE ? 0 : -EIO;
	return *error > 0 || *error < -4095 ? -EIO : *error;
}

/* Returns the length of a datagram of the kernel's, or a negative errno. */
static int receive(int descriptor, void *buffer, size_t room, int flags)
{
	struct sockaddr_nl sender;
	socklen_t size;
	ssize_t length;

	for (;;) {
		size = sizeof(sender);
		memset(&sender, 0, size);
		length = recvfrom(descriptor, buffer, room, flags,
				  (struct sockaddr *)&sender, &size);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		/* Any process may send to a netlink port: listen to the kernel only. */
		if (!sender.nl_pid)
			return (int)length;
	}
}

static int take_datagram(struct conntrack *conntrack, int length, conntrack_look look, void *data)
{
	struct nlmsghdr *header;
	int result;

	for (header = (void *)conntrack->buffer; nlmsg_ok(header, length);
	     header = nlmsg_next(header, &length)) {
		if (header->nlmsg_seq != conntrack->reading)
			continue;
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
			result = end_of(header);
			/* From nfnetlink_rcv_msg(), net/netfilter/nfnetlink.c, where the
			 * subsystem is neither there nor can be loaded.
			 */
			if (result == -EINVAL)
				result = -EPROTONOSUPPORT;
			return result ? result : 1;
		}
		result = look_at(conntrack, header, look, data);
		if (result)
			return result;
	}
	return 0;
}

/**
 * conntrack_continue() - take what has arrived of a reading, without waiting
 * @conntrack: after conntrack_start()
 * @look: called for each connection; may call conntrack_remove()
 * @data: for @look
 *
 * One datagram at most, of some dozens of connections.
 *
 * Return: 0 to be called again, 1 at the end, a negative errno, or what @look
 * returned.
 */
int conntrack_continue(struct conntrack *conntrack, conntrack_look look, void *data)
{
	int length = receive(conntrack->dump, conntrack->buffer, RECEIVE_SIZE, MSG_DONTWAIT);

	if (length < 0)
		return length == -EAGAIN ? 0 : length;
	return take_datagram(conntrack, length, look, data);
}

/**
 * conntrack_read() - read all connections of this network namespace
 * @conntrack: after conntrack_open()
 * @translated: only those whose source was translated
 * @look: called for each; may call conntrack_remove()
 * @data: for @look
 *
 * Return: 0, a negative errno, or what @look returned.
 */
int conntrack_read(struct conntrack *conntrack, bool translated, conntrack_look look, void *data)
{
	int result = conntrack_start(conntrack, translated);

	while (!result) {
		result = receive(conntrack->dump, conntrack->buffer, RECEIVE_SIZE, 0);
		if (result >= 0)
			result = take_datagram(conntrack, result, look, data);
	}
	return result == 1 ? 0 : result;
}

static bool is_icmp(const struct connection *connection)
{
	return connection->protocol == IPPROTO_ICMP || connection->protocol == IPPROTO_ICMPV6;
}

static void name_connection(struct nf_conntrack *name, const struct connection *connection)
{
	bool is_ipv4 = connection->source.family == AF_INET;

	CALL(set_attr_u8)(name, ATTR_ORIG_L3PROTO, connection->source.family);
	CALL(set_attr)(name, is_ipv4 ? ATTR_ORIG_IPV4_SRC : ATTR_ORIG_IPV6_SRC,
		       connection->source.address);
	CALL(set_attr)(name, is_ipv4 ? ATTR_ORIG_IPV4_DST : ATTR_ORIG_IPV6_DST,
		       connection->asked.address);
	CALL(set_attr_u8)(name, ATTR_ORIG_L4PROTO, connection->protocol);
	if (is_icmp(connection)) {
		CALL(set_attr_u8)(name, ATTR_ICMP_TYPE, connection->icmp_type);
		CALL(set_attr_u8)(name, ATTR_ICMP_CODE, connection->icmp_code);
		CALL(set_attr_u16)(name, ATTR_ICMP_ID, htons(connection->icmp_id));
	} else {
		CALL(set_attr_u16)(name, ATTR_ORIG_PORT_SRC, htons(connection->source_port));
		CALL(set_attr_u16)(name, ATTR_ORIG_PORT_DST, htons(connection->asked_port));
	}
	CALL(set_attr_u32)(name, ATTR_ID, connection->id);
	if (connection->zone)
		CALL(set_attr_u16)(name, ATTR_ZONE, connection->zone);
}

/* Waits for the answer to the last request. */
static int answer(struct conntrack *conntrack)
{
	_Alignas(struct nlmsghdr) unsigned char buffer[REQUEST_SIZE * 2];
	struct nlmsghdr *header;
	int length;

	for (;;) {
		length = receive(conntrack->requests, buffer, sizeof(buffer), 0);
		if (length < 0)
			return length;
		for (header = (void *)buffer; nlmsg_ok(header, length);
		     header = nlmsg_next(header, &length)) {
			if (header->nlmsg_seq == conntrack->sequence &&
			    header->nlmsg_type == NLMSG_ERROR)
				return end_of(header);
		}
	}
}

/**
 * conntrack_can_remove() - whether conntrack_remove() knows how to name a connection
 * @connection: any
 *
 * There are no names for those of rare protocols.
 */
bool conntrack_can_remove(const struct connection *connection)
{
	return is_icmp(connection) || protocol_has_ports(connection->protocol);
}

/**
 * conntrack_remove() - make conntrack forget a connection
 * @conntrack: after conntrack_open()
 * @connection: as it was read, one that conntrack_can_remove()
 *
 * The next packet of it is decided as a new connection, or dropped where a
 * firewall drops what is in no known state. Another connection that has taken
 * its place since is left alone.
 *
 * Return: 0, -ENOENT when it is gone already, or another negative errno.
 */
int conntrack_remove(struct conntrack *conntrack, const struct connection *connection)
{
	_Alignas(struct nlmsghdr) unsigned char buffer[REQUEST_SIZE];
	struct nf_conntrack *name;
	struct nlmsghdr *header;
	int result;

	if (conntrack->requests < 0) {
		result = open_socket();
		if (result < 0)
			return result;
		conntrack->requests = result;
	}
	name = CALL(new)();
	if (!name)
		return -ENOMEM;
	name_connection(name, connection);
	header = request(conntrack, buffer, IPCTNL_MSG_CT_DELETE, NLM_F_ACK);
	((struct nfgenmsg *)nlmsg_data(header))->nfgen_family = connection->source.family;
	/* A request that names no connection would be about all of them. */
	result = CALL(nlmsg_build)(header, name) < 0 ? -EINVAL : 0;
	CALL(destroy)(name);
	if (!result && header->nlmsg_len <= NLMSG_LENGTH(sizeof(struct nfgenmsg)))
		result = -EINVAL;
	if (!result)
		result = send_request(conntrack->requests, header);
	return result ? result : answer(conntrack);
}
