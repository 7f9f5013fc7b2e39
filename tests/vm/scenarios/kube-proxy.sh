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
# Each with iptables-nft and with iptables-legacy.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# The rules of kube-proxy's iptables mode, for one service with one endpoint.
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
		-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp --dport 80 -j KUBE-SVC-A
		-A KUBE-SERVICES -d 10.96.0.11/32 -p tcp --dport 80 -j KUBE-MARK-MASQ
		-A KUBE-SERVICES -d 10.96.0.11/32 -p tcp --dport 80 -j KUBE-SVC-A
		-A KUBE-SVC-A -j KUBE-SEP-A
		-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination $PEER4:7000
		COMMIT
	END
}

build_topology
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'

for flavour in iptables-nft iptables-legacy; do
	note "$flavour"
	if ! masquerades_with $flavour; then
		skip "kube-proxy with $flavour" "no MASQUERADE for $flavour in this kernel"
		continue
	fi
	kube_proxy $flavour
	masqueraded=$(counter masquerade)
	skipped=$(counter cidr)

	# DNAT comes long before: ipmasq sees the endpoint, which is on the list.
	expect_source "$POD4" pod tcp 10.96.0.10 port 80
	expect_equal $((skipped + 1)) "$(counter cidr)" 'a service is decided by its endpoint'

	# Marked: kube-proxy masquerades although the endpoint is on the list. The
	# connection is translated then, and ipmasq is not asked.
	expect_source "$NODE4" pod tcp 10.96.0.11 port 80
	expect_equal "$((skipped + 1)) $masqueraded" "$(counter cidr) $(counter masquerade)" \
		'a connection that kube-proxy masquerades is not counted'

	# Not kube-proxy's business.
	expect_source "$NODE4" pod tcp "$INTERNET4"
	expect_source "$POD4" pod tcp "$PEER4"
	expect_equal "$((skipped + 2)) $((masqueraded + 1))" "$(counter cidr) $(counter masquerade)" \
		'what kube-proxy leaves alone is decided by ipmasq'
	expect_equal '' "$(on node ipmasqctl conns --stale)" 'and no connection is taken for stale'

	# A rule with an address of its own comes first as well.
	ip -n node addr add 192.0.2.200/32 dev eth0
	on node $flavour -t nat -A POSTROUTING -d "$INTERNET4" -j SNAT --to-source 192.0.2.200
	expect_source 192.0.2.200 pod tcp "$INTERNET4"
	expect_equal $((masqueraded + 1)) "$(counter masquerade)" 'SNAT before ipmasq decides'

	on node $flavour -t nat -F
	on node $flavour -t nat -X
	ip -n node addr del 192.0.2.200/32 dev eth0
	on node conntrack -F >/dev/null 2>&1
done
