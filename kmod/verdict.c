// SPDX-License-Identifier: GPL-2.0-only
#include <linux/in.h>
#include <linux/kernel.h>
#include <net/ipv6.h>

#include "cidr_table.h"
#include "policy.h"
#include "verdict.h"

/* Apart, so that a policy without the lists pays for one branch. */
static noinline enum ipmasq_verdict check_lists(const struct ipmasq_policy *policy,
						const struct ipmasq_flow *flow)
{
	const struct ipmasq_sources *sources = policy->sources;

	if (sources && !(flow->ipv6 ?
			 ipmasq_cidr_table_lookup6(&sources->table, flow->source6) :
			 ipmasq_cidr_table_lookup4(&sources->table, flow->source4)))
		return IPMASQ_VERDICT_SOURCE;
	if (policy->interfaces && !ipmasq_interfaces_have(policy->interfaces, flow->interface))
		return IPMASQ_VERDICT_INTERFACE;
	return 0;
}

/**
 * ipmasq_flow_entry() - the entry that a connection's destination is decided by
 * @flow: the connection
 * @table: kept alive by the caller, in the hook by its RCU read section
 * @entry: what to fill
 *
 * For whoever wants more than the word that the lookup gives. Never sleeps.
 *
 * Return: whether there is one.
 */
bool ipmasq_flow_entry(const struct ipmasq_flow *flow, const struct ipmasq_cidr_table *table,
		       struct ipmasq_entry *entry)
{
	const struct in6_addr address4 = { .s6_addr32 = { flow->ipv6 ? 0 : flow->destination4 } };

	return ipmasq_cidr_table_find(table, flow->ipv6,
				      flow->ipv6 ? flow->destination6 : &address4, entry);
}

/* The pool of the entry that decided: its detail is found by what it is, the word
 * that the lookup gives has no room for more.
 */
static const struct ipmasq_pool *entry_pool(const struct ipmasq_policy *policy,
					    const struct ipmasq_flow *flow)
{
	const struct ipmasq_detail *detail;
	struct ipmasq_entry entry;

	if (!ipmasq_flow_entry(flow, &policy->table, &entry))
		return NULL;
	detail = ipmasq_details_find(&policy->details, &entry);
	return detail ? detail->pool : NULL;
}

static noinline enum ipmasq_verdict choose_pool(const struct ipmasq_policy *policy,
						const struct ipmasq_flow *flow,
						struct ipmasq_decision *decision)
{
	const struct ipmasq_pool *pool = policy->pool;

	if (decision->match && ipmasq_match_action(decision->match) == IPMASQ_ACTION_SNAT)
		pool = entry_pool(policy, flow);
	if (!pool || !ipmasq_pool_count(pool, flow->ipv6))
		return IPMASQ_VERDICT_MASQUERADE;
	decision->pool = pool;
	return IPMASQ_VERDICT_SNAT;
}

static bool source_stays_on_link(const struct ipmasq_flow *flow)
{
	if (flow->ipv6)
		return ipv6_addr_any(flow->source6) ||
		       ipv6_addr_type(flow->source6) & IPV6_ADDR_LINKLOCAL;
	return ipv4_is_linklocal_169(flow->source4);
}

static bool destination_is_for_one(const struct ipmasq_flow *flow)
{
	if (flow->ipv6)
		return !(ipv6_addr_type(flow->destination6) &
			 (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_MULTICAST));
	return !ipv4_is_linklocal_169(flow->destination4) &&
	       !ipv4_is_multicast(flow->destination4) && !ipv4_is_lbcast(flow->destination4);
}

/**
 * ipmasq_decide_pool() - whether a connection may have an address of a pool
 * @flow: ipmasq_decide() returned IPMASQ_VERDICT_SNAT for it
 * @own: the source is one of the node's own addresses
 * @broadcast: the destination is the broadcast address of a network of the node's
 *
 * A pool is for what pods send to somebody. What the node itself sends keeps the address
 * that it was sent from: routing protocols, DHCP and whoever bound a socket to it rely on
 * that. A link-local source has no meaning beyond the link and never leaves it. What goes to
 * many or stays on the link gets the interface's address, as without a pool: whoever answers
 * may not know the way to one of a pool.
 *
 * Return: IPMASQ_VERDICT_SNAT, IPMASQ_VERDICT_SOURCE or IPMASQ_VERDICT_MASQUERADE.
 */
enum ipmasq_verdict ipmasq_decide_pool(const struct ipmasq_flow *flow, bool own, bool broadcast)
{
	if (own || source_stays_on_link(flow))
		return IPMASQ_VERDICT_SOURCE;
	if (broadcast || !destination_is_for_one(flow))
		return IPMASQ_VERDICT_MASQUERADE;
	return IPMASQ_VERDICT_SNAT;
}

/**
 * ipmasq_decide() - decide about one new connection
 * @policy: in force; kept alive by the caller's RCU read section
 * @flow: the connection
 * @decision: what the verdict rests on
 *
 * The order of the checks is the contract that users see: the first that applies
 * is the verdict. Takes no lock and never sleeps.
 *
 * Return: the verdict; IPMASQ_VERDICT_MASQUERADE and IPMASQ_VERDICT_SNAT still
 * have to succeed, and ipmasq_decide_pool() to agree with the latter.
 */
enum ipmasq_verdict ipmasq_decide(const struct ipmasq_policy *policy,
				  const struct ipmasq_flow *flow,
				  struct ipmasq_decision *decision)
{
	enum ipmasq_verdict verdict;
	u32 longest;

	decision->match = 0;
	if (!(policy->flags & IPMASQ_FLAG_ENABLED))
		return IPMASQ_VERDICT_DISABLED;
	/* The IPv6 hook outlives a policy that switches IPv6 off by a moment. */
	if (flow->ipv6 && !(policy->flags & IPMASQ_FLAG_IPV6))
		return IPMASQ_VERDICT_DISABLED;
	if (unlikely(policy->selective)) {
		verdict = check_lists(policy, flow);
		if (verdict)
			return verdict;
	}

	if (flow->ipv6)
		longest = ipmasq_cidr_table_lookup6(&policy->table, flow->destination6);
	else
		longest = ipmasq_cidr_table_lookup4(&policy->table, flow->destination4);
	if (longest && ipmasq_match_action(longest) == IPMASQ_ACTION_SKIP) {
		decision->match = longest;
		return IPMASQ_VERDICT_CIDR;
	}
	if (flow->local)
		return IPMASQ_VERDICT_LOCAL;
	/* Nobody's address yet (DHCP), which nf_nat_masquerade_ipv4() does not translate. */
	if (!flow->ipv6 && unlikely(!flow->source4))
		return IPMASQ_VERDICT_SOURCE;
	decision->match = longest;
	if (unlikely(policy->pooled))
		return choose_pool(policy, flow, decision);
	return IPMASQ_VERDICT_MASQUERADE;
}
