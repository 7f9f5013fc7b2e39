// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of all settings: what reads or prints them goes through it. */
#include "setting.h"

#include <linux/ipmasq.h>

#define SECOND INT64_C(1000000000)

const struct setting_row setting_table[SETTING_COUNT] = {
	[SETTING_ENABLED] = {
		.name = "enabled",
		.type = SETTING_TYPE_BOOL,
		.initial = true,
		.ours = true,
		.no_key = true,
		.hidden = true,
		.policy_flag = IPMASQ_FLAG_ENABLED,
		.word = "enabled",
		.member = "enabled",
		.expected = "on or off",
	},
	[SETTING_NON_MASQUERADE_CIDRS] = {
		.name = "nonMasqueradeCIDRs",
		.type = SETTING_TYPE_CIDRS,
	},
	[SETTING_CIDR_LIMIT] = {
		.name = "cidrLimit",
		.type = SETTING_TYPE_INTEGER,
		.initial = 64,
	},
	[SETTING_MASQ_LINK_LOCAL] = {
		.name = "masqLinkLocal",
		.type = SETTING_TYPE_BOOL,
		.any_true = true,
	},
	[SETTING_MASQ_LINK_LOCAL_IPV6] = {
		.name = "masqLinkLocalIPv6",
		.type = SETTING_TYPE_BOOL,
		.any_true = true,
	},
	[SETTING_RESYNC_INTERVAL] = {
		.name = "resyncInterval",
		.type = SETTING_TYPE_DURATION,
		.initial = 60 * SECOND,
	},
	[SETTING_MASQUERADE_CIDRS] = {
		.name = "masqueradeCIDRs",
		.type = SETTING_TYPE_CIDRS,
		.ours = true,
	},
	[SETTING_ENABLE_IPV6] = {
		.name = "enableIPv6",
		.type = SETTING_TYPE_BOOL,
		.flag = "enable-ipv6",
		.ours = true,
		.policy_flag = IPMASQ_FLAG_IPV6,
		.word = "ipv6",
		.member = "ipv6",
		.expected = "on or off",
	},
	[SETTING_RANDOM_FULLY] = {
		.name = "randomFully",
		.type = SETTING_TYPE_BOOL,
		.initial = true,
		.flag = "random-fully",
		.ours = true,
		.policy_flag = IPMASQ_FLAG_RANDOM_FULLY,
		.word = "random-fully",
		.member = "random_fully",
		.expected = "on or off",
	},
	[SETTING_TO_PORTS] = {
		.name = "toPorts",
		.type = SETTING_TYPE_PORTS,
		.flag = "to-ports",
		.ours = true,
		.attribute = IPMASQ_A_PORT_RANGE,
		.none_attribute = IPMASQ_A_NO_PORT_RANGES,
		.items = "port ranges",
		.most = IPMASQ_PORT_RANGES_MAX,
		.word = "to-ports",
		.member = "port_ranges",
		.none = "any",
		.expected = "a list of port ranges or any",
	},
	[SETTING_NOMASQ_ALL_RESERVED_RANGES] = {
		.name = "noMasqAllReservedRanges",
		.type = SETTING_TYPE_BOOL,
		.flag = "nomasq-all-reserved-ranges",
		.ours = true,
		.hidden = true,
	},
	[SETTING_SOURCE_CIDRS] = {
		.name = "sourceCIDRs",
		.type = SETTING_TYPE_CIDRS,
		.ours = true,
		.attribute = IPMASQ_A_SOURCE_CIDR,
		.none_attribute = IPMASQ_A_NO_SOURCE_CIDRS,
		.items = "source CIDRs",
		.most = IPMASQ_SOURCE_CIDRS_MAX,
		.word = "source",
		.member = "source_cidrs",
		.none = "any",
		.expected = "a list of CIDRs or any",
	},
	[SETTING_OUTPUT_INTERFACES] = {
		.name = "outputInterfaces",
		.type = SETTING_TYPE_INTERFACES,
		.ours = true,
		.attribute = IPMASQ_A_INTERFACE,
		.none_attribute = IPMASQ_A_NO_INTERFACES,
		.items = "interfaces",
		.most = IPMASQ_INTERFACES_MAX,
		.word = "interface",
		.member = "interfaces",
		.none = "any",
		.expected = "a list of interfaces or any",
	},
	[SETTING_SNAT_ADDRESSES] = {
		.name = "snatAddresses",
		.type = SETTING_TYPE_POOLS,
		.ours = true,
		.attribute = IPMASQ_A_SNAT_ADDRESS,
		.none_attribute = IPMASQ_A_NO_SNAT_ADDRESSES,
		.items = "source addresses",
		.most = IPMASQ_SNAT_ADDRESSES_MAX,
		.word = "snat",
		.member = "snat_addresses",
		.none = "none",
		.expected = "a list of addresses or none",
	},
	[SETTING_APPLY_TO_EXISTING] = {
		.name = "applyToExisting",
		.type = SETTING_TYPE_BOOL,
		.ours = true,
	},
};

/**
 * setting_is_list() - whether a file has a list for a setting
 * @setting: any
 *
 * Lists of several files are joined.
 */
bool setting_is_list(enum setting setting)
{
	switch (setting_table[setting].type) {
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
	case SETTING_TYPE_POOLS:
		return true;
	case SETTING_TYPE_BOOL:
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
	case SETTING_TYPE_PORTS:
		break;
	}
	return false;
}
