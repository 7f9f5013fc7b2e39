// SPDX-License-Identifier: GPL-2.0-or-later
/* A command to the family, and a module that is unloaded meanwhile. */
#include <errno.h>

#include "client_private.h"

/* Whether the module was unloaded, perhaps loaded again, since client_open(). */
static bool module_went_away(struct client *client)
{
	uint16_t family = client->family;

	return client_resolve(client) != 0 || client->family != family;
}

/**
 * client_gone() - is an error that of a module that was unloaded?
 * @client: an open client
 * @error: of client_wait()
 * @doing: as for client_wait()
 *
 * Netlink itself answers -ENOENT for a family that is gone, without a text; the
 * module's own has one.
 *
 * Return: -ENOTSUP with a text of its own, or @error.
 */
int client_gone(struct client *client, int error, const char *doing)
{
	if (error == -ENOENT && !client->explained && module_went_away(client))
		return client_fail(client, -ENOTSUP,
				   "%s: the kernel module ipmasq has been unloaded", doing);
	return error;
}

/**
 * client_request() - send a command to the family and wait for the answer
 * @client: an open client
 * @message: freed here, in every case; NULL stands for one that had no memory
 * @doing: as for client_wait()
 * @answer: as for client_wait()
 * @data: for @answer
 *
 * Return: as client_wait(), and -ENOTSUP when the module was unloaded since the
 * client was opened: it must be opened anew then.
 */
int client_request(struct client *client, struct nl_msg *message, const char *doing,
		   client_answer answer, void *data)
{
	int error;

	if (!message)
		return client_fail(client, -ENOMEM, "%s: out of memory", doing);
	error = client_exchange(client, message, doing, answer, data);
	return client_gone(client, error, doing);
}
