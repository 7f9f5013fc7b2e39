// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words for a policy's settings. Lists are one word each, with commas between
 * the items. What an interface's name may hold and such a word may not is written
 * as "\x2c".
 */
#include "policy_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "json_text.h"
#include "text.h"

/* Longer than an item, in which each byte is written as four, and a comma. */
#define ITEM_TEXT_MAX (4 * POLICY_INTERFACE_SIZE + 1)
_Static_assert(ITEM_TEXT_MAX > CIDR_TEXT_MAX, "a prefix is an item");

/* Of an item that is wrong, as much as fits on the line of an error. */
#define SHOWN 40

/**
 * policy_setting_find() - the setting of a policy that a word stands for
 * @word: the word, need not end with NUL
 * @length: its bytes
 *
 * Return: enum setting, or -1 when the word is none.
 */
int policy_setting_find(const char *word, size_t length)
{
	char known[SETTING_WORD_MAX];
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (setting_is_policy((enum setting)i) &&
		    text_equals(word, length, setting_word((enum setting)i, known)))
			return i;
	}
	return -1;
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

static int read_items(const char *text, read_item read, size_t size, void **list, size_t *count,
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
	*list = next;
	for (i = 0; i < items; i++, next += size) {
		size_t length = strcspn(text, ",");

		error = read(text, length, next, reason);
		if (error) {
			free(*list);
			*list = NULL;
			return error;
		}
		text += length + 1;
	}
	*count = items;
	return 0;
}

static int read_cidr(const char *item, size_t length, void *to, char **reason)
{
	char why[CIDR_WHY_MAX];

	return cidr_read(item, length, to, why) ? refuse_item(item, length, why, reason) : 0;
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
	void *items = NULL;
	int error;

	*reason = NULL;
	error = read_items(text, read_address, sizeof(**addresses), &items, count, reason);
	*addresses = items;
	return error;
}

static int read_switch(struct policy_settings *settings, enum setting setting, const char *text,
		       char **reason)
{
	const uint32_t flag = setting_table[setting].policy_flag;

	settings->flags_named |= flag;
	if (strcmp(text, "on") == 0)
		settings->flags |= flag;
	else if (strcmp(text, "off") != 0)
		return refuse_item(text, strlen(text), "no value, expected on or off", reason);
	return 0;
}

static int read_ports(const char *text, struct policy_list *list, char **reason)
{
	struct port_range *ranges = NULL;
	int error = port_ranges_parse(text, &ranges, &list->count, reason);

	list->items = ranges;
	return error;
}

/**
 * policy_setting_expected() - what has to follow the name of a setting, for errors
 * @setting: a setting of the policy
 * @text: filled
 *
 * Return: @text.
 */
const char *policy_setting_expected(enum setting setting, char text[POLICY_EXPECTED_MAX])
{
	const struct setting_row *row = &setting_table[setting];

	if (row->policy_flag)
		return "on or off";
	snprintf(text, POLICY_EXPECTED_MAX, "a list of %s or %s", row->items, row->none);
	return text;
}

/**
 * policy_setting_read() - read the word that follows the name of a setting
 * @settings: gets the value, and names it
 * @setting: a setting of the policy; it is not there yet
 * @text: the word
 * @reason: as for addresses_read()
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int policy_setting_read(struct policy_settings *settings, enum setting setting, const char *text,
			char **reason)
{
	static const read_item readers[SETTING_TYPES] = {
		[SETTING_TYPE_CIDRS] = read_cidr,
		[SETTING_TYPE_INTERFACES] = read_pattern,
		[SETTING_TYPE_POOLS] = read_address,
	};
	const struct setting_row *row = &setting_table[setting];
	struct policy_list *list = &settings->list[setting];

	*reason = NULL;
	if (row->policy_flag)
		return read_switch(settings, setting, text, reason);
	list->named = true;
	if (strcmp(text, row->none) == 0)
		return 0;
	if (row->type == SETTING_TYPE_PORTS)
		return read_ports(text, list, reason);
	return read_items(text, readers[row->type], policy_item_size(setting), &list->items, &list->count,
			  reason);
}

static bool is_plain(const char *c, bool first, bool alone)
{
	/* An interface whose name is the word for no list. */
	if (first && alone && !strcmp(c, setting_table[SETTING_OUTPUT_INTERFACES].none))
		return false;
	return isgraph((unsigned char)*c) && !strchr(",#\\", *c);
}

static void pattern_text(const char *pattern, bool alone, char text[ITEM_TEXT_MAX])
{
	const char *c;

	for (c = pattern; *c; c++)
		text += sprintf(text, is_plain(c, c == pattern, alone) ? "%c" : "\\x%02x",
				(unsigned char)*c);
	*text = '\0';
}

/* An item of a list as read_items() reads it. */
static const char *item_text(const struct policy_list *list, enum setting setting, size_t i,
			     char text[ITEM_TEXT_MAX])
{
	const struct policy_interface *interfaces = list->items;
	const struct port_range *ranges = list->items;
	const struct cidr *cidrs = list->items;

	switch (setting_table[setting].type) {
	case SETTING_TYPE_PORTS:
		snprintf(text, ITEM_TEXT_MAX, ranges[i].first == ranges[i].last ? "%u" : "%u-%u",
			 ranges[i].first, ranges[i].last);
		break;
	case SETTING_TYPE_CIDRS:
		return cidr_format(&cidrs[i], text);
	case SETTING_TYPE_INTERFACES:
		pattern_text(interfaces[i].pattern, list->count == 1, text);
		break;
	case SETTING_TYPE_POOLS:
		return cidr_format_address(&cidrs[i], text);
	case SETTING_TYPE_BOOL:
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		break;
	}
	return text;
}

static char *list_text(const struct policy_list *list, enum setting setting)
{
	char *text = malloc(list->count * ITEM_TEXT_MAX + 1);
	size_t used = 0;
	size_t i;

	if (!text)
		return NULL;
	*text = '\0';
	for (i = 0; i < list->count; i++) {
		if (i)
			text[used++] = ',';
		item_text(list, setting, i, text + used);
		used += strlen(text + used);
	}
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
	const struct policy_list list = { .items = (void *)addresses, .count = count };

	return list_text(&list, SETTING_SNAT_ADDRESSES);
}

/**
 * policy_setting_text() - the word that policy_setting_read() reads
 * @settings: where the setting is
 * @setting: a setting of the policy
 *
 * Return: the text, which the caller frees, or NULL without memory.
 */
char *policy_setting_text(const struct policy_settings *settings, enum setting setting)
{
	const struct setting_row *row = &setting_table[setting];

	if (row->policy_flag)
		return strdup(settings->flags & row->policy_flag ? "on" : "off");
	if (!settings->list[setting].count)
		return strdup(row->none);
	return list_text(&settings->list[setting], setting);
}

/**
 * policy_settings_print() - write settings as lines in the words of the set command
 * @file: to write to
 * @settings: those that are named are written
 *
 * Return: 0, or -ENOMEM.
 */
int policy_settings_print(FILE *file, const struct policy_settings *settings)
{
	char word[SETTING_WORD_MAX];
	char *text;
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (!policy_setting_named(settings, (enum setting)i))
			continue;
		text = policy_setting_text(settings, (enum setting)i);
		if (!text)
			return -ENOMEM;
		/* Lists may be long, and a line is not. */
		fprintf(file, "set %s %s\n", setting_word((enum setting)i, word), text);
		free(text);
	}
	return 0;
}

static void setting_json(FILE *file, const struct policy_settings *settings, enum setting setting)
{
	const struct policy_list *list = &settings->list[setting];
	const struct port_range *ranges = list->items;
	char text[ITEM_TEXT_MAX];
	size_t i;

	if (setting_table[setting].policy_flag) {
		fputs(settings->flags & setting_table[setting].policy_flag ? "true" : "false",
		      file);
		return;
	}
	fputc('[', file);
	for (i = 0; i < list->count; i++) {
		fputs(i ? ", " : "", file);
		if (setting_table[setting].type == SETTING_TYPE_PORTS)
			fprintf(file, "{\"first\": %u, \"last\": %u}", ranges[i].first,
				ranges[i].last);
		else
			json_text(file, item_text(list, setting, i, text));
	}
	fputc(']', file);
}

/**
 * policy_settings_json() - write settings as members of a JSON object
 * @file: to write to
 * @settings: those that are named are written
 * @separator: what stands between two members
 */
void policy_settings_json(FILE *file, const struct policy_settings *settings,
			  const char *separator)
{
	char member[SETTING_WORD_MAX];
	const char *before = "";
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (!policy_setting_named(settings, (enum setting)i))
			continue;
		fprintf(file, "%s\"%s\": ", before, setting_member((enum setting)i, member));
		setting_json(file, settings, (enum setting)i);
		before = separator;
	}
}
