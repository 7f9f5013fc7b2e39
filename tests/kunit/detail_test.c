// SPDX-License-Identifier: GPL-2.0-only
/* What some entries have beyond their action: a time when they go, a pool. */
#include <linux/ktime.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "detail.h"
#include "suites.h"

#define CONFIG IPMASQ_ORIGIN_CONFIG
#define STATIC IPMASQ_ORIGIN_STATIC

/* To a policy of both origins with details of both kinds, see begin(). */
static const struct detail_case {
	const char *name;
	enum ipmasq_edit edit;
	u8 origin;
	const char *words;
	const char *table;
	u32 details;
	u32 pools;
} detail_cases[] = {
	{ "another entry", IPMASQ_EDIT_ADD, STATIC, "1.0.0.0/8",
	  "1.0.0.0/8 static, 10.0.0.0/8>192.0.2.1,192.0.2.2 config shadowed, "
	  "10.0.0.0/8~ static, 172.16.0.0/12>192.0.2.3~ static, fd00::/8~ config", 4, 2 },
	{ "another one with a timeout", IPMASQ_EDIT_ADD, CONFIG, "1.0.0.0/8!~5000",
	  "1.0.0.0/8!~ config, 10.0.0.0/8>192.0.2.1,192.0.2.2 config shadowed, "
	  "10.0.0.0/8~ static, 172.16.0.0/12>192.0.2.3~ static, fd00::/8~ config", 5, 2 },
	{ "another one with a pool", IPMASQ_EDIT_ADD, CONFIG, "fe80::/10>2001:db8::1,2001:db8::2",
	  "10.0.0.0/8>192.0.2.1,192.0.2.2 config shadowed, 10.0.0.0/8~ static, "
	  "172.16.0.0/12>192.0.2.3~ static, fd00::/8~ config, "
	  "fe80::/10>2001:db8::1,2001:db8::2 config", 5, 3 },
	{ "the timeout goes", IPMASQ_EDIT_SET, STATIC, "10.0.0.0/8",
	  "10.0.0.0/8>192.0.2.1,192.0.2.2 config shadowed, 10.0.0.0/8 static, "
	  "172.16.0.0/12>192.0.2.3~ static, fd00::/8~ config", 3, 2 },
	{ "another pool", IPMASQ_EDIT_SET, STATIC, "172.16.0.0/12>198.51.100.1",
	  "10.0.0.0/8>192.0.2.1,192.0.2.2 config shadowed, 10.0.0.0/8~ static, "
	  "172.16.0.0/12>198.51.100.1 static, fd00::/8~ config", 4, 2 },
	{ "no pool any more", IPMASQ_EDIT_SET, CONFIG, "10.0.0.0/8!",
	  "10.0.0.0/8! config shadowed, 10.0.0.0/8~ static, 172.16.0.0/12>192.0.2.3~ static, "
	  "fd00::/8~ config", 3, 1 },
	{ "the entry goes", IPMASQ_EDIT_DELETE, STATIC, "10.0.0.0/8",
	  "10.0.0.0/8>192.0.2.1,192.0.2.2 config, 172.16.0.0/12>192.0.2.3~ static, "
	  "fd00::/8~ config", 3, 2 },
	{ "two of one origin go", IPMASQ_EDIT_DELETE, CONFIG, "fd00::/8 10.0.0.0/8",
	  "10.0.0.0/8~ static, 172.16.0.0/12>192.0.2.3~ static", 2, 1 },
	{ "one origin is replaced", IPMASQ_EDIT_REPLACE, CONFIG, "10.0.0.0/8 fd00::/8~1",
	  "10.0.0.0/8 config shadowed, 10.0.0.0/8~ static, 172.16.0.0/12>192.0.2.3~ static, "
	  "fd00::/8~ config", 3, 1 },
	{ "the other one is", IPMASQ_EDIT_REPLACE, STATIC, "",
	  "10.0.0.0/8>192.0.2.1,192.0.2.2 config, fd00::/8~ config", 2, 1 },
	{ "in no order", IPMASQ_EDIT_REPLACE, CONFIG, "fd00::/8~1 2.0.0.0/8~2 1.0.0.0/8>1.2.3.4",
	  "1.0.0.0/8>1.2.3.4 config, 2.0.0.0/8~ config, 10.0.0.0/8~ static, "
	  "172.16.0.0/12>192.0.2.3~ static, fd00::/8~ config", 5, 2 },
};

static void describe_detail(const struct detail_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(detail, detail_cases, describe_detail);

static void begin(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG,
				     "fd00::/8~60000 10.0.0.0/8>192.0.2.1,192.0.2.2"), 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC,
				     "172.16.0.0/12>192.0.2.3~60000 10.0.0.0/8~30000"), 0);
}

static void detail_merges(struct kunit *test)
{
	const struct detail_case *one = test->param_value;

	begin(test);
	KUNIT_EXPECT_EQ(test, change(test, one->edit, one->origin, one->words), 0);
	KUNIT_EXPECT_STREQ(test, table_text(test), one->table);
	KUNIT_EXPECT_EQ(test, in_force(test)->details.count, one->details);
	KUNIT_EXPECT_EQ(test, in_force(test)->details.pools, one->pools);
	KUNIT_EXPECT_EQ(test, in_force(test)->pooled, !!one->pools);
}

static u64 deadline_of(struct kunit *test, u32 index)
{
	const struct ipmasq_detail *detail;
	struct ipmasq_entry entry;
	bool shadowed;

	entry = entry_at(test, index, &shadowed);
	detail = ipmasq_details_find(&in_force(test)->details, &entry);
	KUNIT_ASSERT_NOT_NULL(test, detail);
	return detail->deadline;
}

/* A deadline stays over changes that are not about its entry, and the next one is the
 * earliest of all.
 */
static void detail_deadlines(struct kunit *test)
{
	const u64 began = ktime_get_boottime_ns();
	u64 deadline, next;

	KUNIT_EXPECT_EQ(test, ipmasq_details_next(&(struct ipmasq_details){}), 0ULL);
	begin(test);
	deadline = deadline_of(test, 1);
	KUNIT_EXPECT_GE(test, deadline, began + 30ULL * NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, deadline, ktime_get_boottime_ns() + 30ULL * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, ipmasq_details_next(&in_force(test)->details), deadline);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "1.0.0.0/8~10000"), 0);
	KUNIT_EXPECT_EQ(test, deadline_of(test, 1), deadline);
	next = ipmasq_details_next(&in_force(test)->details);
	KUNIT_EXPECT_EQ(test, next, deadline_of(test, 0));
	KUNIT_EXPECT_LT(test, next, deadline);
	/* The same entry once more has all of its time again. */
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_SET, STATIC, "10.0.0.0/8~30000"), 0);
	KUNIT_EXPECT_GE(test, deadline_of(test, 1), deadline);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, STATIC, ""), 0);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_SET, CONFIG, "1.0.0.0/8"), 0);
	KUNIT_EXPECT_EQ(test, ipmasq_details_next(&in_force(test)->details), 0ULL);
}

/* 10.x.y.z/32 by number. */
static struct ipmasq_entry host(u32 i)
{
	return (struct ipmasq_entry){
		.high = (u64)(0x0a000000 + i) << 32,
		.counter = IPMASQ_NO_COUNTER,
		.prefix_len = 32,
		.action = IPMASQ_ACTION_SKIP,
		.family = AF_INET,
	};
}

static int append_hosts(struct kunit *test, struct ipmasq_draft *draft, u32 first, u32 count,
			struct ipmasq_refusal *refusal)
{
	const struct ipmasq_detail detail = { .deadline = U64_MAX };
	u32 i;
	int err;

	for (i = first; i < first + count; i++) {
		struct ipmasq_entry entry = host(i);

		KUNIT_ASSERT_EQ(test, ipmasq_draft_append(draft, &entry, refusal), 0);
		err = ipmasq_draft_detail(draft, &detail, refusal);
		if (err)
			return err;
	}
	return 0;
}

static void detail_limit(struct kunit *test)
{
	struct ipmasq_refusal refusal = {};
	struct ipmasq_draft draft;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	KUNIT_ASSERT_EQ(test, append_hosts(test, &draft, 0, IPMASQ_DETAILS_MAX, &refusal), 0);
	KUNIT_EXPECT_EQ(test, append_hosts(test, &draft, IPMASQ_DETAILS_MAX, 1, &refusal), -ENOSPC);
	KUNIT_EXPECT_EQ(test, (int)refusal.reason, (int)IPMASQ_REFUSED_DETAILS);
	KUNIT_EXPECT_EQ(test, refusal.number, (u64)IPMASQ_DETAILS_MAX);
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->details.count, (u32)IPMASQ_DETAILS_MAX);

	/* Both origins together, too. */
	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, STATIC);
	KUNIT_ASSERT_EQ(test, append_hosts(test, &draft, 7, 1, &refusal), 0);
	KUNIT_EXPECT_EQ(test, commit(test, &draft, &refusal), -ENOSPC);
	KUNIT_EXPECT_EQ(test, (int)refusal.reason, (int)IPMASQ_REFUSED_DETAILS);
	KUNIT_EXPECT_EQ(test, in_force(test)->generation, 1ULL);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_ADD, STATIC, "10.0.0.7/32"), 0);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_DELETE, CONFIG, "10.0.0.7/32"), 0);
	KUNIT_EXPECT_EQ(test, change(test, IPMASQ_EDIT_SET, STATIC, "10.0.0.7/32~1000"), 0);
	KUNIT_EXPECT_EQ(test, in_force(test)->details.count, (u32)IPMASQ_DETAILS_MAX);
}

/* A message that is refused at its last entry leaves nothing of those before. */
static void detail_of_refused_message(struct kunit *test)
{
	struct ipmasq_draft draft;
	struct asked asked;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_REPLACE, CONFIG);
	draft_words(test, &draft, "1.0.0.0/8>192.0.2.1 2.0.0.0/8~1000");
	ask(test, &asked);
	put_cidrs(test, asked.skb, "3.0.0.0/8>192.0.2.1 4.0.0.0/8~1000 5.0.0.0/8>");
	parse_message(test, asked.skb, asked.attributes);
	KUNIT_EXPECT_EQ(test, ipmasq_parse_entries(&asked.request, nlmsg_hdr(asked.skb), &draft),
			-EINVAL);
	expect_text(test, &asked, "5.0.0.0/8: the action snat without addresses");
	kfree_skb(asked.skb);
	KUNIT_EXPECT_EQ(test, draft.count, 2U);
	KUNIT_EXPECT_EQ(test, draft.details.count, 2U);
	KUNIT_EXPECT_EQ(test, draft.details.pools, 1U);
	ipmasq_draft_release(&draft);
	KUNIT_EXPECT_EQ(test, draft.details.count, 0U);
}

/* Of 192.0.2.0/24's addresses the pools of many policies share one object. */
static void detail_shares_pools(struct kunit *test)
{
	const struct ipmasq_detail *detail;
	struct ipmasq_pool *pool;
	u32 i;

	begin(test);
	detail = &in_force(test)->details.detail[0];
	pool = ipmasq_pool_get(detail->pool);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	for (i = 0; i < 10; i++)
		KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_SET, STATIC, "1.0.0.0/8"), 0);
	settle(test);
	KUNIT_EXPECT_PTR_EQ(test, in_force(test)->details.detail[0].pool, pool);
	/* The policy's and this test's. */
	KUNIT_EXPECT_EQ(test, refcount_read(&pool->users), 2U);
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, ""), 0);
	settle(test);
	KUNIT_EXPECT_EQ(test, refcount_read(&pool->users), 1U);
	ipmasq_pool_put(pool);
}

static void detail_memory(struct kunit *test)
{
	size_t before;

	begin(test);
	before = ipmasq_policy_memory(in_force(test));
	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_SET, STATIC,
				     "10.0.0.0/8>192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4"), 0);
	KUNIT_EXPECT_GE(test, ipmasq_policy_memory(in_force(test)),
			before + 4 * sizeof(struct in6_addr));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(detail_merges, detail_gen_params),
	KUNIT_CASE(detail_deadlines),
	KUNIT_CASE(detail_limit),
	KUNIT_CASE(detail_of_refused_message),
	KUNIT_CASE(detail_shares_pools),
	KUNIT_CASE(detail_memory),
	{}
};

struct kunit_suite detail_suite = {
	.name = "ipmasq_detail",
	.init = namespace_init,
	.exit = namespace_exit,
	.test_cases = cases,
};
