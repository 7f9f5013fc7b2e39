// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rows about what a policy has lists of (sources, interfaces, addresses) and what an
 * entry may have (a timeout, addresses), as those of values.c.
 */
#include <errno.h>
#include <string.h>

#include "values.h"

#define SOURCE4(a, b, c, d, n) NEST(IPMASQ_A_SOURCE_CIDR, ADDRESS4(a, b, c, d), PREFIX_LEN(n))
#define SOURCE_WITH(...) NEST(IPMASQ_A_SOURCE_CIDR, ADDRESS4(10, 0, 0, 0), PREFIX_LEN(8), \
			      __VA_ARGS__)
#define NAME(n, ...) BYTES(IPMASQ_A_INTERFACE, n, __VA_ARGS__)
#define DEFAULT4(a, b, c, d) NEST(IPMASQ_A_SNAT_ADDRESS, \
				  BYTES(IPMASQ_A_ADDRESS_IP, 4, a, b, c, d))
#define DEFAULT6(a, b, last) NEST(IPMASQ_A_SNAT_ADDRESS, \
				  BYTES(IPMASQ_A_ADDRESS_IP, 16, a, b, 0, 0, 0, 0, 0, 0, \
					0, 0, 0, 0, 0, 0, 0, last))

#define ENTRY(...) NEST(IPMASQ_A_CIDR, ADDRESS4(172, 16, 0, 0), PREFIX_LEN(12), __VA_ARGS__)
#define ENTRY6(...) NEST(IPMASQ_A_CIDR, \
			 BYTES(IPMASQ_A_CIDR_ADDRESS, 16, 0x20, 1, 0xd, 0xb8, 0, 9), \
			 PREFIX_LEN(48), __VA_ARGS__)
#define TIMEOUT(ms) U64(IPMASQ_A_CIDR_TIMEOUT, ms)
#define SNAT ACTION(IPMASQ_ACTION_SNAT)
#define POOL(...) NEST(IPMASQ_A_CIDR_SNAT_ADDRESS, __VA_ARGS__)
#define POOL4(a, b, c, d) POOL(BYTES(IPMASQ_A_ADDRESS_IP, 4, a, b, c, d))
#define POOL6(last) POOL(BYTES(IPMASQ_A_ADDRESS_IP, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, \
			       0, 0, 0, 0, 0, 0, 0, last))

static void put_sources(struct message *message, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		message_put(message, LIST(SOURCE4(10, 244, i >> 8, i & 255, 32)));
}

static void put_256_sources(struct message *message)
{
	put_sources(message, IPMASQ_SOURCE_CIDRS_MAX);
}

static void put_257_sources(struct message *message)
{
	put_sources(message, IPMASQ_SOURCE_CIDRS_MAX + 1);
}

static void put_interfaces(struct message *message, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		message_put(message, LIST(NAME(4, 'e', '0' + i / 10, '0' + i % 10, 0)));
}

static void put_64_interfaces(struct message *message)
{
	put_interfaces(message, IPMASQ_INTERFACES_MAX);
}

static void put_65_interfaces(struct message *message)
{
	put_interfaces(message, IPMASQ_INTERFACES_MAX + 1);
}

static void put_defaults(struct message *message, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		message_put(message, LIST(DEFAULT4(198, 51, 100, i)));
}

static void put_64_defaults(struct message *message)
{
	put_defaults(message, IPMASQ_SNAT_ADDRESSES_MAX);
}

static void put_65_defaults(struct message *message)
{
	put_defaults(message, IPMASQ_SNAT_ADDRESSES_MAX + 1);
}

/* An entry with so many addresses. */
static void put_pool(struct message *message, unsigned int count)
{
	struct attribute list[IPMASQ_SNAT_ADDRESSES_MAX + 5] = {
		ADDRESS4(172, 16, 0, 0), PREFIX_LEN(12), SNAT,
	};
	struct attribute inside[IPMASQ_SNAT_ADDRESSES_MAX + 1][2];
	unsigned int i;

	for (i = 0; i < count; i++) {
		inside[i][0] = (struct attribute)BYTES(IPMASQ_A_ADDRESS_IP, 4, 198, 51, 100, i);
		inside[i][1] = (struct attribute){ .type = LIST_END };
		list[3 + i] = (struct attribute){
			.type = IPMASQ_A_CIDR_SNAT_ADDRESS | NLA_F_NESTED, .nested = inside[i],
		};
	}
	list[3 + count] = (struct attribute){ .type = LIST_END };
	message_put(message, LIST({ .type = IPMASQ_A_CIDR | NLA_F_NESTED, .nested = list }));
}

static void put_pool_of_64(struct message *message)
{
	put_pool(message, IPMASQ_SNAT_ADDRESSES_MAX);
}

static void put_pool_of_65(struct message *message)
{
	put_pool(message, IPMASQ_SNAT_ADDRESSES_MAX + 1);
}

/* More than there may be of them takes more than one message. */
static void put_temporary(struct message *message, unsigned int first, unsigned int count)
{
	unsigned int i;

	for (i = first; i < first + count; i++)
		message_put(message, LIST(NEST(IPMASQ_A_CIDR,
					       ADDRESS4(172, 16, i >> 8, i & 255),
					       PREFIX_LEN(32), TIMEOUT(3600000))));
}

static void put_2000_temporary(struct message *message)
{
	put_temporary(message, 0, 2000);
}

static void put_2000_more(struct message *message)
{
	put_temporary(message, 2000, 2000);
}

static void put_97_more(struct message *message)
{
	put_temporary(message, 4000, 97);
}

static void put_96_more(struct message *message)
{
	put_temporary(message, 4000, 96);
}

#define BAD_LISTS(c, with) \
	{ "a source prefix of 33", c, LIST(SOURCE4(10, 0, 0, 0, 33), with), NULL, 0, \
	  EINVAL, "10.0.0.0/33: the prefix length is above 32", 1, 2, false }, \
	{ "a source with bits of a host", c, LIST(SOURCE4(10, 1, 2, 3, 8), with), NULL, 0, \
	  EINVAL, "10.1.2.3/8 has bits set behind its prefix length; 10.0.0.0/8", 1, 1, false }, \
	{ "a source without its address", c, \
	  LIST(NEST(IPMASQ_A_SOURCE_CIDR, PREFIX_LEN(8)), with), NULL, 0, \
	  EINVAL, "a CIDR without its address", 1, 0, false }, \
	{ "a source without its prefix length", c, \
	  LIST(NEST(IPMASQ_A_SOURCE_CIDR, ADDRESS4(10, 0, 0, 0)), with), NULL, 0, \
	  EINVAL, "a CIDR without its prefix length", 1, 0, false }, \
	{ "a source of 5 bytes", c, \
	  LIST(NEST(IPMASQ_A_SOURCE_CIDR, BYTES(IPMASQ_A_CIDR_ADDRESS, 5, 10), \
		    PREFIX_LEN(8)), with), NULL, 0, \
	  EINVAL, "an address of 5 bytes; 4 (IPv4) or 16 (IPv6) are expected", 1, 1, false }, \
	{ "a source of 17 bytes", c, \
	  LIST(NEST(IPMASQ_A_SOURCE_CIDR, BYTES(IPMASQ_A_CIDR_ADDRESS, 17, 10), \
		    PREFIX_LEN(8)), with), NULL, 0, \
	  ERANGE, "Attribute failed policy validation", 1, 1, false }, \
	{ "a source with an action", c, LIST(SOURCE_WITH(ACTION(1)), with), NULL, 0, \
	  EINVAL, "Unsupported attribute", 1, 3, false }, \
	{ "a source with a timeout", c, LIST(SOURCE_WITH(TIMEOUT(1000)), with), NULL, 0, \
	  EINVAL, "Unsupported attribute", 1, 3, false }, \
	{ "a source with a pool", c, LIST(SOURCE_WITH(POOL4(192, 0, 2, 2)), with), NULL, 0, \
	  EINVAL, "Unsupported attribute", 1, 3, false }, \
	{ "a source in a source", c, \
	  LIST(NEST(IPMASQ_A_SOURCE_CIDR, SOURCE4(10, 0, 0, 0, 8)), with), NULL, 0, \
	  EINVAL, "Unknown attribute type", 1, 1, false }, \
	{ "a source twice", c, \
	  LIST(SOURCE4(10, 0, 0, 0, 8), SOURCE4(11, 0, 0, 0, 8), SOURCE4(10, 0, 0, 0, 8), with), \
	  NULL, 0, EEXIST, "10.0.0.0/8 is named twice", 0, 0, false }, \
	{ "sources and none", c, \
	  LIST(FLAG(IPMASQ_A_NO_SOURCE_CIDRS), SOURCE4(10, 0, 0, 0, 8), with), NULL, 0, \
	  EINVAL, "source CIDRs together with NO_SOURCE_CIDRS", 1, 0, false }, \
	{ "257 sources", c, LIST(with), put_257_sources, 0, \
	  ENOSPC, "more than 256 source CIDRs", 0, 0, false }, \
	\
	{ "an interface without a name", c, LIST(NAME(1, 0), with), NULL, 0, \
	  EINVAL, "\"\" cannot be the name of an interface", 1, 0, false }, \
	{ "an interface of 16 characters", c, \
	  LIST(NAME(17, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', \
		    'o', 'p', 0), with), NULL, 0, \
	  EINVAL, "Attribute failed policy validation", 1, 0, false }, \
	{ "an interface with a slash", c, LIST(NAME(4, 'a', '/', 'b', 0), with), NULL, 0, \
	  EINVAL, "\"a/b\" cannot be the name of an interface", 1, 0, false }, \
	{ "an interface with a colon", c, LIST(NAME(4, 'a', ':', 'b', 0), with), NULL, 0, \
	  EINVAL, "\"a:b\" cannot be the name of an interface", 1, 0, false }, \
	{ "an interface with a line's end", c, LIST(NAME(3, 'a', '\n', 0), with), NULL, 0, \
	  EINVAL, "\"a\\n\" cannot be the name of an interface", 1, 0, false }, \
	{ "a folder as interface", c, LIST(NAME(3, '.', '.', 0), with), NULL, 0, \
	  EINVAL, "\"..\" cannot be the name of an interface", 1, 0, false }, \
	{ "the second of two interfaces", c, \
	  LIST(NAME(4, 'e', '0', '*', 0), NAME(2, '.', 0), with), NULL, 0, \
	  EINVAL, "\".\" cannot be the name of an interface", 2, 0, false }, \
	{ "interfaces and none", c, \
	  LIST(NAME(2, '*', 0), FLAG(IPMASQ_A_NO_INTERFACES), with), NULL, 0, \
	  EINVAL, "interfaces together with NO_INTERFACES", 2, 0, false }, \
	{ "65 interfaces", c, LIST(with), put_65_interfaces, 0, \
	  ENOSPC, "65 interfaces; 64 are the most", 0, 0, false }, \
	\
	{ "an address of no bytes", c, \
	  LIST(NEST(IPMASQ_A_SNAT_ADDRESS, BYTES(IPMASQ_A_ADDRESS_IP, 0, 0)), with), NULL, 0, \
	  EINVAL, "an address of 0 bytes", 1, 1, false }, \
	{ "an address of 5 bytes", c, \
	  LIST(NEST(IPMASQ_A_SNAT_ADDRESS, BYTES(IPMASQ_A_ADDRESS_IP, 5, 192)), with), NULL, 0, \
	  EINVAL, "an address of 5 bytes", 1, 1, false }, \
	{ "an address of 17 bytes", c, \
	  LIST(NEST(IPMASQ_A_SNAT_ADDRESS, BYTES(IPMASQ_A_ADDRESS_IP, 17, 192)), with), NULL, 0, \
	  ERANGE, "Attribute failed policy validation", 1, 1, false }, \
	{ "an address of nothing", c, LIST({ .type = IPMASQ_A_SNAT_ADDRESS | NLA_F_NESTED }, with), \
	  NULL, 0, EINVAL, "a source address without its IP", 1, 0, false }, \
	{ "no address", c, LIST(DEFAULT4(0, 0, 0, 0), with), NULL, 0, \
	  EINVAL, "0.0.0.0 cannot be a source address", 1, 0, false }, \
	{ "an address of a group", c, LIST(DEFAULT4(224, 0, 0, 1), with), NULL, 0, \
	  EINVAL, "224.0.0.1 cannot be a source address", 1, 0, false }, \
	{ "everybody's address", c, LIST(DEFAULT4(255, 255, 255, 255), with), NULL, 0, \
	  EINVAL, "255.255.255.255 cannot be a source address", 1, 0, false }, \
	{ "no IPv6 address", c, LIST(DEFAULT6(0, 0, 0), with), NULL, 0, \
	  EINVAL, ":: cannot be a source address", 1, 0, false }, \
	{ "an IPv6 address of a group", c, LIST(DEFAULT6(0xff, 2, 1), with), NULL, 0, \
	  EINVAL, "ff02::1 cannot be a source address", 1, 0, false }, \
	{ "an address twice", c, \
	  LIST(DEFAULT4(192, 0, 2, 1), DEFAULT6(0x20, 1, 1), DEFAULT4(192, 0, 2, 1), with), \
	  NULL, 0, EEXIST, "192.0.2.1 is in the pool twice", 3, 0, false }, \
	{ "an IPv6 address twice", c, LIST(DEFAULT6(0x20, 1, 1), DEFAULT6(0x20, 1, 1), with), \
	  NULL, 0, EEXIST, "2001::1 is in the pool twice", 2, 0, false }, \
	{ "addresses and none", c, \
	  LIST(DEFAULT4(192, 0, 2, 1), FLAG(IPMASQ_A_NO_SNAT_ADDRESSES), with), NULL, 0, \
	  EINVAL, "addresses together with NO_SNAT_ADDRESSES", 2, 0, false }, \
	{ "65 addresses", c, LIST(with), put_65_defaults, 0, \
	  ENOSPC, "65 addresses in a pool; 64 are the most", 0, 0, false }

#define BAD_DETAILS(c) \
	{ "a timeout of nothing", c, LIST(ENTRY(TIMEOUT(0))), NULL, 0, EINVAL, \
	  "172.16.0.0/12: a timeout of 0 ms; from 1 to 31536000000 are possible", 1, 3, false }, \
	{ "a timeout of more than a year", c, LIST(ENTRY(TIMEOUT(IPMASQ_TIMEOUT_MAX + 1))), \
	  NULL, 0, EINVAL, "a timeout of 31536000001 ms", 1, 3, false }, \
	{ "the longest timeout there can be", c, LIST(ENTRY(TIMEOUT(UINT64_MAX))), NULL, 0, \
	  EINVAL, "a timeout of 18446744073709551615 ms", 1, 3, false }, \
	{ "a timeout of four bytes", c, LIST(ENTRY(U32(IPMASQ_A_CIDR_TIMEOUT, 1000))), NULL, 0, \
	  EINVAL, "invalid attribute length", 1, 3, false }, \
	{ "a timeout that is nested", c, \
	  LIST(ENTRY(U64(IPMASQ_A_CIDR_TIMEOUT | NLA_F_NESTED, 1000))), NULL, 0, \
	  EINVAL, "NLA_F_NESTED not expected", 1, 3, false }, \
	{ "action 4", c, LIST(ENTRY(ACTION(4), POOL4(192, 0, 2, 2))), NULL, 0, \
	  ERANGE, "integer out of range", 1, 3, false }, \
	{ "snat without addresses", c, LIST(ENTRY(SNAT)), NULL, 0, \
	  EINVAL, "172.16.0.0/12: the action snat without addresses", 1, 0, false }, \
	{ "addresses without an action", c, LIST(ENTRY(POOL4(192, 0, 2, 2))), NULL, 0, \
	  EINVAL, "172.16.0.0/12: addresses without the action snat", 1, 0, false }, \
	{ "addresses with the action masquerade", c, \
	  LIST(ENTRY(ACTION(IPMASQ_ACTION_MASQUERADE), POOL4(192, 0, 2, 2))), NULL, 0, \
	  EINVAL, "172.16.0.0/12: addresses without the action snat", 1, 0, false }, \
	{ "an address of 5 bytes in its pool", c, \
	  LIST(ENTRY(SNAT, POOL(BYTES(IPMASQ_A_ADDRESS_IP, 5, 192)))), NULL, 0, \
	  EINVAL, "an address of 5 bytes", 0, 0, false }, \
	{ "an address of 17 bytes in its pool", c, \
	  LIST(ENTRY(SNAT, POOL(BYTES(IPMASQ_A_ADDRESS_IP, 17, 192)))), NULL, 0, \
	  ERANGE, "Attribute failed policy validation", 0, 0, false }, \
	{ "a pool in a pool", c, LIST(ENTRY(SNAT, POOL(POOL4(192, 0, 2, 2)))), NULL, 0, \
	  EINVAL, "Unknown attribute type", 0, 0, false }, \
	{ "a pool that is not nested", c, \
	  LIST(ENTRY(SNAT, BYTES(IPMASQ_A_CIDR_SNAT_ADDRESS, 4, 8, 0, 1, 0))), NULL, 0, \
	  EINVAL, "NLA_F_NESTED is missing", 1, 4, false }, \
	{ "an IPv6 address for IPv4", c, LIST(ENTRY(SNAT, POOL6(2))), NULL, 0, \
	  EINVAL, "172.16.0.0/12: an address of its pool is of the other family", 1, 0, false }, \
	{ "addresses of both families", c, \
	  LIST(ENTRY(SNAT, POOL4(192, 0, 2, 2), POOL6(2))), NULL, 0, \
	  EINVAL, "172.16.0.0/12: an address of its pool is of the other family", 1, 0, false }, \
	{ "an IPv4 address for IPv6", c, LIST(ENTRY6(SNAT, POOL4(192, 0, 2, 2))), NULL, 0, \
	  EINVAL, "2001:db8:9::/48: an address of its pool is of the other family", \
	  1, 0, false }, \
	{ "no address in its pool", c, LIST(ENTRY(SNAT, POOL4(0, 0, 0, 0))), NULL, 0, \
	  EINVAL, "0.0.0.0 cannot be a source address", 1, 4, false }, \
	{ "an address twice in its pool", c, \
	  LIST(ENTRY(SNAT, POOL4(192, 0, 2, 2), POOL4(192, 0, 2, 2))), NULL, 0, \
	  EEXIST, "192.0.2.2 is in the pool twice", 1, 5, false }, \
	{ "65 addresses in its pool", c, NOTHING, put_pool_of_65, 0, \
	  ENOSPC, "65 addresses in a pool; 64 are the most", 0, 0, false }, \
	{ "a good one before a bad one", c, \
	  LIST(ENTRY6(SNAT, TIMEOUT(1000), POOL6(2)), ENTRY(SNAT)), NULL, 0, \
	  EINVAL, "172.16.0.0/12: the action snat without addresses", 2, 0, false }

/* Where entries are only named. */
#define NAMED_ONLY(c, f) \
	{ "a timeout", c, LIST(ENTRY(TIMEOUT(1000))), NULL, f, \
	  EINVAL, "Unsupported attribute", 1, 3, false }, \
	{ "a pool", c, LIST(ENTRY(POOL4(192, 0, 2, 2))), NULL, f, \
	  EINVAL, "Unsupported attribute", 1, 3, false }

const struct row list_values[] = {
	BAD_LISTS(IPMASQ_CMD_POLICY_SET, U64(IPMASQ_A_GENERATION, 7777)),
	BAD_LISTS(IPMASQ_CMD_TRANSACTION_BEGIN, ORIGIN(2)),
	{ "256 sources, which are right", IPMASQ_CMD_POLICY_SET, NOTHING, put_256_sources, 0,
	  0, "", 0, 0, true },
	{ "everything as source, which is right", IPMASQ_CMD_POLICY_SET,
	  LIST(SOURCE4(0, 0, 0, 0, 0)), NULL, 0, 0, "", 0, 0, true },
	{ "64 interfaces, which are right", IPMASQ_CMD_POLICY_SET, NOTHING, put_64_interfaces, 0,
	  0, "", 0, 0, true },
	{ "an interface with bytes behind its end, which are cut off", IPMASQ_CMD_POLICY_SET,
	  LIST(NAME(6, 'e', '0', 0, '/', 'x', 0)), NULL, 0, 0, "", 0, 0, true },
	{ "64 addresses, which are right", IPMASQ_CMD_POLICY_SET, NOTHING, put_64_defaults, 0,
	  0, "", 0, 0, true },
	{ "addresses of both families, which are right", IPMASQ_CMD_POLICY_SET,
	  LIST(DEFAULT4(192, 0, 2, 1), DEFAULT6(0x20, 1, 1)), NULL, 0, 0, "", 0, 0, true },
	{ "no lists, which is right", IPMASQ_CMD_POLICY_SET,
	  LIST(FLAG(IPMASQ_A_NO_SOURCE_CIDRS), FLAG(IPMASQ_A_NO_INTERFACES),
	       FLAG(IPMASQ_A_NO_SNAT_ADDRESSES)), NULL, 0, 0, "", 0, 0, true },

	BAD_DETAILS(IPMASQ_CMD_CIDR_ADD),
	{ "the longest timeout and 64 addresses, which are right", IPMASQ_CMD_CIDR_ADD,
	  LIST(ENTRY6(TIMEOUT(IPMASQ_TIMEOUT_MAX), SNAT, POOL6(2), POOL6(3))), put_pool_of_64, 0,
	  0, "", 0, 0, true },
	NAMED_ONLY(IPMASQ_CMD_CIDR_GET, NLM_F_DUMP),
	NAMED_ONLY(IPMASQ_CMD_CIDR_DEL, 0),
	{ "both, which are right", IPMASQ_CMD_CIDR_DEL,
	  LIST(CIDR4(172, 16, 0, 0, 12),
	       NEST(IPMASQ_A_CIDR, BYTES(IPMASQ_A_CIDR_ADDRESS, 16, 0x20, 1, 0xd, 0xb8, 0, 9),
		    PREFIX_LEN(48))), NULL, 0, 0, "", 0, 0, true },

	{ "origin static, which is right", IPMASQ_CMD_TRANSACTION_BEGIN, LIST(ORIGIN(2)), NULL, 0,
	  0, "", 0, 0, false },
	BAD_DETAILS(IPMASQ_CMD_TRANSACTION_ADD),
	{ "2,000 with a timeout, which are right", IPMASQ_CMD_TRANSACTION_ADD, NOTHING,
	  put_2000_temporary, 0, 0, "", 0, 0, false },
	{ "2,000 more, which are right", IPMASQ_CMD_TRANSACTION_ADD, NOTHING, put_2000_more, 0,
	  0, "", 0, 0, false },
	{ "97 more", IPMASQ_CMD_TRANSACTION_ADD, NOTHING, put_97_more, 0,
	  ENOSPC, "more than 4096 entries with a timeout or a pool", 0, 0, false },
	{ "96 more, which are right", IPMASQ_CMD_TRANSACTION_ADD, NOTHING, put_96_more, 0,
	  0, "", 0, 0, false },
	{ "it is aborted", IPMASQ_CMD_TRANSACTION_ABORT, NOTHING, NULL, 0, 0, "", 0, 0, false },
	{ .name = NULL }
};
