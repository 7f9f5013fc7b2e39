#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node whose administrator switches IPv6 off by sysctl under a policy that masquerades it:
# IPv4 goes on, explain answers, and IPv6 is masqueraded once it is back.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# switch_ipv6 0|1: disable_ipv6 of all the node's interfaces, present and to come
switch_ipv6() {
	on node sh -c "echo $1 | tee /proc/sys/net/ipv6/conf/all/disable_ipv6 \
		/proc/sys/net/ipv6/conf/default/disable_ipv6 >/dev/null"
}

expect_ipv4() {
	for protocol in tcp udp icmp sctp; do
		expect_source "$NODE4" pod "$protocol" "$INTERNET4"
	done
	expect_source "$POD4" pod tcp "$PEER4"
	expect_verdict masquerade "$POD4" "$INTERNET4"
	expect_verdict cidr "$POD4" "$PEER4"
}

explain6() {
	on node ipmasqctl explain "$@"
}

build_topology
configure '' --enable-ipv6
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_verdict masquerade "$POD6" "$INTERNET6"

note 'switched off'
switch_ipv6 1
expect_ipv4
expect_failure 1 '*no route*' 'explain finds no route' explain6 "$POD6" "$INTERNET6"
expect_failure 1 '*no route*' 'nor one that is given an interface' \
	explain6 "$POD6" "$INTERNET6" dev eth0
expect_failure 1 '*no route*' 'nor one to a link-local address' explain6 "$POD6" fe80::1 dev eth0
expect_equal true "$(on node ipmasqctl show -j | jq .enable_ipv6)" 'the policy stays as it is'
expect_success 'and can be changed' on node ipmasqctl add 2001:db8:ff::/48
expect_success 'IPv6 can be switched off in it' on node ipmasqctl set enable-ipv6 off
expect_success 'and on' on node ipmasqctl set enable-ipv6 on
expect_success 'connections are listed' on node ipmasqctl conns
expect_success 'so are ports' on node ipmasqctl ports

note 'switched on again'
switch_ipv6 0
on node sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
# The addresses went with it.
ip -n node -batch - <<-END
	addr replace $NODE6/64 dev eth0
	addr replace ${POD6%::*}::1/64 dev pod0
	route replace ::/0 dev eth0
END
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_verdict masquerade "$POD6" "$INTERNET6"
expect_ipv4
expect_counter failed 0
expect_counter failed 0 ipv6
