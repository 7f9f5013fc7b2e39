# SPDX-License-Identifier: GPL-2.0-or-later

sparse: ## build the module once more under sparse
	@scripts/module -k "$$(scripts/kernel)" C=2 >/dev/null

checkpatch: ## the kernel's checkpatch.pl --strict over kmod/ and the uapi header
	@tests/style/checkpatch $(wildcard kmod/*.[ch] kmod/*/*.[ch]) include/uapi/linux/ipmasq.h

# Only changed lines, and no part of make check: clang-format breaks one line in thirty of
# the tree elsewhere than its author did, and each version breaks others.
BASE ?= HEAD
format-check: ## what clang-format would change in the lines changed since BASE (BASE=HEAD)
	@tests/style/format $(BASE)

shellcheck: ## shellcheck over all scripts
	@tests/style/shellcheck

paths: ## paths of this repository that scripts, makefiles and pages name
	@tests/style/paths

licences: ## every file names its licence (REUSE), and LICENSES/ has the text of each
	@reuse lint

circles: programs $(BUILD)/ipmasq.ko ## no files that need each other in a circle
	@tests/style/circles $(BUILD)/obj/ctl $(dir $(realpath $(BUILD)/ipmasq.ko))kmod

additions: ## what is added works in six files, and what is forgotten of it is reported
	@tests/unit/tap tests/style/additions

clang: ## the programs once more by clang
	@$(MAKE) -s CC=clang CFLAGS=-O0 BUILD=$(BUILD)/clang programs

.PHONY: additions clang format-check sparse checkpatch shellcheck paths licences circles
CHECK_PARTS += clang checkpatch shellcheck paths licences circles
TEST_PARTS += additions
# It works where the module is built, from where others take it.
WHOLE_PARTS += sparse
