# SPDX-License-Identifier: GPL-2.0-or-later

docs-test: $(BUILD)/ipmasqctl $(BUILD)/ipmasqd ## pages against the programs, and the Chinese pages against the English ones
	@tests/docs/run $(BUILD)/ipmasqctl $(BUILD)/ipmasqd

.PHONY: docs-test
CHECK_PARTS += docs-test
