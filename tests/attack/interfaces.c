// SPDX-License-Identifier: GPL-2.0-or-later
/* Interfaces that are made, switched, given addresses and deleted. */
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "interfaces.h"

/**
 * struct request - a request of rtnetlink
 * @header: its length grows with the attributes
 * @body: the message, then attributes
 */
struct request {
	struct nlmsghdr header;
	unsigned char body[256];
};

/**
 * route_socket() - a socket for what follows
 *
 * Return: a descriptor, or -1.
 */
int route_socket(void)
{
	int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct timeval patience = { .tv_sec = 5 };

	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return descriptor;
}

static void begin(struct request *request, unsigned short type, unsigned short flags,
		  const void *body, size_t length)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	request->header.nlmsg_len = NLMSG_LENGTH(length);
	memcpy(request->body, body, length);
}

static struct rtattr *put(struct request *request, unsigned short type, const void *value,
			  size_t length)
{
	struct rtattr *attribute = (void *)((unsigned char *)request +
					    NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(attribute), value, length);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) +
				    RTA_ALIGN(attribute->rta_len);
	return attribute;
}

static bool ask(int socket, struct request *request)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		unsigned char rest[1024];
	} answer;

	return send(socket, request, request->header.nlmsg_len, 0) > 0 &&
	       recv(socket, &answer, sizeof(answer), 0) > 0 &&
	       answer.header.nlmsg_type == NLMSG_ERROR && !answer.error.error;
}

/**
 * interface_add() - make a dummy interface
 * @socket: from route_socket()
 * @name: of the interface
 */
bool interface_add(int socket, const char *name)
{
	static const struct ifinfomsg any;
	struct request request;
	struct rtattr *nest;

	begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &any, sizeof(any));
	put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	nest = put(&request, IFLA_LINKINFO, NULL, 0);
	put(&request, IFLA_INFO_KIND, "dummy", 5);
	nest->rta_len = (unsigned short)((unsigned char *)&request + request.header.nlmsg_len -
					 (unsigned char *)nest);
	return ask(socket, &request);
}

/**
 * interface_delete() - delete an interface
 * @socket: from route_socket()
 * @name: of the interface
 */
bool interface_delete(int socket, const char *name)
{
	static const struct ifinfomsg any;
	struct request request;

	begin(&request, RTM_DELLINK, 0, &any, sizeof(any));
	put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return ask(socket, &request);
}

/**
 * interface_switch() - bring an interface up or down
 * @socket: from route_socket()
 * @name: of the interface
 * @up: or down
 */
bool interface_switch(int socket, const char *name, bool up)
{
	const struct ifinfomsg which = { .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP };
	struct request request;

	begin(&request, RTM_NEWLINK, 0, &which, sizeof(which));
	put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return ask(socket, &request);
}

/**
 * interface_address() - add an address or delete it
 * @socket: from route_socket()
 * @name: of the interface
 * @ipv6: 2001:db8:8:N::1/64, or 198.19.N.1/24
 * @number: N
 * @add: or delete
 */
bool interface_address(int socket, const char *name, bool ipv6, unsigned int number, bool add)
{
	const unsigned char address4[4] = { 198, 19, (unsigned char)number, 1 };
	const unsigned char address6[16] = { 0x20, 1, 0xd, 0xb8, 0, 8, 0,
					     (unsigned char)number, [15] = 1 };
	const struct ifaddrmsg which = {
		.ifa_family = ipv6 ? AF_INET6 : AF_INET,
		.ifa_prefixlen = ipv6 ? 64 : 24,
		.ifa_flags = ipv6 ? IFA_F_NODAD : 0,
		.ifa_index = if_nametoindex(name),
	};
	struct request request;

	begin(&request, add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE : 0, &which,
	      sizeof(which));
	put(&request, IFA_LOCAL, ipv6 ? address6 : address4, ipv6 ? 16 : 4);
	return ask(socket, &request);
}
