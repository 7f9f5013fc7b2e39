// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text format of Prometheus, version 0.0.4. Base units, "_total" on
 * counters, and only labels whose values are few and known beforehand. Exceptions
 * are the versions, which the format's own conventions make, and the few destinations
 * that are near the end of their source ports.
 */
#include "metrics.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "protocol.h"

static void head(FILE *stream, const char *name, const char *type, const char *help)
{
	fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void counter(FILE *stream, const char *name, uint64_t value, const char *help)
{
	head(stream, name, "counter", help);
	fprintf(stream, "%s %" PRIu64 "\n", name, value);
}

static void gauge(FILE *stream, const char *name, uint64_t value, const char *help)
{
	head(stream, name, "gauge", help);
	fprintf(stream, "%s %" PRIu64 "\n", name, value);
}

static void seconds(FILE *stream, const char *name, const char *type, double value,
		    const char *help)
{
	head(stream, name, type, help);
	fprintf(stream, "%s %.9g\n", name, value);
}

static void version(FILE *stream, const char *name, const char *value, const char *help)
{
	head(stream, name, "gauge", help);
	fprintf(stream, "%s{version=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fprintf(stream, "\\%c", *value);
		else if (*value == '\n')
			fputs("\\n", stream);
		else
			fputc(*value, stream);
	}
	fputs("\"} 1\n", stream);
}

static void connections(FILE *stream, const struct client_statistics *statistics)
{
	static const char *const families[] = { "ipv4", "ipv6" };
	size_t family;
	uint8_t verdict;

	head(stream, "ipmasq_connections_total", "counter",
	     "Connections decided since the first policy of this network namespace; failed are those without an address or a free source port to be translated to.");
	for (family = 0; family < 2; family++) {
		for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX; verdict++)
			fprintf(stream,
				"ipmasq_connections_total{family=\"%s\",verdict=\"%s\"} %" PRIu64 "\n",
				families[family], policy_verdict_name(verdict),
				statistics->connections[family][verdict]);
	}
}

static void kernel(FILE *stream, const struct metrics *metrics)
{
	const struct client_status *status = &metrics->status;

	connections(stream, &metrics->statistics);
	head(stream, "ipmasq_entries", "gauge", "Prefixes in the policy by who wrote them.");
	fprintf(stream, "ipmasq_entries{origin=\"config\"} %" PRIu32 "\n", status->entries_config);
	fprintf(stream, "ipmasq_entries{origin=\"static\"} %" PRIu32 "\n", status->entries_static);
	gauge(stream, "ipmasq_entries_limit", status->max_entries,
	      "Prefixes that a policy may have.");
	gauge(stream, "ipmasq_policy_generation", status->generation,
	      "Generation of the policy in force, 0 where there is none.");
	gauge(stream, "ipmasq_policy_enabled",
	      status->generation && status->settings.flags & IPMASQ_FLAG_ENABLED,
	      "Whether there is a policy and it is switched on.");
	gauge(stream, "ipmasq_policy_memory_bytes", status->memory,
	      "Kernel memory that the policy in force holds.");
	version(stream, "ipmasq_module_info", status->module_version,
		"Version of the kernel module.");
}

static void sources(FILE *stream, const struct metrics *metrics)
{
	static const char *const kinds[] = { "file", "defaults", "saved" };
	size_t i;

	head(stream, "ipmasq_config_source", "gauge",
	     "Where the wanted policy comes from: 1 for the one that holds.");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bool holds = metrics->source && !strcmp(metrics->source, kinds[i]);

		fprintf(stream, "ipmasq_config_source{source=\"%s\"} %d\n", kinds[i], holds);
	}
}

static void by_protocol(FILE *stream, const char *name,
			const uint32_t values[PORT_USE_PROTOCOLS], const char *help)
{
	static const char *const protocols[PORT_USE_PROTOCOLS] = {
		[PORT_USE_TCP] = "tcp", [PORT_USE_UDP] = "udp", [PORT_USE_SCTP] = "sctp",
	};
	size_t i;

	head(stream, name, "gauge", help);
	for (i = 0; i < PORT_USE_PROTOCOLS; i++)
		fprintf(stream, "%s{protocol=\"%s\"} %" PRIu32 "\n", name, protocols[i],
			values[i]);
}

static void by_destination(FILE *stream, const char *name, const struct port_use_count *count,
			   bool limit, const char *help)
{
	char protocol[PROTOCOL_TEXT_MAX], destination[CIDR_TEXT_MAX], source[CIDR_TEXT_MAX];
	size_t i;

	if (!count->near_count)
		return;
	head(stream, name, "gauge", help);
	for (i = 0; i < count->near_count; i++) {
		const struct port_use_destination *near = &count->near[i];
		const struct port_range *privileged = port_space_privileged(near->part);

		fprintf(stream, "%s{protocol=\"%s\",destination=\"%s\",port=\"%u\",source=\"%s\"",
			name, protocol_name(near->protocol, protocol),
			cidr_format_address(&near->destination, destination), near->port,
			cidr_format_address(&near->address, source));
		if (privileged)
			fprintf(stream, ",privileged=\"%u-%u\"", privileged->first,
				privileged->last);
		fprintf(stream, "} %" PRIu32 "\n", limit ? near->available : near->held);
	}
}

static void ports(FILE *stream, const struct metrics *metrics)
{
	const struct policy_settings *settings = &metrics->status.settings;
	const struct port_use_count *count = metrics->port_use;
	uint32_t available[PORT_USE_PROTOCOLS];
	struct port_space space;
	size_t i;

	port_space_init(&space, settings->list[SETTING_TO_PORTS].items,
			settings->list[SETTING_TO_PORTS].count);
	if (metrics->module_loaded)
		gauge(stream, "ipmasq_source_ports_limit", port_space_size(&space),
		      "Source ports that connections to one destination can have.");
	counter(stream, "ipmasq_source_port_exhaustion_events_total", metrics->exhaustion_events,
		"Times that the kernel told of connections that found no free source port.");
	counter(stream, "ipmasq_source_port_exhausted_connections_total",
		metrics->exhausted_connections,
		"Connections that found no free source port, as the kernel told.");
	if (!count->time)
		return;
	/* So that the one divided by the other is always a share. */
	for (i = 0; i < PORT_USE_PROTOCOLS; i++)
		available[i] = count->available[i] ? count->available[i] : port_space_size(&space);
	by_protocol(stream, "ipmasq_fullest_destination_source_ports", count->held,
		    "Source ports held towards the destination with the largest share held.");
	by_protocol(stream, "ipmasq_fullest_destination_source_ports_limit", available,
		    "Source ports that connections to that destination can have.");
	by_destination(stream, "ipmasq_destination_source_ports", count, false,
		       "Source ports held towards each destination that is near its end, 32 of them at most.");
	by_destination(stream, "ipmasq_destination_source_ports_limit", count, true,
		       "Source ports that connections to that destination can have.");
	gauge(stream, "ipmasq_source_ports_counted_timestamp_seconds", (uint64_t)count->time,
	      "When source ports were counted last, since the epoch.");
}

static double timeval_seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void process(FILE *stream, const struct metrics *metrics)
{
	struct rusage usage;

	if (!getrusage(RUSAGE_SELF, &usage))
		seconds(stream, "process_cpu_seconds_total", "counter",
			timeval_seconds(&usage.ru_utime) + timeval_seconds(&usage.ru_stime),
			"CPU time that the daemon used.");
	gauge(stream, "process_start_time_seconds", (uint64_t)metrics->start_time,
	      "When the daemon started, since the epoch.");
}

/**
 * metrics_write() - write the page
 * @stream: where to
 * @metrics: what to say; families of which nothing is known are left out
 */
void metrics_write(FILE *stream, const struct metrics *metrics)
{
	if (metrics->module_loaded)
		kernel(stream, metrics);
	ports(stream, metrics);
	gauge(stream, "ipmasq_module_loaded", metrics->module_loaded,
	      "Whether the kernel module answers.");
	gauge(stream, "ipmasq_policy_in_sync", metrics->in_force,
	      "Whether the kernel holds what the configuration wants.");
	head(stream, "ipmasq_family_unavailable", "gauge",
	     "Whether the configuration enables an address family that this kernel does not have.");
	fprintf(stream, "ipmasq_family_unavailable{family=\"ipv6\"} %d\n",
		metrics->ipv6_unavailable);
	gauge(stream, "ipmasq_started_without_policy", metrics->started_without_policy,
	      "Whether the start was reported as complete before a policy was in force.");
	sources(stream, metrics);
	gauge(stream, "ipmasq_config_last_reload_successful", metrics->reload_good,
	      "Whether the configuration was good when it was read last.");
	gauge(stream, "ipmasq_config_last_reload_success_timestamp_seconds",
	      (uint64_t)metrics->reload_good_time,
	      "When a good configuration was read last, since the epoch.");
	seconds(stream, "ipmasq_config_last_reload_duration_seconds", "gauge",
		(double)metrics->reload_nanoseconds / 1e9,
		"How long it took to read the configuration last.");
	head(stream, "ipmasq_config_reloads_total", "counter",
	     "Times that the configuration was read.");
	fprintf(stream, "ipmasq_config_reloads_total{result=\"success\"} %" PRIu64 "\n",
		metrics->reloads_good);
	fprintf(stream, "ipmasq_config_reloads_total{result=\"failure\"} %" PRIu64 "\n",
		metrics->reloads_refused);
	counter(stream, "ipmasq_policy_writes_total", metrics->writes,
		"Times that the daemon replaced the config entries in the kernel.");
	counter(stream, "ipmasq_existing_connections_dropped_total", metrics->existing_dropped,
		"Present connections that were dropped because a change affects them.");
	counter(stream, "ipmasq_drift_repairs_total", metrics->drift_repairs,
		"Times that somebody else's change of config entries was put right.");
	counter(stream, "ipmasq_netlink_errors_total", metrics->netlink_errors,
		"Requests that the kernel refused or that could not be made.");
	version(stream, "ipmasq_build_info", IPMASQ_VERSION, "Version of the daemon.");
	process(stream, metrics);
}
