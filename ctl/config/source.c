// SPDX-License-Identifier: GPL-2.0-or-later
/* Places in the text of a file. */
#include <stdlib.h>

#include "private.h"

/**
 * config_source_clear() - free the file's bytes
 * @source: the file
 */
void config_source_clear(struct config_source *source)
{
	free(source->converted);
	free(source->data);
	source->converted = NULL;
	source->data = NULL;
	source->text = NULL;
	source->length = 0;
	source->text_length = 0;
}

/**
 * config_source_line() - the line of a place
 * @source: the file
 * @offset: byte of its text
 *
 * Lines end with LF, CR LF or CR, as in any editor. Cheap where places are
 * asked for in their order. Sets @source->mark, with the column from 1.
 *
 * Return: the line, from 1.
 */
int config_source_line(struct config_source *source, size_t offset)
{
	const char *text = source->text;
	size_t i;

	if (offset > source->text_length)
		offset = source->text_length;
	if (!source->mark.line || offset < source->mark.offset) {
		source->mark.line = 1;
		source->mark.line_start = 0;
		source->mark.column = 1;
		source->mark.offset = 0;
	}
	for (i = source->mark.offset; i < offset; i++) {
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
	return source->mark.line;
}
