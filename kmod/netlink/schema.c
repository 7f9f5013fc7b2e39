// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which attributes a command may have, and their form. Their values are checked where they
 * are read, so that a refusal can name them.
 */
#include <linux/if.h>
#include <linux/in6.h>
#include <net/netlink.h>

#include "netlink/family.h"

static const struct nla_policy prefix_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_CIDR_PREFIX_LEN] = { .type = NLA_U8 },
};

static const struct nla_policy address_policy[IPMASQ_A_ADDRESS_MAX + 1] = {
	[IPMASQ_A_ADDRESS_IP] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
};

static const struct nla_policy entry_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_CIDR_PREFIX_LEN] = { .type = NLA_U8 },
	[IPMASQ_A_CIDR_ACTION] = NLA_POLICY_RANGE(NLA_U32, IPMASQ_ACTION_SKIP,
						  IPMASQ_ACTION_SNAT),
	[IPMASQ_A_CIDR_TIMEOUT] = { .type = NLA_U64 },
	[IPMASQ_A_CIDR_SNAT_ADDRESS] = NLA_POLICY_NESTED(address_policy),
};

static const struct nla_policy port_range_policy[IPMASQ_A_PORT_RANGE_MAX + 1] = {
	[IPMASQ_A_PORT_RANGE_FIRST] = { .type = NLA_U16 },
	[IPMASQ_A_PORT_RANGE_LAST] = { .type = NLA_U16 },
};

/* An attribute that a policy does not name is refused (NL_VALIDATE_UNSPEC). */
const struct nla_policy ipmasq_no_attributes[IPMASQ_A_MAX + 1] = {};

#define ORIGIN_POLICY \
	[IPMASQ_A_ORIGIN] = NLA_POLICY_RANGE(NLA_U32, IPMASQ_ORIGIN_CONFIG, IPMASQ_ORIGIN_STATIC)

#define SETTINGS_POLICY \
	[IPMASQ_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, IPMASQ_FLAGS_ALL), \
	[IPMASQ_A_FLAGS_MASK] = NLA_POLICY_MASK(NLA_U32, IPMASQ_FLAGS_ALL), \
	[IPMASQ_A_PORT_RANGE] = NLA_POLICY_NESTED(port_range_policy), \
	[IPMASQ_A_NO_PORT_RANGES] = { .type = NLA_FLAG }, \
	[IPMASQ_A_SOURCE_CIDR] = NLA_POLICY_NESTED(prefix_policy), \
	[IPMASQ_A_NO_SOURCE_CIDRS] = { .type = NLA_FLAG }, \
	[IPMASQ_A_INTERFACE] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 }, \
	[IPMASQ_A_NO_INTERFACES] = { .type = NLA_FLAG }, \
	[IPMASQ_A_SNAT_ADDRESS] = NLA_POLICY_NESTED(address_policy), \
	[IPMASQ_A_NO_SNAT_ADDRESSES] = { .type = NLA_FLAG }, \
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 }

const struct nla_policy ipmasq_policy_set_policy[IPMASQ_A_MAX + 1] = {
	SETTINGS_POLICY,
};

const struct nla_policy ipmasq_policy_del_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
	[IPMASQ_A_NOW] = { .type = NLA_FLAG },
};

const struct nla_policy ipmasq_cidr_get_policy[IPMASQ_A_MAX + 1] = {
	ORIGIN_POLICY,
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(prefix_policy),
};

const struct nla_policy ipmasq_cidr_add_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(entry_policy),
	ORIGIN_POLICY,
	[IPMASQ_A_REPLACE] = { .type = NLA_FLAG },
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_cidr_del_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(prefix_policy),
	ORIGIN_POLICY,
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_begin_policy[IPMASQ_A_MAX + 1] = {
	ORIGIN_POLICY,
	SETTINGS_POLICY,
};

const struct nla_policy ipmasq_transaction_add_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(entry_policy),
};

const struct nla_policy ipmasq_explain_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_SOURCE] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_DESTINATION] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_OUTPUT_INTERFACE] = { .type = NLA_U32 },
	[IPMASQ_A_PROTOCOL] = { .type = NLA_U8 },
	[IPMASQ_A_SOURCE_PORT] = { .type = NLA_U16 },
};
