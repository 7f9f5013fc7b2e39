// SPDX-License-Identifier: GPL-2.0-or-later
/* What ipmasqctl doctor looks at. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "conntrack.h"
#include "decision.h"
#include "doctor.h"
#include "kernel_module.h"
#include "migrate_rules.h"
#include "policy_text.h"
#include "port_destinations.h"
#include "presence_name.h"
#include "protocol.h"
#include "routes.h"

#define MODULE "ipmasq"

/* Routes that are asked about; the rest of a longer table is not looked at. */
#define ROUTES_MAX 4096

/* A table of connections, or the ports of a destination, are nearly used up from here on. */
#define FULL_PERCENT 80

/* Notes what the check that looks has found, a sentence without a full stop, and the command
 * or the change that mends it.
 */
static void __attribute__((format(printf, 4, 5)))
find(struct examination *examination, enum finding_verdict verdict, const char *mend,
     const char *format, ...)
{
	struct finding *findings = reallocarray(examination->findings, examination->count + 1,
						sizeof(*findings));
	struct finding finding = { examination->check, verdict, NULL, NULL };
	va_list arguments;

	if (findings)
		examination->findings = findings;
	va_start(arguments, format);
	if (vasprintf(&finding.reason, format, arguments) < 0)
		finding.reason = NULL;
	va_end(arguments);
	finding.mend = mend ? strdup(mend) : NULL;
	if (!findings || !finding.reason || (mend && !finding.mend)) {
		examination->failed = true;
		free(finding.reason);
		free(finding.mend);
		return;
	}
	findings[examination->count++] = finding;
}

/* A number in a file of /proc; false where there is none. */
static bool read_number(const char *path, unsigned long long *number)
{
	FILE *file = fopen(path, "re");
	bool read = file && fscanf(file, "%llu", number) == 1;

	if (file)
		fclose(file);
	return read;
}

static void look_at_module(struct examination *examination)
{
	struct kernel_module loaded, installed;

	if (!examination->client) {
		find(examination, FINDING_FAULT, "modprobe ipmasq", "%s",
		     examination->module_error);
		return;
	}
	if (strcmp(examination->status.module_version, IPMASQ_VERSION)) {
		find(examination, FINDING_WARNING, "ipmasqctl module upgrade",
		     "the module is %s, this tool is %s", examination->status.module_version,
		     IPMASQ_VERSION);
		return;
	}
	if (!kernel_module_open() && !kernel_module_loaded(MODULE, &loaded) &&
	    !kernel_module_installed(MODULE, &installed) &&
	    strcmp(loaded.source, installed.source)) {
		find(examination, FINDING_WARNING, "ipmasqctl module upgrade",
		     "the module that is loaded is not the one that is installed, %s",
		     installed.path);
		return;
	}
	find(examination, FINDING_OK, NULL, "ipmasq %s is loaded",
	     examination->status.module_version);
}

static void look_at_policy(struct examination *examination)
{
	const struct client_status *status = &examination->status;

	if (!status->generation)
		find(examination, FINDING_FAULT, "ipmasqctl apply FILE, or start ipmasqd",
		     "there is no policy: nothing is masqueraded");
	else if (!(status->settings.flags & IPMASQ_FLAG_ENABLED))
		find(examination, FINDING_WARNING, "ipmasqctl set enabled on",
		     "the policy is switched off: nothing is masqueraded");
	else
		find(examination, FINDING_OK, NULL,
		     "generation %" PRIu64 ", %" PRIu32 " entries of the configuration, %" PRIu32
		     " static", status->generation, status->entries_config,
		     status->entries_static);
}

static void look_at_daemon(struct examination *examination)
{
	char who[PRESENCE_TEXT_MAX];

	if (presence_look(who, sizeof(who)))
		find(examination, FINDING_OK, NULL, "ipmasqd is at work, %s", who);
	else
		find(examination, FINDING_WARNING,
		     "systemctl start ipmasqd, or see why its pod does not run",
		     "no ipmasqd is at work in this network namespace: changes of the file do nothing");
}

/* Entries of the file and in force that differ; static ones are nobody's but their owner's. */
static size_t count_differences(const struct policy *wanted, const struct policy *present)
{
	struct policy config = { 0 };
	size_t count;
	size_t i;

	for (i = 0; i < present->count; i++)
		if (present->entries[i].origin == IPMASQ_ORIGIN_CONFIG)
			policy_append(&config, &present->entries[i]);
	count = policy_compare(wanted, &config, NULL, NULL);
	policy_clear(&config);
	return count;
}

static void compare_file(struct examination *examination, struct policy *wanted)
{
	size_t entries;
	bool settings;
	char *mend;

	policy_sort(wanted);
	entries = count_differences(wanted, &examination->policy);
	settings = !policy_settings_equal(&wanted->settings, &examination->policy.settings);
	if (!entries && !settings) {
		find(examination, FINDING_OK, NULL, "the policy is that of %s", examination->path);
		return;
	}
	if (asprintf(&mend, "ipmasqctl diff %s", examination->path) < 0)
		mend = NULL;
	find(examination, FINDING_WARNING, mend, "the policy is not that of %s: %zu entries%s",
	     examination->path, entries, settings ? " and settings differ" : " differ");
	free(mend);
}

static void look_at_file(struct examination *examination)
{
	struct config_problems problems = { 0 };
	struct policy wanted = { 0 };
	struct config config = { 0 };

	/* With the DaemonSet it is in the pod. */
	if (access(examination->path, F_OK)) {
		find(examination, examination->named ? FINDING_FAULT : FINDING_UNKNOWN,
		     examination->named ? NULL : "ipmasqctl doctor FILE [FLAG]...", "%s: %s",
		     examination->path, strerror(errno));
		return;
	}
	if (config_read(examination->path, examination->flags, &config, &problems))
		find(examination, FINDING_FAULT, "ipmasqctl check FILE", "%s is refused: %s",
		     examination->path, problems.count ? problems.list[0].message : "no memory");
	else if (policy_from_config(&config, &wanted))
		examination->failed = true;
	else
		compare_file(examination, &wanted);
	policy_clear(&wanted);
	config_clear(&config);
	config_problems_clear(&problems);
}

/* The first address behind that of the network itself, which stands for all of it. */
static struct cidr first_host(const struct cidr *prefix)
{
	struct cidr host = *prefix;
	uint8_t length = prefix->family == AF_INET ? 32 : 128;

	if (prefix->prefix_len < length - 1)
		cidr_next(&host);
	host.prefix_len = length;
	return host;
}

/* A source that the policy is for: the first one on its list, or one that is nobody's. */
static struct cidr some_source(const struct examination *examination, uint8_t family)
{
	const struct policy_list *list = &examination->policy.settings.list[SETTING_SOURCE_CIDRS];
	const struct cidr *sources = list->items;
	struct cidr source = { 0 };
	size_t i;

	for (i = 0; i < list->count; i++)
		if (sources[i].family == family)
			return first_host(&sources[i]);
	/* RFC 5737, RFC 3849: for documents. */
	cidr_parse(family == AF_INET ? "192.0.2.254" : "2001:db8::fffe",
		   family == AF_INET ? 11 : 14, &source, NULL);
	return source;
}

static bool is_link_local(const struct cidr *prefix)
{
	const uint8_t *address = prefix->address;

	return prefix->family == AF_INET ? address[0] == 169 && address[1] == 254 :
					   address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

/* The node's own network, by which everything else is reached, may be masqueraded. */
static bool is_uplink(const struct routes *routes, const struct route *route)
{
	size_t i;

	for (i = 0; i < routes->count && !route->gateway; i++)
		if (!routes->list[i].prefix.prefix_len &&
		    routes->list[i].prefix.family == route->prefix.family &&
		    routes->list[i].interface == route->interface)
			return true;
	return false;
}

static bool is_translated(struct examination *examination, const struct route *route)
{
	struct client_flow flow = {
		.source = some_source(examination, route->prefix.family),
		.destination = first_host(&route->prefix),
	};
	struct client_explanation explanation;
	bool translated;

	translated = !client_explain(examination->client, &flow, &explanation) &&
		     policy_verdict_translates(explanation.verdict);
	client_explanation_clear(&explanation);
	return translated;
}

static void find_network(struct examination *examination, const struct route *route,
			 size_t *found)
{
	const char *interface = node_addresses_interface(&examination->addresses,
							 route->interface);
	char prefix[CIDR_TEXT_MAX], mend[CIDR_TEXT_MAX + 80];

	(*found)++;
	/* A node may have a route to each of its pods. */
	if (*found > 5)
		return;
	cidr_format(&route->prefix, prefix);
	snprintf(mend, sizeof(mend), "if pods are there: add %s to nonMasqueradeCIDRs", prefix);
	find(examination, FINDING_WARNING, mend, "%s has a route%s%s and is masqueraded", prefix,
	     interface ? " through " : "", interface ? interface : "");
}

static void look_at_networks(struct examination *examination)
{
	struct routes routes;
	size_t found = 0;
	size_t i;
	int error = routes_read(&routes);

	for (i = 0; i < routes.count && i < ROUTES_MAX && !error; i++) {
		const struct route *route = &routes.list[i];

		if (route->prefix.prefix_len && !is_link_local(&route->prefix) &&
		    !is_uplink(&routes, route) && is_translated(examination, route))
			find_network(examination, route, &found);
	}
	if (error)
		find(examination, FINDING_UNKNOWN, NULL, "the routes cannot be read: %s",
		     strerror(-error));
	else if (found > 5)
		find(examination, FINDING_WARNING, NULL, "so are %zu more", found - 5);
	else if (!found)
		find(examination, FINDING_OK, NULL,
		     "no network with a route of its own is masqueraded");
	routes_clear(&routes);
}

/* Returns how many of a pool's addresses the node does not have. */
static size_t find_foreign(struct examination *examination, const struct cidr *pool,
			   size_t count)
{
	char text[CIDR_TEXT_MAX];
	size_t found = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (node_addresses_own(&examination->addresses, &pool[i]))
			continue;
		if (!found++)
			find(examination, FINDING_WARNING,
			     "ip addr add ADDRESS dev IF, unless a router sends it here",
			     "no interface has the address %s of a pool",
			     cidr_format_address(&pool[i], text));
	}
	return found;
}

static void look_at_addresses(struct examination *examination)
{
	const struct policy *policy = &examination->policy;
	const struct policy_list *list = &policy->settings.list[SETTING_SNAT_ADDRESSES];
	size_t found = find_foreign(examination, list->items, list->count);
	size_t i;

	for (i = 0; i < policy->count && !found; i++)
		if (policy->entries[i].detail)
			found = find_foreign(examination, policy->entries[i].detail->addresses,
					     policy->entries[i].detail->address_count);
	if (!found)
		find(examination, FINDING_OK, NULL, "the node has every address of a pool");
}

static void look_at_interfaces(struct examination *examination)
{
	const struct policy_settings *settings = &examination->policy.settings;
	const struct policy_list *list = &settings->list[SETTING_OUTPUT_INTERFACES];
	const struct policy_interface *patterns = list->items;
	size_t found = 0;
	size_t i, j;

	for (i = 0; i < list->count; i++) {
		for (j = 0; j < examination->addresses.interface_count; j++)
			if (decision_name_matches(examination->addresses.interfaces[j].name,
						  patterns[i].pattern))
				break;
		if (j < examination->addresses.interface_count)
			continue;
		found++;
		find(examination, FINDING_WARNING, "ip link; then correct outputInterfaces",
		     "no interface is named %s: nothing is masqueraded by it",
		     patterns[i].pattern);
	}
	if (!found)
		find(examination, FINDING_OK, NULL, "%s", list->count ?
		     "each pattern names an interface" : "all interfaces masquerade");
}

static void look_at_ports(struct examination *examination)
{
	const struct policy_list *list = &examination->policy.settings.list[SETTING_TO_PORTS];
	struct port_destinations found = { 0 };
	const struct port_destination *fullest;
	char endpoint[CONNECTION_ENDPOINT_MAX], name[PROTOCOL_TEXT_MAX], mend[128];
	const struct connection *one;
	uint32_t percent;
	int error;

	port_space_init(&found.space, list->items, list->count);
	error = port_destinations_read(&found);
	if (error) {
		find(examination, FINDING_UNKNOWN, NULL, "conntrack cannot be read: %s",
		     conntrack_strerror(error));
	} else if (!found.count) {
		find(examination, FINDING_OK, NULL, "no connection holds a port");
	} else {
		fullest = &found.list[0];
		one = &found.connections.list[fullest->first];
		percent = (uint32_t)(fullest->count * 100 / port_available(&found, fullest));
		connection_endpoint(&one->destination, one->destination_port, one->protocol,
				    endpoint);
		snprintf(mend, sizeof(mend), "ipmasqctl ports pods above %d; more addresses: snatAddresses",
			 FULL_PERCENT);
		find(examination, percent >= 100 ? FINDING_FAULT : percent >= FULL_PERCENT ?
		     FINDING_WARNING : FINDING_OK, percent >= FULL_PERCENT ? mend : NULL,
		     "%s to %s holds %zu ports of %" PRIu32 ", the most",
		     protocol_name(one->protocol, name), endpoint, fullest->count,
		     port_available(&found, fullest));
	}
	port_destinations_clear(&found);
}

static void look_at_conntrack(struct examination *examination)
{
	unsigned long long count, most;

	if (!read_number("/proc/sys/net/netfilter/nf_conntrack_count", &count) ||
	    !read_number("/proc/sys/net/netfilter/nf_conntrack_max", &most) || !most)
		find(examination, FINDING_UNKNOWN, NULL, "the kernel does not count connections");
	else if (count * 100 >= most * FULL_PERCENT)
		find(examination, count >= most ? FINDING_FAULT : FINDING_WARNING,
		     "sysctl net.netfilter.nf_conntrack_max=NUMBER",
		     "%llu connections of %llu: new ones are dropped at the end", count, most);
	else
		find(examination, FINDING_OK, NULL, "%llu connections of %llu", count, most);
}

static void look_at_ipv6(struct examination *examination)
{
	bool wanted = examination->policy.settings.flags & IPMASQ_FLAG_IPV6;
	unsigned long long off;

	if (!wanted)
		find(examination, FINDING_OK, NULL, "the policy leaves IPv6 alone");
	else if (!read_number("/proc/sys/net/ipv6/conf/all/disable_ipv6", &off))
		find(examination, FINDING_WARNING, "boot without ipv6.disable=1, or enableIPv6: false",
		     "the policy masquerades IPv6, which this kernel does not have");
	else if (off)
		find(examination, FINDING_WARNING, "sysctl net.ipv6.conf.all.disable_ipv6=0",
		     "the policy masquerades IPv6, which is switched off here");
	else
		find(examination, FINDING_OK, NULL, "the policy masquerades IPv6");
}

static void look_at_forwarding(struct examination *examination)
{
	unsigned long long ipv4 = 0, ipv6 = 1;

	read_number("/proc/sys/net/ipv4/ip_forward", &ipv4);
	if (examination->policy.settings.flags & IPMASQ_FLAG_IPV6)
		read_number("/proc/sys/net/ipv6/conf/all/forwarding", &ipv6);
	if (!ipv4)
		find(examination, FINDING_WARNING, "sysctl net.ipv4.ip_forward=1",
		     "the node does not forward IPv4: pods reach nothing outside");
	if (!ipv6)
		find(examination, FINDING_WARNING, "sysctl net.ipv6.conf.all.forwarding=1",
		     "the node does not forward IPv6: pods reach nothing outside");
	if (ipv4 && ipv6)
		find(examination, FINDING_OK, NULL, "the node forwards packets");
}

static size_t find_rules(struct examination *examination, const struct nat_table *table)
{
	size_t found = 0;
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct rule *rule = &table->rules[i];
		const struct owner *owner = rule_owner(rule);
		bool agent = !strcmp(rule->target, table->chain);

		if (!rule_in(rule, "POSTROUTING") || !nat_table_translates(table, rule) ||
		    (owner->stays && !agent))
			continue;
		found++;
		find(examination, FINDING_WARNING,
		     agent ? "ipmasqctl migrate takeover" : owner->advice, "%s, of %s: %s",
		     table->backend->name, agent ? "ip-masq-agent" : owner->name, rule->line);
	}
	return found;
}

static void look_at_others(struct examination *examination)
{
	const struct backend *backend;
	struct nat_table table;
	char *first = NULL;
	size_t found = 0;
	char *problem;

	for (backend = backends; backend->name; backend++) {
		if (nat_table_read(backend, AGENT_CHAIN, &table, &problem))
			examination->failed = true;
		else if (!problem)
			found += find_rules(examination, &table);
		if (first)
			free(problem);
		else
			first = problem;
		nat_table_clear(&table);
	}
	if (first)
		find(examination, FINDING_UNKNOWN, NULL, "%s", first);
	else if (!found)
		find(examination, FINDING_OK, NULL, "no rule of iptables masquerades pods");
	free(first);
}

const struct check checks[] = {
	{ "module", false, look_at_module },
	{ "policy", false, look_at_policy },
	{ "daemon", false, look_at_daemon },
	{ "file", true, look_at_file },
	{ "networks", true, look_at_networks },
	{ "addresses", true, look_at_addresses },
	{ "interfaces", true, look_at_interfaces },
	{ "ports", true, look_at_ports },
	{ "conntrack", false, look_at_conntrack },
	{ "ipv6", true, look_at_ipv6 },
	{ "forwarding", false, look_at_forwarding },
	{ "others", false, look_at_others },
	{ NULL, false, NULL },
};
