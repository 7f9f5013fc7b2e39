# SPDX-License-Identifier: GPL-2.0-or-later

coverage: programs vm-programs ## lines of the module that tests run, in User-Mode Linux
	@tests/uml/coverage

.PHONY: coverage
