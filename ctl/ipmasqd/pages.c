// SPDX-License-Identifier: GPL-2.0-or-later
#include "pages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "json_text.h"
#include "metrics.h"
#include "policy_text.h"

/* /config is for people; a page of a million entries would be for nobody, and
 * its memory is ours.
 */
#define ENTRIES_SHOWN 1000
#define PROBLEMS_SHOWN 100

/**
 * pages_not_ready() - why pods on this node are not masqueraded as wanted
 * @source: the configuration
 * @reconciler: the kernel
 *
 * A refused file with an older policy in force is ready: to take the node out
 * of service would help nobody.
 *
 * Return: one constant line, NULL where the wanted policy is in force.
 */
const char *pages_not_ready(const struct source *source, const struct reconciler *reconciler)
{
	if (reconciler->module_missing)
		return "the kernel module ipmasq is not loaded";
	if (reconciler->module_differs)
		return "the kernel module ipmasq speaks another version of the protocol";
	if (!source->serial && source->written_since)
		return "the configuration is being written and no good policy was saved";
	if (!source->serial)
		return "the configuration is refused and no good policy was saved";
	if (!reconciler->in_force)
		return "the kernel does not hold the wanted policy";
	return NULL;
}

static void text_page(struct http_page *page, unsigned int status, const char *text)
{
	FILE *stream = open_memstream(&page->text, &page->length);

	page->status = 500;
	page->type = "text/plain; charset=utf-8";
	if (!stream)
		return;
	fprintf(stream, "%s\n", text);
	if (!fclose(stream))
		page->status = status;
}

static void metrics_page(const struct pages *pages, struct http_page *page)
{
	const struct source *source = pages->source;
	struct reconciler *reconciler = pages->reconciler;
	struct metrics metrics = {
		.in_force = reconciler->in_force,
		.ipv6_unavailable = reconciler->no_ipv6 &&
				    source->wanted.settings.flags & IPMASQ_FLAG_IPV6,
		.source = source_kind_name(source->kind),
		.reload_good = source->good,
		.reload_good_time = source->good_time,
		.reload_nanoseconds = source->duration,
		.reloads_good = source->taken,
		.reloads_refused = source->refused,
		.drift_repairs = reconciler->repairs,
		.writes = reconciler->writes,
		.port_use = port_use_last(pages->port_use),
		.existing_dropped = existing_dropped(pages->existing),
		.exhaustion_events = pages->port_warnings->events,
		.exhausted_connections = pages->port_warnings->connections,
		.start_time = pages->start_time,
		.started_without_policy = pages->started_without_policy,
	};
	FILE *stream;

	if (reconciler->client) {
		metrics.module_loaded =
			!client_policy_get(reconciler->client, &metrics.status) &&
			!client_statistics(reconciler->client, &metrics.statistics);
		if (!metrics.module_loaded)
			reconciler->errors++;
	}
	metrics.netlink_errors = reconciler->errors;
	port_use_refresh(pages->port_use, &metrics.status.settings);
	page->status = 500;
	page->type = "text/plain; version=0.0.4; charset=utf-8";
	stream = open_memstream(&page->text, &page->length);
	if (stream) {
		metrics_write(stream, &metrics);
		if (!fclose(stream))
			page->status = 200;
	}
	client_status_clear(&metrics.status);
}

static void addresses_json(FILE *stream, const struct cidr *addresses, size_t count)
{
	char text[CIDR_TEXT_MAX];
	size_t i;

	fputc('[', stream);
	for (i = 0; i < count; i++)
		fprintf(stream, "%s\"%s\"", i ? ", " : "", cidr_format_address(&addresses[i], text));
	fputc(']', stream);
}

static void entries_json(FILE *stream, const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->count && i < ENTRIES_SHOWN; i++) {
		const struct policy_detail *detail = policy->entries[i].detail;
		char cidr[CIDR_TEXT_MAX];

		fprintf(stream, "%s\n    {\"cidr\": \"%s\", \"action\": \"%s\"", i ? "," : "",
			cidr_format(&policy->entries[i].cidr, cidr),
			policy_action_name(policy->entries[i].action));
		if (detail) {
			fputs(", \"addresses\": ", stream);
			addresses_json(stream, detail->addresses, detail->address_count);
		}
		fputc('}', stream);
	}
}

static const char *boolean(bool value)
{
	return value ? "true" : "false";
}

static void policy_json(FILE *stream, const struct policy *policy)
{
	fputs("{\n    ", stream);
	policy_settings_json(stream, &policy->settings, ",\n    ");
	fprintf(stream, ",\n    \"entry_count\": %zu,\n    \"entries\": [", policy->count);
	entries_json(stream, policy);
	fputs("]\n  }", stream);
}

static void problems_json(FILE *stream, const struct config_problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count && i < PROBLEMS_SHOWN; i++) {
		const struct config_problem *problem = &problems->list[i];

		fprintf(stream, "%s\n    {\"severity\": \"%s\"", i ? "," : "",
			problem->severity == CONFIG_ERROR ? "error" : "warning");
		if (problem->file) {
			fputs(", \"file\": ", stream);
			json_text(stream, problem->file);
		}
		if (problem->line > 0)
			fprintf(stream, ", \"line\": %d", problem->line);
		if (problem->column > 0)
			fprintf(stream, ", \"column\": %d", problem->column);
		fputs(", \"message\": ", stream);
		json_text(stream, problem->message);
		if (problem->source) {
			fputs(", \"source\": ", stream);
			json_text(stream, problem->source);
		}
		fputc('}', stream);
	}
}

static void config_json(FILE *stream, const struct pages *pages)
{
	const struct source *source = pages->source;
	char interval[DURATION_TEXT_MAX];
	size_t i;

	fprintf(stream, "{\n  \"source\": \"%s\",\n  \"path\": ", source_kind_name(source->kind));
	json_text(stream, source->path);
	fputs(",\n  \"files\": [", stream);
	for (i = 0; i < source->file_count; i++) {
		fputs(i ? ", " : "", stream);
		json_text(stream, source->files[i]);
	}
	fprintf(stream, "],\n  \"resync_interval\": \"%s\",\n  \"apply_to_existing\": %s,\n",
		duration_format(source->resync_interval, interval),
		boolean(source->apply_to_existing));
	fprintf(stream, "  \"last_reload_successful\": %s,\n", boolean(source->good));
	fprintf(stream, "  \"last_reload_success_time\": %" PRId64 ",\n  \"in_force\": %s,\n",
		(int64_t)source->good_time, boolean(pages->reconciler->in_force));
	fprintf(stream, "  \"generation\": %" PRIu64 ",\n  \"policy\": ",
		pages->reconciler->generation);
	if (source->serial)
		policy_json(stream, &source->wanted);
	else
		fputs("null", stream);
	fputs(",\n  \"problems\": [", stream);
	problems_json(stream, &source->problems);
	fputs("]\n}\n", stream);
}

static void config_page(const struct pages *pages, struct http_page *page)
{
	FILE *stream = open_memstream(&page->text, &page->length);

	page->status = 500;
	page->type = "application/json";
	if (!stream)
		return;
	config_json(stream, pages);
	if (!fclose(stream))
		page->status = 200;
}

/**
 * pages_answer() - make a page for the HTTP server
 * @path: the path of the request
 * @page: filled; left alone for a path that there is not
 * @data: struct pages
 */
void pages_answer(const char *path, struct http_page *page, void *data)
{
	const struct pages *pages = data;
	const char *reason;

	if (!strcmp(path, "/metrics")) {
		metrics_page(pages, page);
	} else if (!strcmp(path, "/healthz")) {
		/* To answer at all is to be alive: there is one thread. */
		text_page(page, 200, "ok");
	} else if (!strcmp(path, "/readyz")) {
		reason = pages_not_ready(pages->source, pages->reconciler);
		text_page(page, reason ? 503 : 200, reason ? reason : "ok");
	} else if (!strcmp(path, "/config")) {
		config_page(pages, page);
	}
}
