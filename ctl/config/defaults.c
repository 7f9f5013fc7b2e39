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
#define CIDR_LIMIT_DEFAULT 64
#define RESYNC_INTERVAL_DEFAULT (INT64_C(60) * 1000000000)

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
	size_t i;

	for (i = 0; i < config->masquerade_count; i++) {
		if (!cidr_compare(&config->masquerade_cidrs[i].cidr, cidr))
			return true;
	}
	for (i = 0; i < config->pool_count; i++) {
		if (config->pools[i].destination.text &&
		    !cidr_compare(&config->pools[i].destination.cidr, cidr))
			return true;
	}
	return false;
}

static int add_default_cidrs(struct config *config, bool all_reserved_ranges)
{
	size_t count = config_default_count(all_reserved_ranges);
	size_t i;

	config->non_masquerade_cidrs = calloc(count, sizeof(*config->non_masquerade_cidrs));
	if (!config->non_masquerade_cidrs)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		struct config_item *entry =
			&config->non_masquerade_cidrs[config->non_masquerade_count];
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
		config->non_masquerade_count++;
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
		.enable_ipv6 = flags->enable_ipv6,
		.cidr_limit = CIDR_LIMIT_DEFAULT,
		.default_cidrs = config_default_count(flags->nomasq_all_reserved_ranges),
	};
}

static bool choose(const struct config_fields *fields, enum config_key key, bool otherwise)
{
	return config_has(fields, key) ? fields->truth[key] : otherwise;
}

static int choose_ports(const struct config_flags *flags, struct config_fields *fields,
			struct config *config)
{
	if (config_has(fields, KEY_TO_PORTS)) {
		config->port_ranges = fields->port_ranges;
		config->port_range_count = fields->port_range_count;
		fields->port_ranges = NULL;
		fields->port_range_count = 0;
		return 0;
	}
	if (!flags->port_range_count)
		return 0;
	config->port_ranges = calloc(flags->port_range_count, sizeof(*config->port_ranges));
	if (!config->port_ranges)
		return -ENOMEM;
	memcpy(config->port_ranges, flags->port_ranges,
	       flags->port_range_count * sizeof(*config->port_ranges));
	config->port_range_count = flags->port_range_count;
	return 0;
}

static void take_list(struct config_list *list, struct config_item **items, size_t *count)
{
	*items = list->items;
	*count = list->count;
	memset(list, 0, sizeof(*list));
}

static unsigned int own_keys(const struct config_fields *fields)
{
	/* The bits of CONFIG_OWN_* are in the order of the keys. */
	return fields->given >> KEY_MASQUERADE_CIDRS;
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
	int result;

	config->cidr_limit = config_has(fields, KEY_CIDR_LIMIT) ? fields->cidr_limit :
								  CIDR_LIMIT_DEFAULT;
	config->resync_interval = config_has(fields, KEY_RESYNC_INTERVAL) ?
				  fields->resync_interval : RESYNC_INTERVAL_DEFAULT;
	config->masq_link_local = choose(fields, KEY_MASQ_LINK_LOCAL, false);
	config->masq_link_local_ipv6 = choose(fields, KEY_MASQ_LINK_LOCAL_IPV6, false);
	config->enable_ipv6 = choose(fields, KEY_ENABLE_IPV6, flags->enable_ipv6);
	config->random_fully = choose(fields, KEY_RANDOM_FULLY, flags->random_fully);
	config->own_keys = own_keys(fields);
	config->cidrs_null = fields->cidrs_null;
	config->apply_to_existing = choose(fields, KEY_APPLY_TO_EXISTING, false);
	take_list(&fields->masquerade, &config->masquerade_cidrs, &config->masquerade_count);
	take_list(&fields->sources, &config->source_cidrs, &config->source_count);
	take_list(&fields->interfaces, &config->output_interfaces, &config->interface_count);
	config->pools = fields->pools.list;
	config->pool_count = fields->pools.count;
	memset(&fields->pools, 0, sizeof(fields->pools));
	result = choose_ports(flags, fields, config);
	if (result)
		return result;
	if (config_has(fields, KEY_NON_MASQUERADE_CIDRS)) {
		take_list(&fields->non_masquerade, &config->non_masquerade_cidrs,
			  &config->non_masquerade_count);
		return 0;
	}
	return add_default_cidrs(config, choose(fields, KEY_NOMASQ_ALL_RESERVED_RANGES,
						flags->nomasq_all_reserved_ranges));
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
	struct config_list lists[] = {
		{ config->non_masquerade_cidrs, config->non_masquerade_count },
		{ config->masquerade_cidrs, config->masquerade_count },
		{ config->source_cidrs, config->source_count },
		{ config->output_interfaces, config->interface_count },
	};
	struct config_pools pools = { config->pools, config->pool_count };
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		config_list_clear(&lists[i]);
	config_pools_clear(&pools);
	for (i = 0; i < config->file_count; i++)
		free(config->files[i]);
	free(config->port_ranges);
	free(config->files);
	memset(config, 0, sizeof(*config));
}
