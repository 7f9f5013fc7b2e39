# SPDX-License-Identifier: GPL-2.0-or-later

# The configuration: prefixes, durations, flags, files, under ASan and UBSan.
CONFIG_TESTS := $(addprefix $(BUILD)/tests/,cidr_test duration_test flags_test config_test \
	config_lists_test ports_test)

$(addprefix $(BUILD)/tests/,config_test config_lists_test): \
	$(call checked,tests/unit/config_fixture.c)
CHECKED_TESTS += $(CONFIG_TESTS)

# decision_verdict is in table.mk.
UNIT_TESTS := $(CONFIG_TESTS) $(BUILD)/tests/decision_verdict

unit-test: $(UNIT_TESTS) ## the configuration's reader and the programs' prediction, without a kernel
	@tests/unit/tap $(UNIT_TESTS)

.PHONY: unit-test
CHECK_PARTS += unit-test
TEST_PROGRAMS += $(UNIT_TESTS)
