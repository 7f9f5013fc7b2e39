# SPDX-License-Identifier: GPL-2.0-or-later

coverage: programs vm-programs ## lines of the module that tests run, in User-Mode Linux
	@tests/uml/coverage

no-ipv6-build: ## the module compiles for a kernel without CONFIG_IPV6 and needs nothing of IPv6
	@tests/uml/no-ipv6

32-bit-build: ## the module compiles for 32 bit and needs nothing of the compiler's library
	@tests/uml/32-bit

.PHONY: coverage no-ipv6-build 32-bit-build
TEST_PARTS += no-ipv6-build 32-bit-build
