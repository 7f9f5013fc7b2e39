#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Decisions as they are made, printed by ipmasqctl trace: what the far side saw
# is what was traced, filters hold, and nothing is left behind, even by kill -9.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

TRACING=/sys/kernel/tracing
OUTPUT=/tmp/scenario/trace

# start_trace WORD...: returns when it listens
start_trace() {
	: >$OUTPUT
	inside node ipmasqctl trace "$@" >$OUTPUT 2>&1 &
	TRACE=$!
	wait_until grep -qE '^TIME|"start"' $OUTPUT
}

# What was traced, without the times and with one blank between columns.
traced() {
	sed -n 's/^[0-9:.]* //p' $OUTPUT | tr -s ' ' | sed 's/ $//'
}

# How often the tracing process went to sleep.
sleeps() {
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$TRACE/status"
}

has_lines() {
	[ "$(grep -c "$POD4\|$POD6" $OUTPUT)" -ge "$1" ]
}

build_topology
configure '' --enable-ipv6
on node ipmasqctl add 203.0.113.0/24 masquerade

# ip netns exec mounts a /sys of its own.
expect_failure 1 '*mount -t tracefs*' 'without tracefs it says what to do' \
	ip netns exec node ipmasqctl trace
[ -d $TRACING/events ] || mount -t tracefs tracefs $TRACING

expect_failure 1 '*CAP_PERFMON*' 'without the right it names what is missing' \
	inside node capsh --drop=cap_perfmon,cap_sys_admin \
	--shell=/usr/bin/dash -- -c 'ipmasqctl trace'

note 'a line for each decision'
start_trace
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_soon 'three decisions' has_lines 3
expect_equal "cidr $POD4 $PEER4 10.0.0.0/8 config
masquerade $POD4 $INTERNET4 203.0.113.0/24 static
masquerade $POD6 $INTERNET6" "$(traced)" 'with the prefix that decided'
expect_equal '' "$(grep -v "$POD6" $OUTPUT | awk 'length > 80')" 'it fits 80 characters'
kill -TERM $TRACE
status=0
wait $TRACE || status=$?
expect_equal 0 $status 'it ends when it is told to'

note 'not those of others'
start_trace -j
NODE=other
add_node other 192.0.2.11 2001:db8:2::11 otherpod 10.244.2.2 fd00:10:244:2::2
on other ipmasqctl set enabled on
on otherpod flow connect udp "$INTERNET4" >/dev/null
expect_source "$NODE4" pod udp "$INTERNET4" source-port 999
expect_soon 'a decision of this namespace' has_lines 1
expect_equal "[\"verdict\",\"masquerade\",\"$POD4\",\"$INTERNET4\",\"203.0.113.0/24\",\"static\"]" \
	"$(grep -v '"start"' $OUTPUT | jq -c '[.event, .verdict, .source, .destination, .prefix, .origin]')" \
	'is the only one'
kill -KILL $TRACE
wait $TRACE || :

note 'filters'
inside node timeout 30 ipmasqctl trace verdict cidr to "$PEER4" from 10.244.0.0/16 count 1 >$OUTPUT &
TRACE=$!
wait_until sh -c "inside pod flow connect udp $INTERNET4
	inside pod flow connect udp $PEER4; ! kill -0 $TRACE"
status=0
wait $TRACE || status=$?
expect_equal 0 $status 'count ends it'
expect_equal "cidr $POD4 $PEER4 10.0.0.0/8 config" "$(traced)" 'only what was asked for'
start_trace from fd00::/8 to 2001:db8:7::/48
on pod flow connect udp "$INTERNET4" >/dev/null
on pod flow connect udp "$PEER6" >/dev/null
expect_source "$NODE6" pod udp "$INTERNET6"
expect_soon 'a decision about IPv6' has_lines 1
expect_equal "masquerade $POD6 $INTERNET6" "$(traced)" 'the only one between those prefixes'
kill -TERM $TRACE
wait $TRACE

note 'it costs little'
start_trace
before=$(sleeps)
began=$(cut -d . -f 1 /proc/uptime)
on pod flow connect udp "$INTERNET4" count 2000 >/dev/null
# Some take the source port of one before, and are none of their own.
expect_soon 'close to 2,000 connections are traced' has_lines 1800
expect_equal '' "$(grep lost $OUTPUT)" 'and none is lost'
after=$(sleeps)
seconds=$(($(cut -d . -f 1 /proc/uptime) - began + 1))
note "$((after - before)) wakeups in $seconds s"
# Ten a second, and one for each half of a buffer; both with room to spare.
expect_success 'with few wakeups' [ $((after - before)) -lt $((seconds * 15 + 50)) ]
times=$(sed -n "s/^\([0-9:.]*\) .*$POD4.*/\1/p" $OUTPUT)
expect_equal "$(echo "$times" | sort)" "$times" 'in the order in which they were made'
kill -TERM $TRACE
wait $TRACE

note 'it holds nobody up'
start_trace
kill -STOP $TRACE
expect_match "$NODE4 2000 *" "$(on pod taskset 1 flow connect udp "$INTERNET4" count 2000)" \
	'2,000 connections pass while the reader sleeps'
kill -CONT $TRACE
# The kernel tells of it with the next event that finds room, in that processor's buffer.
expect_soon 'and it says how many it missed' sh -c "inside pod taskset 1 flow connect udp $INTERNET4
	grep 'decisions were lost' $OUTPUT"
kill -TERM $TRACE
wait $TRACE

note 'without the module'
unload_module
expect_failure 1 '*the module is not loaded*' 'it says so' \
	inside node ipmasqctl trace
umount $TRACING 2>/dev/null || :
