/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PIECES_H
#define PIECES_H

#include <stddef.h>

void pieces_begin(const void *data, size_t size, size_t piece);

#endif
