// SPDX-License-Identifier: GPL-2.0-only
/* A namespace of a test's own, and short ways to change and read its policy. */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "suites.h"

/**
 * namespace_init() - give a test a namespace without a policy
 * @test: its priv is the namespace, whose lock is held
 *
 * Return: 0 or -ENOMEM.
 */
int namespace_init(struct kunit *test)
{
	struct ipmasq_net *ns = kunit_kzalloc(test, sizeof(*ns), GFP_KERNEL);
	int err;

	if (!ns)
		return -ENOMEM;
	err = ipmasq_policy_init();
	if (err)
		return err;
	mutex_init(&ns->lock);
	mutex_init(&ns->transactions_lock);
	INIT_LIST_HEAD(&ns->transactions);
	test->priv = ns;
	mutex_lock(&ns->lock);
	return 0;
}

/**
 * namespace_exit() - take it away, as when the module goes
 * @test: from namespace_init()
 */
void namespace_exit(struct kunit *test)
{
	struct ipmasq_net *ns = test->priv;

	set_max_entries(test, 1048576);
	ipmasq_policy_withdraw(ns);
	ipmasq_policy_end(ns);
	mutex_unlock(&ns->lock);
	ipmasq_transactions_release(ns);
	ipmasq_policy_exit();
	mutex_destroy(&ns->transactions_lock);
	mutex_destroy(&ns->lock);
}

/**
 * settle() - wait until all replaced policies are freed
 * @test: from namespace_init()
 */
void settle(struct kunit *test)
{
	ipmasq_policy_exit();
	KUNIT_ASSERT_EQ(test, ipmasq_policy_init(), 0);
}

/**
 * in_force() - the policy of the test's namespace
 * @test: from namespace_init()
 *
 * Return: NULL for none.
 */
const struct ipmasq_policy *in_force(struct kunit *test)
{
	struct ipmasq_net *ns = test->priv;

	return rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
}

/**
 * commit() - from a draft to the policy in force, or not
 * @test: from namespace_init()
 * @draft: the change; released here
 * @refusal: says why not
 *
 * Return: what ipmasq_policy_compile() does.
 */
int commit(struct kunit *test, struct ipmasq_draft *draft, struct ipmasq_refusal *refusal)
{
	struct ipmasq_policy *policy;
	int err;

	memset(refusal, 0, sizeof(*refusal));
	err = ipmasq_policy_compile(test->priv, draft, &policy, refusal);
	ipmasq_draft_release(draft);
	if (!err)
		ipmasq_policy_publish(test->priv, policy);
	return err;
}

/**
 * draft_words() - append entries to a draft
 * @test: fails if one is refused
 * @draft: begun
 * @words: as put_cidr() takes them, separated by blanks
 */
void draft_words(struct kunit *test, struct ipmasq_draft *draft, const char *words)
{
	struct ipmasq_request nobody = { .ns = test->priv };
	struct sk_buff *skb;

	if (!*words)
		return;
	skb = message_create(test);
	put_cidrs(test, skb, words);
	nlmsg_end(skb, nlmsg_hdr(skb));
	KUNIT_ASSERT_EQ(test, ipmasq_parse_entries(&nobody, nlmsg_hdr(skb), draft), 0);
	kfree_skb(skb);
}

/**
 * draft_lists() - give a draft what a policy looks at beside the destination
 * @test: fails if it is refused
 * @draft: begun
 * @sources: CIDRs, separated by blanks; NULL leaves them alone
 * @interfaces: patterns, the same
 * @pool: addresses, separated by commas; NULL leaves it alone
 */
void draft_lists(struct kunit *test, struct ipmasq_draft *draft, const char *sources,
		 const char *interfaces, const char *pool)
{
	struct asked asked;

	ask(test, &asked);
	if (sources)
		put_sources(test, asked.skb, sources);
	if (interfaces)
		put_interfaces(test, asked.skb, interfaces);
	if (pool)
		put_addresses(test, asked.skb, IPMASQ_A_SNAT_ADDRESS, pool);
	parse_message(test, asked.skb, asked.attributes);
	KUNIT_ASSERT_EQ(test, ipmasq_parse_settings(&asked.request, nlmsg_hdr(asked.skb),
						    asked.attributes, draft), 0);
	kfree_skb(asked.skb);
}

/**
 * change() - change the policy in force
 * @test: from namespace_init()
 * @edit: what to do with the entries
 * @origin: whose they are
 * @words: as put_cidr() takes them, separated by blanks
 *
 * Return: what ipmasq_policy_compile() does.
 */
int change(struct kunit *test, enum ipmasq_edit edit, u8 origin, const char *words)
{
	struct ipmasq_refusal refusal;
	struct ipmasq_draft draft;

	ipmasq_draft_init(&draft, edit, origin);
	draft_words(test, &draft, words);
	return commit(test, &draft, &refusal);
}

/* ">192.0.2.1,192.0.2.2" */
static size_t append_pool(char *text, size_t size, const struct nlattr *outer)
{
	const struct nlattr *one, *ip;
	char separator = '>';
	size_t length = 0;
	int remaining;

	nla_for_each_nested(one, outer, remaining) {
		if (nla_type(one) != IPMASQ_A_CIDR_SNAT_ADDRESS)
			continue;
		ip = nla_data(one);
		length += scnprintf(text + length, size - length,
				    nla_len(ip) == 4 ? "%c%pI4" : "%c%pI6c", separator,
				    nla_data(ip));
		separator = ',';
	}
	return length;
}

static void append_entry(struct kunit *test, char *text, size_t size, struct sk_buff *skb)
{
	struct nlattr *entry[IPMASQ_A_CIDR_MAX + 1];
	const struct nlattr *outer = (const struct nlattr *)skb->data;
	size_t length = strlen(text);
	u64 connections;

	KUNIT_ASSERT_EQ(test, nla_parse_nested_deprecated(entry, IPMASQ_A_CIDR_MAX, outer, NULL,
							  NULL), 0);
	if (length)
		length += scnprintf(text + length, size - length, ", ");
	if (nla_len(entry[IPMASQ_A_CIDR_ADDRESS]) == 4)
		length += scnprintf(text + length, size - length, "%pI4",
				    nla_data(entry[IPMASQ_A_CIDR_ADDRESS]));
	else
		length += scnprintf(text + length, size - length, "%pI6c",
				    nla_data(entry[IPMASQ_A_CIDR_ADDRESS]));
	connections = nla_get_u64(entry[IPMASQ_A_CIDR_CONNECTIONS]);
	length += scnprintf(text + length, size - length, "/%u",
			    nla_get_u8(entry[IPMASQ_A_CIDR_PREFIX_LEN]));
	if (nla_get_u32(entry[IPMASQ_A_CIDR_ACTION]) == IPMASQ_ACTION_MASQUERADE)
		length += scnprintf(text + length, size - length, "!");
	length += append_pool(text + length, size - length, outer);
	length += scnprintf(text + length, size - length, "%s %s",
			    entry[IPMASQ_A_CIDR_TIMEOUT] ? "~" : "",
			    nla_get_u32(entry[IPMASQ_A_CIDR_ORIGIN]) == IPMASQ_ORIGIN_CONFIG ?
			    "config" : "static");
	if (connections)
		length += scnprintf(text + length, size - length, " %llu", connections);
	if (entry[IPMASQ_A_CIDR_SHADOWED])
		scnprintf(text + length, size - length, " shadowed");
}

/**
 * entry_at() - an entry of the policy in force
 * @test: from namespace_init(); fails if there are not so many
 * @index: which one, in their order
 * @shadowed: whether an entry of another origin decides instead
 *
 * Return: the entry.
 */
struct ipmasq_entry entry_at(struct kunit *test, u32 index, bool *shadowed)
{
	const struct ipmasq_entry first = {};
	struct ipmasq_cursor cursor;
	struct ipmasq_entry entry;

	ipmasq_cursor_seek(&cursor, &in_force(test)->table, &first);
	while (ipmasq_cursor_read(&cursor, &entry)) {
		if (!index--) {
			*shadowed = ipmasq_cursor_shadowed(&cursor);
			return entry;
		}
		cursor.index++;
	}
	KUNIT_FAIL(test, "the policy has fewer entries");
	*shadowed = false;
	return first;
}

/**
 * table_text() - all that the policy in force holds, as its dump would say
 * @test: from namespace_init()
 *
 * Return: "10.0.0.0/8 config 3, ..." with what put_cidr() takes behind the prefix, but
 * without the time that is left; the test's.
 */
char *table_text(struct kunit *test)
{
	const struct ipmasq_policy *policy = in_force(test);
	size_t size = (policy ? policy->count + 1 : 1) * PREFIX_TEXT_MAX;
	char *text = kunit_kzalloc(test, size, GFP_KERNEL);
	struct sk_buff *skb = alloc_skb(4096, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	for (i = 0; policy && i < policy->count; i++) {
		struct ipmasq_entry entry;
		bool shadowed;

		entry = entry_at(test, i, &shadowed);
		KUNIT_ASSERT_EQ(test, ipmasq_fill_entry(skb, policy, &entry, shadowed), 0);
		append_entry(test, text, size, skb);
		skb_trim(skb, 0);
	}
	kfree_skb(skb);
	return text;
}

/**
 * set_max_entries() - set the module's parameter, as a write to its file does
 * @test: fails if there is no such parameter
 * @limit: its new value
 */
void set_max_entries(struct kunit *test, u32 limit)
{
	const struct kernel_param *parameter = NULL;
	char text[16];
	unsigned int i;

	for (i = 0; i < THIS_MODULE->num_kp; i++)
		if (!strcmp(THIS_MODULE->kp[i].name, "max_entries"))
			parameter = &THIS_MODULE->kp[i];
	KUNIT_ASSERT_NOT_NULL(test, parameter);
	scnprintf(text, sizeof(text), "%u", limit);
	kernel_param_lock(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, parameter->ops->set(text, parameter), 0);
	kernel_param_unlock(THIS_MODULE);
	KUNIT_ASSERT_EQ(test, ipmasq_max_entries(), limit);
}
