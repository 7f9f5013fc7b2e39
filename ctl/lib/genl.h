/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_GENL_H
#define IPMASQ_GENL_H

/*
 * The header of a generic-netlink message. libnl-genl has the same, but a library
 * more is a twentieth of the daemon's way to its first policy.
 */

#include <stdint.h>

#include <linux/genetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

/* Starts a request; returns NULL where the message has no room. */
static inline struct genlmsghdr *genl_put(struct nl_msg *message, uint16_t family, int flags,
					  uint8_t command, uint8_t version)
{
	struct nlmsghdr *header = nlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, family,
					    GENL_HDRLEN, flags);
	struct genlmsghdr *generic = header ? nlmsg_data(header) : NULL;

	if (generic)
		*generic = (struct genlmsghdr) { .cmd = command, .version = version };
	return generic;
}

/* Returns a negative number of libnl for attributes that are not as they should be, and
 * for a message that is too short for the header.
 */
static inline int genl_parse(const struct nlmsghdr *header, struct nlattr **attributes, int max,
			     const struct nla_policy *policy)
{
	/* libnl writes to neither, it only does not say so. */
	return nlmsg_parse((struct nlmsghdr *)header, GENL_HDRLEN, attributes, max,
			   (struct nla_policy *)policy);
}

static inline uint8_t genl_command(const struct nlmsghdr *header)
{
	const struct genlmsghdr *generic = nlmsg_data(header);

	return generic->cmd;
}

#endif
