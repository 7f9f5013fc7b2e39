# SPDX-License-Identifier: GPL-2.0-or-later

# Rooms of the daemon that need no kernel module, under ASan and UBSan; the
# system call filter without, because it does not let their calls through.
DAEMON_TESTS := $(addprefix $(BUILD)/tests/,metrics_test state_test source_test watch_test \
	port_warnings_test)
daemon_objects = $(call checked,$(addprefix ctl/ipmasqd/,$(1)))

$(BUILD)/tests/metrics_test: $(call daemon_objects,metrics.c)
$(BUILD)/tests/port_warnings_test: $(call daemon_objects,port_warnings.c)
$(BUILD)/tests/state_test: $(call daemon_objects,state.c fingerprint.c)
$(BUILD)/tests/source_test: $(call daemon_objects,source.c state.c fingerprint.c writers.c \
	loop.c log.c)
$(BUILD)/tests/source_test: IPMASQ_LIBS += -Wl,--wrap=config_read,--wrap=malloc
$(BUILD)/tests/watch_test: $(call daemon_objects,watch.c log.c)
CHECKED_TESTS += $(DAEMON_TESTS)

$(BUILD)/tests/privileges_test: $(patsubst %.c,$(BUILD)/obj/%.o,tests/unit/privileges_test.c \
	$(addprefix ctl/ipmasqd/,privileges.c log.c)) $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPMASQ_LIBS) -lcmocka
DAEMON_TESTS += $(BUILD)/tests/privileges_test

daemon-test: $(DAEMON_TESTS) programs ## the daemon's watch, saved policy, metrics, filter and log, without a kernel
	@tests/unit/tap $(DAEMON_TESTS) tests/unit/problems.sh tests/unit/promtool.sh

.PHONY: daemon-test
CHECK_PARTS += daemon-test
TEST_PROGRAMS += $(DAEMON_TESTS)
