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

static void write_list(FILE *out, const struct config_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		char *quoted = text_quote(list->items[i].text, strlen(list->items[i].text),
					  SIZE_MAX);

		ALWAYS(quoted);
		fprintf(out, "%s%s", i ? ", " : "", quoted);
		free(quoted);
	}
}

static void write_ranges(FILE *out, const struct config_pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", pool->ranges[i].text);
}

static void write_pools(FILE *out, const struct config_pools *pools)
{
	size_t i;

	for (i = 0; i < pools->count; i++) {
		const struct config_pool *pool = &pools->list[i];

		fputs(i ? ", " : "", out);
		if (pool->destination.text)
			fprintf(out, "{\"%s\": [", pool->destination.text);
		write_ranges(out, pool);
		fputs(pool->destination.text ? "]}" : "", out);
	}
}

static void write_ports(FILE *out, const struct config_ports *ports)
{
	char *text = port_ranges_format(ports->ranges, ports->count);

	ALWAYS(text);
	fprintf(out, "\"%s\"", text);
	free(text);
}

static void write_value(FILE *out, const union config_value *value, enum setting key)
{
	char duration[DURATION_TEXT_MAX];

	switch (setting_table[key].type) {
	case SETTING_TYPE_BOOL:
		fputs(value->truth ? "true" : "false", out);
		return;
	case SETTING_TYPE_INTEGER:
		fprintf(out, "%" PRId64, value->number);
		return;
	case SETTING_TYPE_DURATION:
		fprintf(out, "\"%s\"", duration_format(value->number, duration));
		return;
	case SETTING_TYPE_PORTS:
		write_ports(out, &value->ports);
		return;
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
		fputc('[', out);
		write_list(out, &value->list);
		break;
	case SETTING_TYPE_POOLS:
		fputc('[', out);
		write_pools(out, &value->pools);
		break;
	}
	fputc(']', out);
}

/* Keys in quotes and flow sequences are the same in both languages. */
static char *write_config(const struct config *config, bool json, size_t *length)
{
	const char *end = "";
	char *text = NULL;
	FILE *out = open_memstream(&text, length);
	int i;

	ALWAYS(out);
	if (json)
		fputs("{", out);
	for (i = 0; i < SETTING_COUNT; i++) {
		if (setting_table[i].hidden)
			continue;
		fprintf(out, "%s\"%s\": ", end, setting_table[i].name);
		write_value(out, &config->value[i], (enum setting)i);
		end = json ? ",\n" : "\n";
	}
	fputs(json ? "}\n" : "\n", out);
	fclose(out);
	return text;
}

static void expect_same_list(const struct config_list *a, const struct config_list *b)
{
	size_t i;

	ALWAYS(a->count == b->count);
	for (i = 0; i < a->count; i++) {
		ALWAYS(!strcmp(a->items[i].text, b->items[i].text));
		ALWAYS(!cidr_compare(&a->items[i].cidr, &b->items[i].cidr));
	}
}

static void expect_same_pools(const struct config_pools *a, const struct config_pools *b)
{
	size_t i, j;

	ALWAYS(a->count == b->count);
	for (i = 0; i < a->count; i++) {
		const struct config_pool *x = &a->list[i];
		const struct config_pool *y = &b->list[i];

		ALWAYS(!x->destination.text == !y->destination.text);
		ALWAYS(!x->destination.text ||
		       !cidr_compare(&x->destination.cidr, &y->destination.cidr));
		ALWAYS(x->count == y->count);
		for (j = 0; j < x->count; j++)
			ALWAYS(!strcmp(x->ranges[j].text, y->ranges[j].text));
	}
}

static void expect_same_value(const union config_value *a, const union config_value *b,
			      enum setting key)
{
	switch (setting_table[key].type) {
	case SETTING_TYPE_BOOL:
		ALWAYS(a->truth == b->truth);
		break;
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
		ALWAYS(a->number == b->number);
		break;
	case SETTING_TYPE_PORTS:
		ALWAYS(a->ports.count == b->ports.count);
		ALWAYS(!a->ports.count || !memcmp(a->ports.ranges, b->ports.ranges,
						  a->ports.count * sizeof(*a->ports.ranges)));
		break;
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_INTERFACES:
		expect_same_list(&a->list, &b->list);
		break;
	case SETTING_TYPE_POOLS:
		expect_same_pools(&a->pools, &b->pools);
		break;
	}
}

static void expect_same(const struct config *a, const struct config *b)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (!setting_table[i].hidden)
			expect_same_value(&a->value[i], &b->value[i], (enum setting)i);
	}
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
	for (i = 0; i < SETTING_COUNT; i++)
		ALWAYS(policy.settings.list[i].count <= setting_table[i].most);
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
	ALWAYS(warnings == (config->value[SETTING_RESYNC_INTERVAL].number < CONFIG_RESYNC_MIN));
	expect_same(config, &again);
	config_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct port_range range = { 1024, 29999 };
	/* A few bits that depend on the input, so that a file alone says it all. */
	unsigned int bits = size ? (unsigned int)(data[size / 2] ^ size) : 0;
	struct config_flags flags = {
		.value[SETTING_ENABLE_IPV6].truth = bits & 1,
		.value[SETTING_RANDOM_FULLY].truth = bits & 2,
		.value[SETTING_NOMASQ_ALL_RESERVED_RANGES].truth = !(bits & 0x1c),
		.value[SETTING_TO_PORTS].ports = { &range, bits & 0x20 ? 1 : 0 },
		.config_map = bits & 0x40,
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
