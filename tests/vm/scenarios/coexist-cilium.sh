#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Cilium masquerades by iptables or by BPF. Its rules decide before ipmasq; what they
# accept ipmasq is asked about nevertheless. BPF comes at the egress of the interface,
# after ipmasq: tc's nat action stands for its place here.
#
#	pod 10.244.1.2 --- node 192.0.2.10 --- fabric ---+-- peer       10.0.0.20
#	                                                 +-- internet4  203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
if ! masquerades_with iptables-nft; then
	skip 'Cilium rules' 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
on node ipset create cilium_node_set_v4 hash:ip
on node ipset add cilium_node_set_v4 "$PEER4"
on node iptables-nft-restore --noflush <<-END
	*nat
	:CILIUM_POST_nat - [0:0]
	-A POSTROUTING -m comment --comment "cilium-feeder: CILIUM_POST_nat" -j CILIUM_POST_nat
	-A CILIUM_POST_nat -s 10.244.1.0/24 -m set --match-set cilium_node_set_v4 dst -m comment --comment "exclude traffic to cluster nodes from masquerade" -j ACCEPT
	-A CILIUM_POST_nat -s 10.244.1.0/24 ! -d 10.244.0.0/16 ! -o cilium_+ -m comment --comment "cilium masquerade non-cluster" -j MASQUERADE --random-fully
	COMMIT
END

note 'enable-ipv4-masquerade: true, by iptables'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_counter masquerade 0
expect_source "$POD4" pod tcp "$PEER4"
expect_counter cidr 1
configure 'nonMasqueradeCIDRs: []'
expect_source "$NODE4" pod tcp "$PEER4"
expect_equal 1 "$(counter masquerade)" 'what Cilium accepts is decided by ipmasq'
expect_match '*Cilium; decides before ipmasq: set enable-ipv4-masquerade*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'

note 'enable-ipv4-masquerade: false'
on node iptables-nft -t nat -F
on node iptables-nft -t nat -X
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_counter masquerade 2

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
