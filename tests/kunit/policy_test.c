// SPDX-License-Identifier: GPL-2.0-only
/* Drafts, their merge with the policy in force, generations, settings, limits. */
#include <linux/slab.h>
#include <linux/string.h>

#include "suites.h"

#define CONFIG IPMASQ_ORIGIN_CONFIG
#define STATIC IPMASQ_ORIGIN_STATIC

/* A change on top of "10.0.0.0/8 192.0.2.0/24! fd00::/8" (config) and
 * "10.0.0.0/8! 172.16.0.0/12" (static).
 */
static const struct merge_case {
	const char *name;
	enum ipmasq_edit edit;
	u8 origin;
	const char *words;
	int err;
	enum ipmasq_refusal_reason reason;
	const char *table;
} merge_cases[] = {
	{ "add nothing", IPMASQ_EDIT_ADD, STATIC, "", 0, 0,
	  "10.0.0.0/8 config shadowed, 10.0.0.0/8! static, 172.16.0.0/12 static, "
	  "192.0.2.0/24! config, fd00::/8 config" },
	{ "add in front, between and behind", IPMASQ_EDIT_ADD, STATIC,
	  "2001:db8::/32! 192.0.2.0/25 1.0.0.0/8 fe80::/10", 0, 0,
	  "1.0.0.0/8 static, 10.0.0.0/8 config shadowed, 10.0.0.0/8! static, 172.16.0.0/12 "
	  "static, 192.0.2.0/24! config, 192.0.2.0/25 static, 2001:db8::/32! static, fd00::/8 "
	  "config, fe80::/10 static" },
	{ "add what the other origin has", IPMASQ_EDIT_ADD, STATIC, "192.0.2.0/24", 0, 0,
	  "10.0.0.0/8 config shadowed, 10.0.0.0/8! static, 172.16.0.0/12 static, "
	  "192.0.2.0/24! config shadowed, 192.0.2.0/24 static, fd00::/8 config" },
	{ "add what is there", IPMASQ_EDIT_ADD, STATIC, "1.0.0.0/8 172.16.0.0/12", -EEXIST,
	  IPMASQ_REFUSED_EXISTS, NULL },
	{ "add one twice", IPMASQ_EDIT_ADD, STATIC, "1.0.0.0/8 2.0.0.0/8 1.0.0.0/8!", -EEXIST,
	  IPMASQ_REFUSED_TWICE, NULL },
	{ "set what is there and what is not", IPMASQ_EDIT_SET, STATIC,
	  "172.16.0.0/12! 1.0.0.0/8!", 0, 0,
	  "1.0.0.0/8! static, 10.0.0.0/8 config shadowed, 10.0.0.0/8! static, 172.16.0.0/12! "
	  "static, 192.0.2.0/24! config, fd00::/8 config" },
	{ "set one twice", IPMASQ_EDIT_SET, STATIC, "1.0.0.0/8 1.0.0.0/8", -EEXIST,
	  IPMASQ_REFUSED_TWICE, NULL },
	{ "delete", IPMASQ_EDIT_DELETE, STATIC, "10.0.0.0/8", 0, 0,
	  "10.0.0.0/8 config, 172.16.0.0/12 static, 192.0.2.0/24! config, fd00::/8 config" },
	{ "delete the first, the last and one between", IPMASQ_EDIT_DELETE, CONFIG,
	  "fd00::/8 10.0.0.0/8 192.0.2.0/24", 0, 0,
	  "10.0.0.0/8! static, 172.16.0.0/12 static" },
	{ "delete what the other origin has", IPMASQ_EDIT_DELETE, STATIC, "192.0.2.0/24",
	  -ENOENT, IPMASQ_REFUSED_MISSING, NULL },
	{ "delete what nobody has, in front", IPMASQ_EDIT_DELETE, STATIC, "1.0.0.0/8 10.0.0.0/8",
	  -ENOENT, IPMASQ_REFUSED_MISSING, NULL },
	{ "delete what nobody has, behind", IPMASQ_EDIT_DELETE, STATIC, "10.0.0.0/8 fe80::/10",
	  -ENOENT, IPMASQ_REFUSED_MISSING, NULL },
	{ "delete another length", IPMASQ_EDIT_DELETE, STATIC, "172.16.0.0/13", -ENOENT,
	  IPMASQ_REFUSED_MISSING, NULL },
	{ "delete one twice", IPMASQ_EDIT_DELETE, STATIC, "10.0.0.0/8 10.0.0.0/8", -EEXIST,
	  IPMASQ_REFUSED_TWICE, NULL },
	{ "replace one origin", IPMASQ_EDIT_REPLACE, CONFIG, "192.0.2.0/24 1.0.0.0/8! fd00::/8",
	  0, 0,
	  "1.0.0.0/8! config, 10.0.0.0/8! static, 172.16.0.0/12 static, 192.0.2.0/24 config, "
	  "fd00::/8 config" },
	{ "replace the other", IPMASQ_EDIT_REPLACE, STATIC, "fd00::/8!", 0, 0,
	  "10.0.0.0/8 config, 192.0.2.0/24! config, fd00::/8 config shadowed, fd00::/8! static" },
	{ "replace by nothing", IPMASQ_EDIT_REPLACE, CONFIG, "", 0, 0,
	  "10.0.0.0/8! static, 172.16.0.0/12 static" },
	{ "replace, one twice", IPMASQ_EDIT_REPLACE, CONFIG, "1.0.0.0/8 1.0.0.0/8", -EEXIST,
	  IPMASQ_REFUSED_TWICE, NULL },
};

static void describe_merge(const struct merge_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(merge, merge_cases, describe_merge);

static void begin_with_both(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG,
				     "fd00::/8 192.0.2.0/24! 10.0.0.0/8"), 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC,
				     "172.16.0.0/12 10.0.0.0/8!"), 0);
}

static u32 words_of(const char *text, const char *word)
{
	u32 count = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		count++;
	return count;
}

static void policy_merges(struct kunit *test)
{
	const struct merge_case *one = test->param_value;
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;
	const char *before;

	begin_with_both(test);
	before = table_text(test);
	ipmasq_draft_init(&draft, one->edit, one->origin);
	draft_words(test, &draft, one->words);
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), one->err);
	KUNIT_EXPECT_EQ(test, (int)refusal.reason, (int)one->reason);
	KUNIT_EXPECT_STREQ(test, table_text(test), one->err ? before : one->table);
	KUNIT_EXPECT_EQ(test, in_force(test)->generation, one->err ? 2ULL : 3ULL);
	KUNIT_EXPECT_EQ(test, in_force(test)->by_origin[CONFIG],
			words_of(table_text(test), "config"));
	KUNIT_EXPECT_EQ(test, in_force(test)->by_origin[STATIC],
			words_of(table_text(test), "static"));
}

/* A refusal names the entry that it is about. */
static void policy_refusal_names(struct kunit *test)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;
	struct ipmasq_entry wanted;
	struct prefix prefix;

	begin_with_both(test);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_DELETE, STATIC);
	draft_words(test, &draft, "172.16.0.0/12 fe80::/10 10.0.0.0/8 2001:db8::/32");
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), -ENOENT);
	parse_prefix_text(test, "2001:db8::/32", &prefix);
	entry_from(test, &prefix, &wanted);
	KUNIT_EXPECT_EQ(test, ipmasq_prefix_compare(&refusal.entry, &wanted), 0);
}

static void policy_begins(struct kunit *test)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;

	KUNIT_EXPECT_NULL(test, in_force(test));
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	draft_words(test, &draft, "10.0.0.0/8");
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), -ENOENT);
	KUNIT_EXPECT_EQ(test, (int)refusal.reason, (int)IPMASQ_REFUSED_NO_POLICY);
	KUNIT_EXPECT_NULL(test, in_force(test));
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_DELETE, STATIC, "10.0.0.0/8"), -ENOENT);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_SET, STATIC, "10.0.0.0/8"), -ENOENT);

	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, ""), 0);
	KUNIT_ASSERT_NOT_NULL(test, in_force(test));
	KUNIT_EXPECT_EQ(test, in_force(test)->generation, 1ULL);
	KUNIT_EXPECT_EQ(test, in_force(test)->flags,
			(u32)(IPMASQ_FLAG_ENABLED | IPMASQ_FLAG_RANDOM_FULLY));
	KUNIT_EXPECT_NULL(test, in_force(test)->ports);
	KUNIT_EXPECT_STREQ(test, table_text(test), "");
}

/* A generation is never given twice, not even behind a policy that was deleted. */
static void policy_generations(struct kunit *test)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;

	KUNIT_EXPECT_EQ(test, ipmasq_policy_check_generation(test->priv, 0, &refusal), 0);
	KUNIT_EXPECT_EQ(test, ipmasq_policy_check_generation(test->priv, 1, &refusal), -ESTALE);
	begin_with_both(test);
	KUNIT_EXPECT_EQ(test, ipmasq_policy_check_generation(test->priv, 2, &refusal), 0);
	KUNIT_EXPECT_EQ(test, ipmasq_policy_check_generation(test->priv, 1, &refusal), -ESTALE);
	KUNIT_EXPECT_EQ(test, refusal.number, 2ULL);

	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	draft.has_based_on = true;
	draft.based_on = 1;
	draft_words(test, &draft, "1.0.0.0/8");
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), -ESTALE);
	KUNIT_EXPECT_EQ(test, (int)refusal.reason, (int)IPMASQ_REFUSED_STALE);
	KUNIT_EXPECT_EQ(test, refusal.number, 2ULL);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	draft.has_based_on = true;
	draft.based_on = 2;
	draft_words(test, &draft, "1.0.0.0/8");
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->generation, 3ULL);

	ipmasq_policy_withdraw(test->priv);
	KUNIT_EXPECT_NULL(test, in_force(test));
	ipmasq_policy_withdraw(test->priv);
	KUNIT_EXPECT_EQ(test, ipmasq_policy_check_generation(test->priv, 3, &refusal), -ESTALE);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, ""), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->generation, 4ULL);
	KUNIT_EXPECT_STREQ(test, table_text(test), "");
}

static struct ipmasq_ports *two_ranges(struct kunit *test)
{
	struct ipmasq_ports *ports = kzalloc(struct_size(ports, range, 2), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ports);
	ports->count = 2;
	ports->total = 101;
	ports->range[0].first = 1024;
	ports->range[0].last = 1123;
	ports->range[1].first = 40000;
	ports->range[1].last = 40000;
	ports->range[1].before = 100;
	return ports;
}

static int set_flags(struct kunit *test, u32 flags, u32 named)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	draft.flags = flags;
	draft.flags_named = named;
	return commit(test, &draft, &refusal);
}

static void policy_settings(struct kunit *test)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;
	char *table;

	begin_with_both(test);
	table = table_text(test);
	KUNIT_EXPECT_EQ(test, set_flags(test, IPMASQ_FLAG_IPV6, IPMASQ_FLAG_IPV6), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->flags, (u32)IPMASQ_FLAGS_ALL);
	/* A flag that is not named stays, whatever its value. */
	KUNIT_EXPECT_EQ(test, set_flags(test, 0, IPMASQ_FLAG_RANDOM_FULLY), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->flags,
			(u32)(IPMASQ_FLAG_ENABLED | IPMASQ_FLAG_IPV6));
	KUNIT_EXPECT_EQ(test, set_flags(test, IPMASQ_FLAGS_ALL, 0), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->flags,
			(u32)(IPMASQ_FLAG_ENABLED | IPMASQ_FLAG_IPV6));

	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	draft.ports_named = true;
	draft.ports = two_ranges(test);
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_ASSERT_NOT_NULL(test, in_force(test)->ports);
	/* They survive a change that does not name them. */
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, "1.0.0.0/8"), 0);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_DELETE, STATIC, "1.0.0.0/8"), 0);
	KUNIT_ASSERT_NOT_NULL(test, in_force(test)->ports);
	KUNIT_EXPECT_EQ(test, in_force(test)->ports->count, 2U);
	KUNIT_EXPECT_EQ(test, in_force(test)->ports->total, 101U);
	KUNIT_EXPECT_EQ(test, in_force(test)->ports->range[1].first, 40000);
	KUNIT_EXPECT_EQ(test, in_force(test)->ports->range[1].before, 100U);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	draft.ports_named = true;
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_EXPECT_NULL(test, in_force(test)->ports);
	KUNIT_EXPECT_STREQ(test, table_text(test), table);
}

static void policy_limit(struct kunit *test)
{
	struct ipmasq_refusal refusal = {};
	struct ipmasq_draft draft;
	struct ipmasq_entry entry;
	struct prefix prefix;

	set_max_entries(test, 3);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG,
				     "1.0.0.0/8 2.0.0.0/8 3.0.0.0/8"), 0);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	draft_words(test, &draft, "4.0.0.0/8");
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), -ENOSPC);
	KUNIT_EXPECT_EQ(test, (int)refusal.reason, (int)IPMASQ_REFUSED_LIMIT);
	KUNIT_EXPECT_EQ(test, refusal.number, 3ULL);
	KUNIT_EXPECT_EQ(test, in_force(test)->count, 3U);

	/* No draft is larger than a whole table. */
	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	draft_words(test, &draft, "4.0.0.0/8 5.0.0.0/8 6.0.0.0/8");
	parse_prefix_text(test, "7.0.0.0/8", &prefix);
	entry_from(test, &prefix, &entry);
	memset(&refusal, 0, sizeof(refusal));
	KUNIT_EXPECT_EQ(test, ipmasq_draft_append(&draft, &entry, &refusal), -ENOSPC);
	KUNIT_EXPECT_EQ(test, (int)refusal.reason, (int)IPMASQ_REFUSED_LIMIT);
	KUNIT_EXPECT_EQ(test, refusal.number, 3ULL);
	KUNIT_EXPECT_EQ(test, draft.count, 3U);
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test),
			   "4.0.0.0/8 config, 5.0.0.0/8 config, 6.0.0.0/8 config");

	/* Who is above a lowered limit may still take away and change. */
	settle(test);
	set_max_entries(test, 100);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_SET, CONFIG, "4.0.0.0/8!"), 0);
	settle(test);
	set_max_entries(test, 1);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_DELETE, CONFIG, "5.0.0.0/8"), 0);
	settle(test);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_SET, CONFIG, "6.0.0.0/8!"), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test), "4.0.0.0/8! config, 6.0.0.0/8! config");
	settle(test);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_ADD, CONFIG, "5.0.0.0/8"), -ENOSPC);
}

/* A writer who replaces faster than old policies are freed waits for those. */
static void policy_waits(struct kunit *test)
{
	u32 i;

	set_max_entries(test, 1);
	for (i = 0; i < 100; i++) {
		KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG,
					     i % 2 ? "1.0.0.0/8" : "2.0.0.0/8"), 0);
		/* What waits to be freed is one policy at most: an entry, two blocks, pointers to
		 * counters and a slot (two), and 64.
		 */
		KUNIT_ASSERT_LE(test, atomic_long_read(&in_force(test)->backlog->cost), 69L);
	}
	KUNIT_EXPECT_EQ(test, in_force(test)->generation, 100ULL);
}

/* So does one who withdraws it and makes another one. */
static void policy_waits_after_withdrawal(struct kunit *test)
{
	struct ipmasq_net *ns = test->priv;
	struct ipmasq_backlog *backlog;
	u32 i;

	set_max_entries(test, 1);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "1.0.0.0/8"), 0);
	backlog = ns->backlog;
	for (i = 0; i < 100; i++) {
		ipmasq_policy_withdraw(ns);
		KUNIT_ASSERT_GE(test, atomic_long_read(&backlog->cost), 67L);
		/* The timer, which must not wait, knows it before. */
		KUNIT_ASSERT_TRUE(test, ipmasq_policy_is_held_up(ns));
		KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "1.0.0.0/8"), 0);
		/* It was freed, or the new one would not have been made. */
		KUNIT_ASSERT_LE(test, atomic_long_read(&backlog->cost), 1L);
		KUNIT_ASSERT_PTR_EQ(test, in_force(test)->backlog, backlog);
	}
}

/* Whatever a policy consists of, the memory of those that wait is bounded. */
static void policy_costs_what_it_takes(struct kunit *test)
{
	struct ipmasq_net *ns = test->priv;
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;
	size_t taken;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	draft_words(test, &draft, "1.0.0.0/8>192.0.2.1,192.0.2.2,192.0.2.3 2.0.0.0/8");
	draft_lists(test, &draft, "10.0.0.0/8 172.16.0.0/12 fd00::/8", "eth0 eth1", "192.0.2.9");
	draft.ports = kzalloc(struct_size(draft.ports, range, IPMASQ_PORT_RANGES_MAX), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, draft.ports);
	draft.ports->count = IPMASQ_PORT_RANGES_MAX;
	draft.ports_named = true;
	KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);
	taken = ipmasq_policy_memory(in_force(test));
	ipmasq_policy_withdraw(ns);
	KUNIT_EXPECT_GE(test, atomic_long_read(&ns->backlog->cost) * sizeof(struct ipmasq_entry),
			taken);
}

static void policy_discard(struct kunit *test)
{
	struct ipmasq_refusal refusal = {};
	struct ipmasq_policy *policy;
	struct ipmasq_draft draft;
	char *table;

	begin_with_both(test);
	table = table_text(test);
	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	draft_words(test, &draft, "1.0.0.0/8 2.0.0.0/8");
	KUNIT_ASSERT_EQ(test, ipmasq_policy_compile(test->priv, &draft, &policy, &refusal), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->generation, 2ULL);
	ipmasq_policy_discard(policy);
	KUNIT_EXPECT_STREQ(test, table_text(test), table);
	/* The draft is still the writer's, and as good as before. */
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test),
			   "1.0.0.0/8 config, 2.0.0.0/8 config, 10.0.0.0/8! static, "
			   "172.16.0.0/12 static");
}

static void policy_find(struct kunit *test)
{
	static const struct {
		const char *from;
		u32 index;
	} finds[] = {
		{ "0.0.0.0/0", 0 }, { "10.0.0.0/8", 0 }, { "10.0.0.0/9", 2 },
		{ "172.16.0.0/12", 2 }, { "192.0.2.0/24", 3 }, { "192.0.2.0/25", 4 },
		{ "::/0", 4 }, { "fd00::/8", 4 }, { "fd00::/9", 5 },
	};
	struct ipmasq_entry from, at, found;
	struct ipmasq_cursor cursor;
	struct prefix prefix;
	bool shadowed;
	size_t i;

	begin_with_both(test);
	for (i = 0; i < ARRAY_SIZE(finds); i++) {
		parse_prefix_text(test, finds[i].from, &prefix);
		/* Without an origin, so before those of every origin. */
		entry_from(test, &prefix, &from);
		ipmasq_cursor_seek(&cursor, &in_force(test)->table, &from);
		if (finds[i].index == in_force(test)->count) {
			KUNIT_EXPECT_FALSE(test, ipmasq_cursor_read(&cursor, &found));
			continue;
		}
		at = entry_at(test, finds[i].index, &shadowed);
		KUNIT_ASSERT_TRUE(test, ipmasq_cursor_read(&cursor, &found));
		KUNIT_EXPECT_EQ_MSG(test, ipmasq_entry_compare(&found, &at), 0, "%s",
				    finds[i].from);
	}
}

static void policy_memory(struct kunit *test)
{
	size_t empty, full;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, ""), 0);
	empty = ipmasq_policy_memory(in_force(test));
	begin_with_both(test);
	full = ipmasq_policy_memory(in_force(test));
	KUNIT_EXPECT_GT(test, full, empty);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, ""), 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, STATIC, ""), 0);
	settle(test);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, STATIC, ""), 0);
	KUNIT_EXPECT_LT(test, ipmasq_policy_memory(in_force(test)), full);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(policy_merges, merge_gen_params),
	KUNIT_CASE(policy_refusal_names),
	KUNIT_CASE(policy_begins),
	KUNIT_CASE(policy_generations),
	KUNIT_CASE(policy_settings),
	KUNIT_CASE(policy_limit),
	KUNIT_CASE(policy_waits),
	KUNIT_CASE(policy_waits_after_withdrawal),
	KUNIT_CASE(policy_costs_what_it_takes),
	KUNIT_CASE(policy_discard),
	KUNIT_CASE(policy_find),
	KUNIT_CASE(policy_memory),
	{}
};

struct kunit_suite policy_suite = {
	.name = "ipmasq_policy",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
