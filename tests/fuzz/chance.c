// SPDX-License-Identifier: GPL-2.0-or-later
#include "chance.h"

/**
 * chance_next() - 32 random bits
 * @chance: the generator; splitmix64 (Steele, Lea and Flood 2014)
 */
uint32_t chance_next(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

/**
 * chance_below() - a number below another
 * @chance: the generator
 * @limit: above 0
 */
uint32_t chance_below(struct chance *chance, uint32_t limit)
{
	return (uint32_t)((uint64_t)chance_next(chance) * limit >> 32);
}

/**
 * chance_percent() - true as often as that
 * @chance: the generator
 * @percent: how often
 */
bool chance_percent(struct chance *chance, unsigned int percent)
{
	return chance_below(chance, 100) < percent;
}
