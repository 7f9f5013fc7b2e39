# SPDX-License-Identifier: GPL-2.0-or-later
.DEFAULT_GOAL := all
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
BUILD := build
PKG_CONFIG ?= $(CROSS_COMPILE)pkg-config
# Of these make itself has a default, so that ?= has no effect.
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin AR),default)
AR := $(CROSS_COMPILE)ar
endif
# make V=1 shows each command, make without it what it makes.
Q = $(if $(V),,@echo "  $@" && )
CFLAGS ?= -O2 -g
PKGS := libnl-3.0 libnl-genl-3.0 yaml-0.1 jansson
IPMASQ_CFLAGS = -std=gnu11 -Wall -Wextra -Wpedantic -Werror -D_GNU_SOURCE \
	-DIPMASQ_VERSION='"$(VERSION)"' -Iinclude/uapi -Ictl -Ictl/lib $(shell $(PKG_CONFIG) --cflags $(PKGS))
# The programs load LOADED_PKGS when they get to them, see ctl/lib/library.c; what
# the daemon is linked with delays its first policy.
IPMASQ_LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS)) -ldl
LOADED_PKGS := libnetfilter_conntrack libseccomp libmicrohttpd libkmod
# The daemon has libnl from its static libraries where they are: a library to find, map
# and relocate takes a twentieth of the way to the first policy.
STATIC_LIBNL = -l:libnl-genl-3.a -l:libnl-3.a
DAEMON_LIBS = -Wl,--as-needed $(if $(wildcard $(shell $(CC) -print-file-name=libnl-3.a)),\
	$(STATIC_LIBNL) $(filter-out -lnl-genl-3 -lnl-3,$(IPMASQ_LIBS)),$(IPMASQ_LIBS))

LIB_SOURCES := $(wildcard ctl/lib/*.c ctl/config/*.c ctl/config/*/*.c)
LIB_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(LIB_SOURCES))
CTL_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard ctl/ipmasqctl/*.c))
DAEMON_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard ctl/ipmasqd/*.c))

##@ Build
all: programs module ## build the programs and the kernel module

programs: $(BUILD)/ipmasqctl $(BUILD)/ipmasqd ## build build/ipmasqctl and build/ipmasqd

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(IPMASQ_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/ipmasqctl: $(CTL_OBJECTS) $(LIB_OBJECTS)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPMASQ_LIBS)

$(BUILD)/ipmasqd: $(DAEMON_OBJECTS) $(LIB_OBJECTS)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

# As the container image has it: static, because in the image nothing else shares the
# libraries, and the dynamic linker is a fifth of the way to the first policy. Only
# libnetfilter_conntrack, of which Debian has no static library, is loaded, with the C
# library that this was linked from: ld warns that it must be the same one.
LINKED_OBJECTS := $(patsubst $(BUILD)/obj/%,$(BUILD)/obj/linked/%,\
	$(DAEMON_OBJECTS) $(LIB_OBJECTS))
LINKED_LIBS = -lnl-genl-3 -lnl-3 -lyaml -lseccomp

$(BUILD)/obj/linked/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) -DIPMASQ_LINKED $(IPMASQ_CFLAGS) $(CFLAGS) -fPIE -MMD -MP -c -o $@ $<

$(BUILD)/container/libmicrohttpd.a: deploy/container/microhttpd
	@mkdir -p $(@D)
	$(Q)CC="$(CC)" CFLAGS="$(CFLAGS) -fPIE" $< $@

$(BUILD)/container/ipmasqd: $(LINKED_OBJECTS) $(BUILD)/container/libmicrohttpd.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -static-pie -Wl,--no-warnings -o $@ $^ $(LINKED_LIBS)

# The same sources under ASan and UBSan, compiled once for all tests that need them.
CHECKED_FLAGS = $(IPMASQ_CFLAGS) -Ictl/ipmasqctl -g -fsanitize=address,undefined \
	-fno-sanitize-recover=all
CHECKED_LIB := $(BUILD)/checked/libipmasq.a
checked = $(patsubst %.c,$(BUILD)/checked/%.o,$(1))

$(BUILD)/checked/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CHECKED_FLAGS) -MMD -MP -c -o $@ $<

$(CHECKED_LIB): $(call checked,$(LIB_SOURCES))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# Fragments add the targets that make test runs: to CHECK_PARTS those that need no VM, to
# TEST_PARTS others that need one processor, to WHOLE_PARTS those that take all; to TEST_PROGRAMS what they run, to
# CHECKED_TESTS those of tests/unit that are linked with the checked sources. A test names
# the objects that it wants beside its own and those of ctl/lib.
CHECKED_TESTS :=
include $(sort $(wildcard mk/*.mk)) $(sort $(wildcard tests/*/*.mk))

$(CHECKED_TESTS): $(BUILD)/tests/%: $(call checked,tests/unit/%.c) $(CHECKED_LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CHECKED_FLAGS) -o $@ $(filter %.o,$^) $(CHECKED_LIB) \
		$(IPMASQ_LIBS) -lcmocka

deps: ## install the Debian packages that are missing
	@scripts/install-packages scripts/packages $(wildcard tests/packages)

test-programs: $(TEST_PROGRAMS)

##@ Test
# What is built first is built by nobody at the same time. The parts that take longest
# come first, so that the processors are through at about the same time.
LONG_PARTS := table-test shellcheck kunit demo-test
FIRST_PARTS := $(LONG_PARTS) $(filter-out $(LONG_PARTS),$(CHECK_PARTS) $(TEST_PARTS))
check: ## what needs no VM, in about a minute
	@tests/run programs test-programs -- $(filter $(CHECK_PARTS),$(FIRST_PARTS))

test: ## everything, ending in one line "N passed, N failed"
	@tests/run deps programs test-module vm-programs test-programs -- \
		$(FIRST_PARTS) -- $(WHOLE_PARTS)

help: ## list the targets
	@scripts/help "$(CHECK_PARTS)" "$(TEST_PARTS) $(WHOLE_PARTS)" $(MAKEFILE_LIST)

##@ Build
clean: ## remove everything that was built
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj $(BUILD)/checked -name '*.d' 2>/dev/null)

.PHONY: all programs deps check test test-programs help clean
