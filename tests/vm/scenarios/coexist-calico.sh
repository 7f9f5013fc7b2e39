#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Calico's natOutgoing decides before ipmasq for pods of such a pool, whatever is no
# pool's address; for pods of other pools ipmasq decides.
#
#	pod 10.244.1.2 --- node 192.0.2.10 --- fabric ---+-- peer       10.0.0.20
#	                                                 +-- internet4  203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
if ! masquerades_with iptables-nft; then
	skip 'Calico rules' 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
on node ipset create cali40all-ipam-pools hash:net
on node ipset create cali40masq-ipam-pools hash:net
on node ipset add cali40all-ipam-pools 10.244.0.0/16
on node iptables-nft-restore --noflush <<-END
	*nat
	:cali-POSTROUTING - [0:0]
	:cali-fip-snat - [0:0]
	:cali-nat-outgoing - [0:0]
	-A POSTROUTING -m comment --comment "cali:O3lYWMrLQYEMJtB5" -j cali-POSTROUTING
	-A cali-POSTROUTING -j cali-fip-snat
	-A cali-POSTROUTING -j cali-nat-outgoing
	-A cali-nat-outgoing -m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst -j MASQUERADE --random-fully
	COMMIT
END

note 'natOutgoing: false'
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_equal '1 1' "$(counter cidr) $(counter masquerade)" 'ipmasq decides'

note 'natOutgoing: true'
on node ipset add cali40masq-ipam-pools 10.244.0.0/16
expect_source "$NODE4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_equal '1 1' "$(counter cidr) $(counter masquerade)" 'ipmasq is not asked'
expect_match '*Calico; decides before ipmasq: set natOutgoing: false*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'

note 'the nftables mode, whose table is called calico'
on node iptables-nft -t nat -F
on node iptables-nft -t nat -X
on node nft -f - <<-END
	table ip calico {
		set cali40all-ipam-pools { type ipv4_addr; flags interval; elements = { 10.244.0.0/16 }; }
		chain nat-POSTROUTING {
			type nat hook postrouting priority srcnat; policy accept;
			ip saddr @cali40all-ipam-pools ip daddr != @cali40all-ipam-pools masquerade fully-random
		}
	}
END
expect_source "$NODE4" pod tcp "$PEER4"
expect_equal '1 1' "$(counter cidr) $(counter masquerade)" 'ipmasq is not asked'
expect_match '*ip calico nat-POSTROUTING, priority 100*Calico; decides before ipmasq*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'
