#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two nodes in one kernel: each network namespace has its own policy, table and
# counters, and one without a policy has no hook and no conntrack.
#
#	pod ------- node ---------- fabric ---+-- peer       10.0.0.20
#	10.244.1.2  192.0.2.10       |        +-- internet4  203.0.113.7
#	                             |
#	pod2 ------ node2 -----------+
#	10.244.2.2  192.0.2.11

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

tracked() {
	on "$1" cat /proc/sys/net/netfilter/nf_conntrack_count
}

# The hooks of conntrack and NAT in a namespace, by the kernel's own account.
hooks() {
	for family in ip ip6; do
		on "$1" nft list hooks $family 2>/dev/null
	done | grep -c -E 'nf_conntrack|nf_nat|ipv[46]_(conntrack|confirm)' || :
}

build_topology
add_node node2 192.0.2.11 2001:db8:2::11 pod2 10.244.2.2 fd00:10:244:2::2
[ "$(on node nft list hooks ip 2>/dev/null)" ] && listed=1 || listed=0

note 'loaded, and nothing of it to be seen'
expect_source "$POD4" pod tcp "$INTERNET4"
expect_equal '0 0' "$(tracked node) $(hooks node)" 'no policy: no connection tracked, no hook'
expect_equal 0 "$(generation node)" 'no policy: generation 0'

note 'a policy in one of them'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source 10.244.2.2 pod2 tcp "$INTERNET4"
expect_equal '0 0' "$(tracked node2) $(hooks node2)" 'the other one still has nothing'
expect_equal 0 "$(generation node2)" 'and no policy'
if [ "$listed" = 1 ]; then
	expect_success 'the first one has hooks now' [ "$(hooks node)" -gt 0 ]
	expect_equal 0 "$(on node nft list hooks ip6 2>/dev/null | grep -c nf_nat)" \
		'but none for IPv6'
fi

note 'different policies'
NODE=node2 configure 'nonMasqueradeCIDRs: [203.0.113.0/24]'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod tcp "$PEER4"
expect_source 10.244.2.2 pod2 tcp "$INTERNET4"
expect_source 192.0.2.11 pod2 tcp "$PEER4"
expect_counter masquerade 2
expect_counter cidr 1
expect_counter masquerade 1 ipv4 node2
expect_counter cidr 1 ipv4 node2

note 'a change in one is no change in the other'
before=$(generation node)
on node2 ipmasqctl add 198.51.100.0/24
expect_equal "$before" "$(generation node)" "the first one's generation stays"
expect_equal 0 "$(on node ipmasqctl list -j | jq '[.entries[] | select(.cidr == "198.51.100.0/24")] | length')" \
	'and its table'

note 'a policy that is taken away leaves nothing'
on node ipmasqctl flush policy
expect_equal 0 "$(generation node)" 'the policy is gone'
expect_soon 'its hooks too' [ "$(hooks node)" = 0 ]
expect_source "$POD4" pod udp "$INTERNET4"
expect_source 192.0.2.11 pod2 tcp "$PEER4"
