# SPDX-License-Identifier: GPL-2.0-or-later

$(BUILD)/tests/migrate_test: $(call checked,tests/unit/migrate_test.c \
	$(addprefix ctl/ipmasqctl/migrate_,compare.c owner.c program.c rules.c)) $(CHECKED_LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CHECKED_FLAGS) -o $@ $(filter %.o,$^) $(CHECKED_LIB) $(IPMASQ_LIBS) -lcmocka

migrate-test: $(BUILD)/tests/migrate_test ## the agent's recorded rules against the policy, for ipmasqctl migrate
	@CASES=tests/compat/cases.json tests/unit/tap $(BUILD)/tests/migrate_test

.PHONY: migrate-test
TEST_PARTS += migrate-test
TEST_PROGRAMS += $(BUILD)/tests/migrate_test
