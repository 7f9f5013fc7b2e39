# SPDX-License-Identifier: GPL-2.0-or-later

ynl-test: ## the kernel tree's generator of netlink code makes code of the YNL spec
	@tests/ynl/run

.PHONY: ynl-test
CHECK_PARTS += ynl-test
