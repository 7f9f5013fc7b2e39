#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a configuration file would change, said before it is done: entries,
# settings, and how many of the present connections it is about. Then it is done.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

FILE=/tmp/scenario/wanted

# diff FILTER: of the JSON
diff() {
	on node ipmasqctl diff -j $FILE | jq -rc "$1"
}

build_topology
on node flow serve
on node sh -c 'echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout'
echo 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]' >$FILE

note 'against no policy'
expect_match '+ set enabled on*+ 10.0.0.0/8 skip*0 of 0 connections*' \
	"$(on node ipmasqctl diff $FILE)" 'everything would come'
expect_equal 0 "$(generation)" 'and nothing was changed'

note 'against another file'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, 192.168.0.0/16]'
on node ipmasqctl add 10.9.0.0/16 skip
expect_source "$POD4" pod udp "$PEER4"
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$POD4" pod udp 10.244.1.1
expect_equal '+ 192.0.2.128/25 skip
- 192.168.0.0/16 skip
+ 203.0.113.0/24 skip (1 connection)
1 of 3 connections would have been decided differently' \
	"$(echo 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24, 192.0.2.128/25]' >$FILE
	on node ipmasqctl diff $FILE)" 'entry by entry'
expect_equal '[["192.0.2.128/25",null,"skip"],["192.168.0.0/16","skip",null],["203.0.113.0/24",null,"skip"]]' \
	"$(diff '[.entries[] | [.cidr, .present, .wanted]]')" 'as JSON too'
echo 'nonMasqueradeCIDRs: []' >$FILE
expect_equal 1 "$(diff .decided_differently)" 'a connection to the node itself is not counted'
echo 'nonMasqueradeCIDRs: [0.0.0.0/0]
masqueradeCIDRs: [10.0.0.0/8]' >$FILE
expect_match '*- 10.0.0.0/8 skip
+ 10.0.0.0/8 masquerade*2 of 3 *' "$(on node ipmasqctl diff $FILE)" 'an entry that changes'
on node ipmasqctl add 10.0.0.0/8 skip
expect_equal 1 "$(diff .decided_differently)" 'a static entry still decides'
on node ipmasqctl del 10.0.0.0/8
echo 'nonMasqueradeCIDRs: [10.0.0.0/8, 192.168.0.0/16]
enableIPv6: true' >$FILE
expect_match '- set enable-ipv6 off
+ set enable-ipv6 on
+ fe80::/10 skip
0 of 3 *' "$(on node ipmasqctl diff $FILE)" 'a setting'
expect_match '- set enable-ipv6 off
+ set enable-ipv6 on
- set to-ports any
+ set to-ports 1-1000
+ fe80::/10 skip
1 of 3 *' "$(on node ipmasqctl diff $FILE --to-ports 1-1000)" 'from a flag too'

note 'and now in earnest'
before=$(generation)
echo 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]' >$FILE
expect_match '- 192.168.0.0/16 skip
+ 203.0.113.0/24 skip (1 connection)
1 of 3 *' "$(on node ipmasqctl apply $FILE)" 'apply says the same'
expect_equal $((before + 1)) "$(generation)" 'in one step'
expect_source "$POD4" pod tcp "$INTERNET4"
expect_equal '10.9.0.0/16 skip' "$(on node ipmasqctl list origin static plain)" \
	'static entries stay'
expect_equal 1 "$(on node ipmasqctl conns -j --stale | jq '.connections | length')" \
	'what diff had counted is stale now'
expect_equal 'no difference' "$(on node ipmasqctl diff $FILE)" 'there is no difference any more'
expect_equal 'no difference' "$(on node ipmasqctl apply $FILE)" 'and nothing to apply'
expect_equal $((before + 1)) "$(generation)" 'nor was anything'
echo 'nonMasqueradeCIDRs: [10.0.0.1/8]' >$FILE
expect_failure 1 "*$FILE:1:*" 'a bad file is refused' on node ipmasqctl apply $FILE
expect_equal $((before + 1)) "$(generation)" 'and changes nothing'
