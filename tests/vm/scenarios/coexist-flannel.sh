#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# flannel with --ip-masq decides before ipmasq whatever leaves the cluster's network;
# without it ipmasq does. The rules are those of flannel 0.28, pkg/trafficmngr.
#
#	pod 10.244.1.2 --- node 192.0.2.10 --- fabric ---+-- node2 --- pod2 10.244.2.2
#	    fd00:10:244:1::2    2001:db8:2::10           |                  fd00:10:244:2::2
#	                                                 +-- peer       10.0.0.20, fd00:10::20
#	                                                 +-- internet4  203.0.113.7
#	                                                 +-- internet6  2001:db8:7::7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
add_node node2 192.0.2.11 2001:db8:2::11 pod2 10.244.2.2 fd00:10:244:2::2
ip -n node route add 10.244.2.0/24 via 192.0.2.11
ip -n node2 route add 10.244.1.0/24 via "$NODE4"
ip -n node -6 route add fd00:10:244:2::/64 via 2001:db8:2::11
ip -n node2 -6 route add fd00:10:244:1::/64 via "$NODE6"
on pod2 flow serve
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]' --enable-ipv6

# both: what ipmasq has decided, of both families
both() {
	echo "$(counter masquerade) $(counter cidr) $(counter masquerade ipv6) $(counter cidr ipv6)"
}

# flannel_decides SENTENCE: it does not know of the list
flannel_decides() {
	local before
	before=$(both)
	expect_source "$NODE4" pod tcp "$PEER4"
	expect_source "$NODE4" pod tcp "$INTERNET4"
	expect_source "$NODE6" pod tcp "$PEER6"
	expect_source "$NODE6" pod tcp "$INTERNET6"
	expect_equal "$before" "$(both)" "ipmasq is not asked about what flannel masquerades $1"
	# shellcheck disable=SC2086 # four numbers
	set -- $before
	expect_source "$POD4" pod tcp 10.244.2.2
	expect_source "$POD6" pod tcp fd00:10:244:2::2
	expect_equal "$1 $(($2 + 1)) $3 $(($4 + 1))" "$(both)" 'what flannel leaves alone it is asked about'
	expect_match '*flannel; decides before ipmasq: start flanneld without --ip-masq*' \
		"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'
}

# ipmasq_decides: what flannel masqueraded until now
ipmasq_decides() {
	local before
	before=$(both)
	# shellcheck disable=SC2086 # four numbers
	set -- $before
	expect_source "$POD4" pod tcp "$PEER4"
	expect_source "$NODE4" pod tcp "$INTERNET4"
	expect_source "$POD6" pod tcp "$PEER6"
	expect_source "$NODE6" pod tcp "$INTERNET6"
	expect_equal "$(($1 + 1)) $(($2 + 1)) $(($3 + 1)) $(($4 + 1))" "$(both)" \
		'without --ip-masq ipmasq decides'
}

# postrtg RESTORE CLUSTER POD MULTICAST
postrtg() {
	on node "$1" --noflush <<-END
		*nat
		:FLANNEL-POSTRTG - [0:0]
		-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
		-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG -s $3 -d $2 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG -s $2 -d $3 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG ! -s $2 -d $3 -m comment --comment "flanneld masq" -j RETURN
		-A FLANNEL-POSTRTG -s $2 ! -d $4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
		-A FLANNEL-POSTRTG ! -s $2 -d $2 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
		COMMIT
	END
}

for flavour in nft legacy; do
	note "iptables-$flavour"
	if ! masquerades_with iptables-$flavour; then
		skip "flannel with iptables-$flavour" "no MASQUERADE for iptables-$flavour in this kernel"
		continue
	fi
	postrtg iptables-$flavour-restore 10.244.0.0/16 10.244.1.0/24 224.0.0.0/4
	postrtg ip6tables-$flavour-restore fd00:10:244::/48 fd00:10:244:1::/64 ff00::/8
	flannel_decides "with iptables-$flavour"
	for program in iptables-$flavour ip6tables-$flavour; do
		on node "$program" -t nat -F
		on node "$program" -t nat -X
	done
	ipmasq_decides
done

note 'the nftables mode (EnableNFTables)'
# postrtg_nft FAMILY TABLE CLUSTER POD MULTICAST
postrtg_nft() {
	on node nft -f - <<-END
		table $1 $2 {
			chain postrtg {
				type nat hook postrouting priority srcnat; policy accept;
				meta mark 0x4000 return
				$1 saddr $4 $1 daddr $3 return
				$1 saddr $3 $1 daddr $4 return
				$1 saddr != $4 $1 daddr $3 return
				$1 saddr $3 $1 daddr != $5 masquerade fully-random
				$1 saddr != $3 $1 daddr $3 masquerade fully-random
			}
		}
	END
}
postrtg_nft ip flannel-ipv4 10.244.0.0/16 10.244.1.0/24 224.0.0.0/4
postrtg_nft ip6 flannel-ipv6 fd00:10:244::/48 fd00:10:244:1::/64 ff00::/8
flannel_decides 'with nftables'
on node nft delete table ip flannel-ipv4
on node nft delete table ip6 flannel-ipv6
ipmasq_decides
