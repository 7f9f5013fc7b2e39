// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes of a configuration file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"
#include "text.h"

static int refuse_errno(struct config_source *source, const char *what, int error)
{
	config_complain(source, CONFIG_NOWHERE, "cannot %s: %s", what, strerror(error));
	return -error;
}

static int read_all(struct config_source *source, int descriptor, size_t expected)
{
	size_t room = expected + 1;

	source->data = malloc(room);
	if (!source->data)
		return -ENOMEM;
	for (;;) {
		ssize_t got = read(descriptor, source->data + source->length,
				   room - source->length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return refuse_errno(source, "read the file", errno);
		if (!got)
			return 0;
		source->length += (size_t)got;
		if (source->length == room) {
			char *larger = realloc(source->data, room *= 2);

			if (!larger)
				return -ENOMEM;
			source->data = larger;
		}
		if (source->length > CONFIG_FILE_MAX) {
			config_complain(source, CONFIG_NOWHERE,
					"file too large (more than %zu MiB; a ConfigMap has at most 1 MiB)",
					CONFIG_FILE_MAX >> 20);
			return -EINVAL;
		}
	}
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "a special file";
	}
}

/* libyaml takes UTF-16 too, so a message has to find its lines. What is no
 * character becomes a question mark: libyaml has refused it by then.
 */
static int convert_utf16(struct config_source *source)
{
	const unsigned char *data = (const unsigned char *)source->data;
	size_t low = data[0] == 0xff ? 0 : 1;
	size_t i;

	source->converted = malloc(source->length * 2 + 4);
	if (!source->converted)
		return -ENOMEM;
	source->text = source->converted;
	for (i = 2; i + 1 < source->length; i += 2) {
		uint32_t unit = (uint32_t)(data[i + low] | data[i + 1 - low] << 8);
		uint32_t next = 0;

		if (i + 3 < source->length)
			next = (uint32_t)(data[i + 2 + low] | data[i + 3 - low] << 8);
		if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
			unit = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
			i += 2;
		} else if (unit >= 0xd800 && unit < 0xe000) {
			unit = '?';
		}
		source->text_length += utf8_encode(unit, source->text + source->text_length);
	}
	return 0;
}

static int find_text(struct config_source *source)
{
	if (source->length >= 2 && (!memcmp(source->data, "\xff\xfe", 2) ||
				    !memcmp(source->data, "\xfe\xff", 2)))
		return convert_utf16(source);
	source->text = source->data;
	source->text_length = source->length;
	if (config_begins_with_mark(source->data, source->length)) {
		source->text += strlen(CONFIG_BYTE_ORDER_MARK);
		source->text_length -= strlen(CONFIG_BYTE_ORDER_MARK);
	}
	return 0;
}

/* Never waits: a FIFO, like anything that is no regular file, is refused. */
static int read_file(struct config_source *source)
{
	struct stat status;
	int descriptor;
	int result;

	descriptor = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0) {
		if (errno == ENOENT)
			return -ENOENT;
		if (errno == ENXIO) {
			config_complain(source, CONFIG_NOWHERE,
					"a socket or a device, not a regular file");
			return -EINVAL;
		}
		return refuse_errno(source, "open the file", errno);
	}
	if (fstat(descriptor, &status)) {
		result = refuse_errno(source, "read the file", errno);
		goto close;
	}
	if (!S_ISREG(status.st_mode)) {
		config_complain(source, CONFIG_NOWHERE, "%s, not a regular file",
				type_name(status.st_mode));
		result = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
		goto close;
	}
	if (status.st_size > (off_t)CONFIG_FILE_MAX) {
		config_complain(source, CONFIG_NOWHERE,
				"file too large (%lld bytes, at most %zu MiB; a ConfigMap has at most 1 MiB)",
				(long long)status.st_size, CONFIG_FILE_MAX >> 20);
		result = -EINVAL;
		goto close;
	}
	result = read_all(source, descriptor, (size_t)status.st_size);
close:
	close(descriptor);
	return result;
}

/**
 * config_source_read() - read the file's bytes
 * @source: with path, flags and problems set; config_source_clear() frees it
 *
 * Waits for standard input alone, where the flags ask for it.
 *
 * Return: 0, -ENOENT where there is no file (which is not reported), another
 * negative errno after it was reported, or -ENOMEM.
 */
int config_source_read(struct config_source *source)
{
	int result = source->flags->standard_input ? read_all(source, STDIN_FILENO, 0) :
						     read_file(source);

	if (!result)
		result = find_text(source);
	return result ? result : config_source_index(source);
}
