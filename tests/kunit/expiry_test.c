// SPDX-License-Identifier: GPL-2.0-only
/* The timer's work is that of all namespaces: none makes it wait. */
#include <linux/workqueue.h>

#include "expiry.h"
#include "suites.h"

#define  CONFIG IPMASQ_ORIGIN_CONFIG

static int expiry_test_init(struct kunit *test)
{
	int err = namespace_init(test);

	if (err)
		return err;
	ipmasq_expiry_begin(test->priv);
	return ipmasq_expiry_init();
}

static void expiry_test_exit(struct kunit *test)
{
	struct ipmasq_net *ns = test->priv;

	ipmasq_policy_withdraw(ns);
	mutex_unlock(&ns->lock);
	ipmasq_expiry_end(ns);
	ipmasq_expiry_exit();
	mutex_lock(&ns->lock);
	namespace_exit(test);
}

/* The test is a writer, who may be held back by its CPU limit for long. */
static void expiry_passes_a_writer(struct kunit *test)
{
	struct ipmasq_net *ns = test->priv;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "10.0.0.0/8~600000"), 0);
	ipmasq_expiry_arm(ns, in_force(test));
	KUNIT_ASSERT_TRUE(test, delayed_work_pending(&ns->expiry));
	/* Returns when the work has run, which would never happen. */
	flush_delayed_work(&ns->expiry);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&ns->expiry));
	KUNIT_EXPECT_STREQ(test, table_text(test), "10.0.0.0/8~ config");
}

/* A namespace whose expiry took long has to wait for the next one. */
static void expiry_pauses(struct kunit *test)
{
	struct ipmasq_net *ns = test->priv;

	KUNIT_ASSERT_EQ(test, change(test, IPMASQ_EDIT_REPLACE, CONFIG, "10.0.0.0/8~600000"), 0);
	ns->expired = jiffies;
	ns->expiry_pause = 0;
	ipmasq_expiry_arm(ns, in_force(test));
	KUNIT_EXPECT_TRUE(test, time_before(ns->expiry.timer.expires, ns->expired + 60 * HZ));
	ns->expiry_pause = 100 * HZ;
	ipmasq_expiry_arm(ns, in_force(test));
	KUNIT_EXPECT_TRUE(test, time_after_eq(ns->expiry.timer.expires, ns->expired + 100 * HZ));
}

static struct kunit_case expiry_cases[] = {
	KUNIT_CASE(expiry_passes_a_writer),
	KUNIT_CASE(expiry_pauses),
	{}
};

struct kunit_suite expiry_suite = {
	.name = "ipmasq_expiry",
	.init = expiry_test_init,
	.exit = expiry_test_exit,
	.test_cases = expiry_cases,
};
