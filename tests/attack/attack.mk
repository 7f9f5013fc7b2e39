# SPDX-License-Identifier: GPL-2.0-or-later

# Requests are made by the netlink fuzzer's generator, from the spec's tables.
ATTACK_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/attack/*.c) \
	tests/fuzz/chance.c tests/fuzz/netlink/generate.c tests/vm/hostile/command_name.c)

$(BUILD)/vm/attack: $(BUILD)/fuzz/netlink/table.c $(ATTACK_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(IPMASQ_CFLAGS) $(CFLAGS) -Itests/fuzz/netlink -static -pthread -o $@ $^

vm-programs: $(BUILD)/vm/attack

ATTACKS := $(patsubst tests/vm/scenarios/%.sh,%,$(wildcard tests/vm/scenarios/attack-*.sh))

# Short ones on the stock kernel are part of make test, as scenarios.
ATTACK_KERNELS ?=
ATTACK_SECONDS ?= 10
ATTACK_SEED ?= 1
attack-test: programs test-module vm-programs ## race against the module (ATTACK_SECONDS, ATTACK_SEED, ATTACK_KERNELS="kasan kasan-7.x")
	@tests/attack/run "$(ATTACK_KERNELS)" $(ATTACK_SECONDS) $(ATTACK_SEED) $(ATTACKS)

.PHONY: attack-test
