/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_TEXT_H
#define IPMASQ_TEXT_H

#include <stddef.h>
#include <stdint.h>

size_t utf8_decode(const char *text, size_t length, uint32_t *character);
size_t utf8_encode(uint32_t character, char text[4]);
char *text_quote(const char *text, size_t length, size_t shown);
char *text_printable(const char *text, size_t length);

#endif
