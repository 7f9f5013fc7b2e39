#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
# program: bpftrace
#
# The one-liners of docs/trace.md, all in one program, see the decisions that were
# made, with their addresses, and count them.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

SENTENCE='the one-liners of docs/trace.md'
OUTPUT=/tmp/scenario/bpftrace
# Compiling the program takes an emulated processor half a minute.
WAIT_SECONDS=60

if [ ! -x /usr/bin/bpftrace ]; then
	skip "$SENTENCE" 'bpftrace is not on the machine that made this VM'
	exit 0
fi
if [ ! -e /sys/kernel/btf/vmlinux ]; then
	skip "$SENTENCE" 'this kernel has no description of its types (BTF)'
	exit 0
fi

# has_lines N: of decisions about the pod
has_lines() {
	[ "$(grep -c 'netns' $OUTPUT)" -ge "$1" ]
}

build_topology
configure '' --enable-ipv6
on node ipmasqctl add 203.0.113.0/24 masquerade
[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
netns=$(stat -Lc %i /run/netns/node)

bpftrace -e "$(cat /usr/bin/trace.bt)" >$OUTPUT 2>&1 &
TRACE=$!
expect_soon 'bpftrace takes them' grep -q '^Attaching' $OUTPUT
# It says so before it does so.
wait_until sh -c "ip netns exec pod flow connect udp $METADATA4; grep -q $METADATA4 $OUTPUT"
grep -v "$METADATA4" $OUTPUT >/tmp/scenario/rest || :
before=$(grep -c "$METADATA4" $OUTPUT)

expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_soon 'decisions are seen' has_lines $((before + 3))
expect_equal "::ffff:$POD4 > ::ffff:$PEER4 verdict 4 by /8 origin 1 netns $netns
::ffff:$POD4 > ::ffff:$INTERNET4 verdict 6 by /24 origin 2 netns $netns
$POD6 > $INTERNET6 verdict 6 by /-1 origin 0 netns $netns" \
	"$(grep ' netns ' $OUTPUT | grep -v "$METADATA4")" 'each with its prefix'
kill -INT $TRACE
status=0
wait $TRACE || status=$?
expect_equal 0 $status 'it ends when it is told to'
seen=$(grep -c "$METADATA4" $OUTPUT)
expect_equal "@pods[::ffff:$POD4]: 1
@pods[$POD6]: 1
@verdicts[4]: $((seen + 1))
@verdicts[6]: 2" "$(grep '^@' $OUTPUT | sort)" 'and they are counted by verdict and pod'
umount /sys/kernel/tracing
