// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists: their form, prefixes, names of interfaces. */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "private.h"
#include "text.h"

static const char *item_expected(enum setting key)
{
	switch (setting_table[key].type) {
	case SETTING_TYPE_CIDRS:
		return "a prefix such as 10.0.0.0/8";
	case SETTING_TYPE_INTERFACES:
		return "an interface name or a pattern such as eth*";
	case SETTING_TYPE_POOLS:
		return "an address, a range FIRST-LAST or PREFIX: ADDRESSES";
	case SETTING_TYPE_BOOL:
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
	case SETTING_TYPE_PORTS:
		break;
	}
	return "something else";
}

/**
 * config_check_items() - whether a value is a list of what the key takes
 * @source: the file
 * @key: its key
 * @value: the value
 *
 * That is text, and a mapping in snatAddresses. A null item is refused:
 * encoding/json leaves in its place what was there before, which is an entry of
 * the defaults.
 *
 * Return: 0, or -EINVAL after it reported each item that is none.
 */
int config_check_items(struct config_source *source, enum setting key,
		       const struct config_node *value)
{
	const struct config_node *item;
	int result = 0;

	if (value->kind == CONFIG_TEXT && memchr(value->text, '\n', value->length))
		return config_refuse_value(source, key, value,
					   "a list: start each item with \"- \", without | or >");
	if (value->kind != CONFIG_SEQUENCE)
		return config_refuse_value(source, key, value,
					   "a list: one item per line after \"- \", or [ITEM, ...]");
	for (item = value->first; item; item = item->next) {
		const struct config_node *text = config_follow(item);
		char *found;

		if (text->kind == CONFIG_TEXT ||
		    (text->kind == CONFIG_MAPPING &&
		     setting_table[key].type == SETTING_TYPE_POOLS))
			continue;
		found = config_describe(text);
		config_complain(source, item->offset,
				"an item of %s must be %s, not %s",
				setting_table[key].name, item_expected(key),
				found ? found : "something else");
		free(found);
		result = -EINVAL;
	}
	return result;
}

/* Return the prefix that was probably meant, or NULL; set host_bits where it differs from
 * the text in host bits.
 */
static const char *suggest_prefix(const char *text, size_t length, char room[CIDR_TEXT_MAX],
				  bool *host_bits)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *slash;
	struct cidr cidr, whole;
	unsigned int bits = 0;
	size_t i;

	while (length && strchr(" \t\r\n", *text) && *text) {
		text++;
		length--;
	}
	while (length && text[length - 1] && strchr(" \t\r\n", text[length - 1]))
		length--;
	slash = length ? memchr(text, '/', length) : NULL;
	if (cidr_parse_address(text, slash ? (size_t)(slash - text) : length, &cidr, NULL))
		return NULL;
	if (!slash)
		return cidr_format(&cidr, room);

	i = (size_t)(slash - text) + 1;
	if (i == length || length - i > 4)
		return NULL;
	for (; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return NULL;
		bits = bits * 10 + (unsigned int)(text[i] - '0');
	}
	if (bits > cidr.prefix_len)
		return NULL;
	if (cidr.family == AF_INET6 && bits >= 96 && !memcmp(cidr.address, mapped, 12)) {
		memmove(cidr.address, cidr.address + 12, 4);
		memset(cidr.address + 4, 0, 12);
		cidr.family = AF_INET;
		bits -= 96;
	}
	cidr.prefix_len = (uint8_t)bits;
	whole = cidr;
	cidr_mask(&cidr);
	*host_bits = cidr_compare(&cidr, &whole);
	return cidr_format(&cidr, room);
}

static void complain_prefix(struct config_source *source, const struct config_node *item,
			    const struct config_node *text, const char *reason)
{
	char *quoted = text_quote(text->text, text->length, CONFIG_SHOWN_MAX);
	char room[CIDR_TEXT_MAX];
	bool host_bits = false;
	const char *suggestion = suggest_prefix(text->text, text->length, room, &host_bits);

	if (host_bits)
		config_complain(source, item->offset, "host bits set in %s; did you mean %s?",
				quoted ? quoted : "a prefix", suggestion);
	else
		config_complain(source, item->offset, "invalid prefix %s: %s%s%s%s",
				quoted ? quoted : "", reason, suggestion ? "; did you mean " : "",
				suggestion ? suggestion : "", suggestion ? "?" : "");
	free(quoted);
}

/**
 * config_parse_prefix() - read a prefix
 * @source: the file
 * @node: where it stands
 * @text: what stands there, a node of text
 * @cidr: what it means
 *
 * Return: 0, or -EINVAL after it reported why.
 */
int config_parse_prefix(struct config_source *source, const struct config_node *node,
			const struct config_node *text, struct cidr *cidr)
{
	const char *reason = NULL;

	if (!cidr_parse(text->text, text->length, cidr, &reason))
		return 0;
	complain_prefix(source, node, text, reason);
	return -EINVAL;
}

/**
 * config_allow_family() - whether an address may be there
 * @source: the file
 * @key: the key it stands under
 * @offset: where it stands
 * @cidr: the address or prefix
 * @text: its text
 * @enable_ipv6: whether IPv6 is on
 *
 * Return: false, after it reported why, for IPv6 while that is off.
 */
bool config_allow_family(struct config_source *source, enum setting key, size_t offset,
			 const struct cidr *cidr, const struct config_node *text,
			 bool enable_ipv6)
{
	if (cidr->family != AF_INET6 || enable_ipv6)
		return true;
	config_complain(source, offset,
			"IPv6 %s \"%.*s\" in %s, but IPv6 is off; set enableIPv6: true or --enable-ipv6",
			memchr(text->text, '/', text->length) ? "prefix" : "address",
			(int)text->length, text->text, setting_table[key].name);
	return false;
}

/* As the kernel's dev_valid_name(), with "*" for any characters; and no more than
 * a terminal can show.
 */
static int check_pattern(struct config_source *source, const struct config_node *item,
			 const struct config_node *text)
{
	const char *reason = NULL;
	char *quoted;
	uint32_t i;

	if (!text->length)
		reason = "the name is empty";
	else if (text->length >= IFNAMSIZ)
		reason = "longer than 15 characters";
	else if (text->length <= 2 && !memcmp(text->text, "..", text->length))
		reason = "reserved name";
	for (i = 0; i < text->length && !reason; i++) {
		if (text->text[i] <= ' ' || text->text[i] > '~' || strchr("/:", text->text[i]))
			reason = "a name cannot contain blanks, / or :";
	}
	if (!reason)
		return 0;
	quoted = text_quote(text->text, text->length, CONFIG_SHOWN_MAX);
	config_complain(source, item->offset, "invalid interface %s: %s", quoted ? quoted : "",
			reason);
	free(quoted);
	return -EINVAL;
}

static int check_item(struct config_source *source, enum setting key,
		      const struct config_node *item, bool enable_ipv6, struct cidr *cidr)
{
	const struct config_node *text = config_follow(item);

	if (setting_table[key].type == SETTING_TYPE_INTERFACES)
		return check_pattern(source, item, text);
	if (config_parse_prefix(source, item, text, cidr) ||
	    !config_allow_family(source, key, item->offset, cidr, text, enable_ipv6))
		return -EINVAL;
	return 0;
}

/**
 * config_read_list() - read a list of CIDRs, or of interfaces
 * @source: the file
 * @key: its key
 * @value: a list; what config_check_items() has found wrong in it is passed over
 * @enable_ipv6: whether IPv6 prefixes may be in it
 * @list: is overwritten; the caller frees it
 *
 * Return: 0, -EINVAL after it reported each entry that is wrong, or -ENOMEM.
 */
int config_read_list(struct config_source *source, enum setting key,
		     const struct config_node *value, bool enable_ipv6,
		     struct config_list *list)
{
	const struct config_node *item;
	int result = 0;

	list->count = 0;
	list->items = calloc((size_t)value->length + 1, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	for (item = value->first; item; item = item->next) {
		const struct config_node *text = config_follow(item);
		struct config_item *entry = &list->items[list->count];

		if (text->kind != CONFIG_TEXT)
			continue;
		if (check_item(source, key, item, enable_ipv6, &entry->cidr)) {
			result = -EINVAL;
			continue;
		}
		entry->text = strndup(text->text, text->length);
		if (!entry->text)
			return -ENOMEM;
		entry->file = source->index;
		entry->line = config_source_line(source, item->offset);
		entry->offset = item->offset;
		list->count++;
	}
	return result;
}

/**
 * config_list_clear() - free a list
 * @list: is empty afterwards
 */
void config_list_clear(struct config_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i].text);
	free(list->items);
	memset(list, 0, sizeof(*list));
}
