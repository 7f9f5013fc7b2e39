// SPDX-License-Identifier: GPL-2.0-or-later
/* Text that came from outside, made fit to be shown in a message. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * utf8_decode() - read one character
 * @text: where it starts
 * @length: bytes there
 * @character: its code point
 *
 * Overlong forms, surrogates and values above U+10FFFF are no characters.
 *
 * Return: its length in bytes, 0 where there is no valid character.
 */
size_t utf8_decode(const char *text, size_t length, uint32_t *character)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	size_t width, i;
	uint32_t value;

	if (!length)
		return 0;
	if (bytes[0] < 0x80) {
		*character = bytes[0];
		return 1;
	}
	if ((bytes[0] & 0xe0) == 0xc0)
		width = 2;
	else if ((bytes[0] & 0xf0) == 0xe0)
		width = 3;
	else if ((bytes[0] & 0xf8) == 0xf0)
		width = 4;
	else
		return 0;
	if (width > length)
		return 0;
	value = bytes[0] & (0xffU >> (width + 1));
	for (i = 1; i < width; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < smallest[width] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*character = value;
	return width;
}

/**
 * utf8_encode() - write one character
 * @character: a code point up to U+10FFFF
 * @text: room for it
 *
 * Return: its length in bytes.
 */
size_t utf8_encode(uint32_t character, char text[4])
{
	if (character < 0x80) {
		text[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		text[0] = (char)(0xc0 | character >> 6);
		text[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	if (character < 0x10000) {
		text[0] = (char)(0xe0 | character >> 12);
		text[1] = (char)(0x80 | (character >> 6 & 0x3f));
		text[2] = (char)(0x80 | (character & 0x3f));
		return 3;
	}
	text[0] = (char)(0xf0 | character >> 18);
	text[1] = (char)(0x80 | (character >> 12 & 0x3f));
	text[2] = (char)(0x80 | (character >> 6 & 0x3f));
	text[3] = (char)(0x80 | (character & 0x3f));
	return 4;
}

/* What a terminal would act on or not show: controls, and the characters that
 * hide in text (soft hyphen, zero width and bidirectional marks, odd blanks).
 */
static bool is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad ||
	       (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
	       (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff ||
	       c == 0xfffe || c == 0xffff;
}

/**
 * text_quote() - a piece of input between quotes, safe to print
 * @text: the piece; any bytes
 * @length: how many
 * @shown: characters after which it is cut short with "..."
 *
 * Return: the quoted text, which the caller frees, or NULL without memory.
 */
char *text_quote(const char *text, size_t length, size_t shown)
{
	/* "\U0010ffff" is the longest form of a character, made of two bytes at
	 * least; "\x07" the longest of a byte.
	 */
	size_t room = (shown < length ? shown : length) * 10 + 6;
	char *quoted = malloc(room);
	size_t used = 0;
	size_t i = 0;

	if (!quoted)
		return NULL;
	quoted[used++] = '"';
	for (; i < length && shown; shown--) {
		uint32_t character = 0;
		size_t width = utf8_decode(text + i, length - i, &character);

		if (!width) {
			used += (size_t)sprintf(quoted + used, "\\x%02x", (unsigned char)text[i]);
			width = 1;
		} else if (character == '\n') {
			used += (size_t)sprintf(quoted + used, "\\n");
		} else if (character == '\t') {
			used += (size_t)sprintf(quoted + used, "\\t");
		} else if (character == '\r') {
			used += (size_t)sprintf(quoted + used, "\\r");
		} else if (character == '"' || character == '\\') {
			used += (size_t)sprintf(quoted + used, "\\%c", (char)character);
		} else if (is_hidden(character)) {
			used += (size_t)sprintf(quoted + used,
						character < 0x80 ? "\\x%02x" : "\\u%04x",
						character);
		} else {
			memcpy(quoted + used, text + i, width);
			used += width;
		}
		i += width;
	}
	strcpy(quoted + used, i < length ? "...\"" : "\"");
	return quoted;
}

/**
 * text_printable() - a line of input, safe to print, as wide as before
 * @text: the line, without its end; any bytes
 * @length: how many
 *
 * Tabs stay, so that what stands below a line still lines up. What cannot be
 * shown becomes one question mark for a byte, or for a character.
 *
 * Return: the text, which the caller frees, or NULL without memory.
 */
char *text_printable(const char *text, size_t length)
{
	char *printable = malloc(length + 1);
	size_t used = 0;
	size_t i = 0;

	if (!printable)
		return NULL;
	while (i < length) {
		uint32_t character = 0;
		size_t width = utf8_decode(text + i, length - i, &character);

		if (width && (character == '\t' || !is_hidden(character))) {
			memcpy(printable + used, text + i, width);
			used += width;
		} else {
			printable[used++] = '?';
		}
		i += width ? width : 1;
	}
	printable[used] = '\0';
	return printable;
}
