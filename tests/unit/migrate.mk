# SPDX-License-Identifier: GPL-2.0-or-later

$(BUILD)/tests/migrate_test: $(call checked,\
	$(addprefix ctl/ipmasqctl/migrate_,compare.c owner.c program.c rules.c))
CHECKED_TESTS += $(BUILD)/tests/migrate_test

migrate-test: $(BUILD)/tests/migrate_test ## the agent's recorded rules against the policy, for ipmasqctl migrate
	@CASES=tests/compat/cases.json tests/unit/tap $(BUILD)/tests/migrate_test

.PHONY: migrate-test
CHECK_PARTS += migrate-test
TEST_PROGRAMS += $(BUILD)/tests/migrate_test
