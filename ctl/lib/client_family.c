// SPDX-License-Identifier: GPL-2.0-or-later
/* The number that the kernel gave to the family, and its version. */
#include <errno.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>

#include "client_private.h"

#define NOT_LOADED	"the kernel module ipmasq is not loaded; load it with \"modprobe ipmasq\""

static uint32_t find_group(struct nlattr *groups, const char *name)
{
	struct nlattr *attributes[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct nlattr *group;
	int left;

	nla_for_each_nested(group, groups, left) {
		if (nla_parse_nested(attributes, CTRL_ATTR_MCAST_GRP_MAX, group, NULL) < 0)
			continue;
		if (!attributes[CTRL_ATTR_MCAST_GRP_NAME] || !attributes[CTRL_ATTR_MCAST_GRP_ID])
			continue;
		if (nla_strcmp(attributes[CTRL_ATTR_MCAST_GRP_NAME], name) == 0 &&
		    nla_len(attributes[CTRL_ATTR_MCAST_GRP_ID]) >= (int)sizeof(uint32_t))
			return nla_get_u32(attributes[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return 0;
}

static int take_family(struct client *client, struct nlmsghdr *header, void *data)
{
	static const struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_ID]	 = { .type = NLA_U16 },
		[CTRL_ATTR_VERSION]	 = { .type = NLA_U32 },
		[CTRL_ATTR_MCAST_GROUPS] = { .type = NLA_NESTED },
	};
	struct nlattr *attributes[CTRL_ATTR_MAX + 1];
	uint32_t *version = data;

	if (genlmsg_parse(header, 0, attributes, CTRL_ATTR_MAX, (struct nla_policy *)policy) < 0 ||
	    !attributes[CTRL_ATTR_FAMILY_ID] || !attributes[CTRL_ATTR_VERSION])
		return -EBADMSG;

	client->family = nla_get_u16(attributes[CTRL_ATTR_FAMILY_ID]);
	*version = nla_get_u32(attributes[CTRL_ATTR_VERSION]);
	client->event_group = 0;
	if (attributes[CTRL_ATTR_MCAST_GROUPS])
		client->event_group = find_group(attributes[CTRL_ATTR_MCAST_GROUPS],
						 IPMASQ_MCGRP_EVENTS);
	return 0;
}

/**
 * client_resolve() - find the family's number
 * @client: client with an open socket
 *
 * The kernel loads the module by itself where it may and can.
 *
 * Return: 0, -ENOTSUP when the module is not loaded, -EPROTONOSUPPORT when it
 * speaks another version of the protocol, or another negative errno.
 */
int client_resolve(struct client *client)
{
	struct nl_msg *message;
	uint32_t version = 0;
	int error;

	message = nlmsg_alloc_size(256);
	if (!message)
		return client_fail(client, -ENOMEM, "out of memory");
	if (!genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, 0,
			 CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_string(message, CTRL_ATTR_FAMILY_NAME, IPMASQ_FAMILY_NAME) < 0) {
		nlmsg_free(message);
		return client_fail(client, -ENOMEM, "out of memory");
	}

	error = client_exchange(client, message, "cannot look for the kernel module",
				take_family, &version);
	if (error == -ENOENT || error == -EOPNOTSUPP)
		return client_fail(client, -ENOTSUP, NOT_LOADED);
	if (error)
		return error;
	if (version != IPMASQ_FAMILY_VERSION)
		return client_fail(client, -EPROTONOSUPPORT,
				   "the kernel module speaks version %u of the protocol and this program version %u; install both in the same version, and reboot",
				   version, IPMASQ_FAMILY_VERSION);
	return 0;
}
