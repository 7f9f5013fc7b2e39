# SPDX-License-Identifier: GPL-2.0-or-later

$(BUILD)/bench/clock: $(BUILD)/obj/tests/bench/daemon/clock.o $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPMASQ_LIBS)

bench-daemon: bench-deps programs test-module vm-programs $(BUILD)/bench/clock $(BUILD)/container/ipmasqd ## what the daemon costs, into docs/performance
	@tests/bench/daemon/run

.PHONY: bench-daemon
