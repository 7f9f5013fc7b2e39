# SPDX-License-Identifier: GPL-2.0-or-later

kunit: programs vm-programs ## KUnit suites in a User-Mode Linux kernel with all debugging
	@tests/kunit/run

.PHONY: kunit
TEST_PARTS += kunit
