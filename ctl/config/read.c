// SPDX-License-Identifier: GPL-2.0-or-later
/* One file as a configuration. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

static int read_source(struct config_source *source, struct config *config)
{
	struct config_source *const sources[] = { source };
	struct config_outlook outlook = config_outlook_of(source->flags);
	struct config_fields fields = { 0 };
	int result = config_read_fields(source, &outlook, &fields);

	if (result != -ENOMEM && config_check_conflicts(sources, &fields) == -ENOMEM)
		result = -ENOMEM;
	if (!result)
		result = config_add_file(config, source->path);
	config_report_unsaid(source);
	if (!result)
		result = config_resolve_fields(source->flags, &fields, config);
	config_fields_clear(&fields);
	return result;
}

static int read_object(struct config_source *source, struct config *config)
{
	struct config_object object;
	int result = config_object_read(source, &object);

	if (!result && !object.count)
		result = read_source(source, config);
	else if (!result && object.is_directory)
		result = config_merge(source->path, source->flags, &object, config);
	else if (!result)
		result = read_source(&object.files[0], config);
	config_object_clear(&object);
	return result;
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
	size_t errors = problems->errors;
	int result;

	memset(config, 0, sizeof(*config));
	result = config_source_read(&source);
	if (result == -ENOENT) {
		struct config_fields nothing = { 0 };

		config->from_defaults = true;
		result = config_resolve_fields(flags, &nothing, config);
	} else if (!result) {
		result = flags->config_map ? read_object(&source, config) :
					     read_source(&source, config);
	}
	if (!result && problems->errors != errors)
		result = -EINVAL;
	if (result)
		config_clear(config);
	config_source_clear(&source);
	return result;
}
