// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of entries, whole and in pieces: the same entries or the same error. What
 * was taken is written and read again.
 */
#include <errno.h>
#include <string.h>

#include "entry_detail.h"
#include "entry_file.h"
#include "fuzz.h"
#include "pieces.h"

static int read_in_pieces(const void *data, size_t size, size_t piece, struct policy *policy,
			  char **error)
{
	int result;

	memset(policy, 0, sizeof(*policy));
	*error = NULL;
	pieces_begin(data, size, piece);
	result = entry_file_read(0, "FILE", policy, error);
	ALWAYS(!result || result == -EINVAL);
	ALWAYS(!result == !*error);
	return result;
}

static uint64_t timeout(const struct policy_entry *entry)
{
	return entry->detail ? entry->detail->timeout : 0;
}

static void expect_same(const struct policy *a, const struct policy *b)
{
	size_t i;

	ALWAYS(a->count == b->count);
	for (i = 0; i < a->count; i++) {
		ALWAYS(!policy_entry_compare(&a->entries[i], &b->entries[i]));
		ALWAYS(policy_entry_equal(&a->entries[i], &b->entries[i]));
		ALWAYS(timeout(&a->entries[i]) == timeout(&b->entries[i]));
	}
}

static char *write_entries(const struct policy *policy, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);
	size_t i;

	ALWAYS(out);
	for (i = 0; i < policy->count; i++) {
		ALWAYS(!entry_print(out, &policy->entries[i]));
		fputc('\n', out);
	}
	fclose(out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy policy, other;
	char *error, *other_error;
	size_t length;
	char *text;
	int result;

	result = read_in_pieces(data, size, 0, &policy, &error);
	ALWAYS(read_in_pieces(data, size, size / 3 + 1, &other, &other_error) == result);
	if (result) {
		ALWAYS(!strcmp(error, other_error));
		ALWAYS(!strncmp(error, "FILE:", 5) && !strpbrk(error, "\n\033"));
	} else {
		expect_same(&policy, &other);
		policy_clear(&other);
		text = write_entries(&policy, &length);
		ALWAYS(!read_in_pieces(text, length, 0, &other, &other_error));
		expect_same(&policy, &other);
		free(text);
	}
	free(error);
	free(other_error);
	policy_clear(&policy);
	policy_clear(&other);
	return 0;
}
