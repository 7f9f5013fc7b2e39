/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_TEXT_H
#define IPMASQ_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether bytes, which need not end with NUL, are a text. */
static inline bool text_equals(const char *text, size_t length, const char *known)
{
	return strlen(known) == length && !memcmp(text, known, length);
}

size_t utf8_decode(const char *text, size_t length, uint32_t *character);
size_t utf8_encode(uint32_t character, char text[4]);
char *text_quote(const char *text, size_t length, size_t shown);
char *text_printable(const char *text, size_t length);

#endif
