/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_H
#define IPMASQ_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cidr.h"
#include "ports.h"

#define CONFIG_PATH_DEFAULT "/etc/config/ip-masq-agent"

/* Nanoseconds: a shorter resyncInterval is taken for this. */
#define CONFIG_RESYNC_MIN (INT64_C(1000) * 1000 * 1000)

/**
 * struct config_flags - the command line's part of the configuration
 * @enable_ipv6: --enable-ipv6
 * @nomasq_all_reserved_ranges: --nomasq-all-reserved-ranges
 * @random_fully: --random-fully, on unless it is switched off
 * @strict: warnings are errors: an unknown or duplicate key, an ignored rest of
 *	the file
 * @config_map: config_read() reads what a whole ConfigMap object holds
 * @standard_input: config_read() reads that, and its path is a name for messages
 * @port_ranges: --to-ports; borrowed, must outlive the call
 * @port_range_count: ranges in @port_ranges
 */
struct config_flags {
	bool enable_ipv6;
	bool nomasq_all_reserved_ranges;
	bool random_fully;
	bool strict;
	bool config_map;
	bool standard_input;
	const struct port_range *port_ranges;
	size_t port_range_count;
};

/**
 * struct config_item - an item of a list as it was written
 * @text: the text of the file
 * @cidr: what it means; nothing for the pattern of an interface
 * @file: index into config.files, -1 for a default
 * @line: line in that file, from 1; 0 for a default
 * @offset: byte of that file's text at which it stands
 */
struct config_item {
	char *text;
	struct cidr cidr;
	int file;
	int line;
	uint32_t offset;
};

/**
 * struct config_range - source addresses as they were written
 * @text: ADDRESS or ADDRESS-ADDRESS
 * @first: host prefix
 * @last: the same or a later one, of the same family
 * @file: index into config.files
 * @line: line in that file, from 1
 * @offset: byte of that file's text at which it stands
 */
struct config_range {
	char *text;
	struct cidr first;
	struct cidr last;
	int file;
	int line;
	uint32_t offset;
};

/**
 * struct config_pool - source addresses for a destination
 * @destination: the destination; its text is NULL in the pool for all others
 * @ranges: the addresses; owned
 * @count: of @ranges
 */
struct config_pool {
	struct config_item destination;
	struct config_range *ranges;
	size_t count;
};

#define CONFIG_OWN_MASQUERADE_CIDRS		(1U << 0)
#define CONFIG_OWN_ENABLE_IPV6			(1U << 1)
#define CONFIG_OWN_RANDOM_FULLY			(1U << 2)
#define CONFIG_OWN_TO_PORTS			(1U << 3)
#define CONFIG_OWN_NOMASQ_ALL_RESERVED_RANGES	(1U << 4)
#define CONFIG_OWN_SOURCE_CIDRS			(1U << 5)
#define CONFIG_OWN_OUTPUT_INTERFACES		(1U << 6)
#define CONFIG_OWN_SNAT_ADDRESSES		(1U << 7)
#define CONFIG_OWN_APPLY_TO_EXISTING		(1U << 8)

/**
 * struct config - a resolved configuration, defaults filled in
 * @from_defaults: there was no file
 * @cidrs_null: nonMasqueradeCIDRs was given as null
 * @own_keys: which of the keys that the reference agent does not have were given
 * @pools: of snatAddresses, one for each destination, in the order of
 *	cidr_compare() after the one for all others
 * @apply_to_existing: changes apply to established connections too
 */
struct config {
	bool from_defaults;
	bool cidrs_null;
	unsigned int own_keys;		/* CONFIG_OWN_* */
	struct config_item *non_masquerade_cidrs;
	size_t non_masquerade_count;
	struct config_item *masquerade_cidrs;
	size_t masquerade_count;
	struct config_item *source_cidrs;
	size_t source_count;
	struct config_item *output_interfaces;
	size_t interface_count;
	struct config_pool *pools;
	size_t pool_count;
	int64_t cidr_limit;
	bool masq_link_local;
	bool masq_link_local_ipv6;
	int64_t resync_interval;	/* nanoseconds */
	bool enable_ipv6;
	bool random_fully;
	bool apply_to_existing;
	struct port_range *port_ranges;
	size_t port_range_count;
	char **files;			/* paths read */
	size_t file_count;
};

enum config_severity { CONFIG_WARNING, CONFIG_ERROR };

/**
 * struct config_problem - an error or a warning about a file
 * @line: from 1; 0 where no place can be named
 * @column: from 1, in characters; 0 where none can be named
 * @message: what is wrong with the value in quotes; what would be right
 * @source: the offending line of the file, NULL if there is none; a part of it,
 *	between "...", where it is long
 * @caret: the column within @source, from 1; 0 for none
 */
struct config_problem {
	enum config_severity severity;
	char *file;
	int line;
	int column;
	char *message;
	char *source;
	int caret;
};

struct config_problems {
	struct config_problem *list;
	size_t count;
	size_t errors;
};

/* Reads one file. Returns 0, or -EINVAL with problems that say why, or another
 * negative errno where the file cannot be read (said in problems too). A file
 * that does not exist is 0 with the defaults and from_defaults set. problems may
 * hold warnings after success. Memory stays bounded whatever the file holds. */
int config_read(const char *path, const struct config_flags *flags,
		struct config *config, struct config_problems *problems);

/* Reads and merges every ip-masq-* file of a directory. */
int config_read_directory(const char *path, const struct config_flags *flags,
			  struct config *config, struct config_problems *problems);

size_t config_pool_addresses(const struct config_pool *pool, struct cidr *addresses, size_t room,
			     const struct config_range **beyond);

void config_clear(struct config *config);
void config_problems_clear(struct config_problems *problems);

/* "file:line:column: error: message", the line and a caret below it; the caller
 * frees the text. */
char *config_problem_format(const struct config_problem *problem);

#endif
