// SPDX-License-Identifier: GPL-2.0-or-later
/* What a configuration asks of the kernel. */
#include "policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "config/config.h"

/* 169.254.0.0/16 (RFC 3927) and fe80::/10 (RFC 4291), which the reference agent
 * leaves alone unless masqLinkLocal or masqLinkLocalIPv6 is set.
 */
static const struct cidr link_local_ipv4 = {
	.family = AF_INET,
	.prefix_len = 16,
	.address = { 169, 254 },
};

static const struct cidr link_local_ipv6 = {
	.family = AF_INET6,
	.prefix_len = 10,
	.address = { 0xfe, 0x80 },
};

/* Where one prefix is on several lists snatAddresses wins, which is a way to
 * masquerade, then masqueradeCIDRs. The reader refuses what contradicts itself;
 * what is left is link-local addresses, which are skipped without being listed.
 */
static int compare_wanted(const void *a, const void *b)
{
	const struct policy_entry *x = a;
	const struct policy_entry *y = b;
	int order = policy_entry_compare(x, y);

	return order ? order : (int)y->action - (int)x->action;
}

static void drop_duplicates(struct policy *policy)
{
	size_t kept = 0;
	size_t i;

	if (!policy->count)
		return;
	qsort(policy->entries, policy->count, sizeof(*policy->entries), compare_wanted);
	for (i = 1; i < policy->count; i++) {
		if (policy_entry_compare(&policy->entries[kept], &policy->entries[i]))
			policy->entries[++kept] = policy->entries[i];
		else
			free(policy->entries[i].detail);
	}
	policy->count = kept + 1;
}

static int want(struct policy *policy, const struct config *config, const struct cidr *cidr,
		enum ipmasq_action action)
{
	struct policy_entry entry = {
		.cidr = *cidr,
		.action = (uint8_t)action,
		.origin = IPMASQ_ORIGIN_CONFIG,
	};

	if (cidr->family == AF_INET6 && !config->value[SETTING_ENABLE_IPV6].truth)
		return 0;
	return policy_append(policy, &entry);
}

static int want_pool(struct policy *policy, const struct config *config,
		     const struct config_pool *pool)
{
	struct cidr addresses[IPMASQ_SNAT_ADDRESSES_MAX];
	struct policy_entry entry = {
		.cidr = pool->destination.cidr,
		.action = IPMASQ_ACTION_SNAT,
		.origin = IPMASQ_ORIGIN_CONFIG,
	};
	size_t count;
	int result;

	if (entry.cidr.family == AF_INET6 && !config->value[SETTING_ENABLE_IPV6].truth)
		return 0;
	count = config_pool_addresses(pool, addresses, IPMASQ_SNAT_ADDRESSES_MAX, NULL);
	entry.detail = policy_detail_new(0, addresses, count);
	if (!entry.detail)
		return -ENOMEM;
	result = policy_append(policy, &entry);
	free(entry.detail);
	return result;
}

static int want_list(struct policy *policy, const struct config *config, enum setting list,
		     enum ipmasq_action action)
{
	const struct config_list *cidrs = &config->value[list].list;
	int result = 0;
	size_t i;

	for (i = 0; i < cidrs->count && !result; i++)
		result = want(policy, config, &cidrs->items[i].cidr, action);
	return result;
}

static int want_all(struct policy *policy, const struct config *config)
{
	const struct config_pools *pools = &config->value[SETTING_SNAT_ADDRESSES].pools;
	int result = 0;
	size_t i;

	if (!config->value[SETTING_MASQ_LINK_LOCAL].truth)
		result = want(policy, config, &link_local_ipv4, IPMASQ_ACTION_SKIP);
	if (!result && !config->value[SETTING_MASQ_LINK_LOCAL_IPV6].truth)
		result = want(policy, config, &link_local_ipv6, IPMASQ_ACTION_SKIP);
	if (!result)
		result = want_list(policy, config, SETTING_NON_MASQUERADE_CIDRS,
				   IPMASQ_ACTION_SKIP);
	if (!result)
		result = want_list(policy, config, SETTING_MASQUERADE_CIDRS,
				   IPMASQ_ACTION_MASQUERADE);
	for (i = 0; i < pools->count && !result; i++) {
		if (pools->list[i].destination.text)
			result = want_pool(policy, config, &pools->list[i]);
	}
	return result;
}

static int compare_cidrs(const void *a, const void *b)
{
	return cidr_compare(a, b);
}

static size_t take_cidrs(struct cidr *cidrs, const struct config_list *list)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < list->count; i++)
		cidrs[i] = list->items[i].cidr;
	qsort(cidrs, list->count, sizeof(*cidrs), compare_cidrs);
	for (i = 0; i < list->count; i++) {
		if (!count || cidr_compare(&cidrs[count - 1], &cidrs[i]))
			cidrs[count++] = cidrs[i];
	}
	return count;
}

static size_t take_interfaces(struct policy_interface *interfaces, const struct config_list *list)
{
	size_t count = 0;
	size_t i, j;

	for (i = 0; i < list->count; i++) {
		const char *text = list->items[i].text;

		for (j = 0; j < count && strcmp(interfaces[j].pattern, text); j++)
			;
		if (j == count)
			snprintf(interfaces[count++].pattern, POLICY_INTERFACE_SIZE, "%s", text);
	}
	return count;
}

/* The pool without a prefix, which is the first one. */
static const struct config_pool *general_pool(const struct config_pools *pools)
{
	return pools->count && !pools->list[0].destination.text ? &pools->list[0] : NULL;
}

/* Items that the policy may have of a list, at most; duplicates are among them. */
static size_t count_items(const union config_value *value, enum setting setting)
{
	switch (setting_table[setting].type) {
	case SETTING_TYPE_PORTS:
		return value->ports.count;
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
		return value->list.count;
	case SETTING_TYPE_POOLS:
		return general_pool(&value->pools) ? setting_table[setting].most : 0;
	case SETTING_TYPE_BOOL:
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		break;
	}
	return 0;
}

static bool want_items(struct policy_list *list, const union config_value *value,
		       enum setting setting)
{
	size_t room = count_items(value, setting);

	list->named = true;
	if (!room)
		return true;
	list->items = calloc(room, policy_item_size(setting));
	if (!list->items)
		return false;
	switch (setting_table[setting].type) {
	case SETTING_TYPE_PORTS:
		memcpy(list->items, value->ports.ranges, room * sizeof(struct port_range));
		list->count = room;
		break;
	case SETTING_TYPE_CIDRS:
		list->count = take_cidrs(list->items, &value->list);
		break;
	case SETTING_TYPE_INTERFACES:
		list->count = take_interfaces(list->items, &value->list);
		break;
	case SETTING_TYPE_POOLS:
		list->count = config_pool_addresses(general_pool(&value->pools), list->items,
						    room, NULL);
		break;
	case SETTING_TYPE_BOOL:
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		break;
	}
	return true;
}

static bool want_settings(struct policy_settings *settings, const struct config *config)
{
	int i;

	settings->flags = IPMASQ_FLAG_ENABLED;
	settings->flags_named = IPMASQ_FLAGS_ALL;
	for (i = 0; i < SETTING_COUNT; i++) {
		if (setting_table[i].policy_flag && config->value[i].truth)
			settings->flags |= setting_table[i].policy_flag;
		if (setting_is_policy_list((enum setting)i) &&
		    !want_items(&settings->list[i], &config->value[i], (enum setting)i))
			return false;
	}
	return true;
}

/**
 * policy_from_config() - what the kernel's policy has to be
 * @config: a resolved configuration
 * @policy: is overwritten; policy_clear() frees it
 *
 * The entries, all of origin config, are those for which the reference agent
 * writes a RETURN rule, masqueradeCIDRs, and the prefixes of snatAddresses; IPv6
 * ones only while IPv6 is on. They come sorted and without duplicates. All
 * settings are named.
 *
 * Return: 0 or -ENOMEM, with @policy empty.
 */
int policy_from_config(const struct config *config, struct policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	if (!want_settings(&policy->settings, config) || want_all(policy, config)) {
		policy_clear(policy);
		return -ENOMEM;
	}
	drop_duplicates(policy);
	return 0;
}
