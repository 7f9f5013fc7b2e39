// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration files, YAML and JSON. What is accepted is written, once as YAML
 * and once as JSON, and both mean the same again; what is refused says why in
 * text that a terminal can show. The reader opens its file by name: it gets the
 * name of one in memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "duration.h"
#include "fuzz.h"
#include "policy.h"
#include "text.h"

static char path[64];

static void fill(const void *data, size_t size)
{
	static int descriptor = -1;

	if (descriptor < 0) {
		descriptor = memfd_create("config", MFD_CLOEXEC);
		ALWAYS(descriptor >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	}
	ALWAYS(!ftruncate(descriptor, (off_t)size));
	ALWAYS(pwrite(descriptor, data, size, 0) == (ssize_t)size);
}

/* One line, and nothing that a terminal would act on. */
static void expect_printable(const char *text, bool tabs)
{
	for (; *text; text++)
		ALWAYS(((unsigned char)*text >= ' ' && *text != 0x7f) || (tabs && *text == '\t'));
}

static void check_problems(const struct config_problems *problems, int result)
{
	size_t errors = 0;
	size_t i;

	for (i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->list[i];
		char *text = config_problem_format(problem);

		ALWAYS(text && *problem->message);
		free(text);
		expect_printable(problem->message, false);
		if (problem->source)
			expect_printable(problem->source, true);
		ALWAYS(problem->line >= 0 && problem->column >= 0 && problem->caret >= 0);
		errors += problem->severity == CONFIG_ERROR;
	}
	/* Beyond a thousand they are only counted. */
	ALWAYS(errors <= problems->errors);
	ALWAYS(!result == !problems->errors);
}

static int read_config(const struct config_flags *flags, struct config *config, size_t *warnings)
{
	struct config_problems problems = { 0 };
	int result = config_read(path, flags, config, &problems);

	ALWAYS(!result || result == -EINVAL);
	check_problems(&problems, result);
	*warnings = problems.count;
	config_problems_clear(&problems);
	return result;
}

static void write_list(FILE *out, const char *key, const struct config_item *list, size_t count)
{
	size_t i;

	fprintf(out, "\"%s\": [", key);
	for (i = 0; i < count; i++) {
		char *quoted = text_quote(list[i].text, strlen(list[i].text), SIZE_MAX);

		ALWAYS(quoted);
		fprintf(out, "%s%s", i ? ", " : "", quoted);
		free(quoted);
	}
	fputs("]", out);
}

static void write_ranges(FILE *out, const struct config_pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", pool->ranges[i].text);
}

static void write_pools(FILE *out, const struct config *config)
{
	size_t i;

	fputs("\"snatAddresses\": [", out);
	for (i = 0; i < config->pool_count; i++) {
		const struct config_pool *pool = &config->pools[i];

		fputs(i ? ", " : "", out);
		if (pool->destination.text)
			fprintf(out, "{\"%s\": [", pool->destination.text);
		write_ranges(out, pool);
		fputs(pool->destination.text ? "]}" : "", out);
	}
	fputs("]", out);
}

/* Keys in quotes and flow sequences are the same in both languages. */
static char *write_config(const struct config *config, bool json, size_t *length)
{
	char *ports = port_ranges_format(config->port_ranges, config->port_range_count);
	const char *end = json ? ",\n" : "\n";
	char duration[DURATION_TEXT_MAX];
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	ALWAYS(out && ports);
	if (json)
		fputs("{", out);
	write_list(out, "nonMasqueradeCIDRs", config->non_masquerade_cidrs,
		   config->non_masquerade_count);
	fputs(end, out);
	write_list(out, "masqueradeCIDRs", config->masquerade_cidrs, config->masquerade_count);
	fputs(end, out);
	write_list(out, "sourceCIDRs", config->source_cidrs, config->source_count);
	fputs(end, out);
	write_list(out, "outputInterfaces", config->output_interfaces, config->interface_count);
	fputs(end, out);
	write_pools(out, config);
	fputs(end, out);
	fprintf(out, "\"applyToExisting\": %s%s", config->apply_to_existing ? "true" : "false",
		end);
	fprintf(out, "\"cidrLimit\": %" PRId64 "%s", config->cidr_limit, end);
	fprintf(out, "\"masqLinkLocal\": %s%s", config->masq_link_local ? "true" : "false", end);
	fprintf(out, "\"masqLinkLocalIPv6\": %s%s",
		config->masq_link_local_ipv6 ? "true" : "false", end);
	fprintf(out, "\"enableIPv6\": %s%s", config->enable_ipv6 ? "true" : "false", end);
	fprintf(out, "\"randomFully\": %s%s", config->random_fully ? "true" : "false", end);
	fprintf(out, "\"toPorts\": \"%s\"%s", ports, end);
	fprintf(out, "\"resyncInterval\": \"%s\"", duration_format(config->resync_interval,
								   duration));
	fputs(json ? "}\n" : "\n", out);
	fclose(out);
	free(ports);
	return text;
}

static void expect_same_list(const struct config_item *a, size_t a_count,
			     const struct config_item *b, size_t b_count)
{
	size_t i;

	ALWAYS(a_count == b_count);
	for (i = 0; i < a_count; i++) {
		ALWAYS(!strcmp(a[i].text, b[i].text));
		ALWAYS(!cidr_compare(&a[i].cidr, &b[i].cidr));
	}
}

static void expect_same_pools(const struct config *a, const struct config *b)
{
	size_t i, j;

	ALWAYS(a->pool_count == b->pool_count);
	for (i = 0; i < a->pool_count; i++) {
		const struct config_pool *x = &a->pools[i];
		const struct config_pool *y = &b->pools[i];

		ALWAYS(!x->destination.text == !y->destination.text);
		ALWAYS(!x->destination.text ||
		       !cidr_compare(&x->destination.cidr, &y->destination.cidr));
		ALWAYS(x->count == y->count);
		for (j = 0; j < x->count; j++)
			ALWAYS(!strcmp(x->ranges[j].text, y->ranges[j].text));
	}
}

static void expect_same(const struct config *a, const struct config *b)
{
	expect_same_list(a->non_masquerade_cidrs, a->non_masquerade_count,
			 b->non_masquerade_cidrs, b->non_masquerade_count);
	expect_same_list(a->masquerade_cidrs, a->masquerade_count, b->masquerade_cidrs,
			 b->masquerade_count);
	expect_same_list(a->source_cidrs, a->source_count, b->source_cidrs, b->source_count);
	expect_same_list(a->output_interfaces, a->interface_count, b->output_interfaces,
			 b->interface_count);
	expect_same_pools(a, b);
	ALWAYS(a->apply_to_existing == b->apply_to_existing);
	ALWAYS(a->cidr_limit == b->cidr_limit);
	ALWAYS(a->masq_link_local == b->masq_link_local);
	ALWAYS(a->masq_link_local_ipv6 == b->masq_link_local_ipv6);
	ALWAYS(a->resync_interval == b->resync_interval);
	ALWAYS(a->enable_ipv6 == b->enable_ipv6);
	ALWAYS(a->random_fully == b->random_fully);
	ALWAYS(a->port_range_count == b->port_range_count);
	ALWAYS(!a->port_range_count ||
	       !memcmp(a->port_ranges, b->port_ranges,
		       a->port_range_count * sizeof(*a->port_ranges)));
}

static void check_policy(const struct config *config)
{
	struct policy policy;
	size_t i;

	ALWAYS(!policy_from_config(config, &policy));
	for (i = 1; i < policy.count; i++)
		ALWAYS(policy_entry_compare(&policy.entries[i - 1], &policy.entries[i]) < 0);
	for (i = 0; i < policy.count; i++) {
		const struct policy_detail *detail = policy.entries[i].detail;
		size_t most = policy.entries[i].action == IPMASQ_ACTION_SNAT ?
			      IPMASQ_SNAT_ADDRESSES_MAX : 0;

		ALWAYS(!most == !detail);
		ALWAYS(!detail || (detail->address_count && detail->address_count <= most));
	}
	ALWAYS(policy.settings.list[SETTING_SOURCE_CIDRS].count <= IPMASQ_SOURCE_CIDRS_MAX);
	ALWAYS(policy.settings.list[SETTING_OUTPUT_INTERFACES].count <= IPMASQ_INTERFACES_MAX);
	ALWAYS(policy.settings.list[SETTING_SNAT_ADDRESSES].count <= IPMASQ_SNAT_ADDRESSES_MAX);
	policy_clear(&policy);
}

/* Refused, or the same, and the same where it has no warning. */
static void check_strict(struct config_flags flags, const struct config *config, size_t warnings)
{
	struct config strict;
	size_t strict_warnings;
	int result;

	flags.strict = true;
	result = read_config(&flags, &strict, &strict_warnings);
	ALWAYS(!result || warnings);
	if (!result)
		expect_same(config, &strict);
	config_clear(&strict);
}

static void check_written(const struct config_flags *flags, const struct config *config, bool json)
{
	struct config again;
	size_t warnings, length;
	char *text = write_config(config, json, &length);

	fill(text, length);
	free(text);
	ALWAYS(!read_config(flags, &again, &warnings));
	/* An interval that is too short is taken, and told each time. */
	ALWAYS(warnings == (config->resync_interval < CONFIG_RESYNC_MIN));
	expect_same(config, &again);
	config_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct port_range range = { 1024, 29999 };
	/* A few bits that depend on the input, so that a file alone says it all. */
	unsigned int bits = size ? (unsigned int)(data[size / 2] ^ size) : 0;
	struct config_flags flags = {
		.enable_ipv6 = bits & 1,
		.random_fully = bits & 2,
		.config_map = bits & 0x40,
		.nomasq_all_reserved_ranges = !(bits & 0x1c),
		.port_ranges = bits & 0x20 ? &range : NULL,
		.port_range_count = bits & 0x20 ? 1 : 0,
	};
	struct config config;
	size_t warnings;

	fill(data, size);
	if (!read_config(&flags, &config, &warnings)) {
		check_policy(&config);
		check_strict(flags, &config, warnings);
		check_written(&flags, &config, false);
		check_written(&flags, &config, true);
	}
	config_clear(&config);
	return 0;
}
