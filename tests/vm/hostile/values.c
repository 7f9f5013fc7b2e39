// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests whose form is right and whose content is wrong, each with the errno,
 * a part of the text, and the attribute that the refusal must point to; among
 * them the ones next to them that are right, lest everything is refused.
 *
 * The namespace has the policy that hostile.sh gave it:
 *
 *	10.0.0.0/8	skip		config
 *	192.0.2.0/24	masquerade	static
 *	2001:db8::/32	skip		static
 */
#include <errno.h>
#include <sys/socket.h>
#include <stdio.h>
#include <string.h>

#include "values.h"

#define RANGE(first, last) NEST(IPMASQ_A_PORT_RANGE, \
				U16(IPMASQ_A_PORT_RANGE_FIRST, first), \
				U16(IPMASQ_A_PORT_RANGE_LAST, last))
#define FLOW4(t, a, b, c, d) BYTES(t, 4, a, b, c, d)
#define FLOW6(t, last) BYTES(t, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last)

static void put_ranges(struct message *message, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		message_put(message, LIST(RANGE(1024 + i, 1024 + i)));
}

static void put_256_ranges(struct message *message)
{
	put_ranges(message, 256);
}

static void put_257_ranges(struct message *message)
{
	put_ranges(message, 257);
}

static void put_hosts(struct message *message, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		message_put(message, LIST(CIDR4(172, 16, i >> 8, i & 255, 32)));
}

/* The last of a thousand is wrong. */
static void put_999_good(struct message *message)
{
	put_hosts(message, 999);
	message_put(message, LIST(CIDR4(10, 0, 0, 0, 33)));
}

/* Every form of a bad CIDR is refused wherever there is one. */
#define BAD_CIDRS(c, f) \
	{ "a prefix length of 33", c, LIST(CIDR4(10, 0, 0, 0, 33)), NULL, f, \
	  EINVAL, "10.0.0.0/33: the prefix length is above 32", 1, 2, false }, \
	{ "a prefix length of 255", c, LIST(CIDR4(10, 0, 0, 0, 255)), NULL, f, \
	  EINVAL, "10.0.0.0/255: the prefix length is above 32", 1, 2, false }, \
	{ "an IPv6 prefix length of 129", c, \
	  LIST(NEST(IPMASQ_A_CIDR, FLOW6(IPMASQ_A_CIDR_ADDRESS, 0), PREFIX_LEN(129))), NULL, f, \
	  EINVAL, "2001:db8::/129: the prefix length is above 128", 1, 2, false }, \
	{ "bits of a host", c, LIST(CIDR4(10, 1, 2, 3, 8)), NULL, f, \
	  EINVAL, "10.1.2.3/8 has bits set behind its prefix length; 10.0.0.0/8 is the prefix", \
	  1, 1, false }, \
	{ "the last bit of a host", c, LIST(CIDR4(10, 1, 2, 3, 31)), NULL, f, \
	  EINVAL, "10.1.2.3/31 has bits set behind its prefix length; 10.1.2.2/31", 1, 1, false }, \
	{ "bits of a host behind /0", c, LIST(CIDR4(0, 0, 0, 1, 0)), NULL, f, \
	  EINVAL, "0.0.0.1/0 has bits set behind its prefix length; 0.0.0.0/0", 1, 1, false }, \
	{ "bits of an IPv6 host", c, \
	  LIST(NEST(IPMASQ_A_CIDR, FLOW6(IPMASQ_A_CIDR_ADDRESS, 1), PREFIX_LEN(127))), NULL, f, \
	  EINVAL, "2001:db8::1/127 has bits set behind its prefix length; 2001:db8::/127", \
	  1, 1, false }, \
	{ "an address of 5 bytes", c, \
	  LIST(NEST(IPMASQ_A_CIDR, BYTES(IPMASQ_A_CIDR_ADDRESS, 5, 10, 0, 0, 0, 0), \
		    PREFIX_LEN(8))), NULL, f, \
	  EINVAL, "an address of 5 bytes; 4 (IPv4) or 16 (IPv6) are expected", 1, 1, false }, \
	{ "an address of no bytes", c, \
	  LIST(NEST(IPMASQ_A_CIDR, BYTES(IPMASQ_A_CIDR_ADDRESS, 0, 0), PREFIX_LEN(8))), NULL, f, \
	  EINVAL, "an address of 0 bytes", 1, 1, false }, \
	{ "an address of 17 bytes", c, \
	  LIST(NEST(IPMASQ_A_CIDR, BYTES(IPMASQ_A_CIDR_ADDRESS, 17, 10), PREFIX_LEN(8))), \
	  NULL, f, ERANGE, "Attribute failed policy validation", 1, 1, false }, \
	{ "a CIDR without its address", c, LIST(NEST(IPMASQ_A_CIDR, PREFIX_LEN(8))), NULL, f, \
	  EINVAL, "a CIDR without its address", 1, 0, false }, \
	{ "a CIDR without its prefix length", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(10, 0, 0, 0))), NULL, f, \
	  EINVAL, "a CIDR without its prefix length", 1, 0, false }, \
	{ "a CIDR of nothing", c, LIST({ .type = IPMASQ_A_CIDR | NLA_F_NESTED }), NULL, f, \
	  EINVAL, "a CIDR without its address", 1, 0, false }, \
	{ "a prefix length of two bytes", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(10, 0, 0, 0), U16(IPMASQ_A_CIDR_PREFIX_LEN, 8))), \
	  NULL, f, EINVAL, "invalid attribute length", 1, 2, false }, \
	{ "a CIDR that brings its origin", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(10, 0, 0, 0), PREFIX_LEN(8), \
		    U32(IPMASQ_A_CIDR_ORIGIN, 1))), \
	  NULL, f, EINVAL, "Unsupported attribute", 1, 3, false }, \
	{ "a CIDR that brings its counter", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(10, 0, 0, 0), PREFIX_LEN(8), \
		    U64(IPMASQ_A_CIDR_CONNECTIONS, 7))), \
	  NULL, f, EINVAL, "Unsupported attribute", 1, 3, false }, \
	{ "a CIDR with an attribute that nobody knows", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(10, 0, 0, 0), PREFIX_LEN(8), \
		    U32(IPMASQ_A_CIDR_MAX + 1, 0))), \
	  NULL, f, EINVAL, "Unknown attribute type", 1, 3, false }, \
	{ "a CIDR in a CIDR", c, LIST(NEST(IPMASQ_A_CIDR, CIDR4(10, 0, 0, 0, 8))), NULL, f, \
	  EINVAL, "", 1, 1, false }, \
	{ "a CIDR cut off within its address", c, \
	  LIST(NEST(IPMASQ_A_CIDR, PREFIX_LEN(8), { .type = IPMASQ_A_CIDR_ADDRESS, \
						   .length = 4, .lie = 20 })), \
	  NULL, f, EINVAL, "bytes leftover after parsing attributes", 0, 0, false }

/* And every form of a bad entry, which has an action. */
#define BAD_ACTIONS(c) \
	{ "action 9", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(172, 16, 0, 0), PREFIX_LEN(12), ACTION(9))), \
	  NULL, 0, ERANGE, "integer out of range", 1, 3, false }, \
	{ "action 0", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(172, 16, 0, 0), PREFIX_LEN(12), ACTION(0))), \
	  NULL, 0, ERANGE, "integer out of range", 1, 3, false }, \
	{ "an action of no bytes", c, \
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(172, 16, 0, 0), PREFIX_LEN(12), \
		    { .type = IPMASQ_A_CIDR_ACTION })), \
	  NULL, 0, EINVAL, "invalid attribute length", 1, 3, false }, \
	{ "no CIDR", c, NOTHING, NULL, 0, EINVAL, "no CIDR in the message", 0, 0, false }, \
	{ "the thousandth CIDR", c, NOTHING, put_999_good, 0, \
	  EINVAL, "10.0.0.0/33: the prefix length is above 32", 0, 0, false }

#define BAD_SETTINGS(c, with) \
	{ "a flag that nobody knows", c, LIST(FLAGS(8, 8), with), NULL, 0, \
	  EINVAL, "reserved bit set", 1, 0, false }, \
	{ "all flags there can be", c, LIST(FLAGS(0, 0xffffffff), with), \
	  NULL, 0, EINVAL, "reserved bit set", 2, 0, false }, \
	{ "flags without their mask", c, LIST(U32(IPMASQ_A_FLAGS, 1), with), NULL, 0, \
	  EINVAL, "flags without their mask", 1, 0, false }, \
	{ "flags without their values", c, LIST(U32(IPMASQ_A_FLAGS_MASK, 1), with), NULL, 0, \
	  EINVAL, "flags without their values", 1, 0, false }, \
	{ "a flag that is not in the mask", c, LIST(FLAGS(1, 0), with), NULL, 0, \
	  EINVAL, "flags 0x1 are not in their mask 0x0", 1, 0, false }, \
	{ "a port range that is reversed", c, LIST(RANGE(2000, 1999), with), NULL, 0, \
	  EINVAL, "port range 2000-1999: the first port is above the last", 1, 0, false }, \
	{ "a port range without its first port", c, \
	  LIST(NEST(IPMASQ_A_PORT_RANGE, U16(IPMASQ_A_PORT_RANGE_LAST, 9)), with), NULL, 0, \
	  EINVAL, "a port range without its first port", 1, 0, false }, \
	{ "a port range without its last port", c, \
	  LIST(NEST(IPMASQ_A_PORT_RANGE, U16(IPMASQ_A_PORT_RANGE_FIRST, 9)), with), NULL, 0, \
	  EINVAL, "a port range without its last port", 1, 0, false }, \
	{ "a port of four bytes", c, \
	  LIST(NEST(IPMASQ_A_PORT_RANGE, U32(IPMASQ_A_PORT_RANGE_FIRST, 70000), \
		    U16(IPMASQ_A_PORT_RANGE_LAST, 9)), with), NULL, 0, \
	  EINVAL, "invalid attribute length", 1, 1, false }, \
	{ "port ranges and none", c, \
	  LIST(FLAG(IPMASQ_A_NO_PORT_RANGES), RANGE(1, 2), with), NULL, 0, \
	  EINVAL, "port ranges together with NO_PORT_RANGES", 1, 0, false }, \
	{ "257 port ranges", c, LIST(with), put_257_ranges, 0, \
	  ENOSPC, "257 port ranges; 256 are the most", 0, 0, false }

#define BAD_ORIGINS(c, f) \
	{ "origin 0", c, LIST(ORIGIN(0), CIDR4(172, 16, 0, 0, 12)), NULL, f, \
	  ERANGE, "integer out of range", 1, 0, false }, \
	{ "origin 3", c, LIST(ORIGIN(3), CIDR4(172, 16, 0, 0, 12)), NULL, f, \
	  ERANGE, "integer out of range", 1, 0, false }

#define STALE(c) \
	{ "a generation that is over", c, \
	  LIST(U64(IPMASQ_A_GENERATION, 7777), CIDR4(172, 16, 0, 0, 12)), NULL, 0, \
	  ESTALE, "another change came first: generation ", 0, 0, false }

static const struct row values[] = {
	{ "no command", 0, NOTHING, NULL, 0, EOPNOTSUPP, "", 0, 0, false },
	{ "a notification", IPMASQ_CMD_POLICY_CHANGED, NOTHING, NULL, 0, EOPNOTSUPP, "",
	  0, 0, false },
	{ "a command that nobody knows", 255, NOTHING, NULL, 0, EOPNOTSUPP, "", 0, 0, false },
	{ "a dump", IPMASQ_CMD_POLICY_GET, NOTHING, NULL, NLM_F_DUMP, EOPNOTSUPP, "",
	  0, 0, false },
	{ "no dump", IPMASQ_CMD_CIDR_GET, NOTHING, NULL, 0, EOPNOTSUPP, "", 0, 0, false },

	{ "nothing at all, which is right", IPMASQ_CMD_POLICY_GET, NOTHING, NULL, 0,
	  0, "", 0, 0, false },
	{ "nothing at all, which is right", IPMASQ_CMD_STATS_GET, NOTHING, NULL, 0,
	  0, "", 0, 0, false },

	BAD_SETTINGS(IPMASQ_CMD_POLICY_SET, U64(IPMASQ_A_GENERATION, 7777)),
	{ "a generation that is over", IPMASQ_CMD_POLICY_SET,
	  LIST(U64(IPMASQ_A_GENERATION, 7777)), NULL, 0,
	  ESTALE, "another change came first: generation ", 0, 0, false },
	{ "256 port ranges, which are right", IPMASQ_CMD_POLICY_SET, NOTHING, put_256_ranges, 0,
	  0, "", 0, 0, true },
	{ "all ports, which is right", IPMASQ_CMD_POLICY_SET, LIST(RANGE(0, 65535)), NULL, 0,
	  0, "", 0, 0, true },
	{ "no port ranges, which is right", IPMASQ_CMD_POLICY_SET,
	  LIST(FLAG(IPMASQ_A_NO_PORT_RANGES)), NULL, 0, 0, "", 0, 0, true },

	{ "a generation to carry over beside a policy", IPMASQ_CMD_CARRY_OVER,
	  LIST(U64(IPMASQ_A_GENERATION, 7777)), NULL, 0,
	  EBUSY, "a policy is active; generations continue from its own", 1, 0, false },
	{ "counters of an entry that is not there", IPMASQ_CMD_CARRY_OVER,
	  LIST(ORIGIN(2), NEST(IPMASQ_A_CIDR, ADDRESS4(172, 31, 0, 0), PREFIX_LEN(16),
			       U64(IPMASQ_A_CIDR_CONNECTIONS, 7))), NULL, 0,
	  ENOENT, "172.31.0.0/16 is not there", 2, 0, false },
	{ "counters of an entry without its origin", IPMASQ_CMD_CARRY_OVER,
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(172, 31, 0, 0), PREFIX_LEN(16),
		    U64(IPMASQ_A_CIDR_CONNECTIONS, 7))), NULL, 0,
	  EINVAL, "an entry without its origin", 1, 0, false },
	{ "an entry to carry over without its counter", IPMASQ_CMD_CARRY_OVER,
	  LIST(ORIGIN(2), CIDR4(172, 31, 0, 0, 16)), NULL, 0,
	  EINVAL, "an entry without its connections", 2, 0, false },
	{ "a verdict that nobody knows", IPMASQ_CMD_CARRY_OVER,
	  LIST(NEST(IPMASQ_A_STATS, U32(IPMASQ_A_STATS_FAMILY, AF_INET),
		    U32(IPMASQ_A_STATS_VERDICT, 77), U64(IPMASQ_A_STATS_CONNECTIONS, 1))),
	  NULL, 0, ERANGE, "integer out of range", 1, 2, false },
	{ "a family that nobody knows", IPMASQ_CMD_CARRY_OVER,
	  LIST(NEST(IPMASQ_A_STATS, U32(IPMASQ_A_STATS_FAMILY, 258),
		    U32(IPMASQ_A_STATS_VERDICT, 1), U64(IPMASQ_A_STATS_CONNECTIONS, 1))),
	  NULL, 0, EINVAL, "family 258 is neither IPv4 (2) nor IPv6 (10)", 1, 0, false },

	{ "a generation that is over", IPMASQ_CMD_POLICY_DEL,
	  LIST(U64(IPMASQ_A_GENERATION, 7777)), NULL, 0,
	  ESTALE, "another change came first: generation ", 0, 0, false },

	BAD_CIDRS(IPMASQ_CMD_CIDR_GET, NLM_F_DUMP),
	BAD_ORIGINS(IPMASQ_CMD_CIDR_GET, NLM_F_DUMP),
	{ "a prefix of which nothing is there, which is right", IPMASQ_CMD_CIDR_GET,
	  LIST(CIDR4(172, 16, 0, 0, 12)), NULL, NLM_F_DUMP, 0, "", 0, 0, false },

	BAD_CIDRS(IPMASQ_CMD_CIDR_ADD, 0),
	BAD_ACTIONS(IPMASQ_CMD_CIDR_ADD),
	BAD_ORIGINS(IPMASQ_CMD_CIDR_ADD, 0),
	STALE(IPMASQ_CMD_CIDR_ADD),
	{ "one that is there", IPMASQ_CMD_CIDR_ADD,
	  LIST(CIDR4(172, 16, 0, 0, 12), CIDR4(192, 0, 2, 0, 24)), NULL, 0,
	  EEXIST, "192.0.2.0/24 is there already", 0, 0, false },
	{ "one twice", IPMASQ_CMD_CIDR_ADD,
	  LIST(CIDR4(172, 16, 0, 0, 12), CIDR4(10, 0, 0, 0, 9), CIDR4(172, 16, 0, 0, 12)),
	  NULL, 0, EEXIST, "172.16.0.0/12 is named twice", 0, 0, false },
	{ "one twice to replace", IPMASQ_CMD_CIDR_ADD,
	  LIST(FLAG(IPMASQ_A_REPLACE), CIDR4(192, 0, 2, 0, 24), CIDR4(192, 0, 2, 0, 24)),
	  NULL, 0, EEXIST, "192.0.2.0/24 is named twice", 0, 0, false },
	{ "one that another origin has, which is right", IPMASQ_CMD_CIDR_ADD,
	  LIST(CIDR4(10, 0, 0, 0, 8)), NULL, 0, 0, "", 0, 0, true },
	{ "replacing one, which is right", IPMASQ_CMD_CIDR_ADD,
	  LIST(FLAG(IPMASQ_A_REPLACE), CIDR4(10, 0, 0, 0, 8)), NULL, 0, 0, "", 0, 0, true },
	{ "/0 and /32, which are right", IPMASQ_CMD_CIDR_ADD,
	  LIST(CIDR4(0, 0, 0, 0, 0), CIDR4(255, 255, 255, 255, 32)), NULL, 0,
	  0, "", 0, 0, true },

	BAD_CIDRS(IPMASQ_CMD_CIDR_DEL, 0),
	BAD_ORIGINS(IPMASQ_CMD_CIDR_DEL, 0),
	STALE(IPMASQ_CMD_CIDR_DEL),
	{ "no CIDR", IPMASQ_CMD_CIDR_DEL, NOTHING, NULL, 0,
	  EINVAL, "no CIDR in the message", 0, 0, false },
	{ "an action", IPMASQ_CMD_CIDR_DEL,
	  LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(192, 0, 2, 0), PREFIX_LEN(24), ACTION(1))), NULL, 0,
	  EINVAL, "Unsupported attribute", 1, 3, false },
	{ "one that is not there", IPMASQ_CMD_CIDR_DEL,
	  LIST(CIDR4(192, 0, 2, 0, 24), CIDR4(172, 16, 0, 0, 12)), NULL, 0,
	  ENOENT, "172.16.0.0/12 is not there", 0, 0, false },
	{ "one that is there with another length", IPMASQ_CMD_CIDR_DEL,
	  LIST(CIDR4(192, 0, 2, 0, 25)), NULL, 0,
	  ENOENT, "192.0.2.0/25 is not there", 0, 0, false },
	{ "one that another origin has", IPMASQ_CMD_CIDR_DEL,
	  LIST(ORIGIN(1), CIDR4(192, 0, 2, 0, 24)), NULL, 0,
	  ENOENT, "192.0.2.0/24 is not there", 0, 0, false },
	{ "one twice", IPMASQ_CMD_CIDR_DEL,
	  LIST(CIDR4(192, 0, 2, 0, 24), CIDR4(192, 0, 2, 0, 24)), NULL, 0,
	  EEXIST, "192.0.2.0/24 is named twice", 0, 0, false },
	{ "three, which are right", IPMASQ_CMD_CIDR_DEL,
	  LIST(CIDR4(255, 255, 255, 255, 32), CIDR4(0, 0, 0, 0, 0), CIDR4(10, 0, 0, 0, 8)),
	  NULL, 0, 0, "", 0, 0, true },

	{ "no transaction", IPMASQ_CMD_TRANSACTION_ADD, LIST(CIDR4(172, 16, 0, 0, 12)), NULL, 0,
	  ENOENT, "no transaction is open on this socket", 0, 0, false },
	{ "no transaction", IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING, NULL, 0,
	  ENOENT, "no transaction is open on this socket", 0, 0, false },
	{ "no transaction", IPMASQ_CMD_TRANSACTION_ABORT, NOTHING, NULL, 0,
	  ENOENT, "no transaction is open on this socket", 0, 0, false },
	{ "no origin", IPMASQ_CMD_TRANSACTION_BEGIN, NOTHING, NULL, 0,
	  EINVAL, "a transaction without its origin", 0, 0, false },
	{ "origin 0", IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN(0)), NULL, 0,
	  ERANGE, "integer out of range", 1, 0, false },
	{ "origin 3", IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN(3)), NULL, 0,
	  ERANGE, "integer out of range", 1, 0, false },
	BAD_SETTINGS(IPMASQ_CMD_TRANSACTION_BEGIN, ORIGIN(2)),

	{ "origin static, which is right", IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN(2)), NULL, 0,
	  0, "", 0, 0, false },
	{ "a second one on the same socket", IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN(1)),
	  NULL, 0, EBUSY, "a transaction is open on this socket already", 0, 0, false },
	BAD_CIDRS(IPMASQ_CMD_TRANSACTION_ADD, 0),
	BAD_ACTIONS(IPMASQ_CMD_TRANSACTION_ADD),
	{ "one that is there, which is right", IPMASQ_CMD_TRANSACTION_ADD,
	  LIST(CIDR4(192, 0, 2, 0, 24)), NULL, 0, 0, "", 0, 0, false },
	{ "the same again, which is found later", IPMASQ_CMD_TRANSACTION_ADD,
	  LIST(CIDR4(192, 0, 2, 0, 24)), NULL, 0, 0, "", 0, 0, false },
	{ "one twice", IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING, NULL, 0,
	  EEXIST, "192.0.2.0/24 is named twice", 0, 0, false },
	{ "a transaction that a failure has ended", IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING,
	  NULL, 0, ENOENT, "no transaction is open on this socket", 0, 0, false },

	{ "a generation that is over, found later", IPMASQ_CMD_TRANSACTION_BEGIN,
	  LIST(ORIGIN(2), U64(IPMASQ_A_GENERATION, 7777)), NULL, 0, 0, "", 0, 0, false },
	{ "an attribute", IPMASQ_CMD_TRANSACTION_COMMIT, LIST(ORIGIN(2)), NULL, 0,
	  EINVAL, "Unsupported attribute", 1, 0, false },
	{ "a generation that is over", IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING, NULL, 0,
	  ESTALE, "another change came first: generation ", 0, 0, false },

	{ "an empty table, which is right", IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN(2)),
	  NULL, 0, 0, "", 0, 0, false },
	{ "it is aborted", IPMASQ_CMD_TRANSACTION_ABORT, NOTHING, NULL, 0, 0, "", 0, 0, false },
	{ "twice", IPMASQ_CMD_TRANSACTION_ABORT, NOTHING, NULL, 0,
	  ENOENT, "no transaction is open on this socket", 0, 0, false },

	{ "no source", IPMASQ_CMD_EXPLAIN, LIST(FLOW4(IPMASQ_A_DESTINATION, 10, 0, 0, 1)),
	  NULL, 0, EINVAL, "a connection without its source", 0, 0, false },
	{ "no destination", IPMASQ_CMD_EXPLAIN, LIST(FLOW4(IPMASQ_A_SOURCE, 10, 0, 0, 1)),
	  NULL, 0, EINVAL, "a connection without its destination", 0, 0, false },
	{ "nothing", IPMASQ_CMD_EXPLAIN, NOTHING, NULL, 0,
	  EINVAL, "a connection without its source", 0, 0, false },
	{ "IPv4 to IPv6", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW4(IPMASQ_A_SOURCE, 10, 0, 0, 1), FLOW6(IPMASQ_A_DESTINATION, 1)), NULL, 0,
	  EINVAL, "an IPv4 source and an IPv6 destination", 2, 0, false },
	{ "IPv6 to IPv4", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW6(IPMASQ_A_SOURCE, 1), FLOW4(IPMASQ_A_DESTINATION, 10, 0, 0, 1)), NULL, 0,
	  EINVAL, "an IPv6 source and an IPv4 destination", 2, 0, false },
	{ "a source of 5 bytes", IPMASQ_CMD_EXPLAIN,
	  LIST(BYTES(IPMASQ_A_SOURCE, 5, 10), FLOW4(IPMASQ_A_DESTINATION, 10, 0, 0, 1)), NULL, 0,
	  EINVAL, "an address of 5 bytes", 1, 0, false },
	{ "a destination of 15 bytes", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW4(IPMASQ_A_SOURCE, 10, 0, 0, 1), BYTES(IPMASQ_A_DESTINATION, 15, 10)), NULL, 0,
	  EINVAL, "an address of 15 bytes", 2, 0, false },
	{ "an interface that is not there", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW4(IPMASQ_A_SOURCE, 10, 0, 0, 1), FLOW4(IPMASQ_A_DESTINATION, 127, 0, 0, 1),
	       U32(IPMASQ_A_OUTPUT_INTERFACE, 99999)), NULL, 0,
	  ENODEV, "no route to 127.0.0.1", 0, 0, false },
	{ "a destination without a route", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW4(IPMASQ_A_SOURCE, 10, 0, 0, 1), FLOW4(IPMASQ_A_DESTINATION, 8, 8, 8, 8)),
	  NULL, 0, ENETUNREACH, "no route to 8.8.8.8", 0, 0, false },
	{ "an IPv6 destination without a route", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW6(IPMASQ_A_SOURCE, 1), FLOW6(IPMASQ_A_DESTINATION, 2)),
	  NULL, 0, ENETUNREACH, "no route to 2001:db8::2", 0, 0, false },
	{ "this host, which is right", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW4(IPMASQ_A_SOURCE, 10, 0, 0, 1), FLOW4(IPMASQ_A_DESTINATION, 127, 0, 0, 1)),
	  NULL, 0, 0, "", 0, 0, false },
	{ .name = NULL }
};

/* In a namespace that has none. */
static const struct row no_policy[] = {
	{ "no policy", IPMASQ_CMD_CIDR_ADD, LIST(CIDR4(10, 0, 0, 0, 8)), NULL, 0,
	  ENOENT, "no policy in this network namespace", 0, 0, false },
	{ "no policy", IPMASQ_CMD_CIDR_DEL, LIST(CIDR4(10, 0, 0, 0, 8)), NULL, 0,
	  ENOENT, "no policy in this network namespace", 0, 0, false },
	{ "no policy", IPMASQ_CMD_POLICY_DEL, NOTHING, NULL, 0,
	  ENOENT, "no policy in this network namespace", 0, 0, false },
	{ "no policy", IPMASQ_CMD_EXPLAIN,
	  LIST(FLOW4(IPMASQ_A_SOURCE, 10, 0, 0, 1), FLOW4(IPMASQ_A_DESTINATION, 127, 0, 0, 1)),
	  NULL, 0, ENOENT, "no policy in this network namespace", 0, 0, false },
	{ "a generation where there is none", IPMASQ_CMD_POLICY_SET,
	  LIST(U64(IPMASQ_A_GENERATION, 1)), NULL, 0,
	  ESTALE, "another change came first: generation 0 is in force", 0, 0, false },
	{ "no policy, which is right", IPMASQ_CMD_CIDR_GET, NOTHING, NULL, NLM_F_DUMP,
	  0, "", 0, 0, false },
	{ "no policy, which is right", IPMASQ_CMD_STATS_GET, NOTHING, NULL, 0,
	  0, "", 0, 0, false },
	{ .name = NULL }
};

/* The module's limit is the three entries that there are. */
static const struct row limit[] = {
	{ "one too many", IPMASQ_CMD_CIDR_ADD, LIST(CIDR4(172, 16, 0, 0, 12)), NULL, 0,
	  ENOSPC, "more than 3 entries (module parameter max_entries)", 0, 0, false },
	{ "four to delete, of which one is not there", IPMASQ_CMD_CIDR_DEL,
	  LIST(CIDR4(10, 0, 0, 0, 8), CIDR4(11, 0, 0, 0, 8), CIDR4(12, 0, 0, 0, 8),
	       CIDR4(13, 0, 0, 0, 8)), NULL, 0, ENOENT, "10.0.0.0/8 is not there", 0, 0, false },
	{ "instead of one, which is right", IPMASQ_CMD_CIDR_ADD,
	  LIST(FLAG(IPMASQ_A_REPLACE), CIDR4(192, 0, 2, 0, 24)), NULL, 0, 0, "", 0, 0, true },
	{ "origin static, which is right", IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN(2)), NULL, 0,
	  0, "", 0, 0, false },
	{ "more than a whole table", IPMASQ_CMD_TRANSACTION_ADD, NOTHING, put_999_good, 0,
	  ENOSPC, "more than 3 entries (module parameter max_entries)", 0, 0, false },
	{ "three, which is right", IPMASQ_CMD_TRANSACTION_ADD,
	  LIST(CIDR4(10, 0, 0, 0, 8), CIDR4(11, 0, 0, 0, 8), CIDR4(12, 0, 0, 0, 8)), NULL, 0,
	  0, "", 0, 0, false },
	{ "three with the one of another origin", IPMASQ_CMD_TRANSACTION_COMMIT, NOTHING, NULL, 0,
	  ENOSPC, "more than 3 entries (module parameter max_entries)", 0, 0, false },
	{ .name = NULL }
};

static const struct {
	const char *name;
	const struct row *rows;
} tables[] = {
	{ "values", values },
	{ "lists", list_values },
	{ "no-policy", no_policy },
	{ "limit", limit },
};

/* The end of a dump has a text, but on older kernels it does not say the place. */
static bool points_to(const struct answer *answer, const struct message *message,
		      const struct row *row)
{
	if (!row->bad || (row->flags == NLM_F_DUMP && !answer->has_offset))
		return true;
	return answer->has_offset &&
	       answer->offset == message->place[row->bad][row->bad_inside];
}

static void try_row(int socket, uint16_t family, const struct row *row, struct snapshot *before)
{
	static struct message message;
	char name[160], expected[400], seen[440];
	struct answer wanted = { .error = row->error, .has_offset = row->bad };
	struct answer answer;
	bool same;

	message_begin(&message, family, row->command, row->flags);
	message_put(&message, row->attributes);
	if (row->build)
		row->build(&message);
	exchange(socket, &message, &answer, NULL);
	same = snapshot_same(socket, family, before);

	snprintf(name, sizeof(name), "%s: %s", command_name(row->command), row->name);
	wanted.offset = message.place[row->bad][row->bad_inside];
	snprintf(wanted.text, sizeof(wanted.text), "%s", row->text);
	describe(&wanted, expected);
	describe(&answer, seen);
	if (same == row->changes)
		strcat(seen, same ? ", nothing changed" : ", something changed");
	result(name, answer.error == row->error && strstr(answer.text, row->text) &&
	       points_to(&answer, &message, row) && same != row->changes, expected, seen);
}

/**
 * run_values() - all rows of a table, one after the other on one socket
 * @socket: from netlink_open()
 * @family: number of the family
 * @table: name of the table
 *
 * Return: the exit status.
 */
int run_values(int socket, uint16_t family, const char *table)
{
	struct snapshot before = { 0 };
	const struct row *row;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(tables[i].name, table))
			continue;
		snapshot_take(socket, family, &before);
		for (row = tables[i].rows; row->name; row++)
			try_row(socket, family, row, &before);
		return results_end();
	}
	fprintf(stderr, "hostile: no table '%s'\n", table);
	return 2;
}
