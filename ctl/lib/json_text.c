// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_text.h"

#include <stdint.h>
#include <string.h>

#include "text.h"

/**
 * json_text() - write a text as JSON has it, with its quotes
 * @stream: where to
 * @text: anything; what is not UTF-8 becomes U+FFFD
 */
void json_text(FILE *stream, const char *text)
{
	size_t length = strlen(text);
	size_t i = 0;

	fputc('"', stream);
	while (i < length) {
		unsigned char byte = (unsigned char)text[i];
		uint32_t character;
		size_t size = utf8_decode(text + i, length - i, &character);

		if (byte == '"' || byte == '\\')
			fprintf(stream, "\\%c", byte);
		else if (byte < ' ' || byte == 0x7f)
			fprintf(stream, "\\u%04x", byte);
		else if (!size)
			fputs("\\ufffd", stream);
		else
			fwrite(text + i, 1, size, stream);
		i += size ? size : 1;
	}
	fputc('"', stream);
}
