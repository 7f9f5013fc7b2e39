# SPDX-License-Identifier: GPL-2.0-or-later

# The client's messages and the tool's files of entries, under ASan and UBSan;
# then the tool itself, and the YNL spec against the uapi header.
CTL_TEST_FLAGS = $(IPMASQ_CFLAGS) -Ictl/ipmasqctl -g -fsanitize=address,undefined \
	-fno-sanitize-recover=all
CTL_TEST_SOURCES := $(wildcard ctl/lib/*.c)
CTL_FILE_SOURCES := $(addprefix ctl/ipmasqctl/,entry_detail.c entry_file.c settings.c)
CTL_TESTS := $(addprefix $(BUILD)/tests/,client_test client_settings_test entry_file_test \
	saved_policy_test)

$(BUILD)/tests/client_test $(BUILD)/tests/client_settings_test: $(BUILD)/tests/%: tests/unit/%.c \
	tests/unit/client_fixture.c $(CTL_TEST_SOURCES)
$(BUILD)/tests/entry_file_test: tests/unit/entry_file_test.c $(CTL_FILE_SOURCES) \
	$(CTL_TEST_SOURCES)
$(BUILD)/tests/saved_policy_test: tests/unit/saved_policy_test.c ctl/ipmasqctl/saved_policy.c \
	$(CTL_FILE_SOURCES) $(CTL_TEST_SOURCES)
$(CTL_TESTS): $(wildcard ctl/lib/*.h ctl/ipmasqctl/*.h) include/uapi/linux/ipmasq.h
	@mkdir -p $(@D)
	$(CC) $(CTL_TEST_FLAGS) -o $@ $(filter %.c,$^) $(IPMASQ_LIBS) -lcmocka

ctl-test: $(CTL_TESTS) $(BUILD)/ipmasqctl ## client, tool and YNL spec, without a kernel
	@tests/unit/tap $(CTL_TESTS) tests/unit/cli.sh tests/unit/spec.py

.PHONY: ctl-test
TEST_PARTS += ctl-test
