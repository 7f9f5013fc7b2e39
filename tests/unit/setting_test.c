// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each setting, whichever there are: its row says all that is needed of it, and its value
 * comes back from every form that it is written in. So it is with each word of the
 * protocol.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "client_fixture.h"
#include "policy_text.h"
#include "saved_policy.h"

static void row_says_all(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];
		char word[SETTING_WORD_MAX], member[SETTING_WORD_MAX];

		assert_non_null(row->name);
		setting_word((enum setting)i, word);
		setting_member((enum setting)i, member);
		assert_in_range(strlen(word), strlen(row->name), SETTING_WORD_MAX - 3);
		assert_int_equal(strlen(word), strlen(member));
		assert_int_equal(strcspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), strlen(word));
		assert_int_equal(strcspn(member, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"), strlen(member));
		assert_true(row->help || !(row->flag || setting_is_policy((enum setting)i)));
		assert_true(!row->policy_flag || row->type == SETTING_TYPE_BOOL);
		if (!row->most) {
			assert_true(!row->attribute && !row->none_attribute);
			continue;
		}
		assert_true(row->items && row->value && row->none);
		assert_in_range(row->attribute, 1, IPMASQ_A_MAX);
		assert_in_range(row->none_attribute, 1, IPMASQ_A_MAX);
		assert_int_not_equal(client_attributes[row->attribute].type, 0);
		assert_int_equal(client_attributes[row->none_attribute].type, NLA_FLAG);
		assert_int_not_equal(policy_item_size((enum setting)i), 0);
	}
}

static void words_are_words(void **state)
{
	char word[SETTING_WORD_MAX];

	(void)state;
	assert_string_equal(setting_word(SETTING_ENABLE_IPV6, word), "enable-ipv6");
	assert_string_equal(setting_word(SETTING_NON_MASQUERADE_CIDRS, word),
			    "non-masquerade-cidrs");
	assert_string_equal(setting_word(SETTING_MASQ_LINK_LOCAL_IPV6, word),
			    "masq-link-local-ipv6");
	assert_string_equal(setting_member(SETTING_SOURCE_CIDRS, word), "source_cidrs");
}

static void no_name_is_there_twice(void **state)
{
	uint32_t flags = 0;
	int i, j;

	(void)state;
	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		assert_false(flags & row->policy_flag);
		flags |= row->policy_flag;
		for (j = 0; j < i; j++) {
			assert_string_not_equal(row->name, setting_table[j].name);
			assert_true(!row->attribute || (row->attribute != setting_table[j].attribute &&
							row->none_attribute !=
							setting_table[j].none_attribute));
		}
	}
	/* Each flag of a policy is a setting. */
	assert_int_equal(flags, IPMASQ_FLAGS_ALL);
}

/* Something of each type that is no setting's default. */
static const char *example(enum setting setting, bool initial)
{
	switch (setting_table[setting].type) {
	case SETTING_TYPE_BOOL:
		return initial == (bool)setting_table[setting].initial ? "on" : "off";
	case SETTING_TYPE_PORTS:
		return initial ? "any" : "1024-2000,3000";
	case SETTING_TYPE_CIDRS:
		return initial ? "any" : "10.244.0.0/16,fd00:10:244::/48";
	case SETTING_TYPE_INTERFACES:
		return initial ? "any" : "eth*,a\\x2cb";
	case SETTING_TYPE_POOLS:
		return initial ? "none" : "192.0.2.20,2001:db8::20";
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		break;
	}
	return NULL;
}

/* All settings of a policy, with one that is another than in the others. */
static void make_settings(struct policy_settings *settings, int other)
{
	char *reason = NULL;
	int i;

	*settings = (struct policy_settings) { 0 };
	for (i = 0; i < SETTING_COUNT; i++) {
		if (!setting_is_policy((enum setting)i))
			continue;
		assert_int_equal(policy_setting_read(settings, (enum setting)i,
						     example((enum setting)i, i != other), &reason),
				 0);
		assert_true(policy_setting_named(settings, (enum setting)i));
	}
}

static void expect_same(const struct policy_settings *a, const struct policy_settings *b)
{
	assert_true(policy_settings_equal(a, b));
	assert_true(policy_settings_equal(b, a));
	assert_int_equal(a->flags_named, b->flags_named);
}

static void check_saved(const struct policy_settings *settings)
{
	const struct policy policy = { .settings = *settings };
	int descriptor = memfd_create("saved", MFD_CLOEXEC);
	FILE *file = fdopen(descriptor, "r+");
	struct policy again = { 0 };
	bool exists = false;
	char *error = NULL;

	assert_non_null(file);
	assert_int_equal(saved_policy_print(file, &policy), 0);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(lseek(descriptor, 0, SEEK_SET), 0);
	if (saved_policy_read(descriptor, "FILE", &again, &exists, &error))
		fail_msg("%s", error);
	assert_true(exists);
	expect_same(settings, &again.settings);
	policy_clear(&again);
	fclose(file);
}

static void check_message(const struct policy_settings *settings)
{
	struct client changing = client;
	struct client_status status;
	struct nl_msg *made;

	assert_int_equal(client_settings_message(&changing, IPMASQ_CMD_POLICY_SET, "no", settings,
						 &made), 0);
	assert_int_equal(client_put_generation(made, 1), 0);
	assert_int_equal(client_parse_status(nlmsg_hdr(made), &status), 0);
	expect_same(settings, &status.settings);
	client_status_clear(&status);
	nlmsg_free(made);
}

static char *json_of(const struct policy_settings *settings)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	policy_settings_json(file, settings, "\n");
	assert_int_equal(fclose(file), 0);
	return text;
}

/* A member for it, which is the only one that differs. */
static void check_json(const struct policy_settings *settings, const struct policy_settings *usual,
		       enum setting setting)
{
	char *text = json_of(settings), *other = json_of(usual);
	char *line = text, *other_line = other;
	char member[SETTING_WORD_MAX];
	int differences = 0;

	setting_member(setting, member);
	while (line && other_line) {
		char *next = strchr(line, '\n'), *other_next = strchr(other_line, '\n');

		if (next)
			*next++ = '\0';
		if (other_next)
			*other_next++ = '\0';
		if (strcmp(line, other_line)) {
			differences++;
			assert_int_equal(strncmp(line + 1, member, strlen(member)), 0);
		}
		line = next;
		other_line = other_next;
	}
	assert_true(!line && !other_line);
	assert_int_equal(differences, 1);
	free(text);
	free(other);
}

static void comes_back_from_each_form(void **state)
{
	struct policy_settings usual;
	int i, j;

	(void)state;
	make_settings(&usual, SETTING_COUNT);
	for (i = 0; i < SETTING_COUNT; i++) {
		struct policy_settings settings;
		char *text;

		if (!setting_is_policy((enum setting)i))
			continue;
		make_settings(&settings, i);
		for (j = 0; j < SETTING_COUNT; j++)
			assert_int_equal(policy_setting_equal(&settings, &usual, (enum setting)j),
					 i != j);
		text = policy_setting_text(&settings, (enum setting)i);
		assert_string_equal(text, example((enum setting)i, false));
		free(text);
		check_saved(&settings);
		check_message(&settings);
		check_json(&settings, &usual, (enum setting)i);
		policy_settings_clear(&settings);
	}
	policy_settings_clear(&usual);
}

/* An attribute that is read without a look at its length reads beyond it. */
static void each_attribute_has_a_length(void **state)
{
	int i;

	(void)state;
	for (i = IPMASQ_A_PAD + 1; i <= IPMASQ_A_MAX; i++) {
		if (!client_attributes[i].type && !client_attributes[i].minlen)
			fail_msg("attribute %d has no row", i);
	}
	for (i = IPMASQ_A_CIDR_PAD + 1; i <= IPMASQ_A_CIDR_MAX; i++) {
		if (!client_cidr_attributes[i].type && !client_cidr_attributes[i].minlen)
			fail_msg("attribute %d of an entry has no row", i);
	}
}

static void each_number_has_a_word(void **state)
{
	int i;

	(void)state;
	for (i = 1; i <= IPMASQ_VERDICT_MAX; i++)
		assert_string_not_equal(policy_verdict_name((uint8_t)i), "unknown");
	for (i = 1; i <= IPMASQ_CMD_MAX; i++)
		assert_string_not_equal(policy_command_name((uint8_t)i), "unknown");
	assert_string_equal(policy_verdict_name(IPMASQ_VERDICT_MAX + 1), "unknown");
	assert_string_equal(policy_command_name(0), "unknown");
	assert_int_equal(policy_action_find("snat", 4), IPMASQ_ACTION_SNAT);
	assert_int_equal(policy_action_find("skipped", 4), IPMASQ_ACTION_SKIP);
	assert_int_equal(policy_action_find("unknown", 7), 0);
	assert_int_equal(policy_origin_find("static", 6), IPMASQ_ORIGIN_STATIC);
	assert_int_equal(policy_origin_find("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_says_all),
		cmocka_unit_test(words_are_words),
		cmocka_unit_test(no_name_is_there_twice),
		cmocka_unit_test(comes_back_from_each_form),
		cmocka_unit_test(each_attribute_has_a_length),
		cmocka_unit_test(each_number_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
