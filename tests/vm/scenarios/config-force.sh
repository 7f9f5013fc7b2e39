#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# masqueradeCIDRs: the most specific prefix decides, whatever list it stands on. The
# same prefix on both lists is refused with both lines, and the policy stays.
#
#	pod ------- node ------- fabric ---+-- peer       10.0.0.20, fd00:10::20
#	10.244.1.2  192.0.2.10             +-- peer2      10.0.0.30, fd00:10::30
#	                                   +-- internet4  203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

build_topology
far_side peer2 10.0.0.30 fd00:10::30

# decided VERDICT PROTOCOL DESTINATION: of a connection of the pod's, by its far side
# and by explain
decided() {
	local pod=$POD4 node=$NODE4
	case $3 in
	*:*) pod=$POD6 node=$NODE6 ;;
	esac
	case $1 in
	masquerade) expect_source "$node" pod "$2" "$3" ;;
	*) expect_source "$pod" pod "$2" "$3" ;;
	esac
	expect_verdict "$1" "$pod" "$3"
}

note 'a longer prefix is forced, and a longer one in it left alone'
write_config 'enableIPv6: true
nonMasqueradeCIDRs: [10.0.0.0/8, 10.0.0.30/32, "fd00::/8"]
masqueradeCIDRs: [10.0.0.0/24, "fd00:10::20/128"]'
start_daemon
decided masquerade tcp "$PEER4"
decided masquerade udp "$PEER4"
decided cidr tcp 10.0.0.30
decided masquerade icmp "$INTERNET4"
decided masquerade tcp "$PEER6"
decided cidr udp fd00:10::30
expect_counter masquerade 3
expect_counter cidr 1
expect_counter masquerade 1 ipv6
expect_counter cidr 1 ipv6
expect_match '*"cidr": "10.0.0.0/24"*"action": "masquerade"*' \
	"$(on node ipmasqctl explain -j "$POD4" "$PEER4" | tr -d '\n' | tr -s ' ')" \
	'explain names the prefix'

note 'everything is left alone but one host'
write_config 'nonMasqueradeCIDRs: [0.0.0.0/0]
masqueradeCIDRs: [203.0.113.7/32]'
expect_entries '0.0.0.0/0 skip
169.254.0.0/16 skip
203.0.113.7/32 masquerade' 'a change comes in'
decided masquerade tcp "$INTERNET4"
decided cidr tcp "$PEER4"
decided cidr tcp "$METADATA4"

note 'a prefix on both lists'
before=$(generation)
write_config 'nonMasqueradeCIDRs:
- 192.168.0.0/16
- 10.0.0.0/8
masqueradeCIDRs: [10.0.0.0/8]'
expect_logged ':4:19: error: "10.0.0.0/8" in masqueradeCIDRs is also in nonMasqueradeCIDRs on line 3' \
	'is an error that names both lines'
expect_equal "$before" "$(generation)" 'and changes nothing'
decided masquerade tcp "$INTERNET4"

mkdir /tmp/scenario/files
echo 'nonMasqueradeCIDRs: [10.0.0.0/8]' >/tmp/scenario/files/ip-masq-a
echo 'masqueradeCIDRs: [10.0.0.0/8]' >/tmp/scenario/files/ip-masq-b
expect_failure 1 '*/ip-masq-b:1:*is also in nonMasqueradeCIDRs at */ip-masq-a:1;*' \
	'of two files it names both' \
	ipmasqctl check --config-dir /tmp/scenario/files

note 'the default list, which nobody wrote, gives way'
write_config 'masqueradeCIDRs: [10.0.0.0/8, 169.254.0.0/16]'
expect_entries '10.0.0.0/8 masquerade
169.254.0.0/16 masquerade
172.16.0.0/12 skip
192.168.0.0/16 skip' 'one of its prefixes is forced'
decided masquerade tcp "$PEER4"
decided masquerade tcp "$METADATA4"
