# SPDX-License-Identifier: GPL-2.0-or-later

# Rooms of the daemon that need no kernel module, under ASan and UBSan; the
# system call filter without, because it does not let their calls through.
DAEMON_TEST_FLAGS = $(IPMASQ_CFLAGS) -g
DAEMON_TEST_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
DAEMON_TESTS := $(addprefix $(BUILD)/tests/,metrics_test state_test source_test watch_test \
	privileges_test port_warnings_test)
DAEMON_TEST_LOG := ctl/ipmasqd/log.c ctl/ipmasqd/json_text.c

$(BUILD)/tests/metrics_test: tests/unit/metrics_test.c ctl/ipmasqd/metrics.c
$(BUILD)/tests/port_warnings_test: tests/unit/port_warnings_test.c ctl/ipmasqd/port_warnings.c
$(BUILD)/tests/state_test: tests/unit/state_test.c ctl/ipmasqd/state.c ctl/ipmasqd/fingerprint.c
$(BUILD)/tests/source_test: tests/unit/source_test.c $(addprefix ctl/ipmasqd/,source.c state.c \
	fingerprint.c loop.c) $(DAEMON_TEST_LOG)
$(BUILD)/tests/watch_test: tests/unit/watch_test.c ctl/ipmasqd/watch.c $(DAEMON_TEST_LOG)
$(BUILD)/tests/privileges_test: tests/unit/privileges_test.c ctl/ipmasqd/privileges.c \
	$(DAEMON_TEST_LOG)
$(BUILD)/tests/privileges_test: DAEMON_TEST_SANITIZE :=
$(DAEMON_TESTS): $(wildcard ctl/lib/*.c) $(wildcard ctl/lib/*.h ctl/ipmasqd/*.h)
	@mkdir -p $(@D)
	$(CC) $(DAEMON_TEST_FLAGS) $(DAEMON_TEST_SANITIZE) -o $@ $(filter %.c,$^) $(IPMASQ_LIBS) -lcmocka

daemon-test: $(DAEMON_TESTS) programs ## the daemon's watch, saved policy, metrics, filter and log, without a kernel
	@tests/unit/tap $(DAEMON_TESTS) tests/unit/problems.sh tests/unit/promtool.sh

.PHONY: daemon-test
TEST_PARTS += daemon-test
