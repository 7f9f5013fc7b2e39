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
#
# and the same with fd00:96::a to ::c, fd00:10::20 and 2001:db8:7::7.

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
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00:10::/64"]' --enable-ipv6
ip -n node link add kube-ipvs0 type dummy
on node sh -c 'echo 1 >/proc/sys/net/ipv4/vs/conntrack'

# kube_proxy PROGRAM SET FAMILY PREFIX SERVICE MARKED OUTSIDE PEER INTERNET: as it does it
kube_proxy() {
	local program=$1 set=$2 family=$3 service endpoint
	for service in "$5" "$6" "$7"; do
		ip -n node addr add "$service/$4" dev kube-ipvs0 nodad
		endpoint=$8
		[ "$service" != "$7" ] || endpoint=$9
		case $family in
		inet)
			on node ipvsadm -A -t "$service:80" -s rr
			on node ipvsadm -a -t "$service:80" -r "$endpoint:7000" -m
			;;
		inet6)
			on node ipvsadm -A -t "[$service]:80" -s rr
			on node ipvsadm -a -t "[$service]:80" -r "[$endpoint]:7000" -m
			;;
		esac
	done
	on node ipset create "$set" hash:ip,port family "$family"
	on node ipset add "$set" "$6,tcp:80"
	on node "$program-restore" --noflush <<-END
		*nat
		:KUBE-MARK-MASQ - [0:0]
		:KUBE-POSTROUTING - [0:0]
		:KUBE-SERVICES - [0:0]
		-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
		-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
		-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
		-A KUBE-SERVICES -m set --match-set $set dst,dst -j KUBE-MARK-MASQ
		-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
		-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
		-A KUBE-POSTROUTING -j MASQUERADE --random-fully
		COMMIT
	END
}

# decided FAMILY POD NODE SERVICE MARKED OUTSIDE PEER INTERNET
decided() {
	local family=$1
	counters() {
		echo "$(counter cidr "$family") $(counter masquerade "$family")"
	}
	expect_source "$2" pod tcp "$4" port 80
	expect_equal '1 0' "$(counters)" 'a service is decided by its endpoint'
	expect_source "$3" pod tcp "$5" port 80
	expect_equal '1 0' "$(counters)" 'what kube-proxy masquerades is not counted'
	expect_source "$3" pod tcp "$6" port 80
	expect_equal '1 1' "$(counters)" 'a service outside is masqueraded by ipmasq'
	expect_source "$2" pod tcp "$7"
	expect_source "$3" pod tcp "$8"
	expect_equal '2 2' "$(counters)" 'and so is what is no service'
}

set -- 10.96.0.10 10.96.0.11 10.96.0.12 "$PEER4" "$INTERNET4"
kube_proxy iptables-nft KUBE-CLUSTER-IP inet 32 "$@"
decided ipv4 "$POD4" "$NODE4" "$@"

note 'IPv6'
set -- fd00:96::a fd00:96::b fd00:96::c "$PEER6" "$INTERNET6"
kube_proxy ip6tables-nft KUBE-6-CLUSTER-IP inet6 128 "$@"
decided ipv6 "$POD6" "$NODE6" "$@"
on node ipvsadm -C
