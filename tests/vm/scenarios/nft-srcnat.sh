#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nftables chains of type nat in POSTROUTING: those at priority srcnat come before
# ipmasq and win where they translate; a later one finds nothing left to do.
#
#	pod ------- node (192.0.2.10, .200) ------- fabric ---+-- internet4
#	            2001:db8:2::10, ::200                     +-- internet6
#	                                                      +-- peer

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# chain FAMILY PRIORITY RULE
chain() {
	on node nft -f - <<-END
		table $1 rival {
			chain postrouting {
				type nat hook postrouting priority $2; policy accept;
				$3
			}
		}
	END
}

build_topology
ip -n node addr add 192.0.2.200/32 dev eth0
# An address that nothing chooses by itself.
ip -n node addr add 2001:db8:2::200/128 dev eth0 nodad preferred_lft 0
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]' --enable-ipv6

# beside NFT FAMILY POD NODE INTERNET PEER OWN
beside() {
	local family=$1 counted=$2 pod=$3 node=$4 internet=$5 peer=$6 own=$7

	note "$counted: before ipmasq"
	chain "$family" srcnat "$family daddr $internet snat to $own"
	expect_source "$own" pod tcp "$internet"
	expect_source "$own" pod udp "$internet"
	expect_counter masquerade 0 "$counted"
	expect_source "$pod" pod tcp "$peer"
	expect_counter cidr 1 "$counted"

	note "$counted: a chain that only accepts leaves the decision to ipmasq"
	on node nft flush ruleset
	chain "$family" srcnat "$family daddr $internet accept"
	expect_source "$node" pod tcp "$internet"
	expect_counter masquerade 1 "$counted"

	note "$counted: after ipmasq"
	on node nft flush ruleset
	chain "$family" 200 "$family daddr $internet snat to $own"
	expect_source "$node" pod tcp "$internet"
	expect_counter masquerade 2 "$counted"

	note "$counted: after ipmasq, where ipmasq leaves the connection alone"
	on node nft flush ruleset
	chain "$family" 200 "$family daddr $peer snat to $own"
	expect_source "$own" pod tcp "$peer"
	expect_counter cidr 2 "$counted"
	on node nft flush ruleset
}
beside ip ipv4 "$POD4" "$NODE4" "$INTERNET4" "$PEER4" 192.0.2.200
beside ip6 ipv6 "$POD6" "$NODE6" "$INTERNET6" "$PEER6" 2001:db8:2::200

note 'masquerade in an inet table'
chain inet srcnat 'oifname eth0 masquerade'
expect_source "$NODE6" pod tcp "$PEER6"
expect_source "$NODE4" pod tcp "$PEER4"
expect_equal '2 2' "$(counter cidr) $(counter cidr ipv6)" 'ipmasq is not asked'
on node nft flush ruleset
expect_source "$POD6" pod tcp "$PEER6"
expect_source "$POD4" pod tcp "$PEER4"
