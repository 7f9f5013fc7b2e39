// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include <linux/module.h>

#include "suites.h"

/* The pernet part is not registered: suites bring a namespace of their own. */
kunit_test_suites(&cidr_table_suite, &cidr_change_suite, &selector_suite, &pool_suite,
		  &verdict_suite, &policy_suite, &detail_suite, &counter_suite, &explain_suite,
		  &netlink_parse_suite, &netlink_settings_suite, &netlink_fill_suite,
		  &expiry_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suites of ipmasq");
