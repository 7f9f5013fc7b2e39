// SPDX-License-Identifier: GPL-2.0-or-later
#include "strangers.h"

#include "node_addresses.h"

/**
 * warn_of_strangers() - say which addresses of a pool are not this node's
 * @invocation: how the program was called
 * @pool: host prefixes
 * @count: how many
 *
 * That is no error: a router may send their traffic here all the same.
 */
void warn_of_strangers(const struct invocation *invocation, const struct cidr *pool,
		       size_t count)
{
	struct node_addresses addresses;
	char text[CIDR_TEXT_MAX];
	size_t i;
	int error;

	if (!count)
		return;
	error = node_addresses_read(&addresses);
	for (i = 0; i < count && !error; i++) {
		if (!node_addresses_own(&addresses, &pool[i]))
			warn(invocation,
			     "no interface here has the address %s: answers to it come back only where others route them to this node",
			     cidr_format_address(&pool[i], text));
	}
	node_addresses_clear(&addresses);
}
