/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_SETTING_H
#define IPMASQ_SETTING_H

#include <stdbool.h>
#include <stdint.h>

/* All settings. A new one needs a word here, and a row in setting.c. */
enum setting {
	/* of a policy, and in no file */
	SETTING_ENABLED,
	/* the reference agent's */
	SETTING_NON_MASQUERADE_CIDRS,
	SETTING_CIDR_LIMIT,
	SETTING_MASQ_LINK_LOCAL,
	SETTING_MASQ_LINK_LOCAL_IPV6,
	SETTING_RESYNC_INTERVAL,
	/* ours */
	SETTING_MASQUERADE_CIDRS,
	SETTING_ENABLE_IPV6,
	SETTING_RANDOM_FULLY,
	SETTING_TO_PORTS,
	SETTING_NOMASQ_ALL_RESERVED_RANGES,
	SETTING_SOURCE_CIDRS,
	SETTING_OUTPUT_INTERFACES,
	SETTING_SNAT_ADDRESSES,
	SETTING_APPLY_TO_EXISTING,
	SETTING_COUNT
};

_Static_assert(SETTING_COUNT <= 32, "each setting has a bit of an unsigned int");

/* What is done with a setting depends on its type: let a switch over it have no default,
 * so that the compiler finds all places that a new type needs. setting_test finds a row
 * that a table lacks.
 */
enum setting_type {
	SETTING_TYPE_BOOL,
	SETTING_TYPE_INTEGER,
	SETTING_TYPE_DURATION,		/* nanoseconds */
	SETTING_TYPE_PORTS,
	SETTING_TYPE_CIDRS,
	SETTING_TYPE_INTERFACES,
	SETTING_TYPE_POOLS,		/* addresses, and addresses for prefixes; stays the last */
};

#define SETTING_TYPES (SETTING_TYPE_POOLS + 1)

/**
 * struct setting_row - what is to be known of a setting
 * @name: the key of the file; other names follow from it, see setting_word()
 * @type: of its value
 * @initial: value of a bool or a number that nobody gives
 * @ours: the reference agent lacks it. Letter case counts then, so that our keys change
 *	the meaning of as few of its files as possible
 * @any_true: of several files one that says true is enough; of other settings each file
 *	has to say the same
 * @no_key: it is in no file
 * @hidden: only changes the default of another setting, which is shown instead
 * @flag: it is a flag on the command line, too: one of the reference agent's
 * @flag_name: where that has another name there
 * @help: what its flag and the set command do
 * @help_more: and what else is to be known of the set command's
 * @policy_flag: IPMASQ_FLAG_* of the policy that it is
 * @attribute: IPMASQ_A_* of an item of a list of the policy
 * @none_attribute: IPMASQ_A_* that says that the list has none
 * @most: items of a list of the policy; 0 for a list that is none of it
 * @items: what the list has, in messages
 * @value: and in the synopsis
 * @none: the word for an empty list of the policy
 */
struct setting_row {
	const char *name;
	enum setting_type type;
	int64_t initial;
	bool ours;
	bool any_true;
	bool no_key;
	bool hidden;
	bool flag;
	const char *flag_name;
	const char *help;
	const char *help_more;
	uint32_t policy_flag;
	uint16_t attribute;
	uint16_t none_attribute;
	uint32_t most;
	const char *items;
	const char *value;
	const char *none;
};

/* Longer than the longest name in words. */
#define SETTING_WORD_MAX 32

extern const struct setting_row setting_table[SETTING_COUNT];

/* Whether it is a setting of the policy, and a list there. */
static inline bool setting_is_policy_list(enum setting setting)
{
	return setting_table[setting].most;
}

static inline bool setting_is_policy(enum setting setting)
{
	return setting_table[setting].policy_flag || setting_is_policy_list(setting);
}

bool setting_is_list(enum setting setting);
const char *setting_word(enum setting setting, char word[SETTING_WORD_MAX]);
const char *setting_member(enum setting setting, char member[SETTING_WORD_MAX]);

#endif
