#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a policy looks at beside the destination, what it translates to, and for how
# long: a source list, an interface list, a pool, timeouts. Each connection is what its
# far side saw.
#
#	pod ------- node ------- fabric ---- internet4, internet6
#	10.244.1.2  eth0: 192.0.2.10, and .78 and .79 for the pool

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology

note 'a source list'
configure 'sourceCIDRs: [10.244.1.0/25, 192.0.2.0/24]'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod tcp "$PEER4"
expect_verdict masquerade "$POD4" "$INTERNET4"
expect_verdict source 10.244.1.200 "$INTERNET4"
configure 'sourceCIDRs: [10.245.0.0/16]'
expect_source "$POD4" pod tcp "$INTERNET4"
expect_source "$POD4" pod udp "$PEER4"
expect_counter source 2
expect_counter masquerade 1

note 'an interface list'
configure 'outputInterfaces: ["wg*", "et*0"]'
expect_source "$NODE4" pod udp "$INTERNET4"
configure 'outputInterfaces: [wg0]'
expect_source "$POD4" pod udp "$INTERNET4"
expect_verdict interface "$POD4" "$INTERNET4"
expect_counter interface 1

note 'a pool: one address of it, always the same one for a source'
for last in 78 79; do
	ip -n node addr add 192.0.2.$last/32 dev eth0
done
configure 'snatAddresses: [192.0.2.78, 192.0.2.79]'
picked=$(source_seen pod tcp "$INTERNET4")
expect_match '192.0.2.7[89]' "$picked" 'a connection arrives from an address of the pool'
for protocol in tcp udp icmp; do
	expect_source "$picked" pod $protocol "$INTERNET4"
done
expect_source "$POD4" pod tcp "$PEER4"
expect_verdict snat "$POD4" "$INTERNET4"
expect_match "$picked*pool" "$(on node ipmasqctl explain "$POD4" "$INTERNET4" |
	sed -n 's/^source *//p')" 'explain names the address'
expect_counter snat 4

note 'a pool without the family: the address of the interface'
configure 'snatAddresses: [192.0.2.78]' --enable-ipv6
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_source 192.0.2.78 pod tcp "$INTERNET4"
configure ''
expect_source "$NODE4" pod tcp "$INTERNET4"

note 'entries that go'
entries() {
	on node ipmasqctl list -j |
		jq -r '[.entries[] | select(.origin == "static") | .cidr] | join(" ")'
}
entries_are() {
	[ "$(entries)" = "$1" ]
}
{
	echo "198.51.100.0/24 skip $((2000 * WAIT_FACTOR))"
	echo "203.0.113.0/24 skip $((3000 * WAIT_FACTOR))"
	echo '203.0.113.128/25 skip'
} >/tmp/scenario/table
on node writer swap 1 /tmp/scenario/table /tmp/scenario/table >/dev/null
before=$(generation)
expect_source "$POD4" pod udp "$INTERNET4"
expect_soon 'when their time is over they are gone' entries_are 203.0.113.128/25
expect_source "$NODE4" pod udp "$INTERNET4" source-port 4444
expect_match "[1-2]" "$(($(generation) - before))" 'by changes like any other'
expect_equal 4 "$(on node ipmasqctl list -j |
	jq '[.entries[] | select(.origin == "config")] | length')" 'those of the file stay'
# One that still has time is there at the end: nothing runs behind the module.
echo '198.51.100.0/24 skip 600000' >/tmp/scenario/table
on node writer swap 1 /tmp/scenario/table /tmp/scenario/table >/dev/null
expect_equal 198.51.100.0/24 "$(entries)" 'and one that has time left is there'
