// SPDX-License-Identifier: GPL-2.0-or-later
/* Every command, in every way that takes allocations of its own. */
#include <errno.h>

#include "faults.h"

#define MANY 1500

#define SOURCE4(a, b, n) NEST(IPMASQ_A_SOURCE_CIDR, ADDRESS4(a, b, 0, 0), PREFIX_LEN(n))
#define INTERFACE BYTES(IPMASQ_A_INTERFACE, 5, 'e', 't', 'h', '*', 0)
#define ADDRESS(last) BYTES(IPMASQ_A_ADDRESS_IP, 4, 192, 0, 2, last)
#define DEFAULT4(last) NEST(IPMASQ_A_SNAT_ADDRESS, ADDRESS(last))
#define POOL4(last) NEST(IPMASQ_A_CIDR_SNAT_ADDRESS, ADDRESS(last))
#define SNAT U32(IPMASQ_A_CIDR_ACTION, IPMASQ_ACTION_SNAT)
#define TIMEOUT(ms) U64(IPMASQ_A_CIDR_TIMEOUT, ms)

static void put_many(struct message *message)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		message_put(message, LIST(CIDR4(172, 16 + i % 7, i / 200, i % 200, 32)));
}

static void put_many_others(struct message *message)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		message_put(message, LIST(CIDR4(172, 24 + i % 7, i / 200, i % 200, 32)));
}

/* Each has details, which grow beside the entries. */
static void put_many_detailed(struct message *message)
{
	unsigned int i;

	for (i = 0; i < MANY / 10; i++)
		message_put(message, LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(172, 16, i / 250, i % 250),
					       PREFIX_LEN(32), TIMEOUT(i + 3600000),
					       SNAT, POOL4(2), POOL4(3))));
}

#define FLOW4(t, ...) BYTES(t, 4, __VA_ARGS__)
#define FLOW6(t, last) BYTES(t, 16, 0x20, 0x01, 0x0d, 0xb8, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, last)

const struct fault_case fault_cases[] = {
	{ .name = "of a policy", .command = IPMASQ_CMD_POLICY_GET, .attributes = NOTHING },
	{ .name = "where there is none", .place = IN_EMPTY, .command = IPMASQ_CMD_POLICY_GET,
	  .attributes = NOTHING },
	{ .name = "the first of a namespace", .place = IN_EMPTY, .changes = true,
	  .command = IPMASQ_CMD_POLICY_SET, .attributes = NOTHING },
	{ .name = "the first, with IPv6 and port ranges", .place = IN_EMPTY, .changes = true,
	  .command = IPMASQ_CMD_POLICY_SET,
	  .attributes = LIST(IPV6_ON, PORTS(1024, 2047), PORTS(4096, 4096)) },
	{ .name = "port ranges", .command = IPMASQ_CMD_POLICY_SET, .changes = true,
	  .attributes = LIST(PORTS(1024, 2047), PORTS(4096, 4096)) },
	{ .name = "IPv6 off", .command = IPMASQ_CMD_POLICY_SET, .changes = true,
	  .attributes = LIST(FLAGS(0, IPMASQ_FLAG_IPV6)) },
	{ .name = "unknown flags", .command = IPMASQ_CMD_POLICY_SET, .error = EINVAL,
	  .attributes = LIST(FLAGS(64, 64)) },
	{ .name = "a source list", .command = IPMASQ_CMD_POLICY_SET, .changes = true,
	  .attributes = LIST(SOURCE4(10, 244, 16), SOURCE4(10, 0, 8)) },
	{ .name = "an interface list", .command = IPMASQ_CMD_POLICY_SET, .changes = true,
	  .attributes = LIST(INTERFACE, INTERFACE) },
	{ .name = "a pool", .command = IPMASQ_CMD_POLICY_SET, .changes = true,
	  .attributes = LIST(DEFAULT4(1), DEFAULT4(2)) },
	{ .name = "the first, with all lists", .place = IN_EMPTY, .changes = true,
	  .command = IPMASQ_CMD_POLICY_SET,
	  .attributes = LIST(SOURCE4(10, 244, 16), INTERFACE, DEFAULT4(1), PORTS(1, 2)) },
	{ .name = "a source twice", .command = IPMASQ_CMD_POLICY_SET, .error = EEXIST,
	  .attributes = LIST(SOURCE4(10, 0, 8), SOURCE4(10, 0, 8)) },
	{ .name = "a pool with an address twice", .command = IPMASQ_CMD_POLICY_SET,
	  .attributes = LIST(DEFAULT4(1), DEFAULT4(1)), .error = EEXIST },
	{ .name = "of a policy", .command = IPMASQ_CMD_POLICY_DEL, .changes = true,
	  .attributes = NOTHING },
	{ .name = "where there is none", .place = IN_EMPTY, .command = IPMASQ_CMD_POLICY_DEL,
	  .attributes = NOTHING, .error = ENOENT },
	{ .name = "all", .command = IPMASQ_CMD_CIDR_GET, .flags = NLM_F_DUMP,
	  .attributes = NOTHING },
	{ .name = "inside a prefix", .command = IPMASQ_CMD_CIDR_GET, .flags = NLM_F_DUMP,
	  .attributes = LIST(CIDR4(10, 0, 0, 0, 7)) },
	{ .name = "one", .command = IPMASQ_CMD_CIDR_ADD, .changes = true,
	  .attributes = LIST(CIDR4(172, 16, 0, 0, 12)) },
	{ .name = "many", .command = IPMASQ_CMD_CIDR_ADD, .changes = true,
	  .attributes = NOTHING, .build = put_many },
	{ .name = "one with a pool and a timeout", .command = IPMASQ_CMD_CIDR_ADD,
	  .changes = true,
	  .attributes = LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(172, 16, 0, 0), PREFIX_LEN(12),
				  TIMEOUT(3600000), SNAT, POOL4(2), POOL4(3))) },
	{ .name = "many with pools and timeouts", .command = IPMASQ_CMD_CIDR_ADD,
	  .changes = true, .attributes = NOTHING, .build = put_many_detailed },
	{ .name = "one with a pool that is wrong", .command = IPMASQ_CMD_CIDR_ADD,
	  .attributes = LIST(NEST(IPMASQ_A_CIDR, ADDRESS4(172, 16, 0, 0), PREFIX_LEN(12),
				  TIMEOUT(3600000), SNAT, POOL4(2), POOL4(2))),
	  .error = EEXIST },
	{ .name = "another action", .command = IPMASQ_CMD_CIDR_ADD, .changes = true,
	  .attributes = LIST(ORIGIN_CONFIG, FLAG(IPMASQ_A_REPLACE),
			     NEST(IPMASQ_A_CIDR, ADDRESS4(10, 0, 0, 0), PREFIX_LEN(8),
				  U32(IPMASQ_A_CIDR_ACTION, IPMASQ_ACTION_MASQUERADE))) },
	{ .name = "one that is there", .command = IPMASQ_CMD_CIDR_ADD, .error = EEXIST,
	  .attributes = LIST(ORIGIN_CONFIG, CIDR4(10, 0, 0, 0, 8)) },
	{ .name = "one", .command = IPMASQ_CMD_CIDR_DEL, .changes = true,
	  .attributes = LIST(ORIGIN_CONFIG, CIDR4(10, 0, 0, 0, 8)) },
	{ .name = "one that is not there", .command = IPMASQ_CMD_CIDR_DEL, .error = ENOENT,
	  .attributes = LIST(CIDR4(10, 0, 0, 0, 9)) },
	{ .name = "with settings", .command = IPMASQ_CMD_TRANSACTION_BEGIN,
	  .attributes = LIST(ORIGIN_CONFIG, PORTS(1, 2)), .follow = BEGIN_IS_FREE },
	{ .name = "with lists", .command = IPMASQ_CMD_TRANSACTION_BEGIN,
	  .attributes = LIST(ORIGIN_CONFIG, SOURCE4(10, 244, 16), INTERFACE, DEFAULT4(1)),
	  .follow = BEGIN_IS_FREE },
	{ .name = "a second one", .command = IPMASQ_CMD_TRANSACTION_BEGIN, .begun = true,
	  .attributes = LIST(ORIGIN_CONFIG), .error = EBUSY },
	{ .name = "one", .command = IPMASQ_CMD_TRANSACTION_ADD, .begun = true,
	  .attributes = LIST(CIDR4(11, 0, 0, 0, 8)), .follow = ADDED_ALL_OR_NOTHING },
	{ .name = "many", .command = IPMASQ_CMD_TRANSACTION_ADD, .begun = true,
	  .attributes = NOTHING, .build = put_many, .follow = ADDED_ALL_OR_NOTHING },
	{ .name = "many with pools and timeouts", .command = IPMASQ_CMD_TRANSACTION_ADD,
	  .begun = true, .attributes = NOTHING, .build = put_many_detailed,
	  .follow = ADDED_ALL_OR_NOTHING },
	{ .name = "a bad one", .command = IPMASQ_CMD_TRANSACTION_ADD, .begun = true,
	  .attributes = LIST(CIDR4(11, 0, 0, 0, 7)), .error = EINVAL },
	{ .name = "one", .command = IPMASQ_CMD_TRANSACTION_COMMIT, .begun = true,
	  .attributes = NOTHING, .changes = true, .follow = COMMIT_IS_FREE },
	{ .name = "many", .command = IPMASQ_CMD_TRANSACTION_COMMIT, .begun = true,
	  .before = put_many_others, .attributes = NOTHING, .changes = true,
	  .follow = COMMIT_IS_FREE },
	{ .name = "many with pools and timeouts", .command = IPMASQ_CMD_TRANSACTION_COMMIT,
	  .begun = true, .before = put_many_detailed, .attributes = NOTHING, .changes = true,
	  .follow = COMMIT_IS_FREE },
	{ .name = "none", .command = IPMASQ_CMD_TRANSACTION_COMMIT, .attributes = NOTHING,
	  .error = ENOENT, .follow = COMMIT_IS_FREE },
	{ .name = "one", .command = IPMASQ_CMD_TRANSACTION_ABORT, .begun = true,
	  .attributes = NOTHING },
	{ .name = "none", .command = IPMASQ_CMD_TRANSACTION_ABORT, .attributes = NOTHING,
	  .error = ENOENT },
	{ .name = "IPv4", .command = IPMASQ_CMD_EXPLAIN,
	  .attributes = LIST(FLOW4(IPMASQ_A_SOURCE, 10, 244, 1, 2),
			     FLOW4(IPMASQ_A_DESTINATION, 203, 0, 113, 7)) },
	{ .name = "IPv6", .command = IPMASQ_CMD_EXPLAIN,
	  .attributes = LIST(FLOW6(IPMASQ_A_SOURCE, 2), FLOW6(IPMASQ_A_DESTINATION, 7)) },
	{ .name = "an interface that is not there", .command = IPMASQ_CMD_EXPLAIN,
	  .attributes = LIST(FLOW4(IPMASQ_A_SOURCE, 10, 244, 1, 2),
			     FLOW4(IPMASQ_A_DESTINATION, 203, 0, 113, 7),
			     U32(IPMASQ_A_OUTPUT_INTERFACE, 99999)), .error = ENODEV },
	{ .name = "all", .command = IPMASQ_CMD_STATS_GET, .attributes = NOTHING },
};

const size_t fault_cases_count = sizeof(fault_cases) / sizeof(fault_cases[0]);
