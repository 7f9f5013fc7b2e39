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

note 'before there is a policy'
# Something else wants connections to be tracked; nothing translates.
echo 'table inet other { chain each { type filter hook forward priority 0; ct state new counter; }; }' |
	on node nft -f -
expect_source "$POD4" pod udp "$INTERNET4" source-port 4000
configure '' --enable-ipv6
expect_equal 'untranslated 4000 false' \
	"$(conns '.connections[] | "\(.stale) \(.source_port) \(.unsure)"' --stale)" \
	'a connection that began before there was NAT is not as the policy has it'
expect_equal 1 "$(conns .dropped --stale --drop)" 'and can be dropped'
expect_source "$NODE4" pod udp "$INTERNET4" source-port 4000
on node nft delete table inet other
on node conntrack -F >/dev/null 2>&1

note 'ages'
expect_source "$NODE4" pod udp "$INTERNET4"
expect_match '*AGE*-*ages are not known: "sysctl net.netfilter.nf_conntrack_timestamp=1"*' \
	"$(on node ipmasqctl conns 2>&1)" 'where the kernel does not note them, it is said how it would'
on node conntrack -F >/dev/null 2>&1
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
# What goes to many arrives here and leaves no more.
for group in 224.0.0.1 255.255.255.255; do
	echo many | on peer socat -u - "UDP4-DATAGRAM:$group:9999,broadcast,so-bindtodevice=eth0"
	expect_soon "a packet to $group is tracked" \
		sh -c "inside node conntrack -L -d $group 2>/dev/null | grep -q $PEER4"
done
expect_equal '[]' "$(conns .connections --stale)" 'multicast and broadcast neither'
expect_source "$NODE4" node udp "$INTERNET4" source-port 5002

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
expect_match "*NOW*udp *$POD4:5001 *$PEER4:7000 *- *s  $NODE4" \
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

note 'what others translate'
on node conntrack -F >/dev/null 2>&1
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]' --enable-ipv6
add_services "$PEER4"
expect_source "$POD4" pod udp 10.96.0.10 port 80
expect_source "$NODE4" pod udp 10.96.0.11 port 80
expect_equal '[]' "$(conns .connections --stale)" \
	'neither a service nor one that kube-proxy would masquerade is stale'
on node nft delete table ip services

note 'pools and source ports'
on node conntrack -F >/dev/null 2>&1
ip -n node -batch - <<-END
	addr add 192.0.2.21/32 dev eth0
	addr add 192.0.2.22/32 dev eth0
	addr add 192.0.2.23/32 dev eth0
END
configure 'snatAddresses: [192.0.2.21-192.0.2.22]' --enable-ipv6
first=$(source_seen pod udp "$INTERNET4" source-port 5003)
expect_match '192.0.2.2[12]' "$first" "an address of the pool: $first"
expect_equal '[]' "$(conns .connections --stale)" 'which is right'
case $first in
*1) pool='[192.0.2.23, 192.0.2.21]' other='[192.0.2.22-192.0.2.23]' ;;
*2) pool='[192.0.2.22, 192.0.2.23]' other='[192.0.2.21, 192.0.2.23]' ;;
esac
configure "snatAddresses: $pool" --enable-ipv6
expect_equal '[]' "$(conns .connections --stale)" \
	'and stays right in another pool that has it, whichever would be chosen now'
configure "snatAddresses: $other" --enable-ipv6
expect_equal "address 5003 snat" "$(conns '.connections[] | "\(.stale) \(.source_port) \(.verdict_now)"' --stale)" \
	'but not in one without it'
configure '' --enable-ipv6
expect_equal "address $NODE4 true" \
	"$(conns '.connections[] | "\(.stale) \(.address_now) \(.unsure)"' --stale --unsure)" \
	"where the interface's own is used it may be one that masquerading chose"
expect_equal '[]' "$(conns .connections --stale)" 'and is listed with another word only'
on node conntrack -F >/dev/null 2>&1
seen=$(on pod flow connect udp "$INTERNET4" source-port 5004)
configure 'toPorts: 100-200' --enable-ipv6
expect_equal "port ${seen#* }" "$(conns '.connections[] | "\(.stale) \(.translated_port)"' --stale)" \
	'a source port outside the ranges'
expect_match "*udp *$POD4:5004 *s  other port" "$(on node ipmasqctl conns --stale)" 'as text'
configure "toPorts: '${seen#* }'" --enable-ipv6
expect_equal '[]' "$(conns .connections --stale)" 'but not within'

note 'wide addresses'
LONG6=2001:db8:7777:7777:7777:7777:7777:7777
ip -n internet6 addr add $LONG6/128 dev eth0
expect_source "$NODE6" pod udp $LONG6
expect_equal 0 "$(on node env COLUMNS=80 ipmasqctl conns | awk 'length > 80' | wc -l)" 'no line is longer than 80 columns'
expect_match "*
udp    \[$POD6]:*
         to \[$LONG6]:7000
         seen as \[$NODE6]:*, age *s*" "$(on node env COLUMNS=80 ipmasqctl conns)" 'IPv6 in lines of its own where one is too short'

note 'source ports'
on node conntrack -F >/dev/null 2>&1
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
unload_module
expect_success 'the connections are still listed' on node ipmasqctl conns
expect_failure 1 '*not loaded*' 'judging them needs it' on node ipmasqctl conns --stale
