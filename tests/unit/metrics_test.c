// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /metrics, held against the rules of the text format and the naming rules
 * that "promtool check metrics" applies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "../../ctl/ipmasqd/metrics.h"

#define FAMILIES_MAX 64

struct family {
	char name[128];
	char type[16];
	unsigned int samples;
};

struct page {
	struct family families[FAMILIES_MAX];
	size_t count;
	char *text;
};

static char *write_page(const struct metrics *metrics)
{
	size_t length;
	char *text;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	metrics_write(stream, metrics);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(strlen(text), length);
	return text;
}

static const struct port_use_count port_use = {
	.held = { 60000, 400, 0 }, .available = { 64512, 424, 0 }, .time = 1700000000,
	.near_count = 2,
	.near = {
		{ .protocol = IPPROTO_TCP, .destination = { AF_INET6, 128, { 0x20, 1, [15] = 7 } },
		  .port = 443, .address = { AF_INET6, 128, { 0x20, 1, [15] = 1 } },
		  .held = 60000, .available = 64512 },
		{ .protocol = IPPROTO_UDP, .destination = { AF_INET, 32, { 203, 0, 113, 7 } },
		  .part = 2, .port = 2049, .address = { AF_INET, 32, { 192, 0, 2, 10 } },
		  .held = 400, .available = 424 },
	},
};

static struct metrics everything(void)
{
	struct metrics metrics = {
		.module_loaded = true,
		.status = {
			.generation = UINT64_MAX,
			.settings.flags = IPMASQ_FLAG_ENABLED,
			.entries_config = 4,
			.entries_static = 1,
			.max_entries = 1048576,
			.memory = 4096,
			.module_version = "0.1.0",
		},
		.in_force = true,
		.ipv6_unavailable = true,
		.source = "file",
		.reload_good = true,
		.reload_good_time = 1700000000,
		.reload_nanoseconds = 1234567,
		.reloads_good = 3,
		.reloads_refused = 2,
		.drift_repairs = 7,
		.netlink_errors = 5,
		.port_use = &port_use,
		.existing_dropped = 8,
		.exhaustion_events = 6,
		.exhausted_connections = 66,
		.start_time = 1700000000,
	};

	metrics.statistics.connections[0][IPMASQ_VERDICT_MASQUERADE] = 42;
	metrics.statistics.connections[1][IPMASQ_VERDICT_CIDR] = 43;
	return metrics;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && !strcmp(text + length - strlen(end), end);
}

/* Skips name{label="value",...} and returns what follows. */
static const char *skip_sample(const char *line, size_t name_length)
{
	const char *at = line + name_length;

	if (*at != '{')
		return at;
	do {
		at++;
		assert_true(islower((unsigned char)*at));
		while (islower((unsigned char)*at) || *at == '_')
			at++;
		assert_int_equal(*at++, '=');
		assert_int_equal(*at++, '"');
		while (*at != '"') {
			assert_true(*at && *at != '\n');
			if (*at++ == '\\')
				assert_non_null(strchr("\\\"n", *at++));
		}
		at++;
	} while (*at == ',');
	assert_int_equal(*at, '}');
	return at + 1;
}

static struct family *find(struct page *page, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < page->count; i++) {
		if (strlen(page->families[i].name) == length &&
		    !memcmp(page->families[i].name, name, length))
			return &page->families[i];
	}
	return NULL;
}

static void check_names(const struct family *family)
{
	const char *name = family->name;
	const char *c;

	for (c = name; *c; c++)
		assert_true(islower((unsigned char)*c) || *c == '_');
	assert_true(!strncmp(name, "ipmasq_", 7) || !strncmp(name, "process_", 8));
	assert_int_equal(!strcmp(family->type, "counter"), ends_with(name, "_total"));
	/* Base units only. */
	assert_null(strstr(name, "millisecond"));
	assert_null(strstr(name, "microsecond"));
	assert_null(strstr(name, "kilobyte"));
	assert_false(ends_with(name, "_count") || ends_with(name, "_sum") ||
		     ends_with(name, "_bucket"));
}

static void lint(struct page *page)
{
	const char *line = page->text;
	char help[128] = "";
	struct family *family = NULL;

	while (*line) {
		size_t length = strcspn(line, "\n");
		const char *rest;
		char *end;

		assert_int_equal(line[length], '\n');
		if (!strncmp(line, "# HELP ", 7)) {
			size_t name = strcspn(line + 7, " ");

			snprintf(help, sizeof(help), "%.*s", (int)name, line + 7);
			assert_true(length > 7 + name + 10);
			assert_null(find(page, help, name));
			if (family)
				assert_true(family->samples);
		} else if (!strncmp(line, "# TYPE ", 7)) {
			assert_in_range(page->count, 0, FAMILIES_MAX - 1);
			family = &page->families[page->count++];
			assert_int_equal(sscanf(line, "# TYPE %127s %15s", family->name,
						family->type), 2);
			assert_string_equal(family->name, help);
			assert_true(!strcmp(family->type, "counter") ||
				    !strcmp(family->type, "gauge"));
			check_names(family);
		} else {
			size_t name = strcspn(line, "{ ");

			assert_non_null(family);
			assert_ptr_equal(find(page, line, name), family);
			rest = skip_sample(line, name);
			assert_int_equal(*rest, ' ');
			strtod(rest + 1, &end);
			assert_int_equal(*end, '\n');
			family->samples++;
			/* Few labels: no metric grows with the policy. */
			assert_in_range(family->samples, 1, 32);
		}
		line += length + 1;
	}
	assert_true(page->count);
}

static void expect_line(const char *text, const char *line)
{
	const char *found = strstr(text, line);

	while (found && !((found == text || found[-1] == '\n') && found[strlen(line)] == '\n'))
		found = strstr(found + 1, line);
	if (!found)
		fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void page_is_clean(void **state)
{
	struct metrics metrics = everything();
	struct page page = { .text = write_page(&metrics) };

	(void)state;
	lint(&page);
	free(page.text);
}

static void values_are_told(void **state)
{
	struct metrics metrics = everything();
	char *text = write_page(&metrics);

	(void)state;
	expect_line(text, "ipmasq_connections_total{family=\"ipv4\",verdict=\"masquerade\"} 42");
	expect_line(text, "ipmasq_connections_total{family=\"ipv6\",verdict=\"cidr\"} 43");
	expect_line(text, "ipmasq_connections_total{family=\"ipv6\",verdict=\"failed\"} 0");
	expect_line(text, "ipmasq_entries{origin=\"config\"} 4");
	expect_line(text, "ipmasq_entries{origin=\"static\"} 1");
	expect_line(text, "ipmasq_policy_generation 18446744073709551615");
	expect_line(text, "ipmasq_policy_enabled 1");
	expect_line(text, "ipmasq_policy_in_sync 1");
	expect_line(text, "ipmasq_family_unavailable{family=\"ipv6\"} 1");
	expect_line(text, "ipmasq_module_info{version=\"0.1.0\"} 1");
	expect_line(text, "ipmasq_config_source{source=\"file\"} 1");
	expect_line(text, "ipmasq_config_source{source=\"saved\"} 0");
	expect_line(text, "ipmasq_config_last_reload_successful 1");
	expect_line(text, "ipmasq_config_last_reload_success_timestamp_seconds 1700000000");
	expect_line(text, "ipmasq_config_last_reload_duration_seconds 0.001234567");
	expect_line(text, "ipmasq_config_reloads_total{result=\"failure\"} 2");
	expect_line(text, "ipmasq_drift_repairs_total 7");
	expect_line(text, "ipmasq_netlink_errors_total 5");
	expect_line(text, "ipmasq_source_ports_limit 64512");
	expect_line(text, "ipmasq_fullest_destination_source_ports{protocol=\"tcp\"} 60000");
	expect_line(text, "ipmasq_fullest_destination_source_ports{protocol=\"sctp\"} 0");
	expect_line(text, "ipmasq_fullest_destination_source_ports_limit{protocol=\"udp\"} 424");
	expect_line(text, "ipmasq_fullest_destination_source_ports_limit{protocol=\"sctp\"} 64512");
	expect_line(text, "ipmasq_destination_source_ports{protocol=\"tcp\",destination=\"2001::7\",port=\"443\",source=\"2001::1\"} 60000");
	expect_line(text, "ipmasq_destination_source_ports_limit{protocol=\"tcp\",destination=\"2001::7\",port=\"443\",source=\"2001::1\"} 64512");
	expect_line(text, "ipmasq_destination_source_ports{protocol=\"udp\",destination=\"203.0.113.7\",port=\"2049\",source=\"192.0.2.10\",privileged=\"600-1023\"} 400");
	expect_line(text, "ipmasq_existing_connections_dropped_total 8");
	expect_line(text, "ipmasq_source_port_exhaustion_events_total 6");
	expect_line(text, "ipmasq_source_port_exhausted_connections_total 66");
	expect_line(text, "ipmasq_build_info{version=\"" IPMASQ_VERSION "\"} 1");
	free(text);
}

static void without_the_module(void **state)
{
	struct metrics metrics = everything();
	struct page page = { 0 };

	(void)state;
	metrics.module_loaded = false;
	metrics.in_force = false;
	page.text = write_page(&metrics);
	lint(&page);
	expect_line(page.text, "ipmasq_module_loaded 0");
	expect_line(page.text, "ipmasq_policy_in_sync 0");
	assert_null(strstr(page.text, "ipmasq_connections_total"));
	free(page.text);
}

static void versions_are_escaped(void **state)
{
	struct metrics metrics = everything();
	struct page page = { 0 };

	(void)state;
	strcpy(metrics.status.module_version, "a\"b\\c\nd");
	page.text = write_page(&metrics);
	lint(&page);
	expect_line(page.text, "ipmasq_module_info{version=\"a\\\"b\\\\c\\nd\"} 1");
	free(page.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_is_clean),
		cmocka_unit_test(values_are_told),
		cmocka_unit_test(without_the_module),
		cmocka_unit_test(versions_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
