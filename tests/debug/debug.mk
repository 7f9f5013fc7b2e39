# SPDX-License-Identifier: GPL-2.0-or-later

# No parts of make test: the first builds two kernels and takes an hour, the second
# half an hour.
DEBUG_KERNELS ?= kasan kcsan
test-debug: programs vm-programs ## the VM suite on kernels that check themselves (DEBUG_KERNELS="kasan kcsan", SCENARIOS, RACE_SECONDS)
	@RACE_SECONDS=$(RACE_SECONDS) tests/debug/run "$(DEBUG_KERNELS)" $(SCENARIOS)

SWAPS ?= 10000
NAMESPACES ?= 1000
RELOADS ?= 100
KILLS ?= 1000
soak: programs test-module vm-programs ## very often, under traffic (SWAPS, NAMESPACES, RELOADS, KILLS: how often)
	@tests/vm/run -v -j 4 -t 21600 SCENARIO_SECONDS=21000 SWAPS=$(SWAPS) \
		NAMESPACES=$(NAMESPACES) RELOADS=$(RELOADS) KILLS=$(KILLS) \
		swaps soak-namespaces soak-reloads soak-kills

.PHONY: test-debug soak
