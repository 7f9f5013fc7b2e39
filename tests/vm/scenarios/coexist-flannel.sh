#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# flannel with --ip-masq decides before ipmasq whatever leaves the cluster's network;
# without it ipmasq does.
#
#	pod 10.244.1.2 --- node 192.0.2.10 --- fabric ---+-- node2 --- pod2 10.244.2.2
#	                                                 +-- peer       10.0.0.20
#	                                                 +-- internet4  203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
add_node node2 192.0.2.11 2001:db8:2::11 pod2 10.244.2.2 fd00:10:244:2::2
ip -n node route add 10.244.2.0/24 via 192.0.2.11
ip -n node2 route add 10.244.1.0/24 via "$NODE4"
on pod2 flow serve
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'

for flavour in iptables-nft iptables-legacy; do
	note "$flavour"
	if ! masquerades_with $flavour; then
		skip "flannel with $flavour" "no MASQUERADE for $flavour in this kernel"
		continue
	fi
	on node $flavour-restore --noflush <<-END
		*nat
		:FLANNEL-POSTRTG - [0:0]
		-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
		-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG -s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
		-A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
		COMMIT
	END
	masqueraded=$(counter masquerade)
	skipped=$(counter cidr)
	# flannel does not know of the list.
	expect_source "$NODE4" pod tcp "$PEER4"
	expect_source "$NODE4" pod tcp "$INTERNET4"
	expect_equal "$masqueraded $skipped" "$(counter masquerade) $(counter cidr)" \
		'ipmasq is not asked about what flannel masquerades'
	expect_source 10.244.1.2 pod tcp 10.244.2.2
	expect_equal $((skipped + 1)) "$(counter cidr)" 'what flannel leaves alone it is asked about'
	expect_match '*flannel; decides before ipmasq: start flanneld without --ip-masq*' \
		"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'
	on node $flavour -t nat -F
	on node $flavour -t nat -X
	expect_source "$POD4" pod tcp "$PEER4"
	expect_source "$NODE4" pod tcp "$INTERNET4"
	expect_equal "$((masqueraded + 1)) $((skipped + 2))" "$(counter masquerade) $(counter cidr)" \
		'without --ip-masq ipmasq decides'
done
