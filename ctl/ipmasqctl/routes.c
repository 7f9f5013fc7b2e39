// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The networks in the routing tables. Through libnl's core alone: libnl-route would be one
 * more library for a single dump.
 */
#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

static int append(struct routes *routes, const struct route *route)
{
	if (routes->count == routes->room) {
		size_t room = routes->room ? routes->room * 2 : 64;
		struct route *list = reallocarray(routes->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		routes->list = list;
		routes->room = room;
	}
	routes->list[routes->count++] = *route;
	return 0;
}

/* Only what leads to other hosts; addresses of the node are in the table "local". */
static int take(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	const struct rtmsg *payload = nlmsg_data(header);
	struct nlattr *attributes[RTA_MAX + 1];
	struct route route = { 0 };
	const struct nlattr *destination;
	struct routes *routes = data;

	if (header->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse(header, sizeof(*payload), attributes, RTA_MAX, NULL) < 0)
		return NL_OK;
	if ((payload->rtm_family != AF_INET && payload->rtm_family != AF_INET6) ||
	    payload->rtm_type != RTN_UNICAST || payload->rtm_table == RT_TABLE_LOCAL ||
	    payload->rtm_flags & RTM_F_CLONED)
		return NL_OK;
	route.prefix.family = payload->rtm_family;
	route.prefix.prefix_len = payload->rtm_dst_len;
	destination = attributes[RTA_DST];
	if (destination && (size_t)nla_len(destination) <= sizeof(route.prefix.address))
		memcpy(route.prefix.address, nla_data(destination), (size_t)nla_len(destination));
	route.interface = attributes[RTA_OIF] ? nla_get_u32(attributes[RTA_OIF]) : 0;
	route.gateway = attributes[RTA_GATEWAY] || attributes[RTA_VIA] || attributes[RTA_MULTIPATH];
	return append(routes, &route) ? -NLE_NOMEM : NL_OK;
}

/**
 * routes_read() - read the routes of this network namespace, of all tables
 * @routes: filled; routes_clear() frees it, also after an error
 *
 * Return: 0 or a negative errno.
 */
int routes_read(struct routes *routes)
{
	struct rtmsg request = { .rtm_family = AF_UNSPEC };
	struct nl_sock *socket = nl_socket_alloc();
	int error = -NLE_NOMEM;

	memset(routes, 0, sizeof(*routes));
	if (socket)
		error = nl_connect(socket, NETLINK_ROUTE);
	if (error >= 0)
		error = nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take, routes);
	if (error >= 0)
		error = nl_send_simple(socket, RTM_GETROUTE, NLM_F_DUMP, &request, sizeof(request));
	if (error >= 0)
		error = nl_recvmsgs_default(socket);
	nl_socket_free(socket);
	if (error >= 0)
		return 0;
	return error == -NLE_NOMEM ? -ENOMEM : -EIO;
}

/**
 * routes_clear() - free what routes_read() allocated
 * @routes: is empty afterwards
 */
void routes_clear(struct routes *routes)
{
	free(routes->list);
	memset(routes, 0, sizeof(*routes));
}
