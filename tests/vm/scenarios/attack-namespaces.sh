#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Namespaces that end in the middle of a commit (tests/attack), root's and a user's, and
# the module unloaded and loaded under programs that use it.
#
# ATTACK_NAMESPACES is how many there are at a time.
#
# processors: 4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/attack.sh
. /guest/attack.sh

namespace target
on target sh -ec "$WAY_OUT"
expect_sound target
remember_kernel

note 'namespaces that end'
HOSTILE_AS=root expect_attack attack "$ATTACK_SEED" "$ATTACK_SECONDS" short-namespace \
	port-thief@target withdrawal@target parameter
allow_user_namespaces 1
HOSTILE_AS='a user' expect_attack as_user attack "$ATTACK_SEED" "$ATTACK_SECONDS" \
	short-namespace
expect_soon 'they are gone' no_namespace_left
on target ipmasqctl flush policy >/dev/null 2>&1 || :

note 'a module that comes and goes'
HOSTILE_AS=root expect_attack attack "$ATTACK_SEED" "$ATTACK_SECONDS" reload \
	withdrawal@target half-dump@target explain@target parameter

module_loaded || load_module
expect_sound target
expect_nothing_left
