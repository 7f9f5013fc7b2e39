// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of all settings: what reads or prints them goes through it. */
#include "setting.h"

#include <stddef.h>

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
		.help = "off: the table stays, no new connection is masqueraded",
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
		.flag = true,
		.value = "SECONDS",
		.help = "how often to read the configuration without a sign of a change, 60 unless given",
	},
	[SETTING_MASQUERADE_CIDRS] = {
		.name = "masqueradeCIDRs",
		.type = SETTING_TYPE_CIDRS,
		.ours = true,
	},
	[SETTING_ENABLE_IPV6] = {
		.name = "enableIPv6",
		.type = SETTING_TYPE_BOOL,
		.flag = true,
		.help = "masquerade IPv6 too",
		.ours = true,
		.policy_flag = IPMASQ_FLAG_IPV6,
	},
	[SETTING_RANDOM_FULLY] = {
		.name = "randomFully",
		.type = SETTING_TYPE_BOOL,
		.initial = true,
		.flag = true,
		.help = "choose source ports at random",
		.help_more = ", which avoids clashes between connections that start at the same time",
		.ours = true,
		.policy_flag = IPMASQ_FLAG_RANDOM_FULLY,
	},
	[SETTING_TO_PORTS] = {
		.name = "toPorts",
		.type = SETTING_TYPE_PORTS,
		.flag = true,
		.help = "source ports for TCP, UDP and SCTP, as in 1024-29999,32768-65535",
		.ours = true,
		.attribute = IPMASQ_A_PORT_RANGE,
		.none_attribute = IPMASQ_A_NO_PORT_RANGES,
		.items = "port ranges",
		.most = IPMASQ_PORT_RANGES_MAX,
		.none = "any",
		.value = "RANGES",
	},
	[SETTING_NOMASQ_ALL_RESERVED_RANGES] = {
		.name = "noMasqAllReservedRanges",
		.type = SETTING_TYPE_BOOL,
		.flag = true,
		.flag_name = "nomasq-all-reserved-ranges",
		.help = "leave all reserved IPv4 ranges alone by default",
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
		.none = "any",
		.value = "CIDR[,CIDR...]",
		.help = "masquerade connections from these only",
		.help_more = ": networks of pods, so that those which came in from outside keep their client's address. In a policy with IPv6 name IPv6 sources too",
	},
	[SETTING_OUTPUT_INTERFACES] = {
		.name = "outputInterfaces",
		.type = SETTING_TYPE_INTERFACES,
		.ours = true,
		.attribute = IPMASQ_A_INTERFACE,
		.none_attribute = IPMASQ_A_NO_INTERFACES,
		.items = "interfaces",
		.most = IPMASQ_INTERFACES_MAX,
		.none = "any",
		.value = "PATTERN[,PATTERN...]",
		.help = "masquerade only what leaves through these",
		.help_more = "; * in a pattern stands for any characters, as in eth*",
	},
	[SETTING_SNAT_ADDRESSES] = {
		.name = "snatAddresses",
		.type = SETTING_TYPE_POOLS,
		.ours = true,
		.attribute = IPMASQ_A_SNAT_ADDRESS,
		.none_attribute = IPMASQ_A_NO_SNAT_ADDRESSES,
		.items = "source addresses",
		.most = IPMASQ_SNAT_ADDRESSES_MAX,
		.none = "none",
		.value = "ADDRESS[,ADDRESS...]",
		.help = "the addresses to masquerade with, instead of the interface's",
		.help_more = ". A pod keeps its address while it is on the list. Where none is of the connection's family it gets the interface's",
	},
	[SETTING_APPLY_TO_EXISTING] = {
		.name = "applyToExisting",
		.type = SETTING_TYPE_BOOL,
		.ours = true,
	},
};

/* "enableIPv6" in small letters, "enable" and "ipv6" as two words. */
static const char *in_words(enum setting setting, char separator, char text[SETTING_WORD_MAX])
{
	const char *name = setting_table[setting].name;
	size_t used = 0;
	size_t i;

	for (i = 0; name[i] && used < SETTING_WORD_MAX - 2; i++) {
		bool capital = name[i] >= 'A' && name[i] <= 'Z';

		if (i && capital && name[i - 1] >= 'a')
			text[used++] = separator;
		text[used++] = capital ? (char)(name[i] - 'A' + 'a') : name[i];
	}
	text[used] = '\0';
	return text;
}

/**
 * setting_word() - what a setting is called on the command line
 * @setting: any
 * @word: filled, as in "random-fully"
 *
 * Return: @word.
 */
const char *setting_word(enum setting setting, char word[SETTING_WORD_MAX])
{
	return in_words(setting, '-', word);
}

/**
 * setting_member() - what a setting is called in JSON
 * @setting: any
 * @member: filled, as in "random_fully"
 *
 * A configuration in JSON has the names of the file.
 *
 * Return: @member.
 */
const char *setting_member(enum setting setting, char member[SETTING_WORD_MAX])
{
	return in_words(setting, '_', member);
}

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
