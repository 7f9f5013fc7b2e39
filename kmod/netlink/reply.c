// SPDX-License-Identifier: GPL-2.0-only
/* Replies. */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netlink.h>

#include "netlink/family.h"

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

static size_t pool_address_size(void)
{
	return nla_total_size(nla_total_size(sizeof(struct in6_addr)));
}

static size_t entry_size(void)
{
	return nla_total_size(nla_total_size(sizeof(struct in6_addr)) +
			      nla_total_size(sizeof(u8)) + 2 * nla_total_size(sizeof(u32)) +
			      2 * nla_total_size_64bit(sizeof(u64)) + nla_total_size(0) +
			      IPMASQ_SNAT_ADDRESSES_MAX * pool_address_size());
}

static struct in6_addr entry_address(const struct ipmasq_entry *entry)
{
	return (struct in6_addr){ .s6_addr32 = {
		cpu_to_be32(entry->high >> 32), cpu_to_be32(entry->high),
		cpu_to_be32(entry->low >> 32), cpu_to_be32(entry->low),
	} };
}

static int put_pool(struct sk_buff *skb, int type, const struct ipmasq_pool *pool)
{
	u32 i;

	for (i = 0; pool && i < pool->count4 + pool->count6; i++) {
		struct nlattr *nest = nla_nest_start(skb, type);

		if (!nest ||
		    put_address(skb, IPMASQ_A_ADDRESS_IP, i >= pool->count4, &pool->address[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static size_t pool_size(const struct ipmasq_pool *pool)
{
	return pool ? (pool->count4 + pool->count6) * pool_address_size() : 0;
}

static int put_sources(struct sk_buff *skb, const struct ipmasq_sources *sources)
{
	const struct ipmasq_entry first = {};
	struct ipmasq_cursor cursor;
	struct ipmasq_entry entry;

	if (!sources)
		return 0;
	ipmasq_cursor_seek(&cursor, &sources->table, &first);
	for (; ipmasq_cursor_read(&cursor, &entry); cursor.index++) {
		const struct in6_addr address = entry_address(&entry);
		struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_SOURCE_CIDR);

		if (!nest ||
		    put_address(skb, IPMASQ_A_CIDR_ADDRESS, entry.family == AF_INET6, &address) ||
		    nla_put_u8(skb, IPMASQ_A_CIDR_PREFIX_LEN, entry.prefix_len))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static size_t sources_size(const struct ipmasq_sources *sources)
{
	return sources ? sources->count *
			 nla_total_size(nla_total_size(sizeof(struct in6_addr)) +
					nla_total_size(sizeof(u8))) : 0;
}

static int put_interfaces(struct sk_buff *skb, const struct ipmasq_interfaces *interfaces)
{
	u32 i;

	for (i = 0; interfaces && i < interfaces->count; i++)
		if (nla_put_string(skb, IPMASQ_A_INTERFACE, interfaces->pattern[i]))
			return -EMSGSIZE;
	return 0;
}

static size_t interfaces_size(const struct ipmasq_interfaces *interfaces)
{
	return interfaces ? interfaces->count * nla_total_size(IFNAMSIZ) : 0;
}

/**
 * ipmasq_policy_size() - room that ipmasq_fill_policy() needs
 * @policy: NULL for none
 *
 * Return: bytes.
 */
size_t ipmasq_policy_size(const struct ipmasq_policy *policy)
{
	size_t size = 3 * nla_total_size_64bit(sizeof(u64)) +
		      5 * nla_total_size(sizeof(u32)) + nla_total_size(sizeof(IPMASQ_VERSION));

	if (!policy)
		return size;
	return size + ports_size(policy) + sources_size(policy->sources) +
	       interfaces_size(policy->interfaces) + pool_size(policy->pool);
}

/**
 * ipmasq_fill_policy() - write the settings of a policy
 * @skb: where to
 * @policy: under RCU; NULL for none
 * @priority: of the hooks
 * @draining: connections that hooks without a policy are kept for; 0 for none
 *
 * Return: 0 or -EMSGSIZE.
 */
int ipmasq_fill_policy(struct sk_buff *skb, const struct ipmasq_policy *policy, int priority,
		       u64 draining)
{
	if (nla_put_u64_64bit(skb, IPMASQ_A_GENERATION, policy ? policy->generation : 0,
			      IPMASQ_A_PAD) ||
	    nla_put_u32(skb, IPMASQ_A_MAX_ENTRIES, ipmasq_max_entries()) ||
	    nla_put_s32(skb, IPMASQ_A_PRIORITY, priority) ||
	    nla_put_string(skb, IPMASQ_A_MODULE_VERSION, IPMASQ_VERSION) ||
	    (draining && nla_put_u64_64bit(skb, IPMASQ_A_DRAINING, draining, IPMASQ_A_PAD)))
		return -EMSGSIZE;
	if (!policy)
		return 0;
	if (nla_put_u32(skb, IPMASQ_A_FLAGS, policy->flags) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_CONFIG, policy->by_origin[IPMASQ_ORIGIN_CONFIG]) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_STATIC, policy->by_origin[IPMASQ_ORIGIN_STATIC]) ||
	    nla_put_u64_64bit(skb, IPMASQ_A_MEMORY, ipmasq_policy_memory(policy), IPMASQ_A_PAD))
		return -EMSGSIZE;
	if (put_ports(skb, policy->ports) || put_sources(skb, policy->sources) ||
	    put_interfaces(skb, policy->interfaces) ||
	    put_pool(skb, IPMASQ_A_SNAT_ADDRESS, policy->pool))
		return -EMSGSIZE;
	return 0;
}

static int put_timeout(struct sk_buff *skb, u64 deadline)
{
	u64 now = ktime_get_boottime_ns();
	u64 left = deadline > now ? div_u64(deadline - now, NSEC_PER_MSEC) : 0;

	/* An entry that is there has time left. */
	return nla_put_u64_64bit(skb, IPMASQ_A_CIDR_TIMEOUT, max_t(u64, left, 1),
				 IPMASQ_A_CIDR_PAD);
}

static int put_detail(struct sk_buff *skb, const struct ipmasq_policy *policy,
		      const struct ipmasq_entry *entry)
{
	const struct ipmasq_detail *detail = ipmasq_details_find(&policy->details, entry);

	if (!detail)
		return 0;
	if (detail->deadline && put_timeout(skb, detail->deadline))
		return -EMSGSIZE;
	return put_pool(skb, IPMASQ_A_CIDR_SNAT_ADDRESS, detail->pool);
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
	const struct in6_addr address = entry_address(entry);
	struct nlattr *nest = nla_nest_start(skb, IPMASQ_A_CIDR);

	if (!nest)
		return -EMSGSIZE;
	if (put_address(skb, IPMASQ_A_CIDR_ADDRESS, entry->family == AF_INET6, &address) ||
	    nla_put_u8(skb, IPMASQ_A_CIDR_PREFIX_LEN, entry->prefix_len) ||
	    nla_put_u32(skb, IPMASQ_A_CIDR_ACTION, entry->action) ||
	    nla_put_u32(skb, IPMASQ_A_CIDR_ORIGIN, entry->origin) ||
	    nla_put_u64_64bit(skb, IPMASQ_A_CIDR_CONNECTIONS,
			      ipmasq_counter_read(&policy->counters, entry->counter),
			      IPMASQ_A_CIDR_PAD) ||
	    (shadowed && nla_put_flag(skb, IPMASQ_A_CIDR_SHADOWED)) ||
	    put_detail(skb, policy, entry)) {
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
	return nla_total_size_64bit(sizeof(u64)) + entry_size() +
	       2 * nla_total_size(sizeof(u32)) + nla_total_size(sizeof(struct in6_addr)) +
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
	    nla_put_u32(skb, IPMASQ_A_VERDICT, answer->verdict) ||
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
	       nla_total_size(2 * nla_total_size(sizeof(u32)) + nla_total_size_64bit(sizeof(u64)));
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
			    nla_put_u32(skb, IPMASQ_A_STATS_FAMILY, family ? AF_INET6 : AF_INET) ||
			    nla_put_u32(skb, IPMASQ_A_STATS_VERDICT, verdict) ||
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
	return nla_total_size_64bit(sizeof(u64)) + 5 * nla_total_size(sizeof(u32));
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
	    nla_put_u32(skb, IPMASQ_A_CAUSE, cause) ||
	    (origin && nla_put_u32(skb, IPMASQ_A_ORIGIN, origin)) ||
	    nla_put_u32(skb, IPMASQ_A_PORT_ID, port_id) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_CONFIG,
			policy ? policy->by_origin[IPMASQ_ORIGIN_CONFIG] : 0) ||
	    nla_put_u32(skb, IPMASQ_A_ENTRIES_STATIC,
			policy ? policy->by_origin[IPMASQ_ORIGIN_STATIC] : 0))
		return -EMSGSIZE;
	return 0;
}

/**
 * ipmasq_exhausted_size() - room that ipmasq_fill_exhausted() needs
 *
 * Return: bytes.
 */
size_t ipmasq_exhausted_size(void)
{
	return nla_total_size(sizeof(u8)) + 3 * nla_total_size(sizeof(struct in6_addr)) +
	       2 * nla_total_size(sizeof(u16)) + nla_total_size_64bit(sizeof(u64));
}

/**
 * ipmasq_fill_exhausted() - write which connection found no free source port
 * @skb: where to
 * @ct: the connection
 * @connections: how many there were since this was told last
 *
 * The destination is the one behind a translation of the destination, which is what
 * holds the ports.
 *
 * Return: 0 or -EMSGSIZE.
 */
int ipmasq_fill_exhausted(struct sk_buff *skb, const struct nf_conn *ct, u64 connections)
{
	const struct nf_conntrack_tuple *original = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const bool ipv6 = nf_ct_l3num(ct) == AF_INET6;
	const u8 protocol = nf_ct_protonum(ct);

	if (nla_put_u8(skb, IPMASQ_A_PROTOCOL, protocol) ||
	    put_address(skb, IPMASQ_A_SOURCE, ipv6, &original->src.u3.in6) ||
	    put_address(skb, IPMASQ_A_DESTINATION, ipv6, &reply->src.u3.in6) ||
	    put_address(skb, IPMASQ_A_MASQUERADE_ADDRESS, ipv6, &reply->dst.u3.in6) ||
	    nla_put_u64_64bit(skb, IPMASQ_A_CONNECTIONS, connections, IPMASQ_A_PAD))
		return -EMSGSIZE;
	if (!ipmasq_protocol_has_ports(protocol))
		return 0;
	if (nla_put_u16(skb, IPMASQ_A_SOURCE_PORT, ntohs(original->src.u.all)) ||
	    nla_put_u16(skb, IPMASQ_A_DESTINATION_PORT, ntohs(reply->src.u.all)))
		return -EMSGSIZE;
	return 0;
}
