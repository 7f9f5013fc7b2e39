// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include <cmocka.h>

#include "client_fixture.h"

const struct client client = { .family = FAMILY };

struct cidr cidr(const char *text)
{
	struct cidr parsed;

	assert_int_equal(cidr_parse(text, strlen(text), &parsed, NULL), 0);
	return parsed;
}

struct nl_msg *message(uint8_t command, size_t size)
{
	struct nl_msg *made = client_message(&client, command, 0, size);

	assert_non_null(made);
	return made;
}

/* Attributes of the message, the last one where a type is there more than once. */
void parse_message(struct nl_msg *parsed, struct nlattr **attributes)
{
	assert_int_equal(genlmsg_parse(nlmsg_hdr(parsed), 0, attributes, IPMASQ_A_MAX, NULL), 0);
}
