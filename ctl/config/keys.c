// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys and their names. Those of the reference agent are matched as in Go's
 * encoding/json, where letter case does not count.
 */
#include <string.h>

#include "private.h"
#include "text.h"

const char *const config_key_names[KEY_COUNT] = {
	[KEY_NON_MASQUERADE_CIDRS] = "nonMasqueradeCIDRs",
	[KEY_CIDR_LIMIT] = "cidrLimit",
	[KEY_MASQ_LINK_LOCAL] = "masqLinkLocal",
	[KEY_MASQ_LINK_LOCAL_IPV6] = "masqLinkLocalIPv6",
	[KEY_RESYNC_INTERVAL] = "resyncInterval",
	[KEY_MASQUERADE_CIDRS] = "masqueradeCIDRs",
	[KEY_ENABLE_IPV6] = "enableIPv6",
	[KEY_RANDOM_FULLY] = "randomFully",
	[KEY_TO_PORTS] = "toPorts",
	[KEY_NOMASQ_ALL_RESERVED_RANGES] = "noMasqAllReservedRanges",
	[KEY_SOURCE_CIDRS] = "sourceCIDRs",
	[KEY_OUTPUT_INTERFACES] = "outputInterfaces",
	[KEY_SNAT_ADDRESSES] = "snatAddresses",
	[KEY_APPLY_TO_EXISTING] = "applyToExisting",
};

/* Letters that Unicode folds to those of the known keys: the Kelvin sign and the
 * long s are the only ones beyond ASCII.
 */
static uint32_t fold(uint32_t character)
{
	if (character >= 'A' && character <= 'Z')
		return character - 'A' + 'a';
	if (character == 0x212a)
		return 'k';
	if (character == 0x17f)
		return 's';
	return character;
}

/**
 * config_is_name() - compare a key as Go's encoding/json does
 * @key: a key of a file
 * @name: in ASCII
 *
 * Return: whether they are the same but for the case of their letters.
 */
bool config_is_name(const struct config_node *key, const char *name)
{
	size_t at = 0;

	for (; *name; name++) {
		uint32_t character = 0;
		size_t width = utf8_decode(key->text + at, key->length - at, &character);

		if (!width || fold(character) != fold((unsigned char)*name))
			return false;
		at += width;
	}
	return at == key->length;
}

static bool is_exactly(const struct config_node *key, const char *name)
{
	return strlen(name) == key->length && !memcmp(key->text, name, key->length);
}

/**
 * config_find_key() - find out which key of ours a key of a file is
 * @key: a key of a file
 * @found: set where it is one
 *
 * The keys that the reference agent lacks are case-sensitive, so that they change the
 * meaning of as few of its files as possible.
 *
 * Return: whether it is known.
 */
bool config_find_key(const struct config_node *key, enum config_key *found)
{
	int i;

	if (key->kind != CONFIG_TEXT)
		return false;
	for (i = 0; i < KEY_COUNT; i++) {
		if (i < KEY_MASQUERADE_CIDRS ? config_is_name(key, config_key_names[i]) :
					       is_exactly(key, config_key_names[i])) {
			*found = (enum config_key)i;
			return true;
		}
	}
	return false;
}

/**
 * config_list_of() - where the items of a key's list go
 * @fields: the values of a file
 * @key: any
 *
 * Return: the list, or NULL for a key that has none, or not of that form.
 */
struct config_list *config_list_of(struct config_fields *fields, enum config_key key)
{
	switch (key) {
	case KEY_NON_MASQUERADE_CIDRS:
		return &fields->non_masquerade;
	case KEY_MASQUERADE_CIDRS:
		return &fields->masquerade;
	case KEY_SOURCE_CIDRS:
		return &fields->sources;
	case KEY_OUTPUT_INTERFACES:
		return &fields->interfaces;
	default:
		return NULL;
	}
}
