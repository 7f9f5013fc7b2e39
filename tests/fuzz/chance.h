/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/* struct chance - a generator of numbers that repeats for its seed */
struct chance {
	uint64_t state;
};

uint32_t chance_next(struct chance *chance);
uint32_t chance_below(struct chance *chance, uint32_t limit);
bool chance_percent(struct chance *chance, unsigned int percent);

#endif
