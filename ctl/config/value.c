// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The value of one key, by the rules of Go's encoding/json for the reference
 * agent's fields: a list of text, an int, a bool, a duration in text.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "private.h"
#include "duration.h"
#include "policy.h"
#include "text.h"

/* Text of the file that a message shows at most. */
#define SHOWN 60

const char *const config_key_names[KEY_COUNT] = {
	[KEY_NON_MASQUERADE_CIDRS] = "nonMasqueradeCIDRs",
	[KEY_CIDR_LIMIT] = "cidrLimit",
	[KEY_MASQ_LINK_LOCAL] = "masqLinkLocal",
	[KEY_MASQ_LINK_LOCAL_IPV6] = "masqLinkLocalIPv6",
	[KEY_RESYNC_INTERVAL] = "resyncInterval",
	[KEY_MASQUERADE_CIDRS] = "masqueradeCIDRs",
	[KEY_ENABLE_IPV6] = "enableIPv6",
	[KEY_RANDOM_FULLY] = "randomFully",
	[KEY_TO_PORTS] = "toPorts",
	[KEY_NOMASQ_ALL_RESERVED_RANGES] = "noMasqAllReservedRanges",
	[KEY_SOURCE_CIDRS] = "sourceCIDRs",
	[KEY_OUTPUT_INTERFACES] = "outputInterfaces",
	[KEY_SNAT_ADDRESSES] = "snatAddresses",
	[KEY_APPLY_TO_EXISTING] = "applyToExisting",
};

/**
 * config_describe() - what a value is, for "found ..."
 * @node: the value
 *
 * Return: the text, which the caller frees, or NULL without memory.
 */
char *config_describe(const struct config_node *node)
{
	char *quoted;
	char *text = NULL;
	int length = -1;

	switch (node->kind) {
	case CONFIG_NULL:
		return strdup(node->length ? "null" : "no value");
	case CONFIG_SEQUENCE:
		return strdup("a list");
	case CONFIG_MAPPING:
		return strdup("a mapping");
	case CONFIG_BOOL:
		return strdup(node->truth ? "the boolean true" : "the boolean false");
	case CONFIG_NUMBER:
		length = asprintf(&text, "the number %.*s%s",
				  node->length > SHOWN ? SHOWN : (int)node->length, node->text,
				  node->length > SHOWN ? "..." : "");
		return length < 0 ? NULL : text;
	default:
		quoted = text_quote(node->text, node->length, SHOWN);
		if (quoted)
			length = asprintf(&text, "the text %s", quoted);
		free(quoted);
		return length < 0 ? NULL : text;
	}
}

static int complain(struct config_source *source, enum config_key key, const char *kind,
		    const struct config_node *value, const char *expected)
{
	char *found = config_describe(value);

	config_complain(source, value->offset, "%s is no %s (found %s), expected %s",
			config_key_names[key], kind, found ? found : "something else", expected);
	free(found);
	return -EINVAL;
}

static bool is_one_of(const struct config_node *node, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strlen(words[i]) == node->length &&
		    !strncasecmp(words[i], node->text, node->length))
			return true;
	}
	return false;
}

static int read_bool(struct config_source *source, enum config_key key,
		     const struct config_node *value, bool *truth)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on", "off" };

	if (value->kind == CONFIG_BOOL) {
		*truth = value->truth;
		return 0;
	}
	if (value->kind == CONFIG_TEXT && is_one_of(value, words, 6))
		return complain(source, key, "boolean", value, "true or false, without quotes");
	return complain(source, key, "boolean", value, "true or false");
}

/* A float goes through JSON as its shortest decimal text, without a fraction or
 * an exponent below 1e21, and is then read as an integer.
 */
static int float_to_integer(double value, int64_t *integer)
{
	char shortest[40];
	char digits[48];
	char *exponent;
	size_t used = 0;
	int precision, power, i;

	if (!(value > -1e21 && value < 1e21))
		return -EINVAL;
	/* From 2^53 on every float is whole. */
	if (value > -0x1p53 && value < 0x1p53 && value != (double)(int64_t)value)
		return -EINVAL;
	for (precision = 0; precision < 17; precision++) {
		snprintf(shortest, sizeof(shortest), "%.*e", precision, value);
		if (strtod(shortest, NULL) == value)
			break;
	}
	exponent = strchr(shortest, 'e');
	if (!exponent)
		return -EINVAL;
	*exponent = '\0';
	power = atoi(exponent + 1);
	for (i = 0; shortest[i]; i++) {
		if (shortest[i] == '.')
			continue;
		digits[used++] = shortest[i];
	}
	for (i = precision; i < power; i++)
		digits[used++] = '0';
	digits[used] = '\0';
	errno = 0;
	*integer = strtoll(digits, NULL, 10);
	return errno ? -ERANGE : 0;
}

static int literal_to_integer(const struct config_node *value, int64_t *integer)
{
	if (strspn(value->text, "-0123456789") != value->length)
		return -EINVAL;
	errno = 0;
	*integer = strtoll(value->text, NULL, 10);
	return errno ? -ERANGE : 0;
}

static int read_integer(struct config_source *source, enum config_key key,
			const struct config_node *value, int64_t *integer)
{
	int result = -ERANGE;

	if (value->kind != CONFIG_NUMBER)
		return complain(source, key, "number", value,
				value->kind == CONFIG_TEXT && value->length &&
				strspn(value->text, "0123456789") == value->length ?
				"a whole number, without quotes" : "a whole number");
	switch (value->number) {
	case CONFIG_SIGNED:
		*integer = value->signed_value;
		return 0;
	case CONFIG_FLOAT:
		result = float_to_integer(value->float_value, integer);
		break;
	case CONFIG_LITERAL:
		result = literal_to_integer(value, integer);
		break;
	default:
		break;
	}
	if (result == -ERANGE)
		return complain(source, key, "number that fits", value,
				"at most 9223372036854775807");
	if (result)
		return complain(source, key, "whole number", value, "one without a fraction");
	return 0;
}

static int read_duration(struct config_source *source, enum config_key key,
			 const struct config_node *value, int64_t *nanoseconds)
{
	const char *reason = NULL;
	char *quoted;

	if (value->kind == CONFIG_NUMBER)
		return complain(source, key, "duration", value, "text with a unit, as in 60s");
	if (value->kind != CONFIG_TEXT)
		return complain(source, key, "duration", value, "text, as in 60s or 1h30m");
	if (!duration_parse(value->text, value->length, nanoseconds, &reason)) {
		/* Taken as the reference agent takes it, which would then do nothing else. */
		if (*nanoseconds < CONFIG_RESYNC_MIN)
			config_report(source, CONFIG_WARNING, value->offset,
				      "%s is below a second (found %.*s), 1s is used instead",
				      config_key_names[key], (int)value->length, value->text);
		return 0;
	}
	quoted = text_quote(value->text, value->length, SHOWN);
	config_complain(source, value->offset,
			"%s is no duration (found %s: %s), expected numbers with the units h, m, s, ms, us or ns, as in 60s or 1h30m",
			config_key_names[key], quoted ? quoted : "something else", reason);
	free(quoted);
	return -EINVAL;
}

static int read_ports(struct config_source *source, enum config_key key,
		      const struct config_node *value, struct config_fields *fields)
{
	char *error = NULL;
	int result;

	free(fields->port_ranges);
	fields->port_ranges = NULL;
	fields->port_range_count = 0;
	if (value->kind == CONFIG_NUMBER)
		return complain(source, key, "text", value, "it in quotes");
	if (value->kind != CONFIG_TEXT || strlen(value->text) != value->length)
		return complain(source, key, "port list", value,
				"text, as in \"1024-29999,32768-65535\"");
	/* As with the flag: an empty text is no restriction. */
	if (!value->length)
		return 0;
	result = port_ranges_parse(value->text, &fields->port_ranges, &fields->port_range_count,
				   &error);
	if (result == -EINVAL)
		config_complain(source, value->offset, "%s: %s", config_key_names[key],
				error ? error : "no port list");
	free(error);
	return result;
}

/**
 * config_read_scalar() - read the value of a key that is no list
 * @source: the file
 * @key: the key
 * @value: its value
 * @fields: where it goes; given is left to the caller
 *
 * Return: 0, -EINVAL after it reported why, or -ENOMEM.
 */
int config_read_scalar(struct config_source *source, enum config_key key,
		       const struct config_node *value, struct config_fields *fields)
{
	switch (key) {
	case KEY_CIDR_LIMIT:
		return read_integer(source, key, value, &fields->cidr_limit);
	case KEY_RESYNC_INTERVAL:
		return read_duration(source, key, value, &fields->resync_interval);
	case KEY_TO_PORTS:
		return read_ports(source, key, value, fields);
	default:
		return read_bool(source, key, value, &fields->truth[key]);
	}
}

static const char *item_expected(enum config_key key)
{
	switch (key) {
	case KEY_OUTPUT_INTERFACES:
		return "the name of an interface, as in eth0 or eth*";
	case KEY_SNAT_ADDRESSES:
		return "an address, a range, or PREFIX: ADDRESSES, as in 192.0.2.1-192.0.2.9";
	default:
		return "a prefix, as in 10.0.0.0/8";
	}
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
int config_check_items(struct config_source *source, enum config_key key,
		       const struct config_node *value)
{
	const struct config_node *item;
	int result = 0;

	if (value->kind == CONFIG_TEXT && memchr(value->text, '\n', value->length))
		return complain(source, key, "list", value,
				"items on the lines below that start with \"- \", and no | or >");
	if (value->kind != CONFIG_SEQUENCE)
		return complain(source, key, "list", value,
				"items on the lines below that start with \"- \", or between [ and ]");
	for (item = value->first; item; item = item->next) {
		const struct config_node *text = config_follow(item);
		char *found;

		if (text->kind == CONFIG_TEXT ||
		    (text->kind == CONFIG_MAPPING && key == KEY_SNAT_ADDRESSES))
			continue;
		found = config_describe(text);
		config_complain(source, item->offset,
				"an item of %s is no text (found %s), expected %s",
				config_key_names[key], found ? found : "something else",
				item_expected(key));
		free(found);
		result = -EINVAL;
	}
	return result;
}

/* The prefix that was probably meant; NULL where it cannot be told. */
static const char *suggest_prefix(const char *text, size_t length, char room[CIDR_TEXT_MAX])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *slash;
	struct cidr cidr;
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
	cidr_mask(&cidr);
	return cidr_format(&cidr, room);
}

static void complain_prefix(struct config_source *source, const struct config_node *item,
			    const struct config_node *text, const char *reason)
{
	char *quoted = text_quote(text->text, text->length, SHOWN);
	char room[CIDR_TEXT_MAX];
	const char *suggestion = suggest_prefix(text->text, text->length, room);

	config_complain(source, item->offset, "%s is no prefix (%s), expected %s",
			quoted ? quoted : "the item", reason,
			suggestion ? suggestion : "one as in 10.0.0.0/8 or 2001:db8::/32");
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
bool config_allow_family(struct config_source *source, enum config_key key, size_t offset,
			 const struct cidr *cidr, const struct config_node *text,
			 bool enable_ipv6)
{
	if (cidr->family != AF_INET6 || enable_ipv6)
		return true;
	config_complain(source, offset,
			"%s has an IPv6 %s (found %.*s) and IPv6 is off, expected --enable-ipv6 or enableIPv6: true with it",
			config_key_names[key], memchr(text->text, '/', text->length) ? "prefix" : "address",
			(int)text->length, text->text);
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
		reason = "it is empty";
	else if (text->length >= POLICY_INTERFACE_SIZE)
		reason = "it is longer than 15 characters";
	else if (text->length <= 2 && !memcmp(text->text, "..", text->length))
		reason = "no interface has that name";
	for (i = 0; i < text->length && !reason; i++) {
		if (text->text[i] <= ' ' || text->text[i] > '~' || strchr("/:", text->text[i]))
			reason = "a name has no blanks, no / and no :";
	}
	if (!reason)
		return 0;
	quoted = text_quote(text->text, text->length, SHOWN);
	config_complain(source, item->offset, "%s is no interface (%s), expected %s",
			quoted ? quoted : "the item", reason, item_expected(KEY_OUTPUT_INTERFACES));
	free(quoted);
	return -EINVAL;
}

static int check_item(struct config_source *source, enum config_key key,
		      const struct config_node *item, bool enable_ipv6, struct cidr *cidr)
{
	const struct config_node *text = config_follow(item);

	if (key == KEY_OUTPUT_INTERFACES)
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
int config_read_list(struct config_source *source, enum config_key key,
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
