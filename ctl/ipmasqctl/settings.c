// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words for a policy's settings. Lists are one word each, with commas between
 * the items. What an interface's name may hold and such a word may not is written
 * as "\x2c".
 */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "text.h"

/* Of an item that is wrong, as much as fits on the line of an error. */
#define SHOWN 40

static const struct {
	const char *name;
	uint32_t flag;
} switches[] = {
	{ "enabled", IPMASQ_FLAG_ENABLED },
	{ "ipv6", IPMASQ_FLAG_IPV6 },
	{ "random-fully", IPMASQ_FLAG_RANDOM_FULLY },
};

/* What takes a list away, and what to expect after its name. */
static const struct {
	const char *name;
	const char *none;
	const char *expected;
} lists[SETTINGS_LISTS] = {
	[SETTINGS_TO_PORTS] = { "to-ports", "any", "a list of port ranges or any" },
	[SETTINGS_SOURCE] = { "source", "any", "a list of CIDRs or any" },
	[SETTINGS_INTERFACE] = { "interface", "any", "a list of interfaces or any" },
	[SETTINGS_SNAT] = { "snat", "none", "a list of addresses or none" },
};

static bool is_word(const char *word, size_t length, const char *known)
{
	return strlen(known) == length && memcmp(word, known, length) == 0;
}

/**
 * settings_flag() - the flag that a word stands for
 * @name: the word, need not end with NUL
 * @length: its bytes
 *
 * Return: IPMASQ_FLAG_*, or 0 when the word is none.
 */
uint32_t settings_flag(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (is_word(name, length, switches[i].name))
			return switches[i].flag;
	}
	return 0;
}

/**
 * settings_flag_name() - the words for the flags, one after the other
 * @index: from 0 on
 * @flag: set to the flag
 *
 * Return: its word, NULL behind the last one.
 */
const char *settings_flag_name(size_t index, uint32_t *flag)
{
	if (index >= sizeof(switches) / sizeof(switches[0]))
		return NULL;
	*flag = switches[index].flag;
	return switches[index].name;
}

/**
 * settings_list() - the list that a word stands for
 * @name: the word, need not end with NUL
 * @length: its bytes
 *
 * Return: enum settings_list, or -1 when the word is none.
 */
int settings_list(const char *name, size_t length)
{
	int i;

	for (i = 0; i < SETTINGS_LISTS; i++) {
		if (is_word(name, length, lists[i].name))
			return i;
	}
	return -1;
}

/**
 * settings_list_name() - the word for a list
 * @list: the list
 */
const char *settings_list_name(enum settings_list list)
{
	return lists[list].name;
}

/**
 * settings_list_expected() - what has to follow that word, for errors
 * @list: the list
 */
const char *settings_list_expected(enum settings_list list)
{
	return lists[list].expected;
}

/**
 * settings_list_named() - whether a change names a list
 * @settings: the change
 * @list: the list
 */
bool settings_list_named(const struct policy_settings *settings, enum settings_list list)
{
	const bool named[SETTINGS_LISTS] = {
		[SETTINGS_TO_PORTS] = settings->port_ranges_named,
		[SETTINGS_SOURCE] = settings->source_cidrs_named,
		[SETTINGS_INTERFACE] = settings->interfaces_named,
		[SETTINGS_SNAT] = settings->snat_addresses_named,
	};

	return named[list];
}

/**
 * settings_list_equal() - whether a list is the same in two settings
 * @a: settings
 * @b: others
 * @list: the list
 */
bool settings_list_equal(const struct policy_settings *a, const struct policy_settings *b,
			 enum settings_list list)
{
	/* A change that names this list only. */
	struct policy_settings change = *a;

	change.flags_named = 0;
	change.port_ranges_named = list == SETTINGS_TO_PORTS;
	change.source_cidrs_named = list == SETTINGS_SOURCE;
	change.interfaces_named = list == SETTINGS_INTERFACE;
	change.snat_addresses_named = list == SETTINGS_SNAT;
	return policy_settings_equal(&change, b);
}

static int refuse_item(const char *item, size_t length, const char *why, char **reason)
{
	char *quoted = text_quote(item, length, SHOWN);

	if (quoted && asprintf(reason, "%s is %s", quoted, why) < 0)
		*reason = NULL;
	free(quoted);
	return -EINVAL;
}

/* Reads what stands between two commas. Returns 0, or -EINVAL with a reason. */
typedef int (*read_item)(const char *item, size_t length, void *to, char **reason);

static int read_items(const char *text, read_item read, size_t size, void *list, size_t *count,
		      char **reason)
{
	size_t items = 1;
	const char *c;
	char *next;
	size_t i;
	int error;

	for (c = text; *c; c++)
		items += *c == ',';
	next = calloc(items, size);
	if (!next)
		return -ENOMEM;
	*(void **)list = next;
	for (i = 0; i < items; i++, next += size) {
		size_t length = strcspn(text, ",");

		error = read(text, length, next, reason);
		if (error) {
			free(*(void **)list);
			*(void **)list = NULL;
			return error;
		}
		text += length + 1;
	}
	*count = items;
	return 0;
}

static int read_cidr(const char *item, size_t length, void *to, char **reason)
{
	char right[CIDR_TEXT_MAX];
	const char *why = "";
	struct cidr *cidr = to;
	char what[160];

	/* An address alone stands for itself. */
	if (memchr(item, '/', length) ? !cidr_parse(item, length, cidr, &why) :
					!cidr_parse_address(item, length, cidr, &why))
		return 0;
	snprintf(what, sizeof(what), "no CIDR: %s", why);
	if (strstr(why, "bits are set")) {
		cidr_mask(cidr);
		snprintf(what, sizeof(what), "no CIDR: %s, the prefix is %s", why,
			 cidr_format(cidr, right));
	}
	return refuse_item(item, length, what, reason);
}

static int read_address(const char *item, size_t length, void *to, char **reason)
{
	const char *why = "";
	char what[160];

	if (!cidr_parse_address(item, length, to, &why))
		return 0;
	snprintf(what, sizeof(what), "no address: %s", why);
	return refuse_item(item, length, what, reason);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_pattern(const char *item, size_t length, void *to, char **reason)
{
	struct policy_interface *interface = to;
	size_t used = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		char c = item[i];

		if (c == '\\') {
			if (length - i < 4 || item[i + 1] != 'x' || digit(item[i + 2]) < 0 ||
			    digit(item[i + 3]) < 0)
				return refuse_item(item, length,
						   "no interface: a \\ stands before xHH only",
						   reason);
			c = (char)(digit(item[i + 2]) * 16 + digit(item[i + 3]));
			i += 3;
		}
		if (!c || used == POLICY_INTERFACE_SIZE - 1)
			return refuse_item(item, length,
					   "no interface: its name has 15 bytes at most", reason);
		interface->pattern[used++] = c;
	}
	return used ? 0 : refuse_item(item, length, "no interface, expected a name or a pattern",
				      reason);
}

/**
 * addresses_read() - read addresses between commas
 * @text: "192.0.2.20,192.0.2.21"
 * @addresses: set to host prefixes, which the caller frees
 * @count: set to how many
 * @reason: set to what is wrong, which the caller frees; NULL without memory
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int addresses_read(const char *text, struct cidr **addresses, size_t *count, char **reason)
{
	*reason = NULL;
	return read_items(text, read_address, sizeof(**addresses), addresses, count, reason);
}

/**
 * settings_list_read() - read the word that follows the name of a list
 * @settings: gets the list, and names it
 * @list: which one; it is not there yet
 * @text: the word
 * @reason: as for addresses_read()
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int settings_list_read(struct policy_settings *settings, enum settings_list list,
		       const char *text, char **reason)
{
	bool some = strcmp(text, lists[list].none) != 0;

	*reason = NULL;
	switch (list) {
	case SETTINGS_TO_PORTS:
		settings->port_ranges_named = true;
		return some ? port_ranges_parse(text, &settings->port_ranges,
						&settings->port_range_count, reason) : 0;
	case SETTINGS_SOURCE:
		settings->source_cidrs_named = true;
		return some ? read_items(text, read_cidr, sizeof(*settings->source_cidrs),
					 &settings->source_cidrs, &settings->source_cidr_count,
					 reason) : 0;
	case SETTINGS_INTERFACE:
		settings->interfaces_named = true;
		return some ? read_items(text, read_pattern, sizeof(*settings->interfaces),
					 &settings->interfaces, &settings->interface_count,
					 reason) : 0;
	default:
		settings->snat_addresses_named = true;
		return some ? addresses_read(text, &settings->snat_addresses,
					     &settings->snat_address_count, reason) : 0;
	}
}

static char *cidrs_text(const struct cidr *cidrs, size_t count,
			const char *(*format)(const struct cidr *cidr, char text[CIDR_TEXT_MAX]))
{
	char *text = malloc(count * CIDR_TEXT_MAX + 1);
	char one[CIDR_TEXT_MAX];
	size_t used = 0;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < count; i++)
		used += (size_t)sprintf(text + used, "%s%s", i ? "," : "", format(&cidrs[i], one));
	text[used] = '\0';
	return text;
}

/**
 * addresses_text() - the text that addresses_read() reads
 * @addresses: host prefixes
 * @count: how many
 *
 * Return: the text, which the caller frees, or NULL without memory.
 */
char *addresses_text(const struct cidr *addresses, size_t count)
{
	return cidrs_text(addresses, count, cidr_format_address);
}

static bool is_plain(const char *c, bool first, bool alone)
{
	/* An interface whose name is the word for no list. */
	if (first && alone && !strcmp(c, lists[SETTINGS_INTERFACE].none))
		return false;
	return isgraph((unsigned char)*c) && !strchr(",#\\", *c);
}

static char *patterns_text(const struct policy_interface *interfaces, size_t count)
{
	/* A comma, and four bytes for one. */
	char *text = malloc(count * (1 + 4 * POLICY_INTERFACE_SIZE) + 1);
	size_t used = 0;
	const char *c;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < count; i++) {
		if (i)
			text[used++] = ',';
		for (c = interfaces[i].pattern; *c; c++) {
			if (is_plain(c, c == interfaces[i].pattern, count == 1))
				text[used++] = *c;
			else
				used += (size_t)sprintf(text + used, "\\x%02x", (unsigned char)*c);
		}
	}
	text[used] = '\0';
	return text;
}

/**
 * settings_list_text() - the word that settings_list_read() reads
 * @settings: where the list is
 * @list: which one
 *
 * Return: the text, which the caller frees, or NULL without memory.
 */
char *settings_list_text(const struct policy_settings *settings, enum settings_list list)
{
	char *text;

	switch (list) {
	case SETTINGS_TO_PORTS:
		text = port_ranges_format(settings->port_ranges, settings->port_range_count);
		break;
	case SETTINGS_SOURCE:
		text = cidrs_text(settings->source_cidrs, settings->source_cidr_count,
				  cidr_format);
		break;
	case SETTINGS_INTERFACE:
		text = patterns_text(settings->interfaces, settings->interface_count);
		break;
	default:
		text = addresses_text(settings->snat_addresses, settings->snat_address_count);
	}
	if (text && !*text) {
		free(text);
		text = strdup(lists[list].none);
	}
	return text;
}

/**
 * settings_print() - write settings as lines in the words of the set command
 * @file: to write to
 * @settings: all of them are written
 *
 * Return: 0, or -ENOMEM.
 */
int settings_print(FILE *file, const struct policy_settings *settings)
{
	char *text;
	size_t i;

	fputs("set", file);
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		fprintf(file, " %s %s", switches[i].name,
			settings->flags & switches[i].flag ? "on" : "off");
	/* Lists may be long, and a line is not. */
	for (i = 0; i < SETTINGS_LISTS; i++) {
		text = settings_list_text(settings, i);
		if (!text)
			return -ENOMEM;
		fprintf(file, "%s %s %s", i ? "\nset" : "", lists[i].name, text);
		free(text);
	}
	fputc('\n', file);
	return 0;
}
