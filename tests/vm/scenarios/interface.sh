#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The output interface goes down or changes its address: the connections that
# were masqueraded with the old one do not live on with it.
#
#	pod ------- node ------- fabric ---- internet4   203.0.113.7
#	10.244.1.2  eth0: 192.0.2.10, then 192.0.2.77

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/conversation.sh
. /guest/conversation.sh

build_topology
configure '' --enable-ipv6

tracked() {
	on node conntrack -L -f "$1" --reply-dst "$2" 2>/dev/null | wc -l
}

none_tracked() {
	[ "$(tracked "$1" "$2")" = 0 ]
}

note 'the address is replaced by another'
converse first udp "$INTERNET4" 1000
exec 4>/tmp/scenario/first.in
converse long tcp "$INTERNET4" 1000
exec 5>/tmp/scenario/long.in
converse six udp "$INTERNET6" 1000
exec 6>/tmp/scenario/six.in
expect_equal "$NODE4" "$(ask first 4)" 'a UDP conversation has the old address'
expect_equal "$NODE4" "$(ask long 5)" 'a TCP conversation has the old address'
expect_equal "$NODE6" "$(ask six 6)" 'an IPv6 conversation has the old address'

expect_counter masquerade 2
expect_counter masquerade 1 ipv6
ip -n node addr del "$NODE4/24" dev eth0
ip -n node addr del "$NODE6/64" dev eth0
ip -n node addr add 192.0.2.77/24 dev eth0
ip -n node addr add 2001:db8:2::77/64 dev eth0
# An interface without any address loses its IPv4 routes.
ip -n node route replace default dev eth0
expect_soon 'no connection is tracked with the old address' none_tracked ipv4 "$NODE4"
expect_soon 'nor over IPv6' none_tracked ipv6 "$NODE6"
expect_equal 192.0.2.77 "$(ask first 4)" 'the next datagram goes from the new address'
expect_equal 2001:db8:2::77 "$(ask six 6)" 'and over IPv6'
expect_source 192.0.2.77 pod tcp "$INTERNET4"
# To its server that is a stranger in the middle of a connection.
expect_equal reset "$(ask long 5)" 'a TCP connection with the old address ends'
# The three once more, and one new connection.
expect_counter masquerade 5
expect_counter masquerade 2 ipv6
exec 4>&- 5>&- 6>&-

note 'the interface goes down and comes back'
converse second udp "$INTERNET4" 1000
exec 4>/tmp/scenario/second.in
converse stream tcp "$INTERNET4" 1000
exec 5>/tmp/scenario/stream.in
converse second6 udp "$INTERNET6" 1000
exec 6>/tmp/scenario/second6.in
converse stream6 tcp "$INTERNET6" 1000
exec 7>/tmp/scenario/stream6.in
expect_equal 192.0.2.77 "$(ask second 4)" 'a conversation over the interface'
expect_equal 192.0.2.77 "$(ask stream 5)" 'one over TCP'
expect_equal 2001:db8:2::77 "$(ask second6 6)" 'one over IPv6'
expect_equal 2001:db8:2::77 "$(ask stream6 7)" 'and one over TCP and IPv6'
expect_counter masquerade 7
expect_counter masquerade 4 ipv6
ip -n node link set eth0 down
expect_soon 'its connections are gone with it' none_tracked ipv4 192.0.2.77
expect_soon 'those over IPv6 too' none_tracked ipv6 2001:db8:2::77
ip -n node link set eth0 up
ip -n node route replace default dev eth0
# With the interface went its IPv6 addresses.
ip -n node addr replace 2001:db8:2::77/64 dev eth0
ip -n node route replace ::/0 dev eth0
expect_equal 192.0.2.77 "$(ask second 4)" 'it goes on when the interface is back'
expect_equal 2001:db8:2::77 "$(ask second6 6)" 'over IPv6 too'
# Masqueraded anew, with another port: to its server a stranger.
expect_equal reset "$(ask stream 5)" 'a TCP connection does not live on'
expect_equal reset "$(ask stream6 7)" 'nor one over IPv6'
expect_counter masquerade 9
expect_counter masquerade 6 ipv6
expect_counter failed 0
expect_counter failed 0 ipv6
exec 4>&- 5>&- 6>&- 7>&-

note 'an interface without any address'
ip -n node addr flush dev eth0 scope global
ip -n node addr flush dev pod0 scope global
ip -n node addr add 10.244.1.1/24 dev pod0 scope host
ip -n node route replace default dev eth0
failed=$(counter failed)
expect_equal 'no answer' "$(source_seen pod udp "$INTERNET4" timeout 500)" \
	'without an address a packet is not sent with a false one'
expect_equal $((failed + 1)) "$(counter failed)" 'and is counted as failed'
