// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Can the route of a connection be known from its addresses? The module looks up a route as
 * for a packet without a mark and without an input interface, which is the right one unless
 * a rule depends on these or several next hops share the load.
 */
#include "node_routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

static int append_local(struct node_routes *routes, const struct cidr *prefix)
{
	if (routes->local_count == routes->local_room) {
		size_t room = routes->local_room ? routes->local_room * 2 : 32;
		struct cidr *local = reallocarray(routes->local, room, sizeof(*local));

		if (!local)
			return -NLE_NOMEM;
		routes->local = local;
		routes->local_room = room;
	}
	routes->local[routes->local_count++] = *prefix;
	return NL_OK;
}

static int take_local(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	const struct rtmsg *route = nlmsg_data(header);
	const struct nlattr *destination;
	struct node_routes *routes = data;
	struct cidr prefix = { 0 };
	size_t size;

	if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(*route)) ||
	    route->rtm_type != RTN_LOCAL)
		return NL_OK;
	if (route->rtm_family != AF_INET && route->rtm_family != AF_INET6)
		return NL_OK;
	prefix.family = route->rtm_family;
	prefix.prefix_len = route->rtm_dst_len;
	size = prefix.family == AF_INET ? 4 : 16;
	destination = nlmsg_find_attr(header, sizeof(*route), RTA_DST);
	if (destination && nla_len(destination) == (int)size)
		memcpy(prefix.address, nla_data(destination), size);
	else if (prefix.prefix_len)
		return NL_OK;
	return append_local(routes, &prefix);
}

static int take_paths(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	const struct rtmsg *route = nlmsg_data(header);
	struct node_routes *routes = data;

	if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(*route)))
		return NL_OK;
	/* A next hop object without an interface is a group of them. */
	if (!nlmsg_find_attr(header, sizeof(*route), RTA_MULTIPATH) &&
	    (!nlmsg_find_attr(header, sizeof(*route), RTA_NH_ID) ||
	     nlmsg_find_attr(header, sizeof(*route), RTA_OIF)))
		return NL_OK;
	if (route->rtm_family == AF_INET)
		routes->paths4 = true;
	else if (route->rtm_family == AF_INET6)
		routes->paths6 = true;
	return NL_OK;
}

/* What the module's lookup has as well: addresses and protocol. */
static bool is_plain(const struct nlattr *attribute)
{
	switch (nla_type(attribute)) {
	case FRA_DST:
	case FRA_SRC:
	case FRA_PRIORITY:
	case FRA_TABLE:
	case FRA_GOTO:
	case FRA_FLOW:
	case FRA_SUPPRESS_IFGROUP:
	case FRA_SUPPRESS_PREFIXLEN:
	case FRA_PROTOCOL:
	case FRA_IP_PROTO:
	case FRA_PAD:
		return true;
	default:
		return false;
	}
}

static int take_rule(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	const struct fib_rule_hdr *rule = nlmsg_data(header);
	struct node_routes *routes = data;
	struct nlattr *attribute;
	bool plain;
	int left;

	if (header->nlmsg_type != RTM_NEWRULE || !nlmsg_valid_hdr(header, sizeof(*rule)))
		return NL_OK;
	plain = !rule->tos;
	nlmsg_for_each_attr(attribute, header, sizeof(*rule), left)
		plain = plain && is_plain(attribute);
	if (!plain && rule->family == AF_INET)
		routes->rules4 = true;
	else if (!plain && rule->family == AF_INET6)
		routes->rules6 = true;
	return NL_OK;
}

/* A family that the kernel does not have has no routes. */
static int dump(struct node_routes *routes, int type, void *request, size_t size,
		nl_recvmsg_msg_cb_t take)
{
	struct nl_sock *socket = nl_socket_alloc();
	int error = -NLE_NOMEM;
	int on = 1;

	if (socket)
		error = nl_connect(socket, NETLINK_ROUTE);
	/* The kernel heeds the type of route that a request names, instead of sending all. */
	if (error >= 0)
		setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
			   sizeof(on));
	if (error >= 0)
		error = nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take, routes);
	if (error >= 0)
		error = nl_send_simple(socket, type, NLM_F_DUMP, request, size);
	if (error >= 0)
		error = nl_recvmsgs_default(socket);
	nl_socket_free(socket);
	if (error >= 0 || error == -NLE_AF_NOSUPPORT || error == -NLE_OPNOTSUPP)
		return 0;
	return error == -NLE_NOMEM ? -ENOMEM : -EIO;
}

static int read_rules(struct node_routes *routes)
{
	struct fib_rule_hdr request = { .family = AF_UNSPEC };

	return dump(routes, RTM_GETRULE, &request, sizeof(request), take_rule);
}

static int read_type(struct node_routes *routes, uint8_t family, uint8_t type,
		     nl_recvmsg_msg_cb_t take)
{
	struct rtmsg request = { .rtm_family = family, .rtm_type = type };

	return dump(routes, RTM_GETROUTE, &request, sizeof(request), take);
}

/**
 * node_routes_read() - read what the routing of this network namespace depends on
 * @routes: filled; node_routes_clear() frees it, also after an error
 * @paths: look for routes with several next hops too, which takes time for as long as
 *	there are routes
 *
 * Return: 0 or a negative errno.
 */
int node_routes_read(struct node_routes *routes, bool paths)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	int error;
	size_t i;

	memset(routes, 0, sizeof(*routes));
	error = read_rules(routes);
	for (i = 0; i < 2 && !error; i++) {
		error = read_type(routes, families[i], RTN_LOCAL, take_local);
		if (!error && paths)
			error = read_type(routes, families[i], RTN_UNICAST, take_paths);
	}
	return error;
}

/**
 * node_routes_clear() - free what node_routes_read() allocated
 * @routes: is empty afterwards
 */
void node_routes_clear(struct node_routes *routes)
{
	free(routes->local);
	memset(routes, 0, sizeof(*routes));
}

/**
 * node_routes_certain() - whether the addresses of a connection decide its route
 * @routes: from node_routes_read() with the paths
 * @family: AF_INET or AF_INET6
 */
bool node_routes_certain(const struct node_routes *routes, uint8_t family)
{
	if (family == AF_INET6)
		return !routes->rules6 && !routes->paths6;
	return !routes->rules4 && !routes->paths4;
}

/**
 * node_routes_local() - whether an address may be one that is delivered here
 * @routes: from node_routes_read()
 * @host: a host prefix
 *
 * By any table, also by one that only packets with a mark are routed by.
 */
bool node_routes_local(const struct node_routes *routes, const struct cidr *host)
{
	size_t i;

	for (i = 0; i < routes->local_count; i++) {
		if (cidr_holds(&routes->local[i], host))
			return true;
	}
	return false;
}
