// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The saved policy: as it comes, and with the checksum that belongs to it, which
 * no chance would find. What is taken is composed and read again.
 *
 * The functions that read and compose a text are static to the file that is
 * included here; what they have around them is files.
 */
#include "../../../ctl/ipmasqd/state.c"

#include <sys/mman.h>

#include "fuzz.h"
#include "pieces.h"

static int parse_text(const char *text, size_t length, struct policy *policy)
{
	static int file = -1;
	char reason[STATE_REASON_MAX] = "";
	int result;

	if (file < 0)
		file = memfd_create("state", MFD_CLOEXEC);
	ALWAYS(file >= 0 && !ftruncate(file, (off_t)length));
	ALWAYS(pwrite(file, text, length, 0) == (ssize_t)length && !lseek(file, 0, SEEK_SET));
	memset(policy, 0, sizeof(*policy));
	/* What entry_file.c reads. */
	pieces_begin(text, length, 0);
	result = read_policy(file, length, policy, reason);
	ALWAYS(!result || result == -EBADMSG);
	ALWAYS(!result == !reason[0]);
	if (result)
		policy_clear(policy);
	return result;
}

static size_t count_addresses(const struct policy_entry *entry)
{
	return entry->detail ? entry->detail->address_count : 0;
}

static void expect_same(const struct policy *a, const struct policy *b)
{
	size_t addresses = 0;
	size_t i;

	ALWAYS(policy_settings_equal(&a->settings, &b->settings));
	ALWAYS(policy_settings_equal(&b->settings, &a->settings));
	ALWAYS(a->count == b->count);
	/* Equal entries with different actions may come in any order. */
	for (i = 0; i < a->count; i++)
		ALWAYS(!policy_entry_compare(&a->entries[i], &b->entries[i]));
	for (i = 0; i < a->count; i++)
		addresses += count_addresses(&a->entries[i]) - count_addresses(&b->entries[i]);
	ALWAYS(!addresses);
}

static void check_again(const struct policy *policy)
{
	struct policy again;
	size_t length;
	char *text;

	ALWAYS(!compose(policy, &text, &length));
	ALWAYS(!parse_text(text, length, &again));
	expect_same(policy, &again);
	policy_clear(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy policy;
	char *text;
	int length;
	int old;

	if (!parse_text((const char *)data, size, &policy)) {
		check_again(&policy);
		policy_clear(&policy);
	}
	/* With each of the two checksums. */
	text = malloc(size + 32);
	ALWAYS(text);
	for (old = 0; old < 2; old++) {
		memcpy(text, data, size);
		length = sprintf(text + size, old ? "checksum %016" PRIx64 "\n" : CHECKSUM,
				 fingerprint_bytes(FINGERPRINT_EMPTY, data, size));
		if (!parse_text(text, size + (size_t)length, &policy)) {
			check_again(&policy);
			policy_clear(&policy);
		}
	}
	free(text);
	return 0;
}
