// SPDX-License-Identifier: GPL-2.0-only
/* Replies. */
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "hook.h"
#include "netlink.h"

static int put_address(struct sk_buff *skb, int type, bool ipv6, const struct in6_addr *address)
{
	return nla_put(skb, type, ipv6 ? sizeof(*address) : sizeof(__be32), address);
}

static int put_port_range(struct sk_buff *skb, u16 first, u16 last)
{
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_PORT_RANGE);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u16(skb, IPMASQ_A_PORT_RANGE_FIRST, first) ||
	    nla_put_u16(skb, IPMASQ_A_PORT_RANGE_LAST, last)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_ports(struct sk_buff *skb, const struct ipmasq_ports *ports)
{
	u32 i;

	for (i = 0; ports && i < ports->count; i++)
		if (put_port_range(skb, ports->range[i].first, ports->range[i].last))
			return -EMSGSIZE;
	return 0;
}

static size_t port_range_size(void)
{
	return nla_total_size(2 * nla_total_size(sizeof(u16)));
}

static size_t ports_size(const struct ipmasq_policy *policy)
{
	return policy && policy->ports ? policy->ports->count * port_range_size() : 0;
}

static size_t entry_size(void)
{
	return nla_total_size(nla_total_size(sizeof(struct in6_addr)) +
			      3 * nla_total_size(sizeof(u8)) +
			      nla_total_size_64bit(sizeof(u64)) + nla_total_size(0));
}

/**
 * ipmasq_policy_size() - room that ipmasq_fill_policy() needs
 * @policy: NULL for none
 *
 * Return: bytes.
 */
size_t ipmasq_policy_size(const struct ipmasq_policy *policy)
{
	return 2 * nla_total_size_64bit(sizeof(u64)) +
	       nla_total_size(sizeof(struct nla_bitfield32)) + 4 * nla_total_size(sizeof(u32)) +
	       nla_total_size(sizeof(IPMASQ_VERSION)) + ports_size(policy);
}

/**
 * ipmasq_fill_policy() - write the settings of a policy
 * @skb: where to
 * @policy: under RCU; NULL for none
 *
 * Return: 0 or -EMSGSIZE.
 */
int ipmasq_fill_policy(struct sk_buff *skb, const struct ipmasq_policy *policy)
{
	struct nla_bitfield32 flags = { .selector = IPMASQ_FLAGS_ALL };

	if (nla_put_u64_64bit(skb, IPMASQ_A_GENERATION, policy ? policy->generation : 0,
			      IPMASQ_A_PAD) ||
	    nla_put_u32(skb, IPMASQ_A_MAX_ENTRIES, ipmasq_max_entries()) ||
	    nla_put_s32(skb, IPMASQ_A_PRIORITY, ipmasq_hook_priority()) ||
	    nla_put_string(skb, IPMASQ_A_MODULE_VERSION, IPMASQ_VERSION))
		return -EMSGSIZE;
	if (!policy)
		return 0;
	flags.value = policy->flags;
	if (nla_put(skb, IPMASQ_A_FLAGS, sizeof(flags), &flags) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_CONFIG, policy->by_origin[IPMASQ_ORIGIN_CONFIG]) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_STATIC, policy->by_origin[IPMASQ_ORIGIN_STATIC]) ||
	    nla_put_u64_64bit(skb, IPMASQ_A_MEMORY, ipmasq_policy_memory(policy), IPMASQ_A_PAD))
		return -EMSGSIZE;
	return put_ports(skb, policy->ports);
}

/**
 * ipmasq_fill_entry() - write one entry with its counter
 * @skb: where to
 * @policy: under RCU
 * @entry: of its table
 * @shadowed: an entry of another origin decides instead
 *
 * Return: 0, or -EMSGSIZE with nothing written.
 */
int ipmasq_fill_entry(struct sk_buff *skb, const struct ipmasq_policy *policy,
		      const struct ipmasq_entry *entry, bool shadowed)
{
	const struct in6_addr address = { .s6_addr32 = {
		cpu_to_be32(entry->high >> 32), cpu_to_be32(entry->high),
		cpu_to_be32(entry->low >> 32), cpu_to_be32(entry->low),
	} };
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_CIDR);

	if (!nest)
		return -EMSGSIZE;
	if (put_address(skb, IPMASQ_A_CIDR_ADDRESS, entry->family == AF_INET6, &address) ||
	    nla_put_u8(skb, IPMASQ_A_CIDR_PREFIX_LEN, entry->prefix_len) ||
	    nla_put_u8(skb, IPMASQ_A_CIDR_ACTION, entry->action) ||
	    nla_put_u8(skb, IPMASQ_A_CIDR_ORIGIN, entry->origin) ||
	    nla_put_u64_64bit(skb, IPMASQ_A_CIDR_CONNECTIONS,
			      ipmasq_counter_read(&policy->counters, entry->counter),
			      IPMASQ_A_CIDR_PAD) ||
	    (shadowed && nla_put_flag(skb, IPMASQ_A_CIDR_SHADOWED))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * ipmasq_answer_size() - room that ipmasq_fill_answer() needs
 * @policy: the policy
 *
 * Return: bytes.
 */
size_t ipmasq_answer_size(const struct ipmasq_policy *policy)
{
	return nla_total_size_64bit(sizeof(u64)) + nla_total_size(sizeof(u8)) + entry_size() +
	       nla_total_size(sizeof(u32)) + nla_total_size(sizeof(struct in6_addr)) +
	       port_range_size() + ports_size(policy);
}

static bool protocol_has_ranges(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

/**
 * ipmasq_fill_answer() - write an explanation
 * @skb: where to
 * @policy: that was asked, under RCU since then
 * @question: the connection
 * @answer: the explanation
 *
 * Return: 0 or -EMSGSIZE.
 */
int ipmasq_fill_answer(struct sk_buff *skb, const struct ipmasq_policy *policy,
		       const struct ipmasq_question *question,
		       const struct ipmasq_answer *answer)
{
	if (nla_put_u64_64bit(skb, IPMASQ_A_GENERATION, policy->generation, IPMASQ_A_PAD) ||
	    nla_put_u8(skb, IPMASQ_A_VERDICT, answer->verdict) ||
	    nla_put_u32(skb, IPMASQ_A_OUTPUT_INTERFACE, answer->output_interface))
		return -EMSGSIZE;
	if (answer->has_entry && ipmasq_fill_entry(skb, policy, &answer->entry, false))
		return -EMSGSIZE;
	if (!answer->has_address)
		return 0;
	if (put_address(skb, IPMASQ_A_MASQUERADE_ADDRESS, question->ipv6, &answer->address))
		return -EMSGSIZE;
	if (policy->ports && protocol_has_ranges(question->protocol))
		return put_ports(skb, policy->ports);
	return answer->has_ports ? put_port_range(skb, answer->first, answer->last) : 0;
}

/**
 * ipmasq_statistics_size() - room that ipmasq_fill_statistics() needs
 *
 * Return: bytes.
 */
size_t ipmasq_statistics_size(void)
{
	return 2 * IPMASQ_VERDICT_MAX *
	       nla_total_size(2 * nla_total_size(sizeof(u8)) + nla_total_size_64bit(sizeof(u64)));
}

/**
 * ipmasq_fill_statistics() - write how often each verdict was given
 * @skb: where to
 * @counts: summed over all CPUs
 *
 * Return: 0 or -EMSGSIZE.
 */
int ipmasq_fill_statistics(struct sk_buff *skb, const struct ipmasq_verdict_counts *counts)
{
	struct nlattr *nest;
	u32 family, verdict;

	for (family = 0; family < 2; family++) {
		for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++) {
			nest = nla_nest_start(skb, IPMASQ_A_STATS);
			if (!nest ||
			    nla_put_u8(skb, IPMASQ_A_STATS_FAMILY, family ? AF_INET6 : AF_INET) ||
			    nla_put_u8(skb, IPMASQ_A_STATS_VERDICT, verdict) ||
			    nla_put_u64_64bit(skb, IPMASQ_A_STATS_CONNECTIONS,
					      counts->connections[family][verdict],
					      IPMASQ_A_STATS_PAD))
				return -EMSGSIZE;
			nla_nest_end(skb, nest);
		}
	}
	return 0;
}

/**
 * ipmasq_event_size() - room that ipmasq_fill_event() needs
 *
 * Return: bytes.
 */
size_t ipmasq_event_size(void)
{
	return nla_total_size_64bit(sizeof(u64)) + 2 * nla_total_size(sizeof(u8)) +
	       3 * nla_total_size(sizeof(u32));
}

/**
 * ipmasq_fill_event() - write that the policy changed
 * @skb: where to
 * @policy: now in force, under the namespace's lock; NULL for none
 * @cause: enum ipmasq_cmd
 * @origin: whose entries changed; 0 where none did
 * @port_id: who did it
 *
 * Return: 0 or -EMSGSIZE.
 */
int ipmasq_fill_event(struct sk_buff *skb, const struct ipmasq_policy *policy, u8 cause,
		      u8 origin, u32 port_id)
{
	if (nla_put_u64_64bit(skb, IPMASQ_A_GENERATION, policy ? policy->generation : 0,
			      IPMASQ_A_PAD) ||
	    nla_put_u8(skb, IPMASQ_A_CAUSE, cause) ||
	    (origin && nla_put_u8(skb, IPMASQ_A_ORIGIN, origin)) ||
	    nla_put_u32(skb, IPMASQ_A_PORT_ID, port_id) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_CONFIG,
			policy ? policy->by_origin[IPMASQ_ORIGIN_CONFIG] : 0) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_STATIC,
			policy ? policy->by_origin[IPMASQ_ORIGIN_STATIC] : 0))
		return -EMSGSIZE;
	return 0;
}
