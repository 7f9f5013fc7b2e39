#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whoever may have a policy in a network namespace of his own pays for it: its
# memory is charged to his memory cgroup, goes when he goes, and neither an open
# transaction nor a full table of his is in anybody else's way.
#
#	guest		root of a user namespace, in a cgroup of its own
#	node		somebody else

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

GROUP=/sys/fs/cgroup/guest
ENTRIES=100000
TIMED=100000

# KiB that the guest's cgroup is charged with. What its processes had for
# themselves, and what is kept for later, is given back first.
charged() {
	echo 1 >/proc/sys/vm/drop_caches
	echo $(($(cat $GROUP/memory.current) / 1024))
}

at_most() {
	[ "$(charged)" -le "$1" ]
}

at_least() {
	[ "$(charged)" -ge "$1" ]
}

# as_guest NAMESPACE COMMAND...: in the cgroup
as_guest() {
	local namespace=$1
	shift
	sh -c 'echo $$ >'$GROUP'/cgroup.procs
		exec ip netns exec "$@"' sh "$namespace" "$@"
}

# write_timed TIMEOUT: every 64th entry expires, which is one of each block at least
write_timed() {
	awk -v timeout="$1" '{ print $0, NR % 64 ? "" : timeout }' /tmp/scenario/twice \
		>/tmp/scenario/timed
}

entries_left() {
	on guest ipmasqctl show -j | jq .entries.static
}

timed_are_gone() {
	[ "$(entries_left)" = $((TIMED - TIMED / 64)) ]
}

mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir $GROUP
namespace guest
namespace node
on node ipmasqctl set enabled on
writer prefixes 16.0.0.0/32 $ENTRIES 1 skip >/tmp/scenario/table

note 'a table'
as_guest guest true
empty=$(charged)
as_guest guest ipmasqctl replace -f /tmp/scenario/table
reported=$(($(on guest ipmasqctl show -j | jq .memory_bytes) / 1024))
full=$(charged)
note "charged: $empty KiB, with $ENTRIES entries $full KiB; the policy says $reported KiB"
expect_success "a policy of $reported KiB is charged to who made it" \
	test $((full - empty)) -ge $((reported * 9 / 10))
on guest ipmasqctl flush policy
expect_soon 'and is given back when it goes' at_most $((empty + reported / 10))

note 'an open transaction'
as_guest guest writer hold $ENTRIES until /tmp/scenario/enough >/dev/null 2>&1 &
expect_soon 'what it collects is charged too' at_least $((empty + ENTRIES * 24 / 1024))
expect_success 'somebody else changes his policy meanwhile' on node ipmasqctl add 10.0.0.0/8
expect_success 'and in the same namespace too' on guest ipmasqctl set enabled on
on guest ipmasqctl flush policy
xargs kill -KILL <$GROUP/cgroup.procs
wait
expect_soon 'killed, it leaves nothing' at_most $((empty + 1024))
expect_equal 0 "$(generation guest)" 'and no policy'

note 'a timer that changes it, in no process of anybody'
writer prefixes 16.0.0.0/32 $TIMED 1 skip >/tmp/scenario/twice
write_timed 20000
as_guest guest writer swap 1 /tmp/scenario/timed /tmp/scenario/timed
expect_equal $TIMED "$(entries_left)" "$TIMED entries, one of 64 with a time"
full=$(charged)
WAIT_SECONDS=60
expect_soon 'which expire' timed_are_gone
note "charged: $empty KiB without a policy, $full KiB before, $(charged) KiB after"
expect_success 'what is left is charged as before' \
	test $(($(charged) - empty)) -ge $(((full - empty) * 9 / 10))

note 'a timer without memory'
write_timed 15000
as_guest guest writer swap 1 /tmp/scenario/timed /tmp/scenario/timed
full=$(charged)
echo "$((full + 256))K" >$GROUP/memory.max
expect_soon 'finds no room below the limit of who wrote the policy' \
	grep -qE '^max [1-9]' $GROUP/memory.events
# The first few may have expired alone, for which there was room.
expect_success 'so that entries stay beyond their time' \
	test "$(entries_left)" -gt $((TIMED - TIMED / 64))
expect_match '*oom_kill 0*' "$(cat $GROUP/memory.events)" 'and nobody is killed for it'
echo max >$GROUP/memory.max
expect_soon 'tries again, and finds it' timed_are_gone

note 'a timer whose cgroup is gone'
write_timed 10000
as_guest guest writer swap 1 /tmp/scenario/timed /tmp/scenario/timed
rmdir $GROUP
expect_soon 'deletes entries all the same' timed_are_gone
mkdir $GROUP
on guest ipmasqctl flush policy
WAIT_SECONDS=10
as_guest guest true
empty=$(charged)

note 'a limit for all'
echo 1000 >/sys/module/ipmasq/parameters/max_entries
expect_failure 1 '*1000*' 'a table above the limit is refused, which is named' \
	as_guest guest ipmasqctl replace -f /tmp/scenario/table
expect_equal 0 "$(generation guest)" 'and there is no policy'
expect_soon 'nor memory' at_most $((empty + 1024))
echo 1048576 >/sys/module/ipmasq/parameters/max_entries

note 'a namespace that goes with everything in it'
as_guest guest ipmasqctl replace -f /tmp/scenario/table
ip netns delete guest
expect_soon 'gives all of it back' at_most $((empty + 1024))
