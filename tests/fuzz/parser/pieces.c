// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reader of lines, with its read() answered from memory. It is included here to
 * have no file in between, which would take most of the time.
 */
#include <sys/types.h>

static ssize_t read_memory(int descriptor, void *buffer, size_t room);

#include <unistd.h>
#define read read_memory
#include "../../../ctl/lib/entry_file.c"
#undef read

#include "pieces.h"

static struct {
	const char *next;
	size_t left;
	size_t piece;
} file;

/**
 * pieces_begin() - what the next reads get, whatever their descriptor
 * @data: the file; borrowed
 * @size: bytes of it
 * @piece: bytes that one read gets at most, 0 for all that there is room for
 */
void pieces_begin(const void *data, size_t size, size_t piece)
{
	file.next = data;
	file.left = size;
	file.piece = piece;
}

static ssize_t read_memory(int descriptor, void *buffer, size_t room)
{
	size_t length = file.left;

	(void)descriptor;
	if (length > room)
		length = room;
	if (file.piece && length > file.piece)
		length = file.piece;
	memcpy(buffer, file.next, length);
	file.next += length;
	file.left -= length;
	return (ssize_t)length;
}
