#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Cilium masquerades by iptables or by BPF. Its rules decide before ipmasq; what they
# accept ipmasq is asked about nevertheless. BPF comes at the egress of the interface,
# after ipmasq: tc's nat action, which knows IPv4 alone, stands for its place here.
#
#	pod 10.244.1.2 --- node 192.0.2.10 --- fabric ---+-- peer       10.0.0.20, fd00:10::20
#	    fd00:10:244:1::2    2001:db8:2::10           +-- internet4  203.0.113.7
#	                                                 +-- internet6  2001:db8:7::7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
LIST='nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]'
configure "$LIST" --enable-ipv6
if ! masquerades_with iptables-nft; then
	skip 'Cilium rules' 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
# cilium PROGRAM SET FAMILY NODE PODS CLUSTER: the set of the cluster's nodes, and rules
cilium() {
	on node ipset create "$2" hash:ip family "$3"
	on node ipset add "$2" "$4"
	on node "$1-restore" --noflush <<-END
		*nat
		:CILIUM_POST_nat - [0:0]
		-A POSTROUTING -m comment --comment "cilium-feeder: CILIUM_POST_nat" -j CILIUM_POST_nat
		-A CILIUM_POST_nat -s $5 -m set --match-set $2 dst -m comment --comment "exclude traffic to cluster nodes from masquerade" -j ACCEPT
		-A CILIUM_POST_nat -s $5 ! -d $6 ! -o cilium_+ -m comment --comment "cilium masquerade non-cluster" -j MASQUERADE --random-fully
		COMMIT
	END
}
cilium iptables-nft cilium_node_set_v4 inet "$PEER4" 10.244.1.0/24 10.244.0.0/16
cilium ip6tables-nft cilium_node_set_v6 inet6 "$PEER6" fd00:10:244:1::/64 fd00:10:244::/48

note 'enable-ipv4-masquerade: true and enable-ipv6-masquerade: true, by iptables'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_counter masquerade 0
expect_counter masquerade 0 ipv6
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$POD6" pod tcp "$PEER6"
expect_counter cidr 1
expect_counter cidr 1 ipv6
configure 'nonMasqueradeCIDRs: []' --enable-ipv6
expect_source "$NODE4" pod tcp "$PEER4"
expect_source "$NODE6" pod tcp "$PEER6"
expect_equal '1 1' "$(counter masquerade) $(counter masquerade ipv6)" \
	'what Cilium accepts is decided by ipmasq'
expect_match '*Cilium; decides before ipmasq: set enable-ipv4-masquerade*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'

note 'enable-ipv4-masquerade: false and enable-ipv6-masquerade: false'
for program in iptables-nft ip6tables-nft; do
	on node $program -t nat -F
	on node $program -t nat -X
done
configure "$LIST" --enable-ipv6
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$POD6" pod tcp "$PEER6"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_counter masquerade 2
expect_counter masquerade 2 ipv6

note 'translation at the egress of the interface comes last'
if ! modprobe -a act_nat cls_matchall sch_ingress; then
	skip 'translation at the egress' 'no nat action of tc in this kernel'
	exit
fi
ip -n node addr add 192.0.2.200/32 dev eth0
on node tc qdisc add dev eth0 clsact
on node tc filter add dev eth0 egress protocol ip matchall action nat egress "$POD4/32" 192.0.2.200
on node tc filter add dev eth0 ingress protocol ip matchall action nat ingress 192.0.2.200/32 "$POD4"
# ipmasq has translated: there is no address of a pod left to translate.
expect_source "$NODE4" pod tcp "$INTERNET4"
# ipmasq has left it alone: the egress decides.
expect_source 192.0.2.200 pod udp "$PEER4"
