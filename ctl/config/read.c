// SPDX-License-Identifier: GPL-2.0-or-later
/* One file as a configuration. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

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
 * config_read() - read one file
 * @path: the file
 * @flags: the command line's part
 * @config: is overwritten; config_clear() frees it. Empty after an error
 * @problems: gets what is wrong, and warnings; config_problems_clear() frees it
 *
 * As with the reference agent a file that does not exist, which a dangling
 * symbolic link is too, means the defaults. Never waits for anything; memory
 * stays below 64 MiB whatever the file holds.
 *
 * Return: 0; -EINVAL with problems that say why; another negative errno, said in
 * the problems as well, where the file cannot be read; -ENOMEM.
 */
int config_read(const char *path, const struct config_flags *flags, struct config *config,
		struct config_problems *problems)
{
	struct config_source source = { .path = path, .flags = flags, .problems = problems };
	struct config_source *const sources[] = { &source };
	struct config_outlook outlook = config_outlook_of(flags);
	struct config_fields fields = { 0 };
	size_t errors = problems->errors;
	int result;

	memset(config, 0, sizeof(*config));
	result = config_source_read(&source);
	if (result == -ENOENT) {
		config->from_defaults = true;
		result = 0;
	} else if (!result) {
		result = config_read_fields(&source, &outlook, &fields);
		if (result != -ENOMEM && config_check_conflicts(sources, &fields) == -ENOMEM)
			result = -ENOMEM;
		if (!result)
			result = config_add_file(config, path);
	}
	config_report_unsaid(&source);
	if (!result && problems->errors != errors)
		result = -EINVAL;
	if (!result)
		result = config_resolve_fields(flags, &fields, config);
	if (result)
		config_clear(config);
	config_fields_clear(&fields);
	config_source_clear(&source);
	return result;
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
