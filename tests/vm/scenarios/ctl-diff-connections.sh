#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How many connections ipmasqctl diff counts as decided differently: with source lists,
# interface lists and pools, prefix by prefix; not those to this node, those that
# somebody else translates, nor those that began before. What it counts is stale once
# the file is in force.
#
#	pod ------- node ------- fabric ---- internet4, peer
#	10.244.1.2  192.0.2.10               203.0.113.7, 10.0.0.20

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

FILE=/tmp/scenario/wanted
BASE='nonMasqueradeCIDRs: [10.0.0.0/8, 169.254.0.0/16]'

# expect_diff WANTED TEXT SENTENCE: TEXT is a file. WANTED is how many in all, how many
# of these for the settings, how many that depend on the interface, and then
# "CIDR N" for each entry that counts.
expect_diff() {
	echo "$2" >$FILE
	expect_equal "$1" "$(on node ipmasqctl diff -j $FILE | jq -r '
		"\(.decided_differently) \(.decided_differently_by_settings) \(.interface_unknown)" +
		([.entries[] | select(.decided_differently > 0) |
			" \(.cidr) \(.decided_differently)"] | join(""))')" "$3"
}

stale() {
	on node ipmasqctl conns --stale -j | jq '.connections | length'
}

# forget: all connections
forget() {
	on node conntrack -F >/dev/null 2>&1
}

build_topology
on node flow serve
on node sh -c 'echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout'
configure "$BASE"

note 'prefixes'
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE4" pod udp "$INTERNET4" source-port 1111
expect_source "$POD4" pod udp "$PEER4"
expect_source "$POD4" pod udp 10.244.1.1
expect_diff '0 0 0' "$BASE" 'nothing for the same file'
expect_diff '2 0 0 203.0.113.0/24 2' 'nonMasqueradeCIDRs: [10.0.0.0/8, 169.254.0.0/16, 203.0.113.0/24]' \
	'those that would be left alone'
expect_diff '1 0 0 10.0.0.0/8 1' 'nonMasqueradeCIDRs: [169.254.0.0/16]' \
	'one that would be masqueraded, not the one to this node'
expect_diff '3 0 0 10.0.0.0/24 1 203.0.113.7/32 2' "$BASE
masqueradeCIDRs: [10.0.0.0/24]
snatAddresses: [{203.0.113.7/32: [192.0.2.20]}]" 'each for the entry that comes'

note 'source list'
expect_diff '2 2 0' "$BASE
sourceCIDRs: [10.99.0.0/16]" 'sources that are not on it'
expect_diff '0 0 0' "$BASE
sourceCIDRs: [10.244.0.0/16]" 'sources that are'

note 'interface list'
expect_diff '2 2 0' "$BASE
outputInterfaces: [pod*]" 'an interface that is not on it'
expect_diff '0 0 0' "$BASE
outputInterfaces: ['e*0']" 'one that is'
ip -n node route del default dev eth0
expect_diff '0 0 2' "$BASE
outputInterfaces: [pod*]" 'without a route it cannot be known'
expect_match '*0 of 4 connections*
2 more may: it depends on the interface, which cannot be known' \
	"$(on node ipmasqctl diff $FILE)" 'which is said'
ip -n node route add default dev eth0

note 'what somebody else does'
on node nft -f - <<-END
	table ip other {
		chain before {
			type nat hook prerouting priority dstnat;
			ip daddr 192.0.2.202 dnat to $PEER4
			ip daddr 192.0.2.203 dnat to $INTERNET4
		}
		chain after {
			type nat hook postrouting priority srcnat;
			ip daddr $INTERNET4 ct status dnat masquerade
			ip daddr $METADATA4 masquerade
		}
	}
END
forget
expect_source "$NODE4" pod udp 192.0.2.203
expect_source "$NODE4" pod udp "$METADATA4"
expect_diff '0 0 0' 'nonMasqueradeCIDRs: [0.0.0.0/0]' 'it masquerades: not ours to count'
expect_diff '0 0 0' 'nonMasqueradeCIDRs: []' 'nor the other way round'
expect_source "$POD4" pod udp 192.0.2.202
expect_diff '1 0 0 10.0.0.0/8 1' 'nonMasqueradeCIDRs: [169.254.0.0/16]' \
	'a service behind which it is left alone'
on node nft delete table ip other
forget

note 'of this node'
on node flow connect udp "$INTERNET4" >/dev/null
expect_diff '0 0 0' 'nonMasqueradeCIDRs: [0.0.0.0/0]' 'it keeps its address in any case'
forget

note 'source ports'
configure "$BASE"
expect_source "$NODE4" pod udp "$INTERNET4"
expect_diff '1 1 0' "$BASE
toPorts: 1-10" 'one that is not among them'
expect_diff '0 0 0' "$BASE
toPorts: 1024-65535" 'one that is'
forget

note 'under way before'
expect_source "$NODE4" pod udp "$INTERNET4"
on node ipmasqctl set enabled off
expect_diff '0 0 0' "$BASE" 'what was translated before it was switched off is as FILE has it'
expect_source "$POD4" pod udp "$INTERNET4" source-port 1112
expect_diff '1 1 0' "$BASE" 'what began since is not'
on node ipmasqctl flush policy
# Without it nobody would follow connections.
on node nft add table ip other
on node nft add chain ip other forward '{ type filter hook forward priority 0; }'
on node nft add rule ip other forward ct state new accept
forget
expect_source "$POD4" pod udp "$INTERNET4" source-port 1113
expect_match '*1 of 1 connections would have been decided differently' \
	"$(on node ipmasqctl diff $FILE)" 'without a policy nothing was translated'
on node nft delete table ip other
forget

note 'pools'
for last in 20 21 22 23; do
	ip -n node addr add "192.0.2.$last/24" dev eth0
done
for last in $(seq 10 29); do
	ip -n pod addr add "10.244.1.$last/24" dev eth0
	ip -n pod addr add "fd00:10:244:1::$last/64" dev eth0 nodad
done
ip -n node addr add 2001:db8:2::20/64 dev eth0 nodad
BASE="$BASE
enableIPv6: true"
configure "$BASE
snatAddresses: [192.0.2.20, 192.0.2.21, 192.0.2.22, '2001:db8:2::20']"
for last in $(seq 10 29); do
	on pod flow connect udp "$INTERNET4" from "10.244.1.$last"
	on pod flow connect udp "$INTERNET6" from "fd00:10:244:1::$last"
done >/tmp/scenario/seen
held=$(grep -c '^192.0.2.21 ' /tmp/scenario/seen)
expect_success "$held pods have 192.0.2.21" [ "$held" -gt 0 ]
expect_diff '0 0 0' "$BASE
snatAddresses: [192.0.2.20, 192.0.2.21, 192.0.2.22, 192.0.2.23, '2001:db8:2::20']" \
	'they keep it when another address comes'
expect_diff "40 40 0" "$BASE" 'not when the pools go'
expect_diff '20 20 0' "$BASE
snatAddresses: [192.0.2.20, 192.0.2.21, 192.0.2.22]" 'nor when that of their family goes'
expect_diff "$held $held 0" "$BASE
snatAddresses: [192.0.2.20, 192.0.2.22, '2001:db8:2::20']" 'nor when it does'
expect_equal 0 "$(stale)" 'no connection is stale before'
on node ipmasqctl apply $FILE >/dev/null
expect_equal "$held" "$(stale)" 'and those that were counted are after'
