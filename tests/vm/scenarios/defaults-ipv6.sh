#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --enable-ipv6 and no configuration file.
#
#	pod ----------------- node ----------- fabric ---+-- peer       fd00:10::20
#	fd00:10:244:1::2      2001:db8:2::10             +-- internet6  2001:db8:7::7
#	                      2001:db8:2::99
#
# fe80::/10 is left alone, everything else is masqueraded, IPv4 is as ever.
# Nothing forwards fe80::, so the node itself talks to a link-local neighbour,
# from a global address: masqueraded it would arrive from the node's own fe80::.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
# Not the address that the kernel would choose.
ip -n node addr add 2001:db8:2::99/64 dev eth0 preferred_lft 0
configure '' --enable-ipv6

for protocol in tcp udp icmp sctp; do
	expect_source "$NODE6" pod "$protocol" "$INTERNET6"
	expect_source "$NODE6" pod "$protocol" "$PEER6"
done
expect_counter masquerade 8 ipv6
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod tcp "$PEER4"

expect_source "$NODE6" node tcp "$INTERNET6" from 2001:db8:2::99
expect_counter masquerade 9 ipv6

neighbour=$(ip -n internet6 -j addr show dev eth0 |
	jq -r '.[0].addr_info[] | select(.scope == "link") | .local')
ip -n internet6 route add 2001:db8:2::/64 dev eth0
expect_source 2001:db8:2::99 node tcp "$neighbour%eth0" \
	from 2001:db8:2::99
expect_counter cidr 1 ipv6
expect_verdict cidr "$POD6" "$neighbour" dev eth0

# With masqLinkLocalIPv6 the same connection arrives from the node's fe80::.
configure 'masqLinkLocalIPv6: true' --enable-ipv6
own=$(ip -n node -j addr show dev eth0 |
	jq -r '.[0].addr_info[] | select(.scope == "link") | .local')
expect_source "$own" node tcp "$neighbour%eth0" \
	from 2001:db8:2::99
expect_counter masquerade 10 ipv6

expect_match "intact 4 $NODE6 *" "$(on pod flow transfer "$INTERNET6" megabytes 4)" \
	'4 MiB go there and back over IPv6'
