#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Pods on one bridge with br_netfilter on, and the rules that the CNI bridge
# plugin adds with ipMasq: traffic between pods of one node crosses POSTROUTING
# with a route that says nothing, and must come out as with iptables.
#
#	pod-a 10.88.0.2 ---+
#	                   cni0 (node, 10.88.0.1) --- eth0 192.0.2.10 --- fabric --- ...
#	pod-b 10.88.0.3 ---+
#
# and fd00:88::1, ::2 and ::3.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
on node sh -c 'modprobe br_netfilter
	echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
	echo 1 >/proc/sys/net/bridge/bridge-nf-call-ip6tables'
# With snooping the bridge joins all-snoopers (RFC 4286), and its membership
# reports, sent at a random time (RFC 3376, 4.1.1), would be counted too.
ip -n node link add cni0 up type bridge mcast_snooping 0
ip -n node addr add 10.88.0.1/16 dev cni0
ip -n node addr add fd00:88::1/64 dev cni0
for letter in a b; do
	namespace "pod-$letter"
	wire node "veth-$letter" "pod-$letter" eth0
	ip -n node link set "veth-$letter" master cni0
	last=$([ $letter = a ] && echo 2 || echo 3)
	ip -n "pod-$letter" addr add "10.88.0.$last/16" dev eth0
	ip -n "pod-$letter" addr add "fd00:88::$last/64" dev eth0
	ip -n "pod-$letter" route add default via 10.88.0.1
	ip -n "pod-$letter" route add ::/0 via fd00:88::1
done
on pod-b flow serve
on node flow serve
for far in peer internet4 internet6; do
	ip -n $far route add 10.88.0.0/16 via "$NODE4" dev eth0 onlink
	ip -n $far route add fd00:88::/64 via "$NODE6" dev eth0 onlink
done

note 'only ipmasq'
configure ''
expect_source 10.88.0.2 pod-a tcp 10.88.0.3
expect_source 10.88.0.2 pod-a tcp "$PEER4"
expect_source "$NODE4" pod-a tcp "$INTERNET4"
expect_counter cidr 2
expect_counter masquerade 1

note 'nothing on the list: the bridged packet is decided by its destination'
configure 'nonMasqueradeCIDRs: []'
# As with the reference agent: a bridged neighbour is not local, so it is
# masqueraded, with the address of the bridge.
expect_source 10.88.0.1 pod-a tcp 10.88.0.3
expect_counter masquerade 2
expect_source 10.88.0.2 pod-a tcp 10.88.0.1

note 'the same over IPv6'
configure 'nonMasqueradeCIDRs: ["fd00:88::/64", "fd00:10::/64"]' --enable-ipv6
expect_source fd00:88::2 pod-a tcp fd00:88::3
expect_source fd00:88::2 pod-a tcp "$PEER6"
expect_source "$NODE6" pod-a tcp "$INTERNET6"
expect_counter cidr 2 ipv6
expect_counter masquerade 1 ipv6
configure 'nonMasqueradeCIDRs: []' --enable-ipv6
expect_source fd00:88::1 pod-a tcp fd00:88::3
expect_counter masquerade 2 ipv6
expect_source fd00:88::2 pod-a tcp fd00:88::1

note "a bridged packet to an address of the node's, which another pod has as well"
# A route that says nothing does not say that the destination is local either.
local4=$(counter local)
local6=$(counter local ipv6)
ip -n pod-b addr add "$NODE4/32" dev lo
ip -n pod-b addr add "$NODE6/128" dev lo
ip -n pod-a route add "$NODE4" via 10.88.0.3
ip -n pod-a route add "$NODE6" via fd00:88::3
expect_source 10.88.0.2 pod-a tcp "$NODE4"
expect_source fd00:88::2 pod-a tcp "$NODE6"
expect_equal "$((local4 + 1)) $((local6 + 1))" "$(counter local) $(counter local ipv6)" \
	'is found to be local'
ip -n pod-a route del "$NODE4"
ip -n pod-a route del "$NODE6"

note "the bridge plugin's own rules come first"
if ! masquerades_with iptables-nft; then
	skip "the bridge plugin's rules" 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]' --enable-ipv6

# plugin_decides PROGRAM FAMILY SUBNET MULTICAST POD NEIGHBOUR PEER INTERNET NODE
plugin_decides() {
	local family=$2 masqueraded skipped
	on node "$1" -t nat -N CNI-a
	on node "$1" -t nat -A CNI-a -d "$3" -j ACCEPT
	on node "$1" -t nat -A CNI-a ! -d "$4" -j MASQUERADE
	on node "$1" -t nat -A POSTROUTING -s "$5" -j CNI-a
	masqueraded=$(counter masquerade "$family")
	skipped=$(counter cidr "$family")
	expect_source "$5" pod-a tcp "$6"
	expect_source "$9" pod-a tcp "$7"
	expect_source "$9" pod-a tcp "$8"
	expect_equal "$masqueraded $((skipped + 1))" \
		"$(counter masquerade "$family") $(counter cidr "$family")" \
		"ipmasq is asked only about what the plugin accepted ($family)"
	expect_source "$9" pod tcp "$8"
	expect_equal $((masqueraded + 1)) "$(counter masquerade "$family")" \
		"other pods are decided by ipmasq ($family)"
}
plugin_decides iptables-nft ipv4 10.88.0.0/16 224.0.0.0/4 10.88.0.2 10.88.0.3 \
	"$PEER4" "$INTERNET4" "$NODE4"
plugin_decides ip6tables-nft ipv6 fd00:88::/64 ff00::/8 fd00:88::2 fd00:88::3 \
	"$PEER6" "$INTERNET6" "$NODE6"
