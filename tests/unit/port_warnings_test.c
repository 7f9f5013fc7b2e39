// SPDX-License-Identifier: GPL-2.0-or-later
/* When the daemon says that source ports run out, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/ipmasqd/log.h"
#include "../../ctl/ipmasqd/port_warnings.h"

static char lines[64 * 1024];
static size_t line_count;
static int64_t now;

/* In the place of log.c and loop.c. */
void log_line(int priority, const char *format, ...)
{
	size_t used = strlen(lines);
	va_list arguments;

	used += snprintf(lines + used, sizeof(lines) - used, "<%d>", priority);
	va_start(arguments, format);
	used += vsnprintf(lines + used, sizeof(lines) - used, format, arguments);
	va_end(arguments);
	snprintf(lines + used, sizeof(lines) - used, "\n");
	line_count++;
}

int64_t monotonic_now(void)
{
	return now;
}

static void forget_lines(void)
{
	lines[0] = '\0';
	line_count = 0;
}

static struct cidr host(const char *text)
{
	struct cidr cidr = { .family = AF_INET, .prefix_len = 32 };

	assert_int_equal(inet_pton(AF_INET, text, cidr.address), 1);
	return cidr;
}

static void add(struct port_use_count *count, uint64_t fingerprint, uint32_t held)
{
	count->near[count->near_count++] = (struct port_use_destination){
		.fingerprint = fingerprint,
		.protocol = IPPROTO_UDP,
		.destination = host("203.0.113.7"),
		.port = 443,
		.address = host("192.0.2.10"),
		.held = held,
		.available = 1000,
	};
}

static void warned_once_until_below(void **state)
{
	struct port_warnings warnings = { .percent = 80 };
	struct port_use_count full = { 0 }, settled = { 0 }, none = { 0 };

	(void)state;
	forget_lines();
	assert_int_equal(port_warnings_near(&warnings), 72);
	add(&settled, 1, 799);
	port_warnings_take(&warnings, &settled);
	assert_int_equal(line_count, 0);
	add(&full, 1, 800);
	port_warnings_take(&warnings, &full);
	assert_string_equal(lines,
		"<4>source ports towards udp 203.0.113.7:443 as 192.0.2.10 run out: 800 of 1000 are held; \"ipmasqctl ports 203.0.113.7 pods\" says by whom\n");
	/* Neither again nor when it goes up and down about the limit. */
	port_warnings_take(&warnings, &full);
	port_warnings_take(&warnings, &settled);
	port_warnings_take(&warnings, &full);
	assert_int_equal(line_count, 1);
	forget_lines();
	port_warnings_take(&warnings, &none);
	assert_string_equal(lines,
		"<5>source ports towards udp 203.0.113.7:443 as 192.0.2.10 are free again\n");
	port_warnings_take(&warnings, &full);
	assert_int_equal(line_count, 2);
}

static void many_are_summed_up(void **state)
{
	struct port_warnings warnings = { .percent = 80 };
	struct port_use_count count = { 0 };
	uint64_t i;

	(void)state;
	forget_lines();
	for (i = 0; i < PORT_USE_NEAR_MAX; i++)
		add(&count, i + 1, 1000);
	count.near_left_out = 7;
	port_warnings_take(&warnings, &count);
	assert_int_equal(line_count, 6);
	assert_non_null(strstr(lines, "<4>source ports run out towards 27 more destinations\n"));
	/* It may still be one of those that the count had no room for. */
	count.near_count--;
	port_warnings_take(&warnings, &count);
	assert_int_equal(line_count, 6);
}

static void exhaustion_is_told_now_and_then(void **state)
{
	struct port_warnings warnings = { .percent = 0 };
	const struct client_exhaustion exhaustion = {
		.protocol = IPPROTO_TCP,
		.source = host("10.244.1.2"),
		.source_port = 5000,
		.destination = host("203.0.113.7"),
		.destination_port = 443,
		.address = host("192.0.2.10"),
		.connections = 3,
	};

	(void)state;
	forget_lines();
	now = NANOSECONDS_PER_SECOND;
	port_warnings_exhausted(&warnings, &exhaustion);
	assert_string_equal(lines,
		"<3>no free source port: tcp from 10.244.1.2:5000 to 203.0.113.7:443 as 192.0.2.10, 3 new connections were dropped\n");
	for (; now < 10 * NANOSECONDS_PER_SECOND; now += NANOSECONDS_PER_SECOND)
		port_warnings_exhausted(&warnings, &exhaustion);
	assert_int_equal(line_count, 1);
	now = 11 * NANOSECONDS_PER_SECOND;
	forget_lines();
	port_warnings_exhausted(&warnings, &exhaustion);
	assert_int_equal(line_count, 1);
	assert_non_null(strstr(lines, "as 192.0.2.10, 30 new connections were dropped"));
	assert_int_equal(warnings.events, 11);
	assert_int_equal(warnings.connections, 33);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warned_once_until_below),
		cmocka_unit_test(many_are_summed_up),
		cmocka_unit_test(exhaustion_is_told_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
