// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results, a line each: "ok|SENTENCE" or "not ok|SENTENCE|EXPECTED|SEEN", for the
 * scenario to report; and at the end "end|COUNT".
 */
#include <stdio.h>
#include <string.h>

#include "hostile.h"

static unsigned long count, wrong;

/**
 * result() - print one
 * @name: what was tried
 * @right: whether it came out as expected
 * @expected: told only if not
 * @seen: told only if not
 */
void result(const char *name, bool right, const char *expected, const char *seen)
{
	if (right)
		printf("ok|%s\n", name);
	else
		printf("not ok|%s|%s|%s\n", name, expected, seen);
	count++;
	wrong += !right;
}

/**
 * describe() - an answer in words
 * @answer: the answer
 * @text: where to
 *
 * Return: @text.
 */
const char *describe(const struct answer *answer, char text[400])
{
	char place[32] = "", missing[64] = "";

	if (answer->has_offset)
		snprintf(place, sizeof(place), " at byte %u", answer->offset);
	if (answer->missing)
		snprintf(missing, sizeof(missing), ", %u is missing%s", answer->missing,
			 answer->has_nest ? " in a nest" : "");
	snprintf(text, 400, "%s%s '%s'%s", answer->error ? strerror(answer->error) : "accepted",
		 place, answer->text, missing);
	return text;
}

/**
 * results_end() - say that there are no more
 *
 * Return: the program's exit status.
 */
int results_end(void)
{
	printf("end|%lu\n", count);
	return wrong ? 1 : 0;
}
