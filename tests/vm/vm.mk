# SPDX-License-Identifier: GPL-2.0-or-later

FLOW_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/vm/flow/*.c))

# Static, so that it runs in whatever is booted.
$(BUILD)/vm/flow: $(FLOW_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^

$(BUILD)/vm/inside: $(BUILD)/obj/tests/vm/inside/main.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^

$(BUILD)/vm/stall: $(BUILD)/obj/tests/vm/stall/main.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^

$(BUILD)/vm/slow: $(BUILD)/obj/tests/vm/slow/main.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^

# Waits for events of the module through the programs' own library.
$(BUILD)/vm/kubelet: $(BUILD)/obj/tests/vm/kubelet/main.o $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPMASQ_LIBS)

# Writes tables through that library, in ways that no program does.
$(BUILD)/vm/writer: $(BUILD)/obj/tests/vm/writer/main.o $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPMASQ_LIBS)

# Speaks netlink without a library that would put it right.
$(BUILD)/vm/hostile: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/vm/hostile/*.c))
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^

# Asks for the verdicts that the reference agent's rules were recorded to give.
$(BUILD)/vm/verdicts: $(BUILD)/obj/tests/vm/verdicts/main.o $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPMASQ_LIBS)

$(BUILD)/vm/verdicts.cases: tests/compat/edges tests/compat/cases.json
	@mkdir -p $(@D)
	tests/compat/edges >$@.draft
	mv $@.draft $@

# The one-liners of the page, as it has them.
$(BUILD)/vm/trace.bt: docs/trace.md
	@mkdir -p $(@D)
	$(Q)sed -n "s/^    bpftrace -e '\(.*\)'$$/\1/p" $< >$@

# The members that the page has, as "COMMAND MEMBER TYPE,TYPE".
$(BUILD)/vm/json.members: docs/json.md
	@mkdir -p $(@D)
	$(Q)tr -d '`' <$< | awk -F ' *[|] *' ' \
		/^## / { commands = tolower(substr($$0, 4)) } \
		/^[|] [a-zA-Z_.]+.* [|]/ && $$2 != "member" { \
			gsub(", ", ",", $$3); \
			count = split(commands, command, " "); \
			for (i = 1; i <= count; i++) print command[i], $$2, $$3 }' >$@

# What the policies of the kernel must be.
$(BUILD)/vm/policies.expected: tests/vm/policies.py Documentation/netlink/specs/ipmasq.yaml
	@mkdir -p $(@D)
	$(Q)$^ >$@.draft && mv $@.draft $@

$(BUILD)/ipmasq.ko: $(MODULE_SOURCE)
	@scripts/module -k "$$(scripts/kernel)" >/dev/null

# The programs as they would be if the protocol had a next version.
NEXT_PROGRAMS := $(BUILD)/vm/ipmasqctl-next $(BUILD)/vm/ipmasqd-next
NEXT_OBJECTS := $(patsubst %.c,$(BUILD)/obj/next/%.o,\
	$(shell grep -l IPMASQ_FAMILY_VERSION $(wildcard ctl/*/*.c)))
$(BUILD)/obj/next/include/linux/ipmasq.h: include/uapi/linux/ipmasq.h
	@mkdir -p $(@D)
	$(Q)sed 's/^\(#define IPMASQ_FAMILY_VERSION\) .*/\1 200/' $< >$@

$(NEXT_OBJECTS): $(BUILD)/obj/next/%.o: %.c $(BUILD)/obj/next/include/linux/ipmasq.h
	@mkdir -p $(@D)
	$(Q)$(CC) -I$(BUILD)/obj/next/include $(IPMASQ_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/vm/ipmasqctl-next: $(CTL_OBJECTS) $(LIB_OBJECTS) $(NEXT_OBJECTS)
$(BUILD)/vm/ipmasqd-next: $(DAEMON_OBJECTS) $(LIB_OBJECTS) \
	$(filter-out $(BUILD)/obj/next/ctl/ipmasqctl/%,$(NEXT_OBJECTS))
$(NEXT_PROGRAMS):
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ \
		$(filter-out $(patsubst $(BUILD)/obj/next/%,$(BUILD)/obj/%,$(NEXT_OBJECTS)),$^) \
		$(DAEMON_LIBS)

vm-programs: $(NEXT_PROGRAMS) $(addprefix $(BUILD)/vm/,flow hostile inside json.members kubelet policies.expected slow stall trace.bt verdicts verdicts.cases writer)

SCENARIOS ?=
vm-test: programs test-module vm-programs ## boot VMs and run scenarios (SCENARIOS="name ...")
	@tests/vm/run -r $(SCENARIOS)

N ?= 30
test-repeat: programs test-module vm-programs ## the VM suite N times on busy processors, with no second try (N=30, SCENARIOS)
	@tests/vm/repeat $(N) $(SCENARIOS)

##@ Test
test-module: ## build the module for the stock Debian kernel that the VMs boot
	@scripts/module -k "$$(scripts/kernel)"

SHELL_INSIDE ?=
demo: ## show ipmasq at work in a VM (SHELL_INSIDE=1 leaves a shell in the node)
	@tests/vm/demo $(if $(SHELL_INSIDE),shell)

# What everybody sees first must work.
demo-test: programs test-module vm-programs
	@tests/vm/demo </dev/null && echo '1 passed, 0 failed'

.PHONY: test-module vm-programs vm-test test-repeat demo demo-test
TEST_PARTS += demo-test
WHOLE_PARTS += vm-test
