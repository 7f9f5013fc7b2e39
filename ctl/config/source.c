// SPDX-License-Identifier: GPL-2.0-or-later
/* Places in the text of a file. */
#include <errno.h>
#include <stdlib.h>

#include "private.h"

/* Bytes from one known place to the next. */
#define STEP ((size_t)512)

/**
 * config_source_index() - prepare for config_source_line()
 * @source: with its text; config_source_clear() frees the index
 *
 * Return: 0 or -ENOMEM.
 */
int config_source_index(struct config_source *source)
{
	source->mark = (struct config_place) { .line = 1, .column = 1 };
	source->place_count = 0;
	source->places = calloc(source->text_length / STEP + 1, sizeof(*source->places));
	return source->places ? 0 : -ENOMEM;
}

/**
 * config_source_clear() - free the file's bytes
 * @source: the file
 */
void config_source_clear(struct config_source *source)
{
	free(source->places);
	free(source->converted);
	free(source->data);
	source->places = NULL;
	source->place_count = 0;
	source->converted = NULL;
	source->data = NULL;
	source->text = NULL;
	source->length = 0;
	source->text_length = 0;
}

/* Sets the mark to the last place before a byte that is known. */
static void find_start(struct config_source *source, size_t offset)
{
	size_t last = offset / STEP;

	if (!source->place_count)
		return;
	if (last >= source->place_count)
		last = source->place_count - 1;
	if (source->mark.offset > offset || source->mark.offset < source->places[last].offset)
		source->mark = source->places[last];
}

/**
 * config_source_line() - the line of a place
 * @source: the file
 * @offset: byte of its text
 *
 * Lines end with LF, CR LF or CR, as in any editor. Sets @source->mark, with the
 * column from 1. In any order of places it takes time in proportion to the text once,
 * and to STEP for each.
 *
 * Return: the line, from 1.
 */
int config_source_line(struct config_source *source, size_t offset)
{
	const char *text = source->text;
	size_t i;

	if (offset > source->text_length)
		offset = source->text_length;
	find_start(source, offset);
	for (i = source->mark.offset; i < offset; i++) {
		if (i / STEP == source->place_count && i % STEP == 0) {
			source->mark.offset = i;
			source->places[source->place_count++] = source->mark;
		}
		if (text[i] == '\n' ||
		    (text[i] == '\r' && (i + 1 == source->text_length || text[i + 1] != '\n'))) {
			source->mark.line++;
			source->mark.line_start = i + 1;
			source->mark.column = 1;
		} else {
			/* Not what continues a character. */
			source->mark.column += (text[i] & 0xc0) != 0x80;
		}
	}
	source->mark.offset = offset;
	return source->fixed.line ? source->fixed.line : source->mark.line;
}
