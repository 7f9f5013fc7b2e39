#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No configuration file: the reference agent's defaults.
#
#	                                     +-- private    10.0.0.20, 10.255.255.254,
#	                                     |              172.16.0.1, 172.31.255.254,
#	                                     |              192.168.0.1, 192.168.255.254
#	pod ------- node ------- fabric -----+-- metadata   169.254.169.254
#	10.244.1.2  192.0.2.10               +-- outside    one beside each of these
#	                                     +-- internet4  203.0.113.7
#
# The private ranges and link-local keep the pod's address, up to their very
# edges; anything else arrives from the node's.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

PRIVATE='10.0.0.1 10.255.255.254 172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.254
	169.254.0.1 169.254.255.254'
OUTSIDE='9.255.255.254 11.0.0.1 172.15.255.254 172.32.0.1 192.167.255.254 192.169.0.1
	169.253.255.254 169.255.0.1'

build_topology
# shellcheck disable=SC2086 # lists of addresses
{
	far_side private $PRIVATE
	far_side outside $OUTSIDE
}
configure ''

for protocol in tcp udp icmp sctp; do
	expect_source "$POD4" pod "$protocol" "$PEER4"
	expect_source "$POD4" pod "$protocol" "$METADATA4"
	expect_source "$NODE4" pod "$protocol" "$INTERNET4"
done
expect_counter cidr 8
expect_counter masquerade 4

for address in $PRIVATE; do
	expect_source "$POD4" pod tcp "$address"
	expect_verdict cidr "$POD4" "$address"
done
for address in $OUTSIDE; do
	expect_source "$NODE4" pod tcp "$address"
	expect_verdict masquerade "$POD4" "$address"
done
expect_counter cidr 16
expect_counter masquerade 12
expect_counter failed 0

# A connection is decided once: more packets of it count nothing.
expect_match "intact 1 $NODE4 *" "$(on pod flow transfer "$INTERNET4" megabytes 1)" \
	'a long connection is whole'
expect_counter masquerade 13

# IPv6 is not touched, not even watched.
if has_ipv6; then
	expect_source "$POD6" pod tcp "$INTERNET6"
fi
expect_equal '0 0' "$(counter cidr ipv6) $(counter masquerade ipv6)" 'IPv6 is not counted'

# What the node itself sends is decided like a pod's.
expect_source "$NODE4" node tcp "$INTERNET4"
expect_counter masquerade 14
