# SPDX-License-Identifier: GPL-2.0-or-later

# What the reference agent did with each of its measured cases, and what check
# and policy_from_config() make of them; then files that nobody would write.
$(BUILD)/tests/compat-policy: $(call checked,tests/compat/policy.c) $(CHECKED_LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CHECKED_FLAGS) -o $@ $^ $(IPMASQ_LIBS)

compat-test: $(BUILD)/ipmasqctl $(BUILD)/tests/compat-policy ## the reference agent's 472 measured cases
	@tests/compat/run $(BUILD)/ipmasqctl $(BUILD)/tests/compat-policy

bounds-test: $(BUILD)/ipmasqctl ## files that cost time or memory
	@tests/compat/bounds $(BUILD)/ipmasqctl

.PHONY: compat-test bounds-test
CHECK_PARTS += compat-test bounds-test
TEST_PROGRAMS += $(BUILD)/tests/compat-policy
