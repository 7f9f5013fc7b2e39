// SPDX-License-Identifier: GPL-2.0-or-later
/* How many source ports the connections to one destination share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/ipmasq.h>

#include "ports.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void any_port_has_three_parts(void **state)
{
	struct port_space space;

	(void)state;
	port_space_init(&space, NULL, 0);
	assert_int_equal(port_space_size(&space), 64512);
	assert_int_equal(port_space_smallest(&space), 424);
	assert_int_equal(space.available[port_space_part(&space, 1024)], 64512);
	assert_int_equal(space.available[port_space_part(&space, 65535)], 64512);
	assert_int_equal(space.available[port_space_part(&space, 1)], 511);
	assert_int_equal(space.available[port_space_part(&space, 511)], 511);
	assert_int_equal(space.available[port_space_part(&space, 600)], 424);
	assert_int_equal(space.available[port_space_part(&space, 1023)], 424);
	/* Nobody is given one of these, only left with it. */
	assert_int_equal(port_space_part(&space, 0), -1);
	assert_int_equal(port_space_part(&space, 512), -1);
	assert_int_equal(port_space_part(&space, 599), -1);
}

static void ranges_are_one_part(void **state)
{
	const struct port_range ranges[] = { { 40000, 40009 }, { 100, 104 } };
	struct port_space space;

	(void)state;
	port_space_init(&space, ranges, COUNT(ranges));
	assert_int_equal(port_space_size(&space), 15);
	assert_int_equal(port_space_smallest(&space), 15);
	assert_int_equal(port_space_part(&space, 40000), 0);
	assert_int_equal(port_space_part(&space, 40009), 0);
	assert_int_equal(port_space_part(&space, 104), 0);
	assert_int_equal(port_space_part(&space, 105), -1);
	assert_int_equal(port_space_part(&space, 39999), -1);
	assert_int_equal(port_space_part(&space, 40010), -1);
}

/* Against the plain way: all 65536 ports, one by one. */
static void overlaps_are_counted_once(void **state)
{
	struct port_range ranges[IPMASQ_PORT_RANGES_MAX];
	struct port_space space;
	uint32_t seed = 1;
	int round;

	(void)state;
	for (round = 0; round < 50; round++) {
		size_t count = round % 2 ? COUNT(ranges) : 1U + round / 2;
		uint32_t expected = 0;
		uint32_t port;
		size_t i;

		for (i = 0; i < count; i++) {
			seed = seed * 1664525 + 1013904223;
			ranges[i].first = seed >> 16;
			seed = seed * 1664525 + 1013904223;
			port = ranges[i].first + (seed >> (round % 3 ? 24 : 18));
			ranges[i].last = port > UINT16_MAX ? UINT16_MAX : port;
		}
		port_space_init(&space, ranges, count);
		for (port = 0; port <= UINT16_MAX; port++)
			expected += port_space_part(&space, port) == 0;
		assert_int_equal(port_space_size(&space), expected);
	}
	ranges[0] = (struct port_range){ 0, UINT16_MAX };
	port_space_init(&space, ranges, 2);
	assert_int_equal(port_space_size(&space), 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_port_has_three_parts),
		cmocka_unit_test(ranges_are_one_part),
		cmocka_unit_test(overlaps_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
