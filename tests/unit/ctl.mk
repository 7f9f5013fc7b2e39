# SPDX-License-Identifier: GPL-2.0-or-later

# The client's messages and the tool's files of entries, under ASan and UBSan;
# then the tool itself, and the YNL spec against the uapi header.
CTL_TESTS := $(addprefix $(BUILD)/tests/,client_test client_settings_test entry_file_test \
	saved_policy_test setting_test)

$(addprefix $(BUILD)/tests/,client_test client_settings_test setting_test): \
	$(call checked,tests/unit/client_fixture.c)
CHECKED_TESTS += $(CTL_TESTS)

ctl-test: $(CTL_TESTS) $(BUILD)/ipmasqctl ## client, tool and YNL spec, without a kernel
	@tests/unit/tap $(CTL_TESTS) tests/unit/cli.sh tests/unit/spec.py

.PHONY: ctl-test
CHECK_PARTS += ctl-test
TEST_PROGRAMS += $(CTL_TESTS)
