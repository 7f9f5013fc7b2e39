// SPDX-License-Identifier: GPL-2.0-or-later
/* Port ranges against strtoul(); then as text and read again. */
#include <stdbool.h>
#include <string.h>

#include <linux/ipmasq.h>

#include "fuzz.h"
#include "ports.h"

static bool oracle_port(const char *text, size_t length, unsigned long *port)
{
	char room[4096];

	/* A sign of its own is strtoul()'s to refuse, and blanks are not. */
	if (length && *text == '+') {
		text++;
		length--;
	}
	if (!length || length >= sizeof(room) || strspn(text, "0123456789") < length)
		return false;
	memcpy(room, text, length);
	room[length] = '\0';
	*port = strtoul(room, NULL, 10);
	return *port <= UINT16_MAX;
}

/* Takes one range off the text. */
static bool oracle_range(const char **text, struct port_range *range)
{
	size_t length = strcspn(*text, ",");
	size_t first_length = strcspn(*text, ",-");
	unsigned long first, last;

	if (!oracle_port(*text, first_length, &first))
		return false;
	last = first;
	if (first_length != length &&
	    !oracle_port(*text + first_length + 1, length - first_length - 1, &last))
		return false;
	range->first = (uint16_t)first;
	range->last = (uint16_t)last;
	*text += length;
	return first <= last;
}

static void check_oracle(const char *text, const struct port_range *ranges, size_t count,
			 bool accepted)
{
	struct port_range range;
	size_t i = 0;

	for (;;) {
		if (i == IPMASQ_PORT_RANGES_MAX || !oracle_range(&text, &range)) {
			ALWAYS(!accepted);
			return;
		}
		if (accepted) {
			ALWAYS(i < count);
			ALWAYS(ranges[i].first == range.first && ranges[i].last == range.last);
		}
		i++;
		if (!*text++)
			break;
	}
	ALWAYS(accepted && i == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct port_range *ranges = NULL, *again = NULL;
	size_t count = 0, again_count = 0;
	char *error = NULL;
	char *text, *formatted;
	int result;

	/* The oracle's room, and a NUL. */
	if (size >= 4096)
		return 0;
	text = malloc(size + 1);
	ALWAYS(text);
	memcpy(text, data, size);
	text[size] = '\0';

	result = port_ranges_parse(text, &ranges, &count, &error);
	check_oracle(text, ranges, count, !result);
	if (result) {
		ALWAYS(error && *error && !strpbrk(error, "\n\033"));
		free(error);
		free(text);
		return 0;
	}
	ALWAYS(!error);
	formatted = port_ranges_format(ranges, count);
	ALWAYS(formatted);
	ALWAYS(!port_ranges_parse(formatted, &again, &again_count, NULL));
	ALWAYS(again_count == count && !memcmp(ranges, again, count * sizeof(*ranges)));
	free(again);
	free(formatted);
	free(ranges);
	free(text);
	return 0;
}
