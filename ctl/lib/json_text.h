/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_JSON_TEXT_H
#define IPMASQ_JSON_TEXT_H

#include <stdio.h>

void json_text(FILE *stream, const char *text);

#endif
