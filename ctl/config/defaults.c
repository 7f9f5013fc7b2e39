// SPDX-License-Identifier: GPL-2.0-or-later
/* A configuration: the defaults, the flags over them, the keys of the files over both. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* The reference agent's defaults: RFC 1918, and what else RFCs reserve. */
static const char *const default_cidrs[] = {
	"10.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"100.64.0.0/10",	/* RFC 6598 */
	"192.0.0.0/24",		/* RFC 6890 */
	"192.0.2.0/24",		/* RFC 5737 */
	"192.88.99.0/24",	/* RFC 7526 */
	"198.18.0.0/15",	/* RFC 6815 */
	"198.51.100.0/24",	/* RFC 5737 */
	"203.0.113.0/24",	/* RFC 5737 */
	"240.0.0.0/4",		/* RFC 5735, RFC 3232 */
};

#define PRIVATE_COUNT 3

/**
 * config_default_count() - entries of nonMasqueradeCIDRs where no file sets it
 * @all_reserved_ranges: --nomasq-all-reserved-ranges
 */
size_t config_default_count(bool all_reserved_ranges)
{
	return all_reserved_ranges ? sizeof(default_cidrs) / sizeof(default_cidrs[0]) :
				     PRIVATE_COUNT;
}

/* Return whether a list of a file overrides a default. */
static bool is_overruled(const struct config *config, const struct cidr *cidr)
{
	const struct config_list *masquerade = &config->value[SETTING_MASQUERADE_CIDRS].list;
	const struct config_pools *pools = &config->value[SETTING_SNAT_ADDRESSES].pools;
	size_t i;

	for (i = 0; i < masquerade->count; i++) {
		if (!cidr_compare(&masquerade->items[i].cidr, cidr))
			return true;
	}
	for (i = 0; i < pools->count; i++) {
		if (pools->list[i].destination.text &&
		    !cidr_compare(&pools->list[i].destination.cidr, cidr))
			return true;
	}
	return false;
}

static int add_default_cidrs(struct config *config, bool all_reserved_ranges)
{
	struct config_list *list = &config->value[SETTING_NON_MASQUERADE_CIDRS].list;
	size_t count = config_default_count(all_reserved_ranges);
	size_t i;

	list->items = calloc(count, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		struct config_item *entry = &list->items[list->count];
		int result = cidr_parse(default_cidrs[i], strlen(default_cidrs[i]), &entry->cidr,
					NULL);

		if (result)
			return result;
		if (is_overruled(config, &entry->cidr))
			continue;
		entry->text = strdup(default_cidrs[i]);
		if (!entry->text)
			return -ENOMEM;
		entry->file = -1;
		list->count++;
	}
	return 0;
}

/**
 * config_outlook_of() - what holds for keys that no file gives
 * @flags: the command line's part
 */
struct config_outlook config_outlook_of(const struct config_flags *flags)
{
	return (struct config_outlook) {
		.enable_ipv6 = flags->value[SETTING_ENABLE_IPV6].truth,
		.cidr_limit = setting_table[SETTING_CIDR_LIMIT].initial,
		.default_cidrs = config_default_count(
			flags->value[SETTING_NOMASQ_ALL_RESERVED_RANGES].truth),
	};
}

/**
 * config_ports_copy() - copy a list of ports
 * @to: is empty, and filled
 * @from: is copied
 *
 * Return: 0 or -ENOMEM.
 */
int config_ports_copy(struct config_ports *to, const struct config_ports *from)
{
	if (!from->count)
		return 0;
	to->ranges = calloc(from->count, sizeof(*to->ranges));
	if (!to->ranges)
		return -ENOMEM;
	memcpy(to->ranges, from->ranges, from->count * sizeof(*to->ranges));
	to->count = from->count;
	return 0;
}

/* The value of a setting that no file gives. */
static int take_default(const struct config_flags *flags, struct config *config, enum setting key)
{
	const struct setting_row *row = &setting_table[key];
	union config_value *value = &config->value[key];

	switch (row->type) {
	case SETTING_TYPE_BOOL:
		value->truth = flags->value[key].truth;
		return 0;
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		value->number = flags->value[key].number ? flags->value[key].number : row->initial;
		return 0;
	case SETTING_TYPE_PORTS:
		return config_ports_copy(&value->ports, &flags->value[key].ports);
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
	case SETTING_TYPE_POOLS:
		break;
	}
	return 0;
}

/**
 * config_resolve_fields() - combine defaults, files and flags
 * @flags: the command line's part; a key of a file overrides it
 * @fields: what the files say; lists are taken out of it
 * @config: is filled in; files are left to the caller
 *
 * Return: 0 or -ENOMEM.
 */
int config_resolve_fields(const struct config_flags *flags, struct config_fields *fields,
			  struct config *config)
{
	int i;

	config->given = fields->given;
	config->cidrs_null = fields->cidrs_null;
	for (i = 0; i < SETTING_COUNT; i++) {
		if (!config_has(fields, (enum setting)i)) {
			if (take_default(flags, config, (enum setting)i))
				return -ENOMEM;
			continue;
		}
		config->value[i] = fields->value[i];
		memset(&fields->value[i], 0, sizeof(fields->value[i]));
	}
	if (config_has(fields, SETTING_NON_MASQUERADE_CIDRS))
		return 0;
	return add_default_cidrs(config, config->value[SETTING_NOMASQ_ALL_RESERVED_RANGES].truth);
}

/**
 * config_values_clear() - free values
 * @value: of each setting; are empty afterwards
 */
void config_values_clear(union config_value value[SETTING_COUNT])
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		switch (setting_table[i].type) {
		case SETTING_TYPE_PORTS:
			free(value[i].ports.ranges);
			break;
		case SETTING_TYPE_CIDRS:
		case SETTING_TYPE_INTERFACES:
			config_list_clear(&value[i].list);
			break;
		case SETTING_TYPE_POOLS:
			config_pools_clear(&value[i].pools);
			break;
		case SETTING_TYPE_BOOL:
		case SETTING_TYPE_INTEGER:
		case SETTING_TYPE_DURATION:
			break;
		}
	}
	memset(value, 0, SETTING_COUNT * sizeof(*value));
}

/**
 * config_add_file() - note the path of a file that was read
 * @config: the configuration
 * @path: is copied
 *
 * Return: 0 or -ENOMEM.
 */
int config_add_file(struct config *config, const char *path)
{
	char **files = reallocarray(config->files, config->file_count + 1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	config->files = files;
	files[config->file_count] = strdup(path);
	if (!files[config->file_count])
		return -ENOMEM;
	config->file_count++;
	return 0;
}

/**
 * config_clear() - free what config_read() made
 * @config: is empty afterwards
 */
void config_clear(struct config *config)
{
	size_t i;

	config_values_clear(config->value);
	for (i = 0; i < config->file_count; i++)
		free(config->files[i]);
	free(config->files);
	memset(config, 0, sizeof(*config));
}
