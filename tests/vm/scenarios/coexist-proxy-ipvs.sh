#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kube-proxy's IPVS mode: a service's address is the node's own, and IPVS sends the
# connection on to the endpoint; what leaves the node is decided by the endpoint.
#
#	pod ------- node ----------------------- fabric ---+-- peer       10.0.0.20
#	10.244.1.2  192.0.2.10                             +-- internet4  203.0.113.7
#	            services 10.96.0.10:80 -> 10.0.0.20:7000, 10.96.0.12:80 -> 203.0.113.7:7000
#	            10.96.0.11:80 (marked) -> 10.0.0.20:7000

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
if ! masquerades_with iptables-nft; then
	skip 'the IPVS mode' 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
if ! modprobe -a ip_vs ip_vs_rr; then
	skip 'the IPVS mode' 'no ip_vs in this kernel'
	exit
fi
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
# As kube-proxy does it.
ip -n node link add kube-ipvs0 type dummy
for service in 10.96.0.10 10.96.0.11 10.96.0.12; do
	ip -n node addr add $service/32 dev kube-ipvs0
	endpoint=$PEER4
	[ $service != 10.96.0.12 ] || endpoint=$INTERNET4
	on node ipvsadm -A -t $service:80 -s rr
	on node ipvsadm -a -t $service:80 -r "$endpoint:7000" -m
done
on node sh -c 'echo 1 >/proc/sys/net/ipv4/vs/conntrack'
on node ipset create KUBE-CLUSTER-IP hash:ip,port
on node ipset add KUBE-CLUSTER-IP 10.96.0.11,tcp:80
on node iptables-nft-restore --noflush <<-END
	*nat
	:KUBE-MARK-MASQ - [0:0]
	:KUBE-POSTROUTING - [0:0]
	:KUBE-SERVICES - [0:0]
	-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
	-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
	-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ
	-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
	-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
	-A KUBE-POSTROUTING -j MASQUERADE --random-fully
	COMMIT
END

expect_source "$POD4" pod tcp 10.96.0.10 port 80
expect_counter cidr 1
expect_source "$NODE4" pod tcp 10.96.0.11 port 80
expect_equal '1 0' "$(counter cidr) $(counter masquerade)" 'what kube-proxy masquerades is not counted'
expect_source "$NODE4" pod tcp 10.96.0.12 port 80
expect_equal '1 1' "$(counter cidr) $(counter masquerade)" 'a service outside is masqueraded by ipmasq'
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_equal '2 2' "$(counter cidr) $(counter masquerade)" 'and so is what is no service'
on node ipvsadm -C
