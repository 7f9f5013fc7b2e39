#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The masqueraded connections and the source ports they hold, as ipmasqctl shows
# them, against what the far side saw. A connection that began under another
# policy goes on as it was, is listed as stale, and is decided anew once it was
# dropped. When all ports towards a destination are held, ports shows it.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# conns FILTER WORD...: of the JSON
conns() {
	local filter=$1
	shift
	on node ipmasqctl conns -j "$@" | jq -rc "$filter"
}

build_topology
configure '' --enable-ipv6
on node sh -c 'cd /proc/sys/net/netfilter && echo 1 >nf_conntrack_timestamp &&
	echo 600 | tee nf_conntrack_udp_timeout nf_conntrack_icmp_timeout >/dev/null'

note 'what is there'
expect_equal '[]' "$(conns .connections)" 'no connection yet'
expect_equal '' "$(on node ipmasqctl conns)" 'and nothing in text'
seen=$(on pod flow connect udp "$INTERNET4" source-port 5000)
seen6=$(on pod flow connect tcp "$INTERNET6" source-port 5006)
expect_source "$POD4" pod udp "$PEER4" source-port 5001
expect_source "$NODE4" pod icmp "$INTERNET4"
expect_equal "udp $POD4 5000 $INTERNET4 7000 ${seen% *} ${seen#* }" \
	"$(conns '.connections[] | "\(.protocol) \(.source) \(.source_port) \(.destination) \(.destination_port) \(.translated_address) \(.translated_port)"' to "$INTERNET4" | grep ^udp)" \
	'a connection as the far side saw it'
expect_equal "$NODE6 ${seen6#* }" \
	"$(conns '.connections[] | "\(.translated_address) \(.translated_port)"' to ::/0)" \
	'an IPv6 one too'
expect_equal 3 "$(conns '.connections | length')" 'what was not masqueraded is not listed'
expect_equal 0 "$(conns '.connections | length' from 10.1.0.0/16)" 'from narrows it'
expect_match "udp *$POD4:5000 *$INTERNET4:7000 *$NODE4:${seen#* } *s" \
	"$(on node ipmasqctl conns to "$INTERNET4" | grep ^udp)" 'with its age, as text'
expect_match "*tcp *$POD6]:5006*" "$(on node ipmasqctl conns)" 'IPv6 addresses have brackets'

note 'nothing is stale while the policy stands'
expect_equal '[]' "$(conns .connections --stale)" 'nothing is listed'

note 'the policy changes, the connections go on'
configure "nonMasqueradeCIDRs: [$INTERNET4/32]" --enable-ipv6
expect_equal "$seen" "$(on pod flow connect udp "$INTERNET4" source-port 5000)" \
	'a masqueraded one'
expect_source "$POD4" pod udp "$PEER4" source-port 5001
expect_equal '["udp 5001 masquerade false","icmp 0 cidr true","udp 5000 cidr true"]' \
	"$(conns '[.connections[] | "\(.protocol) \(.source_port) \(.verdict_now) \(.translated)"]' --stale)" \
	'both are stale, with what they would be now'
expect_equal "$NODE4" "$(conns '.connections[0].address_now' --stale to "$PEER4")" \
	'and the address they would get'
expect_match "*udp *$POD4:5001 *$PEER4:7000 *- *s  masquerade $NODE4" \
	"$(on node ipmasqctl conns --stale to "$PEER4")" 'as text'

note 'dropping'
expect_failure 2 '*which connections*' 'not everything by accident' \
	on node ipmasqctl conns --drop
expect_match "*$POD4:5001*1 dropped" "$(on node ipmasqctl conns --stale --drop to "$PEER4")" \
	'those that are shown'
expect_source "$NODE4" pod udp "$PEER4" source-port 5001
expect_equal "$seen" "$(on pod flow connect udp "$INTERNET4" source-port 5000)" \
	'the other one has not noticed'
expect_equal '2 0' "$(conns '"\(.dropped) \(.left)"' --stale --drop)" \
	'and the rest, ICMP too'
expect_source "$POD4" pod udp "$INTERNET4" source-port 5000
expect_equal '[]' "$(conns .connections --stale)" 'nothing is stale any more'

note 'source ports'
configure '' --enable-ipv6
on node ipmasqctl set to-ports 40000-40009
expect_equal 8 "$(on pod flow connect udp "$INTERNET4" source-port 6000 successive count 8 each |
	grep -c "^$NODE4")" 'eight of ten'
expect_equal "udp $INTERNET4 7000 $NODE4 8 10 $POD4" "$(on node ipmasqctl ports -j "$INTERNET4" | jq -r '
	.destinations[0] | "\(.protocol) \(.destination) \(.destination_port) \(.source_address) \(.held) \(.available) \(.pods[0].address)"')" \
	'are held'
on pod flow connect udp "$INTERNET4" source-port 6100 successive count 4 timeout 300 >/dev/null || :
expect_match "*udp *$INTERNET4:7000 *$NODE4 *10 *10 *100.0%*" \
	"$(on node ipmasqctl ports | sed -n 2p)" 'all of them, and it is the first line'
expect_match "*$POD4 *10" "$(on node ipmasqctl ports "$INTERNET4" pods)" 'by pod'
expect_counter failed 2
on node ipmasqctl set to-ports 40000-40009,40005-40014
expect_equal 15 "$(on node ipmasqctl ports -j | jq '.destinations[0].available')" \
	'a port that is in two ranges is one port'

note 'without the module'
rmmod ipmasq
expect_success 'the connections are still listed' on node ipmasqctl conns
expect_failure 1 '*not loaded*' 'judging them needs it' on node ipmasqctl conns --stale
