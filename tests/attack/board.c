// SPDX-License-Identifier: GPL-2.0-or-later
/* What the processes of a run share: when it ends, and what was attempted. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "attack.h"

/**
 * board_create() - make the board that all processes forked from now on share
 */
struct board *board_create(void)
{
	struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (board == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return board;
}

/**
 * goes_on() - ask whether the run goes on
 * @attack: any thread of it
 */
bool goes_on(const struct attack *attack)
{
	return !attack->board->end;
}

/**
 * count() - note how an attempt ended
 * @attack: whose attempt
 * @attempt: enum attempt or a command
 * @done: it was carried out
 */
void count(struct attack *attack, unsigned int attempt, bool done)
{
	struct score *score = &attack->scores[attempt];

	if (done)
		score->done++;
	else
		score->refused++;
}

/**
 * report_wrong() - report what no kernel may do
 * @attack: who saw it
 * @format: what it was
 */
void report_wrong(struct attack *attack, const char *format, ...)
{
	struct board *board = attack->board;
	va_list arguments;

	if (board->wrong++)
		return;
	va_start(arguments, format);
	vsnprintf(board->wrong_text, sizeof(board->wrong_text), format, arguments);
	va_end(arguments);
}
