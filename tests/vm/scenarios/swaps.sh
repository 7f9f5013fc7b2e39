#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The table is replaced SWAPS times while connections are made without pause:
# every single one is decided by the table before or the table behind a swap.
#
#	pod ------- node ------- fabric ---+-- peer       both tables say skip
#	  udp, tcp  table A, B,            +-- internet4  both say masquerade
#	            A, B, ...              +-- metadata   A says skip, B masquerade
#	                                   +-- internet6  A says skip, B masquerade
#
# In neither of them the /8 decides for peer; it is there so that half a table
# would be seen.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/soak.sh
. /guest/soak.sh

: "${SWAPS:=10000}"

WAIT_SECONDS=60

# The connections that were made are as many as wanted; the table goes on changing until then.
has_connections() {
	[ $(($(counter cidr) + $(counter masquerade))) -gt 1000 ] &&
		[ $(($(counter cidr ipv6) + $(counter masquerade ipv6))) -gt 500 ] && return
	on node writer swap 100 /tmp/scenario/table-b /tmp/scenario/table-a
	return 1
}

build_topology
cat >/tmp/scenario/table-a <<-END
	10.0.0.0/8 masquerade
	10.0.0.20/32 skip
	169.254.0.0/16 skip
	203.0.113.0/25 skip
	203.0.113.0/28 masquerade
	2001:db8::/32 masquerade
	2001:db8:7::/64 skip
END
cat >/tmp/scenario/table-b <<-END
	10.0.0.0/8 skip
	10.0.0.0/24 masquerade
	10.0.0.16/29 skip
	169.254.0.0/16 skip
	169.254.169.254/32 masquerade
	203.0.113.0/24 skip
	203.0.113.4/30 masquerade
	2001:db8:7::/48 skip
	2001:db8:7::4/126 masquerade
END
on node ipmasqctl set enabled on enable-ipv6 on
on node ipmasqctl replace -f /tmp/scenario/table-a

on node writer swap 100 /tmp/scenario/table-b /tmp/scenario/table-a
remember_memory
before=$(generation)
traffic udp-peer pod udp $PEER4 1024 timeout 20000
traffic udp-internet4 pod udp $INTERNET4 16000 timeout 20000
traffic udp-metadata pod udp $METADATA4 32000 timeout 20000
traffic tcp-metadata pod tcp $METADATA4 48000 timeout 20000
traffic udp-internet6 pod udp $INTERNET6 16000 timeout 20000
traffic tcp-internet6 pod tcp $INTERNET6 32000 timeout 20000
seen=$(on node writer swap "$SWAPS" /tmp/scenario/table-b /tmp/scenario/table-a)
# With PREEMPT_RT, and other VMs beside it, there are few by now.
wait_until has_connections || :
end_traffic
note "$seen"
expect_match "$SWAPS swaps generation $((before + SWAPS)) seconds *" "$seen" \
	'every swap is a generation of its own'

expect_equal "$POD4 " "$(sources udp-peer)" \
	'never anything but the pod where both tables say skip'
expect_equal "$NODE4 " "$(sources udp-internet4)" \
	'never anything but the node where both say masquerade'
for protocol in udp tcp; do
	expect_equal "$POD4 $NODE4 " "$(sources $protocol-metadata)" \
		"$protocol: one of the two, and both in the course of time, where they differ"
	expect_equal "$NODE6 $POD6 " "$(sources $protocol-internet6)" \
		"$protocol over IPv6: one of the two, and both in the course of time"
done

all=0
for kind in udp-peer udp-internet4 udp-metadata tcp-metadata; do
	count=$(connections $kind)
	note "$count connections, $kind"
	all=$((all + count))
done
all6=0
for kind in udp-internet6 tcp-internet6; do
	count=$(connections $kind)
	note "$count connections, $kind"
	all6=$((all6 + count))
done
expect_success 'connections were made all the time' [ "$all" -gt 1000 ]
expect_success 'and over IPv6' [ "$all6" -gt 500 ]

skipped=$(cat /tmp/scenario/*.traffic | awk -v pod=$POD4 '$1 == pod { sum += $2 } END { print sum }')
expect_counter cidr "$skipped"
expect_counter masquerade $((all - skipped))
skipped=$(cat /tmp/scenario/*.traffic | awk -v pod=$POD6 '$1 == pod { sum += $2 } END { print sum }')
expect_counter cidr "$skipped" ipv6
expect_counter masquerade $((all6 - skipped)) ipv6
# Otherwise an answer can come to a node that has forgotten the question.
expect_equal 0 "$(on node conntrack -S | sed 's/.*early_drop=\([0-9]*\).*/\1/' |
	awk '{ sum += $1 } END { print sum }')" 'the node forgot no connection'
for verdict in disabled local failed; do
	expect_counter $verdict 0
	expect_counter $verdict 0 ipv6
done
expect_memory_back "$SWAPS"
