# SPDX-License-Identifier: GPL-2.0-or-later

coverage: programs vm-programs ## lines of the module that tests run, in User-Mode Linux
	@tests/uml/coverage

no-ipv6-build: ## the module compiles for a kernel without CONFIG_IPV6 and needs nothing of IPv6
	@tests/uml/no-ipv6

.PHONY: coverage no-ipv6-build
TEST_PARTS += no-ipv6-build
