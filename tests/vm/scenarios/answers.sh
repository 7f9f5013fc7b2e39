#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a masqueraded connection gets back: answers, a large transfer in both
# directions, and ICMP errors of every kind.
#
#	pod ------- node ------- fabric ---- internet4 ------ beyond
#	10.244.1.2  192.0.2.10               203.0.113.7      198.51.100.7
#	fd00:..::2  2001:db8:2::10           2001:db8:7::1    2001:db8:9::7
#	                                     link to beyond: MTU 1280

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
configure '' --enable-ipv6

# internet4 becomes a router to one more network. It knows nothing of pods: what
# would not be masqueraded gets no answer from there.
namespace beyond
wire internet4 link0 beyond eth0
ip -n internet4 -batch - <<-END
	link set link0 mtu 1280
	addr add 198.51.100.1/24 dev link0
	addr add 2001:db8:7::1/64 dev eth0
	addr add 2001:db8:9::1/64 dev link0
	route del 10.244.1.0/24
	route del fd00:10:244:1::/64
END
on internet4 sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
ip -n beyond -batch - <<-END
	link set eth0 mtu 1280
	addr add 198.51.100.7/24 dev eth0
	addr add 2001:db8:9::7/64 dev eth0
	route add default via 198.51.100.1
	route add ::/0 via 2001:db8:9::1
END
ip -n node route add 198.51.100.0/24 via "$INTERNET4" dev eth0 onlink
ip -n node route add 2001:db8:9::/64 via 2001:db8:7::1 dev eth0 onlink
on beyond flow serve

for protocol in tcp udp icmp sctp; do
	expect_source "$NODE4" pod "$protocol" 198.51.100.7
	expect_source "$NODE6" pod "$protocol" 2001:db8:9::7
done
expect_counter masquerade 4
expect_counter masquerade 4 ipv6

note 'one connection, many questions'
expect_equal "$NODE4 $NODE4 $NODE4" \
	"$(printf '\n\n\n' | on pod flow converse tcp 198.51.100.7 | cut -d ' ' -f 1 | tr '\n' ' ' | sed 's/ $//')" \
	'a connection keeps its address'
expect_counter masquerade 5

note 'a large transfer through the narrow link'
expect_match "intact 32 $NODE4 *" "$(on pod flow transfer 198.51.100.7 megabytes 32)" \
	'32 MiB go there and back unharmed'
expect_match "intact 16 $NODE6 *" "$(on pod flow transfer 2001:db8:9::7 megabytes 16)" \
	'16 MiB go there and back unharmed over IPv6'
expect_counter masquerade 6
expect_counter masquerade 5 ipv6

note 'errors find the pod'
expect_equal refused "$(source_seen pod udp 198.51.100.7 port 9)" 'port unreachable (UDP)'
expect_equal refused "$(source_seen pod udp 2001:db8:9::7 port 9)" 'port unreachable (UDP, IPv6)'
expect_equal refused "$(source_seen pod tcp 198.51.100.7 port 9)" 'refused (TCP)'
expect_equal 'host unreachable' "$(source_seen pod udp 198.51.100.7 ttl 2)" \
	'time exceeded on the way'
expect_equal 'host unreachable' "$(source_seen pod udp 2001:db8:9::7 ttl 2)" \
	'time exceeded on the way, IPv6'
ip -n internet4 route add unreachable 198.51.100.66/32
expect_equal 'host unreachable' "$(source_seen pod udp 198.51.100.66)" 'host unreachable'

# The first large datagram meets the narrow link, the answer is an error that
# tells its width, and the pod's kernel remembers.
ip -n pod route flush cache
expect_equal 'too big' "$(source_seen pod udp 198.51.100.7 size 1400)" 'fragmentation needed'
expect_match '*mtu 1280*' "$(ip -n pod route get 198.51.100.7)" 'the pod knows the path MTU'
ip -n pod -6 route flush cache
expect_equal 'too big' "$(source_seen pod udp 2001:db8:9::7 size 1400)" 'packet too big, IPv6'
expect_match '*mtu 1280*' "$(ip -n pod route get 2001:db8:9::7)" \
	'the pod knows the path MTU, IPv6'
expect_source "$NODE4" pod udp 198.51.100.7 size 1200

expect_counter failed 0
expect_counter failed 0 ipv6
expect_counter masquerade 12
expect_counter masquerade 8 ipv6
for family in ipv4 ipv6; do
	expect_counter cidr 0 $family
	expect_counter failed 0 $family
done
