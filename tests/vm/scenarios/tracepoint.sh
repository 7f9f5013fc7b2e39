#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tracepoint ipmasq:ipmasq_verdict has a line for every decision.
#
#	pod ------- node ------- fabric ---+-- peer, internet4, internet6
#	             tracefs

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

TRACING=/sys/kernel/tracing
EVENT=$TRACING/events/ipmasq/ipmasq_verdict

# What was traced since it was asked last, from the node's namespace number on.
traced() {
	sed -n "s/.*: ipmasq_verdict: netns=$number //p" $TRACING/trace
	: >$TRACING/trace
}

[ -d $TRACING/events ] || mount -t tracefs tracefs $TRACING
build_topology
number=$(on node readlink /proc/self/ns/net | tr -dc 0-9)
echo '10.0.0.0/8 skip' | on node ipmasqctl replace -f - origin config
on node ipmasqctl add 203.0.113.0/24 masquerade
on node ipmasqctl add ::/0
on node ipmasqctl set enable-ipv6 on
expect_success 'the event is there' test -f $EVENT/format
expect_source "$POD4" pod tcp "$PEER4"
expect_equal '' "$(traced)" 'nothing is traced until it is switched on'

echo 1 >$EVENT/enable
expect_source "$POD4" pod tcp "$PEER4"
expect_equal "src=::ffff:$POD4 dst=::ffff:$PEER4 verdict=cidr prefix_len=8 origin=config" \
	"$(traced)" 'a prefix that says skip'
expect_source "$NODE4" pod udp "$INTERNET4"
expect_equal "src=::ffff:$POD4 dst=::ffff:$INTERNET4 verdict=masquerade prefix_len=24 origin=static" \
	"$(traced)" 'a prefix that says masquerade, with the source from before'
expect_source "$NODE4" pod udp "$METADATA4"
expect_equal "src=::ffff:$POD4 dst=::ffff:$METADATA4 verdict=masquerade prefix_len=-1 origin=-" \
	"$(traced)" 'no prefix at all'
expect_source "$POD6" pod tcp "$INTERNET6"
expect_equal "src=$POD6 dst=$INTERNET6 verdict=cidr prefix_len=0 origin=static" \
	"$(traced)" 'IPv6, skip'
on node ipmasqctl del ::/0
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_equal "src=$POD6 dst=$INTERNET6 verdict=masquerade prefix_len=-1 origin=-" \
	"$(traced)" 'IPv6, masquerade'
on node ipmasqctl set enabled off
expect_source "$POD4" pod udp "$INTERNET4"
expect_match '* verdict=disabled prefix_len=-1 origin=-' "$(traced)" 'switched off'

echo 'verdict == 6' >$EVENT/filter
on node ipmasqctl set enabled on
expect_source "$POD4" pod udp "$PEER4"
expect_source "$NODE4" pod icmp "$INTERNET4"
expect_match '* verdict=masquerade *' "$(traced)" 'a filter by verdict lets only that one through'
echo 0 >$EVENT/filter
echo 0 >$EVENT/enable
umount $TRACING 2>/dev/null || :
