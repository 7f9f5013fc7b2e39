/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_ENTRY_FILE_H
#define IPMASQ_ENTRY_FILE_H

#include "policy.h"

/* Bytes that a line may have: the longest source list is one. */
#define ENTRY_LINE_MAX	(16 * 1024)

/* Entries that a file may have, 16 times the module's default limit; it keeps an
 * endless input from taking all memory. */
#define ENTRY_FILE_MAX	(16 * 1024 * 1024)

/**
 * struct entry_reader - a file that is being read
 * @name: for errors
 * @line: number of the line that is being read, from 1
 * @policy: takes the entries
 * @error: set to what is wrong
 * @take: reads a line that says something, from its first word to @end, where it
 *	or its comment begins; 0, or a negative errno after entry_line_refuse()
 */
struct entry_reader {
	const char *name;
	size_t line;
	struct policy *policy;
	char **error;
	int (*take)(const struct entry_reader *reader, const char *line, const char *end);
};

int entry_file_read(int descriptor, const char *name, struct policy *policy, char **error);

/* For other files that are made of entries. */
int entry_lines_read(struct entry_reader *reader, int descriptor);
int entry_text_read(struct entry_reader *reader, const char *text, size_t length);
const char *entry_next_word(const char **text, const char *end);
int entry_line_read(const struct entry_reader *reader, const char **line, const char *end,
		    struct policy_entry *entry);
int entry_append(const struct entry_reader *reader, const struct policy_entry *entry);
int entry_line_refuse(const struct entry_reader *reader, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int entry_word_refuse(const struct entry_reader *reader, const char *word, size_t length,
		      const char *why);

#endif
