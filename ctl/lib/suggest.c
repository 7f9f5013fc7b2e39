// SPDX-License-Identifier: GPL-2.0-or-later
#include "suggest.h"

#include <ctype.h>
#include <string.h>

/* Longer words are not typing mistakes of anything known. */
#define SUGGEST_WORD_MAX 63

static size_t smallest(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance, with letter case counting nothing:
 * insertions, deletions, replacements and swapped neighbours cost one each.
 */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t before[SUGGEST_WORD_MAX + 1] = {0};
	size_t previous[SUGGEST_WORD_MAX + 1];
	size_t current[SUGGEST_WORD_MAX + 1];
	size_t i, j;

	for (j = 0; j <= b_length; j++)
		previous[j] = j;
	for (i = 1; i <= a_length; i++) {
		current[0] = i;
		for (j = 1; j <= b_length; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);

			current[j] = smallest(previous[j], current[j - 1]) + 1;
			current[j] = smallest(current[j], previous[j - 1] + (x != y));
			if (i > 1 && j > 1 &&
			    x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				current[j] = smallest(current[j], before[j - 2] + 1);
		}
		memcpy(before, previous, sizeof(before));
		memcpy(previous, current, sizeof(previous));
	}
	return previous[b_length];
}

/**
 * suggest_nearest() - find the known word that was probably meant
 * @word: what was written
 * @known: the words that would have been right
 * @count: how many of them
 *
 * Return: the nearest known word (borrowed from @known), or NULL where none is
 * near: no more than a third of the word's letters may be wrong.
 */
const char *suggest_nearest(const char *word, const char *const *known, size_t count)
{
	size_t length = strlen(word);
	const char *nearest = NULL;
	size_t best = length / 3 + 1;
	size_t i;

	if (!length || length > SUGGEST_WORD_MAX)
		return NULL;
	for (i = 0; i < count; i++) {
		size_t known_length = strlen(known[i]);
		size_t found;

		if (known_length > SUGGEST_WORD_MAX)
			continue;
		found = distance(word, length, known[i], known_length);
		if (found < best) {
			best = found;
			nearest = known[i];
		}
	}
	return nearest;
}
