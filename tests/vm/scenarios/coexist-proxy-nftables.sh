#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kube-proxy's nftables mode: its chain at priority srcnat masquerades what carries
# its mark and leaves the rest to ipmasq.
#
#	pod ------- node ----------------------- fabric ---+-- peer       10.0.0.20
#	10.244.1.2  192.0.2.10                             +-- internet4  203.0.113.7
#	            services 10.96.0.10:80, 10.96.0.11:80 (marked) -> 10.0.0.20:7000
#	            fd00:96::10, fd00:96::11 (marked)              -> fd00:10::20

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]' --enable-ipv6

# kube_proxy FAMILY SERVICE MARKED_SERVICE ENDPOINT: its tables are alike
kube_proxy() {
	on node nft -f - <<-END
		table $1 kube-proxy {
			chain masquerading {
				mark & 0x4000 == 0 return
				mark set mark ^ 0x4000
				masquerade fully-random
			}
			chain nat-postrouting {
				type nat hook postrouting priority srcnat; policy accept;
				jump masquerading
			}
			chain services {
				$1 daddr $3 tcp dport 80 mark set mark | 0x4000
				$1 daddr { $2, $3 } tcp dport 80 dnat to $4
			}
			chain nat-prerouting {
				type nat hook prerouting priority dstnat; policy accept;
				jump services
			}
		}
	END
}
kube_proxy ip 10.96.0.10 10.96.0.11 "$PEER4:7000"
kube_proxy ip6 fd00:96::10 fd00:96::11 "[$PEER6]:7000"

expect_source "$POD4" pod tcp 10.96.0.10 port 80
expect_counter cidr 1
expect_source "$NODE4" pod tcp 10.96.0.11 port 80
expect_equal '1 0' "$(counter cidr) $(counter masquerade)" 'what kube-proxy masquerades is not counted'
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_equal '2 1' "$(counter cidr) $(counter masquerade)" 'what it leaves alone ipmasq decides'
expect_match '*ip kube-proxy nat-postrouting, priority 100*kube-proxy; may stay*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate knows it'

note 'IPv6'
expect_source "$POD6" pod tcp fd00:96::10 port 80
expect_counter cidr 1 ipv6
expect_source "$NODE6" pod tcp fd00:96::11 port 80
expect_equal '1 0' "$(counter cidr ipv6) $(counter masquerade ipv6)" \
	'what kube-proxy masquerades is not counted'
expect_source "$POD6" pod tcp "$PEER6"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_equal '2 1' "$(counter cidr ipv6) $(counter masquerade ipv6)" \
	'what it leaves alone ipmasq decides'
expect_match '*ip6 kube-proxy nat-postrouting, priority 100*kube-proxy; may stay*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate knows it'
