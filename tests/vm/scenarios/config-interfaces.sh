#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# outputInterfaces: only what leaves through certain interfaces is masqueraded. Names
# are patterns, and an interface that comes or is renamed later is followed without a
# change of the policy.
#
#	pod ------- node eth0 ------- fabric ---+-- internet4, internet6, peer
#	10.244.1.2       wan0 ------- office      198.51.100.7, 2001:db8:9::7
#	                 wan1 ------- branch      198.51.101.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

OFFICE4=198.51.100.7 OFFICE6=2001:db8:9::7
NODE_OFFICE4=198.51.100.1 NODE_OFFICE6=2001:db8:9::1

# Far sides that the node reaches through interfaces of their own.
add_office() {
	namespace office
	wire node wan0 office eth0
	ip -n node addr add $NODE_OFFICE4/24 dev wan0
	ip -n node addr add $NODE_OFFICE6/64 dev wan0
	ip -n office -batch - <<-END
		addr add $OFFICE4/24 dev eth0
		addr add $OFFICE6/64 dev eth0
		route add 10.244.1.0/24 via $NODE_OFFICE4
		route add fd00:10:244:1::/64 via $NODE_OFFICE6
	END
	on office flow serve
}

# decided VERDICT SOURCE PROTOCOL DESTINATION: of a connection of the pod's, by its
# far side and by explain
decided() {
	local pod=$POD4
	case $4 in
	*:*) pod=$POD6 ;;
	esac
	expect_source "$2" pod "$3" "$4"
	expect_verdict "$1" "$pod" "$4"
}

build_topology
add_office

note 'without a list whatever leaves is masqueraded'
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8]'
start_daemon --enable-ipv6
decided masquerade "$NODE_OFFICE4" tcp $OFFICE4
decided masquerade "$NODE4" tcp "$INTERNET4"
expect_counter masquerade 2
expect_counter interface 0

note 'with a list only what leaves through those'
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/8]
outputInterfaces: ["wan*"]'
before=$(generation)
decided masquerade $NODE_OFFICE4 tcp $OFFICE4
decided masquerade $NODE_OFFICE4 icmp $OFFICE4
decided masquerade $NODE_OFFICE6 udp $OFFICE6
decided interface "$POD4" tcp "$INTERNET4"
decided interface "$POD4" udp "$INTERNET4"
decided interface "$POD6" tcp "$INTERNET6"
expect_counter masquerade 4
expect_counter interface 2
expect_counter masquerade 1 ipv6
expect_counter interface 1 ipv6
# It is looked at before the destination's prefix.
decided interface "$POD4" tcp "$PEER4"
expect_counter interface 3
expect_verdict masquerade "$POD4" "$INTERNET4" dev wan0
expect_verdict interface "$POD4" $OFFICE4 dev eth0

note 'an interface is renamed'
ip -n node link set wan0 down
ip -n node link set wan0 name lan0
ip -n node link set lan0 up
ip -n node addr replace $NODE_OFFICE6/64 dev lan0
decided interface "$POD4" tcp $OFFICE4
ip -n node link set lan0 down
ip -n node link set lan0 name wan7
ip -n node link set wan7 up
ip -n node addr replace $NODE_OFFICE6/64 dev wan7
decided masquerade $NODE_OFFICE4 tcp $OFFICE4
decided masquerade $NODE_OFFICE6 tcp $OFFICE6

note 'an interface comes'
namespace branch
wire node wan1 branch eth0
ip -n node addr add 198.51.101.1/24 dev wan1
ip -n branch addr add 198.51.101.7/24 dev eth0
ip -n branch route add 10.244.1.0/24 via 198.51.101.1
on branch flow serve
decided masquerade 198.51.101.1 tcp 198.51.101.7
ip -n node link del wan1
expect_equal "$before" "$(generation)" 'the policy is the same through all of it'

note 'several patterns, asterisks anywhere'
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/8]
outputInterfaces: ["*7", "e*0"]'
decided masquerade $NODE_OFFICE4 tcp $OFFICE4
decided masquerade "$NODE4" tcp "$INTERNET4"
decided cidr "$POD4" tcp "$PEER4"
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/8]
outputInterfaces: ["eth", "?an7", "*eth"]'
decided interface "$POD4" tcp $OFFICE4
decided interface "$POD4" tcp "$INTERNET4"
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/8]
outputInterfaces: ["*"]'
decided masquerade "$NODE4" tcp "$INTERNET4"

note 'a list that is wrong'
before=$(generation)
write_config 'outputInterfaces: [eth0, "a name", 7, sixteencharacter]'
expect_logged 'invalid interface "a name"' 'is refused'
expect_logged 'not the number 7' 'with all that is wrong'
expect_logged 'invalid interface "sixteencharacter": longer than 15' 'in it'
expect_equal "$before" "$(generation)" 'and the policy stays'
