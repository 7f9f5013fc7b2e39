// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>

#include "cidr_table.h"
#include "policy.h"
#include "verdict.h"

/**
 * ipmasq_decide() - decide about one new connection
 * @policy: in force; kept alive by the caller's RCU read section
 * @flow: the connection
 * @match: of the entry that decided, see ipmasq_match(); 0 where none did
 *
 * The order of the checks is the contract that users see: the first that applies
 * is the verdict. Takes no lock and never sleeps.
 *
 * Return: the verdict; IPMASQ_VERDICT_MASQUERADE still has to succeed.
 */
enum ipmasq_verdict ipmasq_decide(const struct ipmasq_policy *policy,
				  const struct ipmasq_flow *flow,
				  u32 *match)
{
	u32 longest;

	*match = 0;
	if (!(policy->flags & IPMASQ_FLAG_ENABLED))
		return IPMASQ_VERDICT_DISABLED;
	/* The IPv6 hook outlives a policy that switches IPv6 off by a moment. */
	if (flow->ipv6 && !(policy->flags & IPMASQ_FLAG_IPV6))
		return IPMASQ_VERDICT_DISABLED;

	if (flow->ipv6)
		longest = ipmasq_cidr_table_lookup6(&policy->table, flow->destination6);
	else
		longest = ipmasq_cidr_table_lookup4(&policy->table, flow->destination4);
	if (longest && ipmasq_match_action(longest) == IPMASQ_ACTION_SKIP) {
		*match = longest;
		return IPMASQ_VERDICT_CIDR;
	}
	if (flow->local)
		return IPMASQ_VERDICT_LOCAL;
	*match = longest;
	return IPMASQ_VERDICT_MASQUERADE;
}
