#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sourceCIDRs: only what comes from pods is masqueraded. What a load balancer sent to a
# node, which sends it on to a pod on another one, keeps its client's address then.
#
#	client        balancer's choice: node, port 30080
#	198.51.100.9       |
#	    +--- fabric ---+--- node   192.0.2.10 --- pod   10.244.1.2
#	              |    +--- node2  192.0.2.11 --- pod2  10.244.2.2, port 7000
#	              +--- internet4, internet6, peer

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

POD2=10.244.2.2
CLIENT4=198.51.100.9 CLIENT6=2001:db8:9::9

build_topology
add_node node2 192.0.2.11 2001:db8:2::11 pod2 "$POD2" fd00:10:244:2::2
on pod2 flow serve
far_side client "$CLIENT4" "$CLIENT6"
# As a CNI plugin has it, and what comes in through a node leaves through it.
ip -n node route add 10.244.2.0/24 via 192.0.2.11
ip -n node route add fd00:10:244:2::/64 via 2001:db8:2::11
ip -n node2 route add 198.51.100.0/24 via "$NODE4"
ip -n node2 route add 2001:db8:9::/64 via "$NODE6"
# As kube-proxy has it, with either of its programs.
send_on() {
	local program=$1 family=$2 destination=$3 protocol
	for protocol in tcp udp; do
		if masquerades_with "$program"; then
			on node "$program" -t nat -A PREROUTING -p $protocol --dport 30080 \
				-j DNAT --to-destination "$destination"
		else
			on node nft "add table $family proxy; add chain $family proxy nodeports \
				{ type nat hook prerouting priority dstnat; };
				add rule $family proxy nodeports $protocol dport 30080 dnat to $destination"
		fi
	done
}
send_on iptables-nft ip "$POD2:7000"
send_on ip6tables-nft ip6 '[fd00:10:244:2::2]:7000'

note 'without a list of sources the pod sees the node'
write_config 'nonMasqueradeCIDRs: [10.0.0.0/24]'
start_daemon --enable-ipv6
expect_source "$NODE4" client tcp "$NODE4" port 30080
expect_source "$NODE4" client udp "$NODE4" port 30080
expect_source "$NODE6" client tcp "$NODE6" port 30080
expect_verdict masquerade "$CLIENT4" "$POD2"
expect_verdict masquerade "$CLIENT6" fd00:10:244:2::2
expect_counter masquerade 2
expect_counter masquerade 1 ipv6
expect_counter source 0

note 'with the pods on it the pod sees the client'
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/24]
sourceCIDRs:
- 10.244.0.0/16
- fd00:10:244::/48'
expect_source "$CLIENT4" client tcp "$NODE4" port 30080
expect_source "$CLIENT4" client udp "$NODE4" port 30080
expect_source "$CLIENT6" client tcp "$NODE6" port 30080
expect_verdict source "$CLIENT4" "$POD2"
expect_verdict source "$CLIENT6" fd00:10:244:2::2
expect_counter source 2
expect_counter source 1 ipv6
expect_counter masquerade 2

note 'and pods are masqueraded as before'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$NODE4" pod icmp "$INTERNET4"
expect_source "$NODE4" pod tcp "$POD2"
expect_source "$NODE6" pod udp "$INTERNET6"
expect_verdict masquerade "$POD4" "$INTERNET4"
expect_counter masquerade 5
expect_counter masquerade 2 ipv6
expect_source "$POD4" pod tcp "$PEER4"
expect_verdict cidr "$POD4" "$PEER4"
expect_counter cidr 1

note 'the node itself, from an address that is no pod'
ip -n node addr add 198.51.100.77/32 dev eth0
expect_source 198.51.100.77 node tcp "$INTERNET4" from 198.51.100.77
expect_verdict source 198.51.100.77 "$INTERNET4"
expect_source 10.244.1.1 node tcp "$PEER4" from 10.244.1.1
expect_source "$NODE4" node tcp "$INTERNET4" from 10.244.1.1
expect_counter source 3
expect_counter cidr 2
expect_counter masquerade 6

note 'a list of one family alone'
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/24]
sourceCIDRs: [10.244.1.2/32]'
expect_source "$POD6" pod tcp "$INTERNET6"
expect_verdict source "$POD6" "$INTERNET6"
expect_counter source 2 ipv6
expect_source "$NODE4" pod tcp "$INTERNET4"

note 'a daemon that begins over the same file'
before=$(generation)
end_daemon KILL
start_daemon --enable-ipv6
expect_logged 'is in force already' 'finds the list in force'
expect_equal "$before" "$(generation)" 'and changes nothing'

note 'a list that is wrong'
write_config 'sourceCIDRs:
- 10.244.0.0/16
- 10.244.1.2
- 10.244.1.2/24'
expect_logged ':3:3: error: invalid prefix "10.244.1.2"' 'is refused'
expect_logged ':4:3: error: host bits set in "10.244.1.2/24"' 'with all that is wrong'
expect_equal "$before" "$(generation)" 'and the policy stays'

note 'without the key it is as it was'
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/24]'
expect_source "$NODE4" client tcp "$NODE4" port 30080
