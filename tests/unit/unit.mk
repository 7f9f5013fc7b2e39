# SPDX-License-Identifier: GPL-2.0-or-later

# The configuration: prefixes, durations, flags, files, under ASan and UBSan.
CONFIG_TEST_FLAGS = $(IPMASQ_CFLAGS) -g -fsanitize=address,undefined \
	-fno-sanitize-recover=all
CONFIG_TEST_PKGS := yaml-0.1 jansson cmocka
CONFIG_TEST_SOURCES := $(wildcard ctl/lib/config*.c ctl/lib/policy*.c) \
	$(addprefix ctl/lib/,cidr.c duration.c ports.c suggest.c text.c)
CONFIG_TESTS := $(addprefix $(BUILD)/tests/,cidr_test duration_test flags_test config_test \
	config_lists_test config_nesting_test ports_test)

$(addprefix $(BUILD)/tests/,config_test config_lists_test config_nesting_test): \
	tests/unit/config_fixture.c
$(BUILD)/tests/config_nesting_test: CONFIG_TEST_FLAGS += -Wl,--wrap=yaml_parser_parse
$(CONFIG_TESTS): $(BUILD)/tests/%: tests/unit/%.c $(CONFIG_TEST_SOURCES) \
		$(wildcard ctl/lib/*.h tests/unit/config_fixture.h)
	@mkdir -p $(@D)
	$(CC) $(CONFIG_TEST_FLAGS) -o $@ $(filter %.c,$^) $(shell pkg-config --libs $(CONFIG_TEST_PKGS))

unit-test: $(CONFIG_TESTS) ## the configuration's reader, without a kernel
	@tests/unit/tap $(CONFIG_TESTS)

.PHONY: unit-test
TEST_PARTS += unit-test
