# SPDX-License-Identifier: GPL-2.0-or-later

BENCH_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Wpedantic -Werror -D_GNU_SOURCE

$(BUILD)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $<

bench-programs: $(BUILD)/bench/stopwatch $(BUILD)/bench/lpm $(BUILD)/vm/inside $(BUILD)/vm/writer

# No part of make test: it takes half an hour and says little about right
# and wrong.
BENCH ?=
bench: programs test-module bench-programs $(BUILD)/bench/lookup ## measure; results in docs/performance (BENCH="part contender ...")
	@tests/bench/run $(BENCH)

bench-deps:
	@scripts/install-packages scripts/packages tests/packages tests/bench/packages

# A small one, so that it works when it is wanted.
bench-test: programs test-module bench-programs
	@tests/bench/smoke

.PHONY: bench bench-programs bench-deps bench-test
WHOLE_PARTS += bench-test
TEST_PROGRAMS += bench-programs

# The module's lookup beside those of DPDK, in user space.
LOOKUP_SOURCES := $(wildcard tests/bench/lookup/*.c)

$(BUILD)/bench/lookup: $(LOOKUP_SOURCES) tests/bench/lookup/lookup.h kmod/cidr_table.c \
		kmod/cidr_build.c kmod/cidr_block.c kmod/cidr_build.h kmod/cidr_table.h \
		$(wildcard tests/unit/kernel/linux/*.h) | bench-deps
	@mkdir -p $(BUILD)/bench/obj
	$(CC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE $$(pkg-config --cflags libdpdk) \
		-c -o $(BUILD)/bench/obj/dpdk.o tests/bench/lookup/dpdk.c
	$(CC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Itests/unit/kernel \
		-Ikmod -Iinclude/uapi -o $@ $(filter-out %/dpdk.c,$(LOOKUP_SOURCES)) \
		$(addprefix kmod/,cidr_table.c cidr_build.c cidr_block.c) $(BUILD)/bench/obj/dpdk.o $$(pkg-config --libs libdpdk)
