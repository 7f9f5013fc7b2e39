#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A connection is stale where the policy would decide otherwise, and not where its route is
# another than that of a packet without a mark: what has the address of another uplink is as
# the policy has it. What cannot be known is dropped with a word of its own only.
#
#	pod ------- node === eth0, eth1 === internet4, internet6
#	10.244.1.2  192.0.2.10, 192.0.3.10

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh
# shellcheck source=tests/vm/guest/conversation.sh
. /guest/conversation.sh

BASE='nonMasqueradeCIDRs: [10.0.0.0/8]'

# stale [WORD...]: how many
stale() {
	on node ipmasqctl conns --stale "$@" -j | jq '.connections | length'
}

# unsure: how many more may be
unsure() {
	on node ipmasqctl conns --stale -j | jq .unsure
}

forget() {
	on node conntrack -F >/dev/null 2>&1
}

build_topology
second_uplink
on node sh -c 'echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout'
configure "$BASE" --enable-ipv6

note 'two uplinks, chosen by the ports'
on node sh -c 'echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy'
ip -n node route replace default nexthop dev eth0 nexthop via 192.0.3.1 dev eth1
on pod flow connect udp "$INTERNET4" count 40 >/tmp/scenario/seen
expect_success 'both are used' sh -c \
	"inside node conntrack -L -q $NODE4 2>/dev/null | grep -q . && inside node conntrack -L -q $SECOND4 2>/dev/null | grep -q ."
expect_equal '0 0' "$(stale) $(unsure)" 'none is stale, and none is unsure'
# The module looks up a route without ports, and so finds one of the two.
case $(on node ipmasqctl explain -j "$POD4" "$INTERNET4" proto udp | jq -r .interface) in
eth0) found=eth0 other=eth1 address=$SECOND4 ;;
*) found=eth1 other=eth0 address=$NODE4 ;;
esac
configure "$BASE
outputInterfaces: [$other]" --enable-ipv6
expect_equal 0 "$(on node ipmasqctl conns --stale --unsure -j |
	jq "[.connections[] | select(.translated_address == \"$address\")] | length")" \
	'nor is one that left by an interface of the list'
forget
configure "$BASE
outputInterfaces: [$found]" --enable-ipv6
on pod flow connect udp "$INTERNET4" count 40 timeout 500 >/dev/null || :
expect_equal 0 "$(stale)" 'of those that are not masqueraded it cannot be known'
expect_success 'which is said' [ "$(unsure)" -gt 0 ]
expect_match '*may be stale*--unsure*' "$(on node ipmasqctl conns --stale 2>&1)" 'in text too'
expect_equal 0 "$(on node ipmasqctl conns --stale --drop -j | jq .dropped)" 'they are not dropped'
expect_match '*NOW*(unsure)*' "$(on node ipmasqctl conns --unsure)" 'with another word they are listed'
expect_success 'and dropped' [ "$(on node ipmasqctl conns --stale --unsure --drop -j | jq .dropped)" -gt 0 ]
forget
ip -n node route replace default dev eth0
configure "$BASE" --enable-ipv6

note 'a mark, as the Amazon VPC CNI plugin sets for its second interface'
ip -n node route add default via 192.0.3.1 dev eth1 table 100
ip -n node rule add fwmark 0x80/0x80 pref 100 lookup 100
on node nft -f - <<-END
	table ip marks {
		chain prerouting {
			type filter hook prerouting priority mangle;
			iifname pod0 meta mark set 0x80
		}
	}
END
converse marked tcp "$INTERNET4" 3000
exec 4>/tmp/scenario/marked.in
expect_equal "$SECOND4" "$(ask marked 4)" 'a connection by the second uplink'
expect_equal '0 0' "$(stale) $(unsure)" 'is not stale'
expect_equal 0 "$(on node ipmasqctl conns --stale --drop -j | jq .dropped)" 'nor dropped'
expect_equal "$SECOND4" "$(ask marked 4)" 'and goes on'
configure "$BASE
outputInterfaces: [eth1]"
expect_equal '0 0' "$(stale) $(unsure)" 'nor with a list that has the interface'
ip -n node route del default
configure "$BASE"
expect_equal '0 0' "$(stale) $(unsure)" 'nor where packets without the mark have no route'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]'
expect_equal '1 0' "$(stale) $(unsure)" 'but where the policy changes'
ip -n node route add default dev eth0
expect_equal '1 0' "$(stale) $(unsure)" 'with a route too'
expect_equal 1 "$(on node ipmasqctl conns --stale --drop -j | jq .dropped)" 'and it is dropped'
exec 4>&-
forget
configure "$BASE"

note 'a mark by which packets end here, as with TPROXY'
ip -n node route replace local default dev lo table 100
on node sh -c 'echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind'
on pod flow connect udp "$INTERNET4" source-port 7100 timeout 300 >/dev/null || :
expect_success 'it is followed' sh -c \
	"inside node conntrack -L -p udp --orig-port-src 7100 2>/dev/null | grep -q . || inside node conntrack -I -p udp -s $POD4 -d $INTERNET4 --sport 7100 --dport 7000 -t 600"
expect_equal 0 "$(stale)" 'it cannot be known that it leaves'
on node nft delete table ip marks
ip -n node rule del pref 100
ip -n node route flush table 100
forget

note 'a rule for an input interface'
ip -n node route add default via 192.0.3.1 dev eth1 table 100
ip -n node rule add iif pod0 pref 100 lookup 100
expect_equal "$SECOND4" "$(source_seen pod udp "$INTERNET4" source-port 7200)" 'by the second uplink'
expect_equal '0 0' "$(stale) $(unsure)" 'is not stale'
ip -n node rule del pref 100
forget

note 'a deprecated IPv6 address'
configure "$BASE" --enable-ipv6
expect_equal "$NODE6" "$(source_seen pod udp "$INTERNET6" source-port 7400)" 'a connection with an address'
ip -n node addr add 2001:db8:2::99/64 dev eth0 nodad
ip -n node addr change "$NODE6/64" dev eth0 nodad preferred_lft 0
expect_equal 2001:db8:2::99 "$(source_seen pod udp "$INTERNET6" source-port 7401)" 'that new ones do not get'
expect_equal 0 "$(stale)" 'is not stale'
forget

note 'an address that the node does not have: somebody else may have translated'
on node nft -f - <<-END
	table ip other {
		chain after {
			type nat hook postrouting priority srcnat;
			ip daddr $INTERNET4 snat to 192.0.2.77
		}
	}
END
on pod flow connect udp "$INTERNET4" source-port 7500 timeout 300 >/dev/null || :
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]'
expect_equal '0 1' "$(stale) $(unsure)" 'it may be as it was decided'
on node nft delete table ip other
forget

note 'VRF'
configure "$BASE"
if ip -n node link add vrf0 type vrf table 100 2>/dev/null; then
	ip -n node link set vrf0 up
	ip -n node link set pod0 master vrf0
	ip -n node link set eth1 master vrf0
	ip -n node route replace default via 192.0.3.1 dev eth1 table 100
	expect_equal "$SECOND4" "$(source_seen pod udp "$INTERNET4" source-port 7300)" 'by the uplink of the VRF'
	expect_equal '0 0' "$(stale) $(unsure)" 'is not stale'
	ip -n node link del vrf0
else
	skip 'connections in a VRF' 'this kernel has none'
fi
