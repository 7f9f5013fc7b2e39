// SPDX-License-Identifier: GPL-2.0-only
/* IPMASQ_CMD_CARRY_OVER: what a policy takes along when the module is replaced. */
#include <linux/kernel.h>
#include <linux/socket.h>
#include <net/netlink.h>

#include "bounds.h"
#include "namespace.h"
#include "netlink/family.h"

/* Generations that leave room for as many again. */
#define GENERATION_MAX (U64_MAX / 2)

static const struct nla_policy entry_policy[IPMASQ_A_CIDR_MAX + 1] = {
	[IPMASQ_A_CIDR_ADDRESS] = { .type = NLA_BINARY, .len = sizeof(struct in6_addr) },
	[IPMASQ_A_CIDR_PREFIX_LEN] = { .type = NLA_U8 },
	[IPMASQ_A_CIDR_CONNECTIONS] = { .type = NLA_U64 },
};

static const struct nla_policy stats_policy[IPMASQ_A_STATS_MAX + 1] = {
	[IPMASQ_A_STATS_FAMILY] = { .type = NLA_U32 },
	[IPMASQ_A_STATS_VERDICT] = NLA_POLICY_RANGE(NLA_U32, 1, IPMASQ_VERDICT_MAX),
	[IPMASQ_A_STATS_CONNECTIONS] = { .type = NLA_U64 },
};

const struct nla_policy ipmasq_carry_over_policy[IPMASQ_A_MAX + 1] = {
	[IPMASQ_A_GENERATION] = { .type = NLA_U64 },
	[IPMASQ_A_ORIGIN] = NLA_POLICY_RANGE(NLA_U32, IPMASQ_ORIGIN_CONFIG, IPMASQ_ORIGIN_STATIC),
	[IPMASQ_A_CIDR] = NLA_POLICY_NESTED(entry_policy),
	[IPMASQ_A_STATS] = NLA_POLICY_NESTED(stats_policy),
};

/* The next policy's generation is above it, so that no number stands for two policies. */
static int carry_generation(struct ipmasq_request *request, const struct nlattr *attribute)
{
	u64 generation = nla_get_u64(attribute);
	struct ipmasq_net *ns = request->ns;

	if (rcu_access_pointer(ns->policy)) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "a policy is active; generations continue from its own");
		return -EBUSY;
	}
	if (generation > GENERATION_MAX) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "generation %llu is above %llu", generation,
			      GENERATION_MAX);
		return -ERANGE;
	}
	ns->generation = max(ns->generation, generation);
	return 0;
}

/* Checks a statistic, and adds it unless this is the check only. */
static int carry_statistic(struct ipmasq_request *request, const struct nlattr *attribute,
			   bool apply)
{
	static const char *const names[IPMASQ_A_STATS_MAX + 1] = {
		[IPMASQ_A_STATS_FAMILY] = "family",
		[IPMASQ_A_STATS_VERDICT] = "verdict",
		[IPMASQ_A_STATS_CONNECTIONS] = "connections",
	};
	struct nlattr *nested[IPMASQ_A_STATS_MAX + 1];
	u32 family, verdict;
	int type, err;

	err = nla_parse_nested(nested, IPMASQ_A_STATS_MAX, attribute, stats_policy,
			       request->extack);
	if (err)
		return err;
	for (type = IPMASQ_A_STATS_FAMILY; type <= IPMASQ_A_STATS_MAX; type++)
		if (!nested[type])
			return ipmasq_refuse_missing(request, attribute, type,
						     "a statistic without its %s", names[type]);
	family = nla_get_u32(nested[IPMASQ_A_STATS_FAMILY]);
	verdict = nla_get_u32(nested[IPMASQ_A_STATS_VERDICT]);
	if (family != AF_INET && family != AF_INET6) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "family %u is neither IPv4 (2) nor IPv6 (10)", family);
		return -EINVAL;
	}
	/* Set before the first policy, which is there: see carry_counters(). */
	if (apply)
		ipmasq_verdict_add(request->ns->verdicts, family == AF_INET6, verdict,
				   nla_get_u64(nested[IPMASQ_A_STATS_CONNECTIONS]));
	return 0;
}

static int carry_entry(struct ipmasq_request *request, const struct ipmasq_policy *policy,
		       const struct nlattr *attribute, u8 origin, bool apply)
{
	struct ipmasq_refusal refusal = { .reason = IPMASQ_REFUSED_MISSING };
	struct ipmasq_entry present;
	const struct nlattr *count;
	int err;

	err = ipmasq_parse_prefix(request, attribute, &refusal.entry, NULL);
	if (err)
		return err;
	refusal.entry.origin = origin;
	count = nla_find_nested(attribute, IPMASQ_A_CIDR_CONNECTIONS);
	if (!count)
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_CONNECTIONS,
					     "an entry without its connections");
	if (!origin) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		return ipmasq_refuse_missing(request, NULL, IPMASQ_A_ORIGIN,
					     "an entry without its origin");
	}
	if (!ipmasq_cidr_table_get(&policy->table, &refusal.entry, &present)) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_tell_refusal(request, &refusal);
		return -ENOENT;
	}
	if (apply)
		ipmasq_counter_add_many(&policy->counters, present.counter, nla_get_u64(count));
	return 0;
}

/* A message may be as long as the sender's buffer. */
static int carry_counters(struct ipmasq_request *request, const struct nlmsghdr *header,
			  const struct ipmasq_policy *policy, u8 origin, bool apply)
{
	const struct nlattr *attribute;
	int remaining, err = 0;
	u32 steps = 0;

	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, remaining) {
		ipmasq_reschedule(steps++);
		if (nla_type(attribute) == IPMASQ_A_CIDR)
			err = carry_entry(request, policy, attribute, origin, apply);
		else if (nla_type(attribute) == IPMASQ_A_STATS)
			err = carry_statistic(request, attribute, apply);
		if (err)
			return err;
	}
	return 0;
}

/**
 * ipmasq_carry_over() - take over what an earlier policy had counted
 * @request: who asks; the namespace's lock is held
 * @header: the message
 * @attributes: its attributes, their form checked by ipmasq_carry_over_policy
 *
 * Counters are added to, so that what was decided meanwhile stays. All of a message is
 * taken or nothing.
 *
 * Return: 0; -EBUSY for a generation while a policy is active; -ERANGE for one that is too
 * large; -ENOENT for counters of entries, or of a policy, that are not there; -EINVAL.
 */
int ipmasq_carry_over(struct ipmasq_request *request, const struct nlmsghdr *header,
		      struct nlattr **attributes)
{
	struct ipmasq_refusal refusal = { .reason = IPMASQ_REFUSED_NO_POLICY };
	const struct ipmasq_policy *policy;
	u8 origin = 0;
	int err = 0;

	lockdep_assert_held(&request->ns->lock);
	policy = rcu_dereference_protected(request->ns->policy,
					   lockdep_is_held(&request->ns->lock));
	if (attributes[IPMASQ_A_ORIGIN])
		origin = nla_get_u32(attributes[IPMASQ_A_ORIGIN]);
	if (attributes[IPMASQ_A_CIDR] || attributes[IPMASQ_A_STATS]) {
		if (!policy) {
			ipmasq_tell_refusal(request, &refusal);
			return -ENOENT;
		}
		err = carry_counters(request, header, policy, origin, false);
	}
	if (!err && attributes[IPMASQ_A_GENERATION])
		err = carry_generation(request, attributes[IPMASQ_A_GENERATION]);
	if (!err && policy)
		err = carry_counters(request, header, policy, origin, true);
	return err;
}
