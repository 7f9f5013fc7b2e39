#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel goes through a datagram under a lock that all families of generic netlink
# share, and a sender at its CPU limit stops in the midst of it. How long others wait is a
# matter of what one datagram makes the module do.
#
#	pod		a policy; a writer with a hundredth of a CPU
#	the VM's own	somebody who loads a module with a family

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

CGROUP=/tmp/scenario/cgroup
GROUP=$CGROUP/limited
CROWD=2000

# limited COMMAND...: in the cgroup
limited() {
	sh -c 'echo $$ >'$GROUP'/cgroup.procs
		exec "$@"' sh "$@"
}

milliseconds() {
	local seconds
	seconds=$(cut -d ' ' -f 1 /proc/uptime)
	echo $((${seconds%.*} * 1000 + 1${seconds#*.} * 10 - 1000))
}

generation_in_pod() {
	on pod ipmasqctl show -j | jq .generation
}

# used_by COMMAND...: milliseconds of CPU that it takes in the cgroup
used_by() {
	local before
	before=$(sed -n 's/^usage_usec //p' $GROUP/cpu.stat)
	limited "$@"
	echo $((($(sed -n 's/^usage_usec //p' $GROUP/cpu.stat) - before) / 1000))
}

mkdir $CGROUP
if ! mount -t cgroup2 cgroup2 $CGROUP || ! grep -q cpu $CGROUP/cgroup.controllers; then
	skip 'a sender in a CPU cgroup' 'this kernel has no CPU limits'
	exit
fi
echo +cpu >$CGROUP/cgroup.subtree_control
mkdir $GROUP
namespace pod
on pod ipmasqctl set enabled on

note 'many changes in one datagram'
before=$(generation_in_pod)
note "$CROWD changes: $(used_by ip netns exec pod hostile crowd set $CROWD) ms of CPU"
expect_equal $((before + 1)) "$(generation_in_pod)" 'one of them is made, the last one'
note "as many questions to the kernel: $(used_by hostile crowd other $CROWD) ms of CPU"

note 'a sender that is killed'
inside pod hostile crowd set 500000 &
sender=$!
# A hundred milliseconds of several hundred at least.
has_worked() {
	[ "$(cut -d ' ' -f 15 /proc/$sender/stat)" -ge 10 ]
}
wait_until has_worked
kill -9 $sender
wait $sender || true
expect_equal $((before + 1)) "$(generation_in_pod)" 'makes no change any more'

note 'a hundredth of a CPU'
echo 1000 100000 >$GROUP/cpu.max
for crowd in other set; do
	start=$(milliseconds)
	limited ip netns exec pod hostile crowd $crowd $CROWD &
	sender=$!
	if modprobe ip_vs; then
		note "$crowd: a family is registered after $(($(milliseconds) - start)) ms"
		rmmod ip_vs
	fi
	wait $sender
	note "the sender ends after $(($(milliseconds) - start)) ms"
done
