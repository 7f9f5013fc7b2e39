# SPDX-License-Identifier: GPL-2.0-or-later

# The programs' parsers under libFuzzer, ASan and UBSan: the same sources, and a
# harness each. FUZZ_LIB is what the harnesses do not include themselves.
FUZZ_CC := clang
FUZZ_CFLAGS = $(IPMASQ_CFLAGS) -Ictl/ipmasqd -Ictl/ipmasqctl -O2 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_PARSERS := cidr config duration entries ports saved state
FUZZ_LIB := $(wildcard ctl/config/*.c ctl/config/*/*.c ctl/lib/policy*.c) ctl/ipmasqd/fingerprint.c \
	tests/fuzz/parser/pieces.c $(addprefix ctl/lib/,entry_detail.c json_text.c saved_policy.c) \
	$(addprefix ctl/lib/,cidr.c duration.c ports.c suggest.c text.c)
FUZZ_LIB_OBJECTS := $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(FUZZ_LIB))
FUZZ_PROGRAMS := $(addprefix $(BUILD)/fuzz/,$(FUZZ_PARSERS))

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link $(FUZZ_COVERAGE) -MMD -MP -c -o $@ $<

$(FUZZ_PROGRAMS): $(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/tests/fuzz/parser/%.o $(FUZZ_LIB_OBJECTS)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $^ \
		$(shell pkg-config --libs yaml-0.1) -lm

# It compares every letter with every other, which is nothing to be guided by.
$(BUILD)/fuzz/obj/ctl/lib/suggest.o: FUZZ_COVERAGE := -fno-sanitize-coverage=trace-cmp

fuzz-programs: $(FUZZ_PROGRAMS)

fuzz-test: $(FUZZ_PROGRAMS) ## known inputs of the parsers, and some new ones
	@tests/fuzz/parser/run -r 20000 $(FUZZ_PROGRAMS)

SECONDS ?= 60
fuzz: fuzz-programs programs test-module vm-programs ## fuzz parsers, netlink and packets, SECONDS=60 each
	@tests/fuzz/run $(SECONDS) $(FUZZ_PROGRAMS)

.PHONY: fuzz-programs fuzz-test fuzz
WHOLE_PARTS += fuzz-test
TEST_PROGRAMS += $(FUZZ_PROGRAMS)

-include $(shell find $(BUILD)/fuzz/obj -name '*.d' 2>/dev/null)

# The family's fuzzer, which goes into the VM; its tables come from the spec.
FUZZ_NETLINK_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/fuzz/*.c tests/fuzz/netlink/*.c))

$(BUILD)/fuzz/netlink/table.c: tests/fuzz/netlink/table.py Documentation/netlink/specs/ipmasq.yaml
	@mkdir -p $(@D)
	$(Q)$^ >$@.draft && mv $@.draft $@

$(BUILD)/vm/fuzz-netlink: $(BUILD)/fuzz/netlink/table.c $(FUZZ_NETLINK_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(IPMASQ_CFLAGS) $(CFLAGS) -Itests/fuzz/netlink -static -o $@ $^

# And that of packets.
FUZZ_PACKETS_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/fuzz/*.c tests/fuzz/packets/*.c))

$(BUILD)/vm/fuzz-packets: $(FUZZ_PACKETS_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^

vm-programs: $(BUILD)/vm/fuzz-netlink $(BUILD)/vm/fuzz-packets
