// SPDX-License-Identifier: GPL-2.0-only
/* Counters live with their entries, whatever becomes of the policy around them. */
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "suites.h"

#define CONFIG IPMASQ_ORIGIN_CONFIG
#define STATIC IPMASQ_ORIGIN_STATIC

/* More than one chunk of counters. */
#define MANY (2 * IPMASQ_COUNTER_CHUNK + 100)

static u32 slot_of(struct kunit *test, u32 index)
{
	bool shadowed;

	return entry_at(test, index, &shadowed).counter;
}

static void count(struct kunit *test, u32 index, u32 connections)
{
	const u32 slot = slot_of(test, index);

	while (connections--)
		ipmasq_counter_add(&in_force(test)->counters, slot);
}

static u64 counted(struct kunit *test, u32 index)
{
	return ipmasq_counter_read(&in_force(test)->counters, slot_of(test, index));
}

static void counters_carry_over(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG,
				     "10.0.0.0/8 172.16.0.0/12 fd00::/8"), 0);
	count(test, 0, 3);
	count(test, 1, 5);
	count(test, 2, 7);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, "1.0.0.0/8 10.0.0.0/8!"), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test),
			   "1.0.0.0/8 static, 10.0.0.0/8 config 3 shadowed, 10.0.0.0/8! static, "
			   "172.16.0.0/12 config 5, fd00::/8 config 7");
	/* A new action is no new entry. */
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG,
				     "172.16.0.0/12! fd00::/8 2.0.0.0/8"), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test),
			   "1.0.0.0/8 static, 2.0.0.0/8 config, 10.0.0.0/8! static, "
			   "172.16.0.0/12! config 5, fd00::/8 config 7");
	/* One that was away begins anew. */
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, CONFIG, "10.0.0.0/8"), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test),
			   "1.0.0.0/8 static, 2.0.0.0/8 config, 10.0.0.0/8 config shadowed, "
			   "10.0.0.0/8! static, 172.16.0.0/12! config 5, fd00::/8 config 7");
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_SET, CONFIG, "172.16.0.0/12"), 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_DELETE, STATIC, "10.0.0.0/8"), 0);
	settle(test);
	KUNIT_EXPECT_STREQ(test, table_text(test),
			   "1.0.0.0/8 static, 2.0.0.0/8 config, 10.0.0.0/8 config, "
			   "172.16.0.0/12 config 5, fd00::/8 config 7");
}

/* The same place, so that a reader who still has the old policy counts for the
 * new one.
 */
static void counters_are_shared(struct kunit *test)
{
	u32 slot;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "10.0.0.0/8"), 0);
	slot = slot_of(test, 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, CONFIG, "9.0.0.0/8 11.0.0.0/8"), 0);
	KUNIT_EXPECT_EQ(test, slot_of(test, 1), slot);
	KUNIT_EXPECT_NE(test, slot_of(test, 0), slot);
	KUNIT_EXPECT_NE(test, slot_of(test, 2), slot);
}

static void append_many(struct kunit *test, struct ipmasq_draft *draft, u32 from, u32 step)
{
	struct prefix prefix = { .prefix_len = 32, .action = IPMASQ_ACTION_SKIP };
	struct ipmasq_refusal refusal = {};
	struct ipmasq_entry entry;
	u32 i;

	/* The last first, so that they must be sorted. */
	for (i = MANY; i-- > from;) {
		if ((i - from) % step)
			continue;
		prefix.address[0] = 10;
		prefix.address[2] = i / 256;
		prefix.address[3] = i % 256;
		entry_from(test, &prefix, &entry);
		KUNIT_ASSERT_EQ(test, ipmasq_draft_append(draft, &entry, &refusal), 0);
	}
}

static void expect_counters(struct kunit *test, u32 step)
{
	u32 i, wrong = 0;

	KUNIT_ASSERT_EQ(test, in_force(test)->count, (MANY + step - 1) / step);
	for (i = 0; i < in_force(test)->count; i++)
		wrong += counted(test, i) != i * step % 13;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void counters_of_many(struct kunit *test)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;
	u32 i, fresh = 0;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	append_many(test, &draft, 0, 1);
	KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_ASSERT_EQ(test, in_force(test)->count, (u32)MANY);
	for (i = 0; i < MANY; i++)
		count(test, i, i % 13);
	expect_counters(test, 1);

	/* Every third one stays. */
	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	append_many(test, &draft, 0, 3);
	KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);
	expect_counters(test, 3);
	settle(test);
	expect_counters(test, 3);

	/* Slots that were given back are taken again, from zero. */
	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	append_many(test, &draft, 0, 1);
	KUNIT_ASSERT_EQ(test, commit(test, &draft, &refusal), 0);
	for (i = 0; i < MANY; i++)
		fresh += counted(test, i) != (i % 3 ? 0 : i % 13);
	KUNIT_EXPECT_EQ(test, fresh, 0U);

	/* All go but one, and with them whole chunks. */
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "10.0.0.12/32"), 0);
	settle(test);
	KUNIT_EXPECT_STREQ(test, table_text(test), "10.0.0.12/32 config 12");
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, CONFIG, "10.0.0.13/32"), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test), "10.0.0.12/32 config 12, 10.0.0.13/32 config");
}

/* The kernel thread that frees policies does not wait for a writer. */
static void counters_are_released_later(struct kunit *test)
{
	struct ipmasq_counter_set *set = ipmasq_counters_create();
	u32 slot[3];

	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_ASSERT_EQ(test, ipmasq_counters_take(set, slot, ARRAY_SIZE(slot)), 0);
	mutex_lock(&set->lock);
	KUNIT_EXPECT_EQ(test, ipmasq_counters_release(set, slot, ARRAY_SIZE(slot), false), 3U);
	KUNIT_EXPECT_EQ(test, set->chunk[0]->used_count, 3U);
	mutex_unlock(&set->lock);
	KUNIT_EXPECT_EQ(test, ipmasq_counters_release(set, slot, ARRAY_SIZE(slot), false), 0U);
	KUNIT_EXPECT_NULL(test, set->chunk[0]);
	ipmasq_counters_put(set);
}

/* Random changes beside a model that keeps only the numbers. */
static void counters_oracle(struct kunit *test)
{
	static char words[64];
	u32 model[16] = {};
	u32 round, i, index;
	u16 there = 0;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, ""), 0);
	for (round = 0; round < 400; round++) {
		i = round * 7 % 16;
		scnprintf(words, sizeof(words), "%u.0.0.0/8", i + 1);
		if (round * 5 % 3 == 0) {
			KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_DELETE, STATIC, words),
					there & BIT(i) ? 0 : -ENOENT);
			there &= ~BIT(i);
			model[i] = 0;
		} else {
			KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, words),
					there & BIT(i) ? -EEXIST : 0);
			there |= BIT(i);
		}
		for (i = 0, index = 0; i < 16; i++) {
			if (!(there & BIT(i)))
				continue;
			count(test, index, i);
			model[i] += i;
			KUNIT_ASSERT_EQ(test, counted(test, index), (u64)model[i]);
			index++;
		}
		KUNIT_ASSERT_EQ(test, in_force(test)->count, index);
	}
}

static void verdicts_sum(struct kunit *test)
{
	struct ipmasq_verdict_shares __percpu *counts = alloc_percpu(struct ipmasq_verdict_shares);
	struct ipmasq_verdict_counts sum;
	u32 verdict, i;

	KUNIT_ASSERT_NOT_NULL(test, (void __force *)counts);
	for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++) {
		for (i = 0; i < verdict; i++)
			ipmasq_verdict_count(counts, false, verdict);
		for (i = 0; i < 100 * verdict; i++)
			ipmasq_verdict_count(counts, true, verdict);
	}
	ipmasq_verdict_sum(counts, &sum);
	for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++) {
		KUNIT_EXPECT_EQ(test, sum.connections[0][verdict], (u64)verdict);
		KUNIT_EXPECT_EQ(test, sum.connections[1][verdict], 100ULL * verdict);
	}
	free_percpu(counts);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(counters_carry_over),
	KUNIT_CASE(counters_are_shared),
	KUNIT_CASE(counters_of_many),
	KUNIT_CASE(counters_are_released_later),
	KUNIT_CASE(counters_oracle),
	KUNIT_CASE(verdicts_sum),
	{}
};

struct kunit_suite counter_suite = {
	.name = "ipmasq_counter",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
