#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A destination that is the node itself is never masqueraded, whatever the
# table says.
#
#	pod ------------- node ------- fabric
#	10.244.1.2        192.0.2.10, 2001:db8:2::10 on eth0
#	                  10.244.1.1, fd00:10:244:1::1 on pod0
#	                  198.51.100.1 on dummy0

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
ip -n node link add dummy0 up type dummy
ip -n node addr add 198.51.100.1/32 dev dummy0
on node flow serve
configure 'nonMasqueradeCIDRs: []' --enable-ipv6

# From a pod it is not even forwarded.
for address in "$NODE4" 10.244.1.1 198.51.100.1; do
	expect_source "$POD4" pod tcp "$address"
	expect_verdict local "$POD4" "$address"
done
expect_source "$POD6" pod udp "$NODE6"
expect_verdict local "$POD6" "$NODE6"
expect_counter local 0
expect_counter masquerade 0

# The node talks to itself through lo, which POSTROUTING does see.
expect_source 127.0.0.1 node tcp 127.0.0.1
expect_source 127.0.0.1 node udp 127.0.0.5 from 127.0.0.1
expect_source 198.51.100.1 node tcp "$NODE4" from 198.51.100.1
expect_source 10.244.1.1 node icmp 198.51.100.1 from 10.244.1.1
expect_counter local 4
expect_source ::1 node tcp ::1
expect_source fd00:10:244:1::1 node tcp "$NODE6" from fd00:10:244:1::1
expect_counter local 2 ipv6
expect_counter masquerade 0
expect_counter masquerade 0 ipv6

# A prefix that is on the list says so first.
configure 'nonMasqueradeCIDRs: [127.0.0.0/8]'
expect_source 127.0.0.1 node tcp 127.0.0.1
expect_counter cidr 1
expect_counter local 4
# And one that is forced does not beat it.
on node ipmasqctl add 192.0.2.10/32 masquerade
expect_source 198.51.100.1 node tcp "$NODE4" from 198.51.100.1
expect_counter local 5
