#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The commands of ipmasqctl and the answers to a masqueraded connection on a node whose kernel
# was booted without IPv6: what ctl-commands and answers say of IPv4 holds. What is refused
# there is in no-ipv6.
#
# kernel: ipv6.disable=1

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ctl() {
	on node ipmasqctl "$@"
}

field() {
	filter=$1
	shift
	ctl -j "$@" | jq -rc "$filter"
}

build_topology

note 'settings and entries'
expect_match 'no policy in this network namespace*' "$(ctl show)" 'show without a policy'
expect_success 'set' ctl set enabled on random-fully off to-ports 1024-2000,3000
expect_equal '{"enable_ipv6":false,"enabled":true,"to_ports":2}' \
	"$(field '{enable_ipv6,enabled,to_ports:(.to_ports | length)}' show)" 'show has it'
expect_success 'to-ports any, random-fully on' ctl set to-ports any random-fully on
expect_success 'add' ctl add 10.0.0.0/8 192.168.0.0/16 fd00::/8
expect_failure 1 '*10.0.0.0/8 is there already*' 'what is there is refused' ctl add 10.0.0.0/8
expect_success 'an entry of either family can be deleted' ctl del 192.168.0.0/16 fd00::/8
expect_equal '10.0.0.0/8 skip' "$(ctl list plain)" 'list'
expect_verdict masquerade "$POD4" "$INTERNET4"
expect_verdict cidr "$POD4" "$PEER4"
expect_verdict local "$POD4" "$NODE4"
printf '10.0.0.0/8\nfd00::/8\n172.16.0.0/12\n' >/tmp/scenario/entries
expect_success 'replace from a file' ctl replace -f /tmp/scenario/entries
expect_equal '10.0.0.0/8 skip;172.16.0.0/12 skip;fd00::/8 skip;' \
	"$(ctl list plain | tr '\n' ';')" 'list has both families'
expect_success 'save' sh -c 'ip netns exec node ipmasqctl save >/tmp/scenario/saved'
expect_success 'flush policy' ctl flush policy
expect_success 'restore' ctl restore -f /tmp/scenario/saved
expect_equal '10.0.0.0/8 skip;172.16.0.0/12 skip;fd00::/8 skip;' \
	"$(ctl list plain | tr '\n' ';')" 'brings both families back'

note 'answers'
expect_decided4
expect_match "intact 4 $NODE4 *" "$(on pod flow transfer "$INTERNET4" megabytes 4)" \
	'4 MiB go there and back unharmed'
expect_equal refused "$(source_seen pod udp "$INTERNET4" port 9)" 'port unreachable'
expect_equal refused "$(source_seen pod tcp "$INTERNET4" port 9)" 'refused (TCP)'
expect_counter failed 0
expect_success 'connections are listed' ctl conns
expect_success 'so are ports' ctl ports
