// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Policies that "ipmasqctl save" wrote, whole and in pieces: the same policy or the
 * same error. What was taken is written and read again.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "pieces.h"
#include "saved_policy.h"

static int read_in_pieces(const void *data, size_t size, size_t piece, struct policy *policy,
			  bool *exists, char **error)
{
	int result;

	memset(policy, 0, sizeof(*policy));
	*error = NULL;
	pieces_begin(data, size, piece);
	result = saved_policy_read(0, "FILE", policy, exists, error);
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

	ALWAYS(policy_settings_equal(&a->settings, &b->settings));
	ALWAYS(policy_settings_equal(&b->settings, &a->settings));
	ALWAYS(a->count == b->count);
	for (i = 0; i < a->count; i++) {
		ALWAYS(!policy_entry_compare(&a->entries[i], &b->entries[i]));
		ALWAYS(policy_entry_equal(&a->entries[i], &b->entries[i]));
		ALWAYS(timeout(&a->entries[i]) == timeout(&b->entries[i]));
	}
}

static void check_written(const struct policy *policy, bool exists)
{
	struct policy again;
	char *text = NULL;
	char *error;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool still;

	ALWAYS(out);
	ALWAYS(!saved_policy_write(out, policy, exists));
	fclose(out);
	ALWAYS(!read_in_pieces(text, length, 0, &again, &still, &error));
	ALWAYS(still == exists);
	if (exists)
		expect_same(policy, &again);
	policy_clear(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy policy, other;
	char *error, *other_error;
	bool exists, other_exists;
	int result;

	result = read_in_pieces(data, size, 0, &policy, &exists, &error);
	ALWAYS(read_in_pieces(data, size, size / 3 + 1, &other, &other_exists,
			      &other_error) == result);
	if (result) {
		ALWAYS(!strcmp(error, other_error));
		ALWAYS(!strncmp(error, "FILE:", 5) && !strpbrk(error, "\n\033"));
	} else {
		ALWAYS(exists == other_exists);
		expect_same(&policy, &other);
		check_written(&policy, exists);
	}
	free(error);
	free(other_error);
	policy_clear(&policy);
	policy_clear(&other);
	return 0;
}
