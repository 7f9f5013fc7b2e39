#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calico's natOutgoing decides before ipmasq for pods of such a pool, whatever is no
# pool's address; for pods of other pools ipmasq decides.
#
#	pod 10.244.1.2 --- node 192.0.2.10 --- fabric ---+-- peer       10.0.0.20, fd00:10::20
#	    fd00:10:244:1::2    2001:db8:2::10           +-- internet4  203.0.113.7
#	                                                 +-- internet6  2001:db8:7::7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]' --enable-ipv6
if ! masquerades_with iptables-nft; then
	skip 'Calico rules' 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
# calico RESTORE NUMBER FAMILY POOL: its sets and chains of a family
calico() {
	on node ipset create "cali$2all-ipam-pools" hash:net family "$3"
	on node ipset create "cali$2masq-ipam-pools" hash:net family "$3"
	on node ipset add "cali$2all-ipam-pools" "$4"
	on node "$1" --noflush <<-END
		*nat
		:cali-POSTROUTING - [0:0]
		:cali-fip-snat - [0:0]
		:cali-nat-outgoing - [0:0]
		-A POSTROUTING -m comment --comment "cali:O3lYWMrLQYEMJtB5" -j cali-POSTROUTING
		-A cali-POSTROUTING -j cali-fip-snat
		-A cali-POSTROUTING -j cali-nat-outgoing
		-A cali-nat-outgoing -m set --match-set cali$2masq-ipam-pools src -m set ! --match-set cali$2all-ipam-pools dst -j MASQUERADE --random-fully
		COMMIT
	END
}
calico iptables-nft-restore 40 inet 10.244.0.0/16
calico ip6tables-nft-restore 60 inet6 fd00:10:244::/48

# of6: what ipmasq has decided, of IPv6
of6() {
	echo "$(counter cidr ipv6) $(counter masquerade ipv6)"
}

note 'natOutgoing: false'
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_equal '1 1' "$(counter cidr) $(counter masquerade)" 'ipmasq decides'
expect_source "$POD6" pod tcp "$PEER6"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_equal '1 1' "$(of6)" 'and for IPv6'

note 'natOutgoing: true'
on node ipset add cali40masq-ipam-pools 10.244.0.0/16
on node ipset add cali60masq-ipam-pools fd00:10:244::/48
expect_source "$NODE4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_equal '1 1' "$(counter cidr) $(counter masquerade)" 'ipmasq is not asked'
expect_source "$NODE6" pod tcp "$PEER6"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_equal '1 1' "$(of6)" 'nor for IPv6'
expect_match '*Calico; decides before ipmasq: set natOutgoing: false*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'

note 'the nftables mode, whose table is called calico'
for program in iptables-nft ip6tables-nft; do
	on node "$program" -t nat -F
	on node "$program" -t nat -X
done
# calico_nft FAMILY NUMBER TYPE POOL: its table of a family
calico_nft() {
	on node nft -f - <<-END
		table $1 calico {
			set cali$2all-ipam-pools { type $3; flags interval; elements = { $4 }; }
			chain nat-POSTROUTING {
				type nat hook postrouting priority srcnat; policy accept;
				$1 saddr @cali$2all-ipam-pools $1 daddr != @cali$2all-ipam-pools masquerade fully-random
			}
		}
	END
}
calico_nft ip 40 ipv4_addr 10.244.0.0/16
calico_nft ip6 60 ipv6_addr fd00:10:244::/48
expect_source "$NODE4" pod tcp "$PEER4"
expect_equal '1 1' "$(counter cidr) $(counter masquerade)" 'ipmasq is not asked'
expect_source "$NODE6" pod tcp "$PEER6"
expect_equal '1 1' "$(of6)" 'nor for IPv6'
expect_match '*ip calico nat-POSTROUTING, priority 100*Calico; decides before ipmasq*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'
