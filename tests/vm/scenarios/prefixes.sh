#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The longest prefix decides: a shorter one is only heard where there is none
# longer.
#
#	pod ------- node ------- fabric ---+-- world   203.0.113.1 .. .9, 8.8.8.8,
#	                                   |           2001:db8:7::1 .. ::9
#	                                   +-- ...

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

masqueraded4=0 masqueraded6=0 skipped4=0 skipped6=0

# arrives FROM ADDRESS...: each of them sees that, and each is counted
arrives() {
	local wanted=$1
	shift
	for address in "$@"; do
		case $address,$wanted in
		*:*,node)
			expect_source "$NODE6" pod tcp "$address"
			masqueraded6=$((masqueraded6 + 1))
			;;
		*:*,pod)
			expect_source "$POD6" pod tcp "$address"
			skipped6=$((skipped6 + 1))
			;;
		*,node)
			expect_source "$NODE4" pod tcp "$address"
			masqueraded4=$((masqueraded4 + 1))
			;;
		*,pod)
			expect_source "$POD4" pod tcp "$address"
			skipped4=$((skipped4 + 1))
			;;
		*) return 1 ;;
		esac
	done
	expect_equal "$masqueraded4 $skipped4, $masqueraded6 $skipped6" \
		"$(counter masquerade) $(counter cidr), $(counter masquerade ipv6) $(counter cidr ipv6)" \
		'as many are counted as masquerade and as cidr'
}

table() {
	on node ipmasqctl replace -f -
}

build_topology
far_side world 203.0.113.1 203.0.113.2 203.0.113.3 203.0.113.4 203.0.113.127 203.0.113.128 \
	8.8.8.8 2001:db8:7::1 2001:db8:7::2 2001:db8:7:8000::1
on node ipmasqctl set enable-ipv6 on

note 'an empty table masquerades everything'
arrives node 203.0.113.1 "$PEER4" 2001:db8:7::1

note '/0 holds everything'
table <<-END
	0.0.0.0/0 skip
	::/0 skip
END
arrives pod 203.0.113.1 8.8.8.8 "$PEER4" 2001:db8:7::1 "$PEER6"

note 'a longer prefix beats a shorter one, both ways, each inside the last'
table <<-END
	0.0.0.0/0 skip
	203.0.113.0/24 masquerade
	203.0.113.0/25 skip
	203.0.113.2/31 masquerade
	203.0.113.3/32 skip
	::/0 skip
	2001:db8:7::/48 masquerade
	2001:db8:7::/49 skip
	2001:db8:7::2/128 masquerade
END
arrives pod 8.8.8.8 203.0.113.1 203.0.113.3 203.0.113.4 203.0.113.127
arrives node 203.0.113.2 203.0.113.128
arrives pod "$PEER6" 2001:db8:7::1
arrives node 2001:db8:7::2 2001:db8:7:8000::1
expect_equal '203.0.113.2/31' \
	"$(on node ipmasqctl explain -j "$POD4" 203.0.113.2 | jq -r .entry.cidr)" \
	'explain names the prefix that decides'

note 'without the inner one the outer one is back'
on node ipmasqctl del 203.0.113.3/32
arrives node 203.0.113.3
on node ipmasqctl del 203.0.113.2/31
arrives pod 203.0.113.2 203.0.113.3
on node ipmasqctl del 203.0.113.0/25
arrives node 203.0.113.1 203.0.113.2
on node ipmasqctl del 203.0.113.0/24
arrives pod 203.0.113.1
on node ipmasqctl del 0.0.0.0/0
arrives node 203.0.113.1 8.8.8.8
on node ipmasqctl del 2001:db8:7::2/128
arrives pod 2001:db8:7::2
on node ipmasqctl del 2001:db8:7::/49 2001:db8:7::/48
arrives pod 2001:db8:7:8000::1

note 'neighbours do not reach into each other'
table <<-END
	203.0.113.0/31 skip
	203.0.113.2/31 masquerade
	203.0.113.4/30 skip
	203.0.113.0/25 masquerade
	203.0.113.128/25 skip
END
arrives pod 203.0.113.1 203.0.113.4 203.0.113.128
arrives node 203.0.113.2 203.0.113.3 203.0.113.127

note 'each entry counts the connections that it decided'
expect_equal '1 2 1 1 1' "$(on node ipmasqctl list -j | jq -r '[.entries[] |
	{ "203.0.113.0/31": 1, "203.0.113.2/31": 2, "203.0.113.4/30": 3,
	  "203.0.113.0/25": 4, "203.0.113.128/25": 5 }[.cidr] as $place |
	[$place, .connections]] | sort | map(.[1]) | join(" ")')" \
	'list shows who decided how many'
expect_counter failed 0
