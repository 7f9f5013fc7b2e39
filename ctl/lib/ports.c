// SPDX-License-Identifier: GPL-2.0-or-later
#include "ports.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/ipmasq.h>

#include "text.h"

/* What a quoted piece of the input may take in a message. */
#define PIECE_SHOWN 40

static int refuse(char **error, const char *piece, size_t length, const char *why)
{
	char *quoted = text_quote(piece, length, PIECE_SHOWN);

	if (error && quoted && asprintf(error, "%s %s", quoted, why) < 0)
		*error = NULL;
	free(quoted);
	return -EINVAL;
}

/* One number as Go's strconv.Atoi reads it: an optional sign, decimal digits,
 * any number of leading zeros. Above 65535 the value stays at 65536.
 */
static int parse_port(const char *text, size_t length, uint32_t *port)
{
	size_t i = 0;

	*port = 0;
	if (length && text[0] == '+')
		i = 1;
	if (i == length)
		return -EINVAL;
	for (; i < length; i++) {
		if (!isdigit((unsigned char)text[i]))
			return -EINVAL;
		*port = *port * 10 + (uint32_t)(text[i] - '0');
		if (*port > UINT16_MAX)
			*port = UINT16_MAX + 1U;
	}
	return 0;
}

static int parse_range(const char *text, size_t length, struct port_range *range, char **error)
{
	const char *dash = memchr(text, '-', length);
	size_t first_length = dash ? (size_t)(dash - text) : length;
	uint32_t first, last;

	if (!length)
		return refuse(error, text, length,
			      "is not a port; expected PORT or FIRST-LAST between commas");
	if (parse_port(text, first_length, &first))
		return refuse(error, text, length, "is not a valid port range; expected PORT or FIRST-LAST");
	last = first;
	if (dash && parse_port(dash + 1, length - first_length - 1, &last))
		return refuse(error, text, length, "is not a valid port range; expected PORT or FIRST-LAST");
	if (first > UINT16_MAX || last > UINT16_MAX)
		return refuse(error, text, length, "is out of range; ports go up to 65535");
	if (first > last)
		return refuse(error, text, length,
			      "is inverted; put the lower port first");
	range->first = (uint16_t)first;
	range->last = (uint16_t)last;
	return 0;
}

/**
 * port_ranges_parse() - read a list of port ranges
 * @text: "1024-29999,32768-65535": ports or ranges between commas
 * @ranges: the list, in the order of the text; the caller frees it
 * @count: how many
 * @error: one line that says what is wrong, which the caller frees; may be NULL
 *
 * Reads what --to-ports of the reference agent reads (a plus sign and leading
 * zeros included, blanks not), except that a port above 65535 is refused here
 * and not when the rules are loaded.
 *
 * Return: 0, -EINVAL with @error, or -ENOMEM.
 */
int port_ranges_parse(const char *text, struct port_range **ranges, size_t *count, char **error)
{
	struct port_range *list;
	size_t pieces = 1;
	const char *c;
	size_t i;

	if (error)
		*error = NULL;
	for (c = text; *c; c++)
		pieces += *c == ',';
	if (pieces > IPMASQ_PORT_RANGES_MAX) {
		if (error && asprintf(error, "too many port ranges (%zu, at most %d)",
				      pieces, IPMASQ_PORT_RANGES_MAX) < 0)
			*error = NULL;
		return -EINVAL;
	}
	list = calloc(pieces, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (i = 0; i < pieces; i++) {
		size_t length = strcspn(text, ",");
		int result = parse_range(text, length, &list[i], error);

		if (result) {
			free(list);
			return result;
		}
		text += length + 1;
	}
	*ranges = list;
	*count = pieces;
	return 0;
}

/**
 * port_ranges_format() - the text that port_ranges_parse() reads
 * @ranges: the list
 * @count: how many
 *
 * Return: the text, which the caller frees ("" for none), or NULL without memory.
 */
char *port_ranges_format(const struct port_range *ranges, size_t count)
{
	/* "65535-65535," */
	size_t room = count * 12 + 1;
	char *text = malloc(room);
	size_t used = 0;
	size_t i;

	if (!text)
		return NULL;
	text[0] = '\0';
	for (i = 0; i < count; i++) {
		const char *comma = i ? "," : "";
		int length;

		if (ranges[i].first == ranges[i].last)
			length = snprintf(text + used, room - used, "%s%u", comma, ranges[i].first);
		else
			length = snprintf(text + used, room - used, "%s%u-%u", comma,
					  ranges[i].first, ranges[i].last);
		used += (size_t)length;
	}
	return text;
}

/* The parts where no ranges are set (net/netfilter/nf_nat_core.c,
 * nf_nat_l4proto_unique_tuple()), the one that most connections are in first.
 */
static const struct port_range any_port[PORT_SPACE_PARTS] = {
	{ 1024, UINT16_MAX }, { 1, 511 }, { 600, 1023 },
};

static bool in_range(const struct port_range *range, uint32_t port)
{
	return port >= range->first && port <= range->last;
}

static int by_first(const void *a, const void *b)
{
	const struct port_range *x = a;
	const struct port_range *y = b;

	return (int)x->first - y->first;
}

/* Ports that are in two ranges are counted once. */
static uint32_t ports_in(const struct port_range *ranges, size_t count)
{
	struct port_range sorted[IPMASQ_PORT_RANGES_MAX];
	uint32_t ports = 0;
	uint32_t next = 0;
	size_t i;

	if (count > IPMASQ_PORT_RANGES_MAX)
		count = IPMASQ_PORT_RANGES_MAX;
	memcpy(sorted, ranges, count * sizeof(*ranges));
	qsort(sorted, count, sizeof(*sorted), by_first);
	for (i = 0; i < count; i++) {
		uint32_t first = sorted[i].first > next ? sorted[i].first : next;

		if (sorted[i].last < first)
			continue;
		ports += sorted[i].last - first + 1;
		next = sorted[i].last + 1U;
	}
	return ports;
}

/**
 * port_space_init() - which source ports a policy's connections share
 * @space: to fill
 * @ranges: of the policy; must outlive @space
 * @count: how many; 0 for any port
 */
void port_space_init(struct port_space *space, const struct port_range *ranges, size_t count)
{
	size_t i;

	memset(space, 0, sizeof(*space));
	space->ranges = ranges;
	space->count = count;
	if (count)
		space->available[0] = ports_in(ranges, count);
	for (i = 0; !count && i < PORT_SPACE_PARTS; i++)
		space->available[i] = ports_in(&any_port[i], 1);
}

/**
 * port_space_part() - which part of a space a port is in
 * @space: from port_space_init()
 * @port: that a connection was given
 *
 * Return: an index of @space->available; -1 for a port outside, which takes none
 * from the connections that this is about.
 */
int port_space_part(const struct port_space *space, uint16_t port)
{
	size_t i;

	for (i = 0; i < space->count; i++) {
		if (in_range(&space->ranges[i], port))
			return 0;
	}
	for (i = 0; !space->count && i < PORT_SPACE_PARTS; i++) {
		if (in_range(&any_port[i], port))
			return (int)i;
	}
	return -1;
}

/**
 * port_space_privileged() - what ports a part for privileged ports has
 * @part: from port_space_part(), not below 0
 *
 * Return: them; NULL for the part that all other connections share.
 */
const struct port_range *port_space_privileged(int part)
{
	return part ? &any_port[part] : NULL;
}

/**
 * port_space_size() - how many ports there are
 * @space: from port_space_init()
 *
 * Return: for all connections but those from privileged ports.
 */
uint32_t port_space_size(const struct port_space *space)
{
	return space->available[0];
}

/**
 * port_space_smallest() - how many ports its smallest part has
 * @space: from port_space_init()
 */
uint32_t port_space_smallest(const struct port_space *space)
{
	uint32_t smallest = space->available[0];
	size_t i;

	for (i = 1; i < PORT_SPACE_PARTS; i++) {
		if (space->available[i] && space->available[i] < smallest)
			smallest = space->available[i];
	}
	return smallest;
}
