// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a configuration would change: entry by entry, and how many of the
 * connections that there are would have been decided differently.
 */
#include "difference.h"

#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connections.h"
#include "decision.h"
#include "policy_json.h"
#include "settings.h"

/* The entries of one origin. */
static int copy_entries(const struct policy *from, uint8_t origin, struct policy *to)
{
	size_t i;

	for (i = 0; i < from->count; i++) {
		if (from->entries[i].origin == origin && policy_append(to, &from->entries[i]))
			return -ENOMEM;
	}
	return 0;
}

static void host_prefix(const struct sockaddr *address, struct cidr *host)
{
	memset(host, 0, sizeof(*host));
	host->family = (uint8_t)address->sa_family;
	if (address->sa_family == AF_INET) {
		host->prefix_len = 32;
		memcpy(host->address, &((const struct sockaddr_in *)address)->sin_addr, 4);
	} else {
		host->prefix_len = 128;
		memcpy(host->address, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
	}
}

/* Connections to this node are left alone under any policy. */
static bool is_local(const struct ifaddrs *interfaces, const struct cidr *address)
{
	struct cidr host;

	for (; interfaces; interfaces = interfaces->ifa_next) {
		if (!interfaces->ifa_addr ||
		    interfaces->ifa_addr->sa_family != address->family)
			continue;
		host_prefix(interfaces->ifa_addr, &host);
		if (!cidr_compare(&host, address))
			return true;
	}
	return false;
}

static int count_connections(struct difference *difference)
{
	struct connections connections = { 0 };
	struct decision present, wanted;
	struct ifaddrs *interfaces;
	size_t i;
	int error;

	if (getifaddrs(&interfaces))
		return -errno;
	error = connections_read(&connections);
	if (error)
		goto clear;
	decision_init(&present, &difference->present);
	decision_init(&wanted, &difference->wanted);
	difference->connections = (int64_t)connections.count;
	difference->decided_differently = 0;
	for (i = 0; i < connections.count; i++) {
		const struct cidr *destination = &connections.list[i].destination;

		if (decision_translates(&present, destination) !=
		    decision_translates(&wanted, destination) &&
		    !is_local(interfaces, destination))
			difference->decided_differently++;
	}
clear:
	connections_clear(&connections);
	freeifaddrs(interfaces);
	return error;
}

/**
 * difference_read() - compare the policy in force with a configuration
 * @invocation: how the program was called
 * @client: an open client
 * @config: from policy_from_config(); taken over and empty afterwards
 * @difference: filled; difference_clear() frees it in every case
 *
 * Return: 0, or the exit code after an error was printed.
 */
int difference_read(const struct invocation *invocation, struct client *client,
		    struct policy *config, struct difference *difference)
{
	struct policy ours = { 0 };
	int error;

	memset(difference, 0, sizeof(*difference));
	difference->connections = -1;
	difference->wanted = *config;
	memset(config, 0, sizeof(*config));
	error = client_policy_read(client, &difference->present, &difference->generation);
	if (error)
		return refuse_client(invocation, client, error);
	/* Without a policy nothing is translated, as with one that is disabled. */
	if (!difference->generation)
		difference->present.settings.flags &= ~IPMASQ_FLAG_ENABLED;

	error = copy_entries(&difference->present, IPMASQ_ORIGIN_CONFIG, &ours);
	if (!error) {
		difference->entries = policy_compare(&difference->wanted, &ours, NULL, NULL);
		difference->settings = !difference->generation ||
				       !policy_settings_equal(&difference->wanted.settings,
							      &difference->present.settings);
		error = copy_entries(&difference->present, IPMASQ_ORIGIN_STATIC,
				     &difference->wanted);
	}
	policy_clear(&ours);
	if (error)
		return refuse(invocation, "out of memory");
	policy_sort(&difference->wanted);

	error = count_connections(difference);
	if (error)
		warn(invocation, "the connections cannot be read: %s", strerror(-error));
	return 0;
}

/**
 * difference_none() - whether the configuration is in force already
 * @difference: from difference_read()
 */
bool difference_none(const struct difference *difference)
{
	return !difference->entries && !difference->settings;
}

static void print_entry(const char *mark, const struct policy_entry *entry, bool colour)
{
	char text[CIDR_TEXT_MAX];

	printf("%s%s %s %s%s\n", !colour ? "" : *mark == '+' ? "\033[32m" : "\033[31m", mark,
	       cidr_format(&entry->cidr, text), policy_action_name(entry->action),
	       colour ? "\033[0m" : "");
}

static void print_change(const struct policy_entry *wanted, const struct policy_entry *present,
			 void *data)
{
	const struct invocation *invocation = data;

	/* The static ones are the same on both sides. */
	if (present)
		print_entry("-", present, invocation->colour);
	if (wanted)
		print_entry("+", wanted, invocation->colour);
}

/**
 * difference_print() - print a difference for people
 * @invocation: how the program was called
 * @difference: from difference_read()
 *
 * A line with - for what goes and one with + for what comes.
 */
void difference_print(const struct invocation *invocation, const struct difference *difference)
{
	if (difference->settings) {
		if (difference->generation) {
			printf("- set");
			settings_print(stdout, &difference->present.settings);
			printf("\n");
		}
		printf("+ set");
		settings_print(stdout, &difference->wanted.settings);
		printf("\n");
	}
	policy_compare(&difference->wanted, &difference->present, print_change,
		       (void *)invocation);
	if (difference_none(difference))
		puts("no difference");
	else if (difference->connections >= 0)
		printf("%" PRId64 " of %" PRId64 " connections would have been decided differently\n",
		       difference->decided_differently, difference->connections);
}

static void list_change(const struct policy_entry *wanted, const struct policy_entry *present,
			void *data)
{
	const struct policy_entry *entry = wanted ? wanted : present;
	char text[CIDR_TEXT_MAX];

	json_array_append_new(data, json_pack("{s:s, s:s?, s:s?}",
			      "cidr", cidr_format(&entry->cidr, text),
			      "present", present ? policy_action_name(present->action) : NULL,
			      "wanted", wanted ? policy_action_name(wanted->action) : NULL));
}

static json_t *settings_json(const struct policy_settings *settings)
{
	return json_pack("{s:b, s:b, s:b, s:o}",
			 "enabled", !!(settings->flags & IPMASQ_FLAG_ENABLED),
			 "ipv6", !!(settings->flags & IPMASQ_FLAG_IPV6),
			 "random_fully", !!(settings->flags & IPMASQ_FLAG_RANDOM_FULLY),
			 "port_ranges", port_ranges_json(settings->port_ranges,
							 settings->port_range_count));
}

/**
 * difference_json() - a difference as JSON
 * @difference: from difference_read()
 *
 * Return: a new object, NULL without memory.
 */
json_t *difference_json(const struct difference *difference)
{
	json_t *entries = json_array();
	json_t *object;

	policy_compare(&difference->wanted, &difference->present, list_change, entries);
	object = json_pack("{s:b, s:I, s:o}", "different", (int)!difference_none(difference),
			   "generation", (json_int_t)difference->generation, "entries", entries);
	if (difference->settings && difference->generation)
		json_object_set_new(object, "settings_present",
				    settings_json(&difference->present.settings));
	if (difference->settings)
		json_object_set_new(object, "settings_wanted",
				    settings_json(&difference->wanted.settings));
	if (difference->connections >= 0) {
		json_object_set_new(object, "connections", json_integer(difference->connections));
		json_object_set_new(object, "decided_differently",
				    json_integer(difference->decided_differently));
	}
	return object;
}

/**
 * difference_clear() - free what difference_read() allocated
 * @difference: is empty afterwards
 */
void difference_clear(struct difference *difference)
{
	policy_clear(&difference->present);
	policy_clear(&difference->wanted);
	memset(difference, 0, sizeof(*difference));
}
