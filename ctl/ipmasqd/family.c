// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notices when the module is loaded and unloaded. Generic netlink says so to the group
 * "notify" of its controller, in every network namespace; the module's own events end
 * with the module. Nothing has to ask for the family again and again.
 */
#include "family.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/ipmasq.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

/* The group "notify" of the controller has the controller's own number. */
#define NOTIFY_GROUP GENL_ID_CTRL

/**
 * struct family - a socket that hears of families
 * @socket: member of the controller's group
 */
struct family {
	struct nl_sock *socket;
};

/**
 * family_open() - begin to listen
 * @family: to fill, freed with family_close()
 *
 * Return: 0, -ENOMEM, or -EPROTO where the socket cannot be made.
 */
int family_open(struct family **family)
{
	struct family *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->socket = nl_socket_alloc();
	if (!made->socket) {
		free(made);
		return -ENOMEM;
	}
	if (nl_connect(made->socket, NETLINK_GENERIC) < 0 ||
	    nl_socket_set_nonblocking(made->socket) < 0 ||
	    nl_socket_add_membership(made->socket, NOTIFY_GROUP) < 0) {
		family_close(made);
		return -EPROTO;
	}
	*family = made;
	return 0;
}

/**
 * family_close() - the opposite of family_open()
 * @family: is freed; may be NULL
 */
void family_close(struct family *family)
{
	if (!family)
		return;
	nl_socket_free(family->socket);
	free(family);
}

/**
 * family_descriptor() - what to wait on
 * @family: from family_open()
 *
 * Return: a descriptor that can be read when family_read() has something to say.
 */
int family_descriptor(const struct family *family)
{
	return nl_socket_get_fd(family->socket);
}

static enum family_news parse(struct nlmsghdr *header)
{
	struct nlattr *attributes[CTRL_ATTR_MAX + 1];
	const struct genlmsghdr *genl;

	if (header->nlmsg_type != GENL_ID_CTRL ||
	    genlmsg_parse(header, 0, attributes, CTRL_ATTR_MAX, NULL) < 0 ||
	    !attributes[CTRL_ATTR_FAMILY_NAME] ||
	    nla_strcmp(attributes[CTRL_ATTR_FAMILY_NAME], IPMASQ_FAMILY_NAME))
		return FAMILY_SAME;
	genl = nlmsg_data(header);
	switch (genl->cmd) {
	case CTRL_CMD_NEWFAMILY:
		return FAMILY_CAME;
	case CTRL_CMD_DELFAMILY:
		return FAMILY_WENT;
	default:
		return FAMILY_SAME;
	}
}

/**
 * family_read() - take all that was told
 * @family: from family_open()
 *
 * Return: the last thing that happened to the family.
 */
enum family_news family_read(struct family *family)
{
	char buffer[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	enum family_news news = FAMILY_SAME;

	for (;;) {
		struct sockaddr_nl sender = { 0 };
		socklen_t size = sizeof(sender);
		struct nlmsghdr *header;
		ssize_t length;
		int left;

		length = recvfrom(family_descriptor(family), buffer, sizeof(buffer), 0,
				  (struct sockaddr *)&sender, &size);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno == ENOBUFS) {
			news = FAMILY_UNSURE;
			continue;
		}
		if (length < 0)
			return news;
		/* Any process may send to a netlink port: listen to the kernel only. */
		if (sender.nl_pid)
			continue;
		left = (int)length;
		for (header = (void *)buffer; nlmsg_ok(header, left);
		     header = nlmsg_next(header, &left)) {
			enum family_news said = parse(header);

			if (said != FAMILY_SAME)
				news = said;
		}
	}
}
