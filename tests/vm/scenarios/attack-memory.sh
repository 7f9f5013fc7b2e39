#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Attackers (tests/attack) in a memory cgroup whose limit changes all the time, which
# refuses or kills them wherever they are, and, where the kernel can, with allocations
# that fail at random.
#
# processors: 4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/attack.sh
. /guest/attack.sh

CGROUP=/tmp/scenario/cgroup

# The kernel shows a trace of whom it kills, of a process that it found nobody to kill
# for, and of a namespace that got no memory for its sysctls. None is a complaint about
# the module, and none has a headline of its own, as complaints have. The log is short:
# where a trace begins may be lost.
forget_kills() {
	dmesg >/tmp/scenario/dmesg-after
	new_kernel_messages >/tmp/scenario/said
	grep -v 'Call Trace' /guest/kernel-complaints >/tmp/scenario/headlines
	grep -E -f /tmp/scenario/headlines /tmp/scenario/said >/tmp/scenario/complaints || :
	expect_equal '' "$(cat /tmp/scenario/complaints)" 'the kernel says nothing but whom it killed'
	# What led to the first ones, for whoever has to find out.
	[ ! -s /tmp/scenario/complaints ] ||
		grep -m 3 -A 40 -E 'WARNING|BUG|KASAN|page allocation failure' /tmp/scenario/said | head -n 120 |
			while IFS= read -r line; do note "$line"; done
	cp /tmp/scenario/dmesg-after /tmp/scenario/dmesg-before
}

mkdir $CGROUP
if ! mount -t cgroup2 cgroup2 $CGROUP || ! grep -q memory $CGROUP/cgroup.controllers; then
	skip 'attackers in a memory cgroup' 'this kernel has no memory cgroups'
	exit 0
fi
echo +memory >$CGROUP/cgroup.subtree_control
mkdir $CGROUP/small
namespace target
on target sh -ec "$WAY_OUT"
expect_sound target
remember_kernel

faults=
[ ! -d /sys/kernel/debug/failslab ] || faults=allocation-fault
# Of what the kernel says, traces of kills and allocations that failed are for the log
# only; what is worse than a warning is for the console too.
dmesg -n 4
# shellcheck disable=SC2086 # one word or none
ATTACK_CGROUP=$CGROUP/small HOSTILE_AS=root expect_attack attack "$ATTACK_SEED" \
	"$ATTACK_SECONDS" memory-limit $faults port-thief@target shared-socket@target \
	half-dump@target killed-writer@target expiry@target explain@target withdrawal@target \
	short-namespace
forget_kills
dmesg -n 7

on target ipmasqctl flush policy >/dev/null 2>&1 || :
expect_sound target
rmdir $CGROUP/small
umount $CGROUP
expect_nothing_left
