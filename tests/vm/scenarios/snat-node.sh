#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Pools of source addresses are for pods. Whatever the node itself sends keeps the source that
# it was sent from: routing protocols, DHCP, whoever is bound to one of the node's addresses.
# So do link-local sources, and nothing gets a pool's address towards a group or a link-local
# destination. What explain says and what conntrack has are the same.
#
#	pod         node eth0                   fabric ---+-- router     192.0.2.1
#	10.244.1.2  192.0.2.10, pool .78                  +-- metadata   169.254.169.254
#	            2001:db8:2::10, pool ::78             +-- internet4, internet6
#	            lo 198.51.100.5, a virtual IP

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ROUTER4=192.0.2.1
POOL4=192.0.2.78
POOL6=2001:db8:2::78
VIRTUAL4=198.51.100.5

# say NAMESPACE ADDRESS: one packet there, an address of socat's, whether heard or not
say() {
	echo hello | on "$1" socat -u - "$2" || :
}

# link_local NAMESPACE: the address that eth0 has
link_local() {
	ip -n "$1" -j addr show dev eth0 |
		jq -r '.[0].addr_info[] | select(.scope == "link") | .local'
}

# tracked: "SOURCE DESTINATION SEEN-AS PROTOCOL" of each connection that conntrack has
tracked() {
	{
		on node conntrack -L -f ipv4
		on node conntrack -L -f ipv6
	} 2>/dev/null | awk '{
		n = 0
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^src=/) source[++n] = substr($i, 5)
			if ($i ~ /^dst=/) destination[n] = substr($i, 5)
		}
		print source[1], destination[1], destination[2], $2
	}' | sort -u
}

# expect_tracked SOURCE DESTINATION SEEN-AS SENTENCE
expect_tracked() {
	expect_match "*
$1 $2 $3 *" "
$(tracked)" "$4"
}

# disagreements: what explain says otherwise than conntrack has it
disagreements() {
	local source destination seen protocol explained
	tracked | while read -r source destination seen protocol; do
		# Towards a link-local destination the interface has to be said.
		explained=$(on node ipmasqctl explain -j "$source" "$destination" dev eth0 \
			proto "$protocol" | jq -r '.source_address // .source')
		[ "$explained" = "$seen" ] || echo "$source $destination $seen $explained"
	done
}

# node_speaks: everything that keeps its source
node_speaks() {
	say node "UDP6-DATAGRAM:[ff02::1:2%eth0]:547,sourceport=546"
	expect_tracked "$LINK_LOCAL" ff02::1:2 "$LINK_LOCAL" 'DHCPv6 stays link-local'
	say node "UDP6-DATAGRAM:[ff02::fb%eth0]:5353,sourceport=5353"
	expect_tracked "$LINK_LOCAL" ff02::fb "$LINK_LOCAL" 'so does mDNS'
	on node flow connect udp ff05::2%eth0 from "$NODE6" timeout 1 >/dev/null || :
	expect_tracked "$NODE6" ff05::2 "$NODE6" 'a group beyond the link, from a global address'
	say node "UDP4-DATAGRAM:224.0.0.251:5353,bind=$NODE4:5353,ip-multicast-if=$NODE4"
	expect_tracked "$NODE4" 224.0.0.251 "$NODE4" 'mDNS over IPv4'
	say node "IP4-SENDTO:224.0.0.18:112,bind=$NODE4,ip-multicast-if=$NODE4"
	expect_tracked "$NODE4" 224.0.0.18 "$NODE4" 'VRRP'
	say node "IP4-SENDTO:224.0.0.18:112,bind=$VIRTUAL4,ip-multicast-if=$NODE4"
	expect_tracked "$VIRTUAL4" 224.0.0.18 "$VIRTUAL4" 'VRRP from another address'
	say node "IP4-SENDTO:224.0.0.5:89,ip-multicast-if=$NODE4"
	expect_tracked "$NODE4" 224.0.0.5 "$NODE4" 'OSPF'
	say node "IP4-SENDTO:224.0.0.22:2,bind=$NODE4,ip-multicast-if=$NODE4"
	expect_tracked "$NODE4" 224.0.0.22 "$NODE4" 'IGMP'
	say node "UDP4-DATAGRAM:$ROUTER4:67,bind=$NODE4:68"
	expect_tracked "$NODE4" "$ROUTER4" "$NODE4" 'a DHCP lease that is renewed'
	say node "UDP4-DATAGRAM:255.255.255.255:67,broadcast,bind=$NODE4:68,so-bindtodevice=eth0"
	expect_tracked "$NODE4" 255.255.255.255 "$NODE4" 'and one that is rebound, by broadcast'
	say node "UDP4-DATAGRAM:192.0.2.255:138,broadcast,bind=$NODE4:138"
	expect_tracked "$NODE4" 192.0.2.255 "$NODE4" 'a broadcast to the network'
	expect_source "$NODE4" node tcp "$ROUTER4" from "$NODE4"
	expect_source "$NODE4" node tcp "$INTERNET4"
	expect_source "$NODE6" node tcp "$INTERNET6"
	expect_source "$VIRTUAL4" node tcp "$ROUTER4" from "$VIRTUAL4"
	expect_source "$VIRTUAL4" node udp "$INTERNET4" from "$VIRTUAL4"
	expect_source "$POOL4" node tcp "$INTERNET4" from "$POOL4"
	expect_source "$LINK_LOCAL" node tcp "$NEIGHBOUR%eth0"
}

build_topology
far_side router $ROUTER4
for far in router internet4; do
	ip -n $far route add $VIRTUAL4/32 via "$NODE4" dev eth0 onlink
done
ip -n node addr add $POOL4/32 dev eth0
ip -n node addr add $POOL6/128 dev eth0 nodad preferred_lft 0
ip -n node addr add $VIRTUAL4/32 dev lo
ip -n node route add 224.0.0.0/4 dev eth0
LINK_LOCAL=$(link_local node)
NEIGHBOUR=$(link_local router)

note 'a pool for all destinations'
configure "nonMasqueradeCIDRs: [10.0.0.0/8]
masqLinkLocal: true
masqLinkLocalIPv6: true
enableIPv6: true
snatAddresses: [$POOL4, \"$POOL6\"]"
node_speaks
expect_counter snat 0
expect_counter snat 0 ipv6
expect_counter masquerade 0
expect_counter masquerade 0 ipv6
expect_counter source 13
expect_counter source 5 ipv6
for protocol in tcp udp icmp sctp; do
	expect_source $POOL4 pod $protocol "$INTERNET4"
	expect_source $POOL6 pod $protocol "$INTERNET6"
done
expect_source "$NODE4" pod tcp "$METADATA4"
expect_source "$POD4" pod tcp "$PEER4"
expect_equal '4 1 1' "$(counter snat) $(counter masquerade) $(counter cidr)" \
	'the pod is served as ever, at a link-local destination by the interface'
expect_equal '' "$(disagreements)" 'explain says the same of all of them'
expect_match '*own or link-local; pools*' "$(on node ipmasqctl explain "$VIRTUAL4" "$INTERNET4")" \
	'and why'
expect_equal '' "$(on node ipmasqctl conns --stale)" 'none is stale'

note 'pools of prefixes'
on node conntrack -F >/dev/null 2>&1
configure "nonMasqueradeCIDRs: [10.0.0.0/8]
masqLinkLocal: true
masqLinkLocalIPv6: true
enableIPv6: true
snatAddresses: [0.0.0.0/0: $POOL4, \"::/0\": \"$POOL6\"]"
before=$(counter source)
node_speaks
expect_counter source $((before + 13))
expect_source $POOL4 pod tcp "$INTERNET4"
expect_source $POOL6 pod tcp "$INTERNET6"
expect_equal '' "$(disagreements)" 'explain says the same of all of them'
expect_equal '1 1' "$(on node ipmasqctl list -j | jq -r '[.entries[] | select(.action == "snat") | .connections] | join(" ")')" \
	'the entries count what got an address of theirs'
expect_match '*pool of 0.0.0.0/0 (config) is not for*' \
	"$(on node ipmasqctl explain "$POD4" "$METADATA4")" 'and explain says what they are not for'
expect_source "$NODE4" pod tcp "$METADATA4"

note 'without a pool'
on node conntrack -F >/dev/null 2>&1
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
expect_source "$NODE4" node udp "$INTERNET4" from "$VIRTUAL4"
expect_equal '' "$(disagreements)" 'masquerading is as ever'
