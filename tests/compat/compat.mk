# SPDX-License-Identifier: GPL-2.0-or-later

# What the reference agent did with each of its measured cases, and what check
# and policy_from_config() make of them; then files that nobody would write.
COMPAT_SOURCES := tests/compat/policy.c $(wildcard ctl/lib/config*.c ctl/lib/policy*.c) \
	$(addprefix ctl/lib/,cidr.c duration.c ports.c suggest.c text.c)

$(BUILD)/tests/compat-policy: $(COMPAT_SOURCES) $(wildcard ctl/lib/*.h)
	@mkdir -p $(@D)
	$(CC) $(IPMASQ_CFLAGS) -g -fsanitize=address,undefined -fno-sanitize-recover=all \
		-o $@ $(filter %.c,$^) $(shell pkg-config --libs yaml-0.1 jansson)

compat-test: $(BUILD)/ipmasqctl $(BUILD)/tests/compat-policy ## the reference agent's 472 measured cases
	@tests/compat/run $(BUILD)/ipmasqctl $(BUILD)/tests/compat-policy

bounds-test: $(BUILD)/ipmasqctl ## files that cost time or memory
	@tests/compat/bounds $(BUILD)/ipmasqctl

.PHONY: compat-test bounds-test
TEST_PARTS += compat-test bounds-test
