# SPDX-License-Identifier: GPL-2.0-or-later

# The configuration: prefixes, durations, flags, files, under ASan and UBSan.
CONFIG_TESTS := $(addprefix $(BUILD)/tests/,cidr_test duration_test flags_test config_test \
	config_lists_test ports_test)

$(addprefix $(BUILD)/tests/,config_test config_lists_test): \
	$(call checked,tests/unit/config_fixture.c)
CHECKED_TESTS += $(CONFIG_TESTS)

unit-test: $(CONFIG_TESTS) ## the configuration's reader, without a kernel
	@tests/unit/tap $(CONFIG_TESTS)

.PHONY: unit-test
TEST_PARTS += unit-test
TEST_PROGRAMS += $(CONFIG_TESTS)
