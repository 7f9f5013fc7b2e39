#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same prefix from the daemon (config) and by hand (static): static decides,
# list shows both, and either can be replaced without the other. An entry that
# stays keeps its counter.
#
#	pod ------- node ------- fabric ---+-- internet4, internet6
#	                                   +-- peer

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# table: each entry in short, "CIDR ACTION ORIGIN CONNECTIONS [shadowed]"
table() {
	on node ipmasqctl list -j "$@" | jq -r '.entries[] | "\(.cidr) \(.action) \(.origin) " +
		"\(.connections)" + if .shadowed then " shadowed" else "" end'
}

build_topology
on node ipmasqctl set enabled on enable-ipv6 on
on node ipmasqctl replace -f - origin config <<-END
	10.0.0.0/8 skip
	203.0.113.0/24 skip
	2001:db8:7::/64 skip
END

note 'config alone'
expect_source "$POD4" pod tcp "$INTERNET4"
expect_source "$POD6" pod tcp "$INTERNET6"
expect_equal '10.0.0.0/8 skip config 0
203.0.113.0/24 skip config 1
2001:db8:7::/64 skip config 1' "$(table)" 'each decided what it decided'

note 'static beside it'
on node ipmasqctl add 203.0.113.0/24 2001:db8:7::/64 masquerade
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_equal '10.0.0.0/8 skip config 0
203.0.113.0/24 skip config 1 shadowed
203.0.113.0/24 masquerade static 2
2001:db8:7::/64 skip config 1 shadowed
2001:db8:7::/64 masquerade static 1' "$(table)" 'static decides, and both are there'
expect_equal 'static 203.0.113.0/24' "$(on node ipmasqctl explain -j "$POD4" "$INTERNET4" |
	jq -r '"\(.entry.origin) \(.entry.cidr)"')" 'explain names the static one'
expect_equal '10.0.0.0/8 skip config 0
203.0.113.0/24 skip config 1 shadowed
2001:db8:7::/64 skip config 1 shadowed' "$(table origin config)" 'list of one origin'
expect_counter cidr 1
expect_counter cidr 1 ipv6
expect_counter masquerade 2
expect_counter masquerade 1 ipv6

note 'the daemon replaces its entries'
on node ipmasqctl replace -f - origin config <<-END
	10.0.0.0/8 masquerade
	203.0.113.0/24 skip
	203.0.113.0/28 skip
END
expect_equal '10.0.0.0/8 masquerade config 0
203.0.113.0/24 skip config 1 shadowed
203.0.113.0/24 masquerade static 2
203.0.113.0/28 skip config 0
2001:db8:7::/64 masquerade static 1' "$(table)" 'static ones stay, counters of what stays too'
expect_source "$POD4" pod udp "$INTERNET4" port 7000
expect_source "$NODE4" pod tcp "$PEER4"
expect_equal '10.0.0.0/8 masquerade config 1
203.0.113.0/28 skip config 1' "$(table origin config | grep -v shadowed)" \
	'a longer prefix beats a static one that is shorter'

note 'static goes, config is back'
on node ipmasqctl replace -f - origin config <<-END
	203.0.113.0/24 skip
	2001:db8:7::/64 skip
END
on node ipmasqctl del 203.0.113.0/24
expect_source "$POD4" pod tcp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
on node ipmasqctl flush static
expect_source "$POD6" pod tcp "$INTERNET6"
expect_equal '203.0.113.0/24 skip config 2
2001:db8:7::/64 skip config 1' "$(table)" 'one that was away and came back begins at zero'

note 'a change of action is no new entry'
on node ipmasqctl add 203.0.113.0/24 masquerade replace origin config
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_equal '203.0.113.0/24 masquerade config 3' "$(table 203.0.113.0/24)" \
	'it goes on counting'
expect_counter failed 0
