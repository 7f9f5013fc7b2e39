#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nftables chains of type nat in POSTROUTING: those at priority srcnat come before
# ipmasq and win where they translate; a later one finds nothing left to do.
#
#	pod ------- node (192.0.2.10, .200, .201) ------- fabric ---+-- internet4
#	                                                            +-- peer

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# nat_chain PRIORITY ADDRESS: translate what goes to internet4 to ADDRESS
nat_chain() {
	on node nft -f - <<-END
		table ip rival {
			chain postrouting {
				type nat hook postrouting priority $1; policy accept;
				ip daddr $INTERNET4 snat to $2
			}
		}
	END
}

build_topology
ip -n node addr add 192.0.2.200/32 dev eth0
configure ''

note 'before ipmasq'
nat_chain srcnat 192.0.2.200
expect_source 192.0.2.200 pod tcp "$INTERNET4"
expect_source 192.0.2.200 pod udp "$INTERNET4"
expect_counter masquerade 0
expect_source "$POD4" pod tcp "$PEER4"
expect_counter cidr 1

note 'a chain that only accepts leaves the decision to ipmasq'
on node nft flush ruleset
on node nft -f - <<-END
	table ip rival {
		chain postrouting {
			type nat hook postrouting priority srcnat; policy accept;
			ip daddr $INTERNET4 accept
		}
	}
END
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_counter masquerade 1

note 'after ipmasq'
on node nft flush ruleset
nat_chain 200 192.0.2.200
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_counter masquerade 2

note 'after ipmasq, where ipmasq leaves the connection alone'
on node nft flush ruleset
on node nft -f - <<-END
	table ip rival {
		chain postrouting {
			type nat hook postrouting priority 200; policy accept;
			ip daddr $PEER4 snat to 192.0.2.200
		}
	}
END
expect_source 192.0.2.200 pod tcp "$PEER4"
expect_counter cidr 2

note 'masquerade in an inet table, IPv6 too'
on node nft flush ruleset
on node nft -f - <<-END
	table inet rival {
		chain postrouting {
			type nat hook postrouting priority srcnat; policy accept;
			oifname eth0 masquerade
		}
	}
END
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_source "$NODE4" pod tcp "$PEER4"
expect_counter cidr 2
on node nft flush ruleset
expect_source "$POD6" pod tcp "$INTERNET6"
expect_source "$POD4" pod tcp "$PEER4"
