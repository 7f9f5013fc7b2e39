// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys' names. Those of the reference agent are matched as in Go's encoding/json,
 * where letter case does not count.
 */
#include <string.h>

#include "private.h"
#include "text.h"

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

/**
 * config_find_key() - find out which key of ours a key of a file is
 * @key: a key of a file
 * @found: set where it is one
 *
 * Return: whether it is known.
 */
bool config_find_key(const struct config_node *key, enum setting *found)
{
	int i;

	if (key->kind != CONFIG_TEXT)
		return false;
	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		if (row->no_key)
			continue;
		if (row->ours ? text_equals(key->text, key->length, row->name) :
				       config_is_name(key, row->name)) {
			*found = (enum setting)i;
			return true;
		}
	}
	return false;
}
