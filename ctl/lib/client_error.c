// SPDX-License-Identifier: GPL-2.0-or-later
/* What went wrong last. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "client_private.h"

/**
 * client_fail() - remember what went wrong
 * @client: client whose error it is
 * @error: negative errno
 * @format: one line for a person, without the errno's text
 *
 * Return: @error.
 */
int client_fail(struct client *client, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(client->error, sizeof(client->error), format, arguments);
	va_end(arguments);
	return error;
}

/**
 * client_errno() - the errno for an error of libnl
 * @error: a negative NLE_* number
 *
 * Only what opening a socket and building a message can return is told apart.
 *
 * Return: a negative errno.
 */
int client_errno(int error)
{
	switch (-error) {
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_AF_NOSUPPORT:
	case NLE_PROTO_MISMATCH:
		return -EAFNOSUPPORT;
	case NLE_EXIST:
		return -EADDRINUSE;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_MSGSIZE:
	case NLE_ATTRSIZE:
		return -EMSGSIZE;
	case NLE_BAD_SOCK:
		return -EBADF;
	default:
		return -EINVAL;
	}
}

/**
 * client_error() - what the failed call before said
 * @client: the client; NULL for the one that client_open() had no memory for
 *
 * Return: one line, the kernel's own reason included; it stays valid until the
 * next call.
 */
const char *client_error(const struct client *client)
{
	return client ? client->error : "out of memory";
}
