#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A writer in a memory cgroup: what the kernel keeps for him counts there, and at its
# limit he is refused or killed, with the old policy in force and nothing left behind.
#
#	node	a policy of two entries		writers of 300,000 in a cgroup of 8 MiB

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ENTRIES=300000
LIMIT=8388608
CGROUP=/tmp/scenario/cgroup

memory_is_back() {
	[ "$(kernel_memory)" -le $((memory_before + 2048)) ]
}

# in_cgroup COMMAND...: with the limit; the exit status is that of the command
in_cgroup() {
	(
		sh -c 'echo $PPID' >$CGROUP/small/cgroup.procs
		exec inside node "$@"
	)
}

# Killing is what the kernel does at the limit, and then it shows a trace; that is no
# complaint about the module. Any other is.
accept_kills() {
	dmesg >/tmp/scenario/dmesg-after
	new_kernel_messages | awk '
		/invoked oom-killer/ { killing = 1 }
		!killing
		/Memory cgroup out of memory: Killed|oom_reaper: reaped/ { killing = 0 }
	' | grep -E -f /guest/kernel-complaints >/tmp/scenario/complaints || :
	expect_equal '' "$(cat /tmp/scenario/complaints)" 'the kernel says nothing but whom it killed'
	cp /tmp/scenario/dmesg-after /tmp/scenario/dmesg-before
	dmesg -n 7
}

# expect_limit SENTENCE COMMAND...
expect_limit() {
	sentence=$1
	shift
	status=0
	in_cgroup "$@" >/tmp/scenario/output 2>&1 || status=$?
	note "$sentence: exit status $status, $(tail -n 1 /tmp/scenario/output)"
	case $status in
	# Killed, or told.
	137) report ok "$sentence" ;;
	*) expect_match '1: *annot allocate memory*' "$status: $(cat /tmp/scenario/output)" \
		"$sentence" ;;
	esac
	expect_equal "$before" "$(on node ipmasqctl list -j)" 'and the policy is the old one'
	expect_soon 'all of it is given back' memory_is_back
}

namespace node
mkdir $CGROUP
if ! mount -t cgroup2 cgroup2 $CGROUP || ! grep -q memory $CGROUP/cgroup.controllers; then
	skip 'a writer in a memory cgroup' 'this kernel has no memory cgroups'
	exit 0
fi
echo '10.0.0.0/8 skip' | on node ipmasqctl replace -f - origin config >/dev/null
on node ipmasqctl add 192.0.2.128/25
before=$(on node ipmasqctl list -j)
memory_before=$(kernel_memory)
echo +memory >$CGROUP/cgroup.subtree_control
mkdir $CGROUP/small
echo $LIMIT >$CGROUP/small/memory.max
# Not to the console, whose complaints are counted too.
dmesg -n 1

expect_limit 'a transaction that grows beyond the limit is not committed' hostile fill $ENTRIES
writer prefixes 20.0.0.0/32 $ENTRIES 1 skip >/tmp/scenario/table
expect_limit 'nor is that of a tool that needs memory itself' \
	ipmasqctl replace -f /tmp/scenario/table
accept_kills
expect_success 'the limit was what stopped them' \
	grep -qE '^max [1-9]' $CGROUP/small/memory.events

echo max >$CGROUP/small/memory.max
expect_match 'committed *' "$(in_cgroup hostile fill $ENTRIES 2>&1)" 'without it there is room'
charged=$(cat $CGROUP/small/memory.current)
note "$charged bytes are charged for $ENTRIES entries"
expect_success 'and the table counts as memory of who wrote it' \
	test "$charged" -gt $((ENTRIES * 16))
on node ipmasqctl flush policy
rmdir $CGROUP/small
umount $CGROUP
