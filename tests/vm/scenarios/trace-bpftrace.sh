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

if bpftrace --info 2>&1 | grep -q 'btf: no'; then
	skip "$SENTENCE" 'this bpftrace cannot read the BTF of this kernel'
	exit 0
fi

# counted MAP: what bpftrace said of it last, which it does on SIGUSR1
counted() {
	sed -n "s/^@$1: //p" $OUTPUT | tail -n 1
}

# Its probes are attached one after the other, and it does not say when the last is: each
# must have seen something.
has_begun() {
	inside pod flow connect udp "$METADATA4"
	inside pod flow connect udp "$INTERNET4"
	kill -USR1 $TRACE
	grep -q "$METADATA4" $OUTPUT && [ -n "$(counted 'verdicts\[4\]')" ] &&
		[ -n "$(counted "pods\[::ffff:$POD4\]")" ]
}

prints() {
	grep -c '^@verdicts\[4\]' $OUTPUT
}

has_printed() {
	[ "$(prints)" -gt "$printed" ]
}

# print_maps: what was decided by now is printed and counted. Asked twice, because a
# signal may come ahead of the events that are waiting.
print_maps() {
	for _ in 1 2; do
		printed=$(prints)
		kill -USR1 $TRACE
		wait_until has_printed
	done
}

# has_lines N: of decisions
has_lines() {
	[ "$(grep -c ' netns ' $OUTPUT)" -ge "$1" ]
}

build_topology
configure '' --enable-ipv6
on node ipmasqctl add 203.0.113.0/24 masquerade
[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
netns=$(stat -Lc %i /run/netns/node)

bpftrace -e "$(cat /usr/bin/trace.bt)" >$OUTPUT 2>&1 &
TRACE=$!
expect_soon 'bpftrace takes them' grep -q '^Attaching' $OUTPUT
wait_until has_begun
print_maps
before=$(grep -c ' netns ' $OUTPUT)
skipped=$(counted 'verdicts\[4\]')
masqueraded=$(counted 'verdicts\[6\]')
pods=$(counted "pods\[::ffff:$POD4\]")

expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_soon 'decisions are seen' has_lines $((before + 3))
expect_equal "::ffff:$POD4 > ::ffff:$PEER4 verdict 4 by /8 origin 1 netns $netns
::ffff:$POD4 > ::ffff:$INTERNET4 verdict 6 by /24 origin 2 netns $netns
$POD6 > $INTERNET6 verdict 6 by /-1 origin 0 netns $netns" \
	"$(grep ' netns ' $OUTPUT | tail -n +$((before + 1)))" 'each with its prefix'
kill -INT $TRACE
status=0
wait $TRACE || status=$?
expect_equal 0 $status 'it ends when it is told to'
expect_equal "$((skipped + 1)) $((masqueraded + 2)) $((pods + 1)) 1" \
	"$(counted 'verdicts\[4\]') $(counted 'verdicts\[6\]') $(counted \
	"pods\[::ffff:$POD4\]") $(counted "pods\[$POD6\]")" \
	'and they are counted by verdict and pod'
umount /sys/kernel/tracing
