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

/**
 * decision_translates() - whether a connection's source would be translated
 * @decision: a policy
 * @destination: host prefix, of another node
 */
bool decision_translates(const struct decision *decision, const struct cidr *destination)
{
	const struct policy *policy = decision->policy;
	bool ipv6 = destination->family == AF_INET6;
	const struct policy_entry *entry;
	struct cidr prefix;
	int length;

	if (!(policy->settings.flags & IPMASQ_FLAG_ENABLED) ||
	    (ipv6 && !(policy->settings.flags & IPMASQ_FLAG_IPV6)))
		return false;
	for (length = ipv6 ? 128 : 32; length >= 0; length--) {
		if (!decision->lengths[ipv6][length])
			continue;
		prefix = *destination;
		prefix.prefix_len = (uint8_t)length;
		cidr_mask(&prefix);
		entry = find(policy, &prefix);
		if (entry)
			return entry->action == IPMASQ_ACTION_MASQUERADE;
	}
	return true;
}
