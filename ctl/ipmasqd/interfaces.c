// SPDX-License-Identifier: GPL-2.0-or-later
/* Is there an interface for each pattern of outputInterfaces? */
#include "interfaces.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "decision.h"
#include "log.h"

/**
 * struct look - one look at the node's interfaces
 * @list: the patterns
 * @found: whether the name of an interface matches each
 * @other: for each the name of an interface of which only an alternative name matches, or ""
 */
struct look {
	const struct policy_list *list;
	bool found[IPMASQ_INTERFACES_MAX];
	char other[IPMASQ_INTERFACES_MAX][IFNAMSIZ];
};

static bool has_alternative(const struct nlattr *properties, const char *pattern)
{
	struct nlattr *attribute;
	int left;

	if (!properties)
		return false;
	nla_for_each_nested(attribute, properties, left) {
		if (nla_type(attribute) == IFLA_ALT_IFNAME &&
		    decision_name_matches(nla_get_string(attribute), pattern))
			return true;
	}
	return false;
}

static int take(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct nlattr *name, *properties;
	struct look *look = data;
	size_t i;

	if (header->nlmsg_type != RTM_NEWLINK || !nlmsg_valid_hdr(header, sizeof(struct ifinfomsg)))
		return NL_OK;
	name = nlmsg_find_attr(header, sizeof(struct ifinfomsg), IFLA_IFNAME);
	properties = nlmsg_find_attr(header, sizeof(struct ifinfomsg), IFLA_PROP_LIST);
	for (i = 0; name && i < look->list->count && i < IPMASQ_INTERFACES_MAX; i++) {
		const struct policy_interface *interfaces = look->list->items;

		if (decision_name_matches(nla_get_string(name), interfaces[i].pattern))
			look->found[i] = true;
		else if (has_alternative(properties, interfaces[i].pattern))
			snprintf(look->other[i], IFNAMSIZ, "%s", nla_get_string(name));
	}
	return NL_OK;
}

static int read_interfaces(struct look *look)
{
	struct ifinfomsg request = { .ifi_family = AF_UNSPEC };
	struct nl_sock *socket = nl_socket_alloc();
	int error = -NLE_NOMEM;

	if (socket)
		error = nl_connect(socket, NETLINK_ROUTE);
	if (error >= 0)
		error = nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take, look);
	if (error >= 0)
		error = nl_send_simple(socket, RTM_GETLINK, NLM_F_DUMP, &request, sizeof(request));
	if (error >= 0)
		error = nl_recvmsgs_default(socket);
	nl_socket_free(socket);
	return error;
}

static void log_missing(const char *pattern, const char *other)
{
	if (*other)
		log_line(LOG_WARNING,
			 "outputInterfaces has \"%s\", which is an alternative name of %s and matches nothing: use %s",
			 pattern, other, other);
	else
		log_line(LOG_WARNING,
			 "outputInterfaces has \"%s\", which no interface of this node matches", pattern);
}

/**
 * interfaces_look() - warn of patterns that no interface matches
 * @interfaces: what was found at the last look; all zero before the first
 * @wanted: the policy
 * @serial: another one for each other @wanted
 */
void interfaces_look(struct interfaces *interfaces, const struct policy *wanted, uint64_t serial)
{
	const struct policy_list *list = &wanted->settings.list[SETTING_OUTPUT_INTERFACES];
	const struct policy_interface *patterns = list->items;
	struct look look = { .list = list };
	size_t i;

	if (interfaces->serial != serial)
		memset(interfaces, 0, sizeof(*interfaces));
	interfaces->serial = serial;
	if (!list->count || read_interfaces(&look) < 0)
		return;
	for (i = 0; i < list->count && i < IPMASQ_INTERFACES_MAX; i++) {
		if (!look.found[i] && !interfaces->missing[i])
			log_missing(patterns[i].pattern, look.other[i]);
		interfaces->missing[i] = !look.found[i];
	}
}
