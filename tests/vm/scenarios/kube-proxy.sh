#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kube-proxy and a CNI plugin masquerade too. Whoever comes first in POSTROUTING
# decides, ipmasq comes after them, and nothing is translated twice.
#
#	pod ------- node ----------------------- fabric ---+-- peer       10.0.0.20
#	10.244.1.2  192.0.2.10                             +-- internet4  203.0.113.7
#	            service 10.96.0.10:80 -> 10.0.0.20:7000
#
#	fd00:..::2  2001:db8:2::10                         +-- internet6  2001:db8:7::7
#	            service fd00:96::a:80 -> fd00:10::20:7000
#
# Each with iptables-nft and with iptables-legacy.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# The rules of kube-proxy's iptables mode, for two services with one endpoint:
# kube_proxy PROGRAM SERVICE MARKED_SERVICE ENDPOINT
kube_proxy() {
	on node "$1-restore" --noflush <<-END
		*nat
		:KUBE-SERVICES - [0:0]
		:KUBE-SVC-A - [0:0]
		:KUBE-SEP-A - [0:0]
		:KUBE-MARK-MASQ - [0:0]
		:KUBE-POSTROUTING - [0:0]
		-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
		-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
		-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
		-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
		-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
		-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
		-A KUBE-POSTROUTING -j MASQUERADE --random-fully
		-A KUBE-SERVICES -d $2 -p tcp --dport 80 -j KUBE-SVC-A
		-A KUBE-SERVICES -d $3 -p tcp --dport 80 -j KUBE-MARK-MASQ
		-A KUBE-SERVICES -d $3 -p tcp --dport 80 -j KUBE-SVC-A
		-A KUBE-SVC-A -j KUBE-SEP-A
		-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination $4
		COMMIT
	END
}

build_topology
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00:10::/64"]' --enable-ipv6

for program in iptables-nft iptables-legacy ip6tables-nft ip6tables-legacy; do
	note "$program"
	if ! masquerades_with $program; then
		skip "kube-proxy with $program" "no MASQUERADE for $program in this kernel"
		continue
	fi
	case $program in
	iptables*)
		family=ipv4 pod=$POD4 node=$NODE4 peer=$PEER4 internet=$INTERNET4
		service=10.96.0.10 marked=10.96.0.11 endpoint=$PEER4:7000 own=192.0.2.200
		;;
	ip6tables*)
		family=ipv6 pod=$POD6 node=$NODE6 peer=$PEER6 internet=$INTERNET6
		service=fd00:96::a marked=fd00:96::b endpoint=[$PEER6]:7000 own=2001:db8:2::200
		;;
	esac
	counters() {
		echo "$(counter cidr "$family") $(counter masquerade "$family")"
	}
	kube_proxy $program "$service" "$marked" "$endpoint"
	masqueraded=$(counter masquerade "$family")
	skipped=$(counter cidr "$family")

	# DNAT comes long before: ipmasq sees the endpoint, which is on the list.
	expect_source "$pod" pod tcp "$service" port 80
	expect_equal "$((skipped + 1)) $masqueraded" "$(counters)" \
		'a service is decided by its endpoint'

	# Marked: kube-proxy masquerades although the endpoint is on the list. The
	# connection is translated then, and ipmasq is not asked.
	expect_source "$node" pod tcp "$marked" port 80
	expect_equal "$((skipped + 1)) $masqueraded" "$(counters)" \
		'a connection that kube-proxy masquerades is not counted'

	# Not kube-proxy's business.
	expect_source "$node" pod tcp "$internet"
	expect_source "$pod" pod tcp "$peer"
	expect_equal "$((skipped + 2)) $((masqueraded + 1))" "$(counters)" \
		'what kube-proxy leaves alone is decided by ipmasq'

	# A rule with an address of its own comes first as well.
	ip -n node addr add "$own" dev eth0
	on node $program -t nat -A POSTROUTING -d "$internet" -j SNAT --to-source "$own"
	expect_source "$own" pod tcp "$internet"
	expect_equal "$((skipped + 2)) $((masqueraded + 1))" "$(counters)" \
		'SNAT before ipmasq decides'

	on node $program -t nat -F
	on node $program -t nat -X
	ip -n node addr del "$own" dev eth0
done
