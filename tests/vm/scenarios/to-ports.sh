#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Source ports as the far side sees them: within the ranges and nowhere else,
# a range as often as its size says, and ICMP untouched.
#
#	pod ---------- node ------------------- fabric ------ internet4, internet6
#	10,000 new     20000-23999  one fifth
#	connections    40000-51999  three fifths
#	               60000-63999  one fifth

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

RANGES=20000-23999,40000-51999,60000-63999

# Reads lines "ADDRESS PORT" and says how many are from another address than the
# node's, outside the ranges, and in each of them.
shares() {
	awk -v node4=$NODE4 -v node6=$NODE6 '
		$1 != node4 && $1 != node6 { strange++; next }
		$2 >= 20000 && $2 <= 23999 { a++; next }
		$2 >= 40000 && $2 <= 51999 { b++; next }
		$2 >= 60000 && $2 <= 63999 { c++; next }
		{ outside++ }
		END { print strange + 0, outside + 0, a + 0, b + 0, c + 0 }' "$@"
}

# Chi-squared of the three shares, two degrees of freedom: above 27 in one of a
# million runs.
chi_squared() {
	echo "$1 $2 $3" | awk '{
		all = $1 + $2 + $3
		a = $1 - all / 5; b = $2 - all * 3 / 5; c = $3 - all / 5
		printf "%d\n", (a * a + b * b / 3 + c * c) / (all / 5) }'
}

build_topology
on node ipmasqctl set enabled on enable-ipv6 on to-ports $RANGES

note '10,000 connections'
on pod flow connect udp $INTERNET4 count 7000 successive source-port 1024 each timeout 20000 \
	>/tmp/scenario/udp &
on pod flow connect tcp $INTERNET4 count 2500 successive source-port 10000 each timeout 20000 \
	>/tmp/scenario/tcp &
on pod flow connect udp $INTERNET6 count 500 successive source-port 20000 each timeout 20000 \
	>/tmp/scenario/udp6 &
wait
seen=$(shares /tmp/scenario/udp /tmp/scenario/tcp /tmp/scenario/udp6)
note "elsewhere, outside, and in each range: $seen"
expect_match '0 0 *' "$seen" 'all from the node, and not one from outside the ranges'
# shellcheck disable=SC2086 # five numbers
set -- $seen
expect_equal 10000 $(($3 + $4 + $5)) 'nothing is lost'
chi=$(chi_squared "$3" "$4" "$5")
note "chi-squared $chi"
expect_success 'each range has its share' [ "$chi" -lt 27 ]
expect_counter masquerade 9500
expect_counter masquerade 500 ipv6

note 'both ends of a range belong to it'
on node ipmasqctl set to-ports 50001-50002
on pod flow connect udp $METADATA4 count 2 successive source-port 1024 each >/tmp/scenario/ends
expect_equal "$NODE4 50001 $NODE4 50002 " "$(sort /tmp/scenario/ends | tr '\n' ' ')" \
	'two connections have the two ports'

note 'the ports of SCTP too, the ids of ICMP not'
on node ipmasqctl set to-ports 45000-45999
on pod flow connect sctp $INTERNET4 count 300 successive source-port 1024 each \
	>/tmp/scenario/sctp
expect_equal '300' "$(awk -v node=$NODE4 '$1 == node && $2 >= 45000 && $2 <= 45999' \
	/tmp/scenario/sctp | wc -l)" '300 connections of SCTP are within the range'
expect_success 'and spread over it' [ "$(cut -d ' ' -f 2 /tmp/scenario/sctp | sort -u | wc -l)" -gt 100 ]
on node ipmasqctl set random-fully off
# One of the many before may have had the very port that is used now.
on node conntrack -F 2>/dev/null
expect_equal "$NODE4 77" "$(on pod flow connect icmp $INTERNET4 source-port 77)" \
	'ICMP keeps its id'
expect_equal "$NODE6 78" "$(on pod flow connect icmp $INTERNET6 source-port 78)" \
	'ICMPv6 keeps its id'
expect_match "$NODE4 45???" "$(on pod flow connect udp $INTERNET4 source-port 1025)" \
	'without random-fully a port from outside is moved inside'
expect_equal "$NODE4 45123" "$(on pod flow connect udp $INTERNET4 source-port 45123)" \
	'and one from inside stays'
expect_equal '[{"first":45000,"last":45999}]' "$(on node ipmasqctl explain -j $POD4 $INTERNET4 |
	jq -c .to_ports)" 'explain names the range'

note 'a protocol without ports'
ip -n pod link add gre1 type gre local $POD4 remote $INTERNET4
ip -n internet4 link add gre1 type gre local $INTERNET4 remote $NODE4
ip -n pod addr add 10.200.0.1/30 dev gre1
ip -n internet4 addr add 10.200.0.2/30 dev gre1
for end in pod internet4; do
	# IPv6 would send packets of its own, which from the far side begin a connection.
	on $end sh -c 'echo 1 >/proc/sys/net/ipv6/conf/gre1/disable_ipv6'
	ip -n $end link set gre1 up
done
masqueraded=$(counter masquerade)
# The far side's tunnel takes packets from the node's address alone.
expect_match '10.200.0.1 *' "$(on pod flow connect udp 10.200.0.2)" 'GRE goes there and back'
expect_equal $((masqueraded + 1)) "$(counter masquerade)" 'masqueraded'
expect_match '*srckey=0x0 dstkey=0x0*srckey=0x0 dstkey=0x0*' \
	"$(on node conntrack -L -p gre 2>/dev/null)" 'with the keys that it had'

note 'no ranges'
on node ipmasqctl set to-ports any
on node conntrack -F 2>/dev/null
expect_equal "$NODE4 1026" "$(on pod flow connect udp $INTERNET4 source-port 1026)" \
	'the port stays as it was'
expect_counter failed 0
