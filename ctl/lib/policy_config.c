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

	if (cidr->family == AF_INET6 && !config->enable_ipv6)
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

	if (entry.cidr.family == AF_INET6 && !config->enable_ipv6)
		return 0;
	count = config_pool_addresses(pool, addresses, IPMASQ_SNAT_ADDRESSES_MAX, NULL);
	entry.detail = policy_detail_new(0, addresses, count);
	if (!entry.detail)
		return -ENOMEM;
	result = policy_append(policy, &entry);
	free(entry.detail);
	return result;
}

static int want_all(struct policy *policy, const struct config *config)
{
	int result = 0;
	size_t i;

	if (!config->masq_link_local)
		result = want(policy, config, &link_local_ipv4, IPMASQ_ACTION_SKIP);
	if (!result && !config->masq_link_local_ipv6)
		result = want(policy, config, &link_local_ipv6, IPMASQ_ACTION_SKIP);
	for (i = 0; i < config->non_masquerade_count && !result; i++)
		result = want(policy, config, &config->non_masquerade_cidrs[i].cidr,
			      IPMASQ_ACTION_SKIP);
	for (i = 0; i < config->masquerade_count && !result; i++)
		result = want(policy, config, &config->masquerade_cidrs[i].cidr,
			      IPMASQ_ACTION_MASQUERADE);
	for (i = 0; i < config->pool_count && !result; i++) {
		if (config->pools[i].destination.text)
			result = want_pool(policy, config, &config->pools[i]);
	}
	return result;
}

static bool want_ports(struct policy_settings *settings, const struct config *config)
{
	settings->port_ranges_named = true;
	if (!config->port_range_count)
		return true;
	settings->port_ranges = calloc(config->port_range_count, sizeof(*settings->port_ranges));
	if (!settings->port_ranges)
		return false;
	memcpy(settings->port_ranges, config->port_ranges,
	       config->port_range_count * sizeof(*settings->port_ranges));
	settings->port_range_count = config->port_range_count;
	return true;
}

static int compare_cidrs(const void *a, const void *b)
{
	return cidr_compare(a, b);
}

static bool want_sources(struct policy_settings *settings, const struct config *config)
{
	struct cidr *cidrs;
	size_t count = 0;
	size_t i;

	settings->source_cidrs_named = true;
	if (!config->source_count)
		return true;
	cidrs = calloc(config->source_count, sizeof(*cidrs));
	if (!cidrs)
		return false;
	for (i = 0; i < config->source_count; i++)
		cidrs[i] = config->source_cidrs[i].cidr;
	qsort(cidrs, config->source_count, sizeof(*cidrs), compare_cidrs);
	for (i = 0; i < config->source_count; i++) {
		if (!count || cidr_compare(&cidrs[count - 1], &cidrs[i]))
			cidrs[count++] = cidrs[i];
	}
	settings->source_cidrs = cidrs;
	settings->source_cidr_count = count;
	return true;
}

static bool want_interfaces(struct policy_settings *settings, const struct config *config)
{
	struct policy_interface *interfaces;
	size_t count = 0;
	size_t i, j;

	settings->interfaces_named = true;
	if (!config->interface_count)
		return true;
	interfaces = calloc(config->interface_count, sizeof(*interfaces));
	if (!interfaces)
		return false;
	for (i = 0; i < config->interface_count; i++) {
		const char *text = config->output_interfaces[i].text;

		for (j = 0; j < count && strcmp(interfaces[j].pattern, text); j++)
			;
		if (j == count)
			snprintf(interfaces[count++].pattern, POLICY_INTERFACE_SIZE, "%s", text);
	}
	settings->interfaces = interfaces;
	settings->interface_count = count;
	return true;
}

/* The pool without a prefix, which is the first one. */
static bool want_addresses(struct policy_settings *settings, const struct config *config)
{
	struct cidr *addresses;

	settings->snat_addresses_named = true;
	if (!config->pool_count || config->pools[0].destination.text)
		return true;
	addresses = calloc(IPMASQ_SNAT_ADDRESSES_MAX, sizeof(*addresses));
	if (!addresses)
		return false;
	settings->snat_address_count =
		config_pool_addresses(&config->pools[0], addresses, IPMASQ_SNAT_ADDRESSES_MAX,
				      NULL);
	settings->snat_addresses = addresses;
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
	struct policy_settings *settings = &policy->settings;

	memset(policy, 0, sizeof(*policy));
	settings->flags = IPMASQ_FLAG_ENABLED;
	if (config->enable_ipv6)
		settings->flags |= IPMASQ_FLAG_IPV6;
	if (config->random_fully)
		settings->flags |= IPMASQ_FLAG_RANDOM_FULLY;
	settings->flags_named = IPMASQ_FLAGS_ALL;
	if (!want_ports(settings, config) || !want_sources(settings, config) ||
	    !want_interfaces(settings, config) || !want_addresses(settings, config) ||
	    want_all(policy, config)) {
		policy_clear(policy);
		return -ENOMEM;
	}
	drop_duplicates(policy);
	return 0;
}

