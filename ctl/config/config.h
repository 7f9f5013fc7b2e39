/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_H
#define IPMASQ_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cidr.h"
#include "ports.h"
#include "setting.h"

#define CONFIG_PATH_DEFAULT "/etc/config/ip-masq-agent"

/* How the names of a directory's files begin, as for ip-masq-agent-v2. */
#define CONFIG_FILE_PREFIX "ip-masq"

/* Nanoseconds: a shorter resyncInterval is taken for this. */
#define CONFIG_RESYNC_MIN (INT64_C(1000) * 1000 * 1000)

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

/**
 * struct config_ports - the value of toPorts
 * @ranges: owned
 * @count: how many; 0 for no restriction
 */
struct config_ports {
	struct port_range *ranges;
	size_t count;
};

/**
 * struct config_list - a list of CIDRs, or of interfaces
 * @items: the entries; owned
 * @count: how many
 */
struct config_list {
	struct config_item *items;
	size_t count;
};

/**
 * struct config_pools - the value of snatAddresses
 * @list: one pool for each destination, in the order of cidr_compare() after the one
 *	for all others; owned
 * @count: how many
 */
struct config_pools {
	struct config_pool *list;
	size_t count;
};

/**
 * union config_value - the value of a setting
 * @truth: of SETTING_TYPE_BOOL
 * @number: of SETTING_TYPE_INTEGER and, in nanoseconds, SETTING_TYPE_DURATION
 * @ports: of SETTING_TYPE_PORTS
 * @list: of SETTING_TYPE_CIDRS and SETTING_TYPE_INTERFACES
 * @pools: of SETTING_TYPE_POOLS
 */
union config_value {
	bool truth;
	int64_t number;
	struct config_ports ports;
	struct config_list list;
	struct config_pools pools;
};

/**
 * struct config_flags - the command line's part of the configuration
 * @value: what holds for bools and for ports that no file gives; ports are borrowed
 * @strict: warnings are errors: an unknown or duplicate key, an ignored rest of
 *	the file
 * @config_map: config_read() reads what a whole ConfigMap object holds
 * @standard_input: config_read() reads that, and its path is a name for messages
 */
struct config_flags {
	union config_value value[SETTING_COUNT];
	bool strict;
	bool config_map;
	bool standard_input;
};

/**
 * struct config - a resolved configuration, defaults filled in
 * @from_defaults: there was no file
 * @cidrs_null: nonMasqueradeCIDRs was given as null
 * @given: a bit for each enum setting that a file gives
 * @value: of each setting
 * @files: paths read; owned
 * @file_count: how many
 */
struct config {
	bool from_defaults;
	bool cidrs_null;
	unsigned int given;
	union config_value value[SETTING_COUNT];
	char **files;
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
