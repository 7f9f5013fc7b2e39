// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a policy that is not in force would do. For the one in force the module
 * is asked, which alone knows the routes.
 */
#include "decision.h"

#include <string.h>
#include <sys/socket.h>

/**
 * decision_init() - get ready to ask a policy
 * @decision: to fill; owns nothing
 * @policy: sorted by policy_sort(), with all settings; must outlive @decision
 */
void decision_init(struct decision *decision, const struct policy *policy)
{
	size_t i;

	memset(decision, 0, sizeof(*decision));
	decision->policy = policy;
	for (i = 0; i < policy->count; i++) {
		const struct cidr *cidr = &policy->entries[i].cidr;

		decision->lengths[cidr->family == AF_INET6][cidr->prefix_len] = true;
	}
}

/* The entry that decides for exactly this prefix: the static one, which is the
 * last in order, where both origins have it.
 */
static const struct policy_entry *find(const struct policy *policy, const struct cidr *prefix)
{
	const struct policy_entry *found = NULL;
	size_t low = 0;
	size_t high = policy->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = cidr_compare(&policy->entries[middle].cidr, prefix);

		if (!order)
			found = &policy->entries[middle];
		if (order <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return found;
}

/* The longest prefix that holds an address. */
static const struct policy_entry *find_longest(const struct decision *decision,
					       const struct cidr *address)
{
	bool ipv6 = address->family == AF_INET6;
	const struct policy_entry *entry = NULL;
	struct cidr prefix;
	int length;

	for (length = ipv6 ? 128 : 32; length >= 0 && !entry; length--) {
		if (!decision->lengths[ipv6][length])
			continue;
		prefix = *address;
		prefix.prefix_len = (uint8_t)length;
		cidr_mask(&prefix);
		entry = find(decision->policy, &prefix);
	}
	return entry;
}

/**
 * decision_source_listed() - whether the source list of a policy lets a source through
 * @settings: of the policy
 * @source: host prefix
 *
 * Return: true where there is no list, too.
 */
bool decision_source_listed(const struct policy_settings *settings, const struct cidr *source)
{
	const struct policy_list *list = &settings->list[SETTING_SOURCE_CIDRS];
	const struct cidr *cidrs = list->items;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (cidr_holds(&cidrs[i], source))
			return true;
	}
	return !list->count;
}

/**
 * decision_name_matches() - whether an interface is one of those that a pattern means
 * @name: of the interface
 * @pattern: "*" stands for any characters; at most POLICY_INTERFACE_SIZE
 */
bool decision_name_matches(const char *name, const char *pattern)
{
	if (*pattern == '*')
		return decision_name_matches(name, pattern + 1) ||
		       (*name && decision_name_matches(name + 1, pattern));
	return *name == *pattern && (!*name || decision_name_matches(name + 1, pattern + 1));
}

static bool on_interface_list(const struct policy_settings *settings, const char *name)
{
	const struct policy_list *list = &settings->list[SETTING_OUTPUT_INTERFACES];
	const struct policy_interface *interfaces = list->items;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (decision_name_matches(name, interfaces[i].pattern))
			return true;
	}
	return !list->count;
}

static bool has_family(const struct cidr *addresses, size_t count, uint8_t family)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (addresses[i].family == family)
			return true;
	}
	return false;
}

static bool is_unspecified(const struct cidr *host)
{
	static const struct cidr any;

	return !memcmp(host->address, any.address, sizeof(any.address));
}

static bool is_link_local(const struct cidr *host)
{
	if (host->family == AF_INET6)
		return host->address[0] == 0xfe && (host->address[1] & 0xc0) == 0x80;
	return host->address[0] == 169 && host->address[1] == 254;
}

/* 224.0.0.0/4 and 255.255.255.255, or ff00::/8. */
static bool is_for_many(const struct cidr *host)
{
	static const uint8_t everybody[4] = { 255, 255, 255, 255 };

	if (host->family == AF_INET6)
		return host->address[0] == 0xff;
	return host->address[0] >> 4 == 14 ||
	       !memcmp(host->address, everybody, sizeof(everybody));
}

/* As ipmasq_decide_pool() of kmod/verdict.c, but for the node's own sources and for the
 * broadcast addresses of its networks: judge_competent() keeps those away.
 */
static enum decision_kind use_pool(const struct decision_flow *flow)
{
	if (is_unspecified(flow->source) || is_link_local(flow->source))
		return DECISION_LEAVE;
	if (is_link_local(flow->destination) || is_for_many(flow->destination))
		return DECISION_MASQUERADE;
	return DECISION_POOL;
}

/* The entry's own pool, or that of the policy if it has one of the family. */
static void choose_pool(const struct policy *policy, const struct decision_flow *flow,
			struct decided *decided)
{
	const struct policy_list *pool = &policy->settings.list[SETTING_SNAT_ADDRESSES];
	const struct policy_detail *detail = decided->entry ? decided->entry->detail : NULL;

	if (detail && detail->address_count) {
		decided->addresses = detail->addresses;
		decided->address_count = detail->address_count;
	} else if (has_family(pool->items, pool->count, flow->source->family)) {
		decided->addresses = pool->items;
		decided->address_count = pool->count;
	}
	if (decided->address_count)
		decided->kind = use_pool(flow);
}

/**
 * decision_make() - what a policy would do with a connection
 * @decision: the policy
 * @flow: the connection
 * @decided: filled
 *
 * As kmod/verdict.c. Where the interface is not known and would make a difference,
 * the kind is DECISION_INTERFACE: find it out and ask again.
 */
void decision_make(const struct decision *decision, const struct decision_flow *flow,
		   struct decided *decided)
{
	const struct policy *policy = decision->policy;
	const struct policy_settings *settings = &policy->settings;

	memset(decided, 0, sizeof(*decided));
	if (!(settings->flags & IPMASQ_FLAG_ENABLED) ||
	    (flow->destination->family == AF_INET6 && !(settings->flags & IPMASQ_FLAG_IPV6)) ||
	    !decision_source_listed(settings, flow->source) ||
	    (flow->interface && !on_interface_list(settings, flow->interface)))
		return;
	decided->entry = find_longest(decision, flow->destination);
	if ((decided->entry && decided->entry->action == IPMASQ_ACTION_SKIP) || flow->local)
		return;
	if (settings->list[SETTING_OUTPUT_INTERFACES].count && !flow->interface) {
		decided->kind = DECISION_INTERFACE;
		return;
	}
	if (flow->source->family == AF_INET && is_unspecified(flow->source))
		return;
	decided->kind = DECISION_MASQUERADE;
	choose_pool(policy, flow, decided);
}

static bool is_among(const struct cidr *addresses, size_t count, const struct cidr *address)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!cidr_compare(&addresses[i], address))
			return true;
	}
	return false;
}

/**
 * decided_agrees() - whether the far side sees what it would after a decision
 * @decided: from decision_make(); DECISION_INTERFACE agrees with nothing
 * @connection: as it was read
 *
 * Every address of a pool is right, also if another would be chosen now.
 */
bool decided_agrees(const struct decided *decided, const struct connection *connection)
{
	bool translated = cidr_compare(&connection->translated, &connection->source);

	switch (decided->kind) {
	case DECISION_LEAVE:
		return !translated;
	case DECISION_MASQUERADE:
		return translated;
	case DECISION_POOL:
		return is_among(decided->addresses, decided->address_count,
				&connection->translated);
	default:
		return false;
	}
}
