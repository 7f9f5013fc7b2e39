#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A table of a million prefixes: it loads, finds the right one, can be listed in
# part, counts, and is gone with its namespace.
#
#	pod ------- node ------- fabric ---+-- internet4
#	            1,000,000 prefixes     +-- peer
#
# 599,900 are every second address from 16.0.0.1 on; 16 are a /12 at the beginning
# of each /8 from 16.0.0.0 to 31.0.0.0; 400,080 are IPv6, all the /64 from 2001:db9::
# on among them, and four are for the traffic.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

WAIT_SECONDS=60

now() {
	cut -d ' ' -f 1 /proc/uptime
}

elapsed() {
	echo "$1 $(now)" | awk '{ printf "%.1f\n", $2 - $1 }'
}

# But for what the allocator of per-CPU memory keeps for the next one.
memory_is_back() {
	[ "$(kernel_memory)" -le $((memory_before + 16384)) ]
}

# expect_deciders SOURCE: of each line "DESTINATION PREFIX VERDICT". (One jq for all:
# it takes a fifth of a second to start on an emulated processor.)
expect_deciders() {
	cat >/tmp/scenario/destinations
	while read -r destination rest; do
		on node ipmasqctl explain -j "$1" "$destination"
	done </tmp/scenario/destinations |
		jq -r '"\(.entry.cidr) \(.verdict)"' >/tmp/scenario/decided
	exec 4</tmp/scenario/decided
	while read -r destination prefix verdict; do
		read -r seen <&4 || seen=nothing
		expect_equal "$prefix $verdict" "$seen" "$destination is decided by $prefix"
	done </tmp/scenario/destinations
	exec 4<&-
}

build_topology
on node ipmasqctl set enabled on enable-ipv6 on
memory_before=$(kernel_memory)
{
	writer prefixes 16.0.0.0/12 16 16 skip
	writer prefixes 16.0.0.1/32 599900 2 masquerade
	writer prefixes 2001:db8:7::/64 80 1 skip
	writer prefixes 2001:db9::/64 400000 1 skip masquerade
	echo '203.0.113.0/24 skip
203.0.113.7/32 masquerade
203.0.113.6/32 skip
10.0.0.0/8 skip'
} >/tmp/scenario/table
expect_equal 1000000 "$(wc -l </tmp/scenario/table)" 'the file has a million prefixes'
began=$(now)
expect_success 'it is taken' on node ipmasqctl replace -f /tmp/scenario/table
note "loaded in $(elapsed "$began") s, here without hardware virtualization"
rm /tmp/scenario/table
expect_equal 1000000 "$(on node ipmasqctl show -j | jq .entries.static)" \
	'a million entries are in force'
note "$(on node ipmasqctl show | grep memory)"

note 'the right one is found'
expect_deciders "$POD4" <<-END
	15.255.255.255 null masquerade
	16.0.0.0 16.0.0.0/12 cidr
	16.0.0.1 16.0.0.1/32 masquerade
	16.0.0.2 16.0.0.0/12 cidr
	16.15.255.254 16.0.0.0/12 cidr
	16.15.255.255 16.15.255.255/32 masquerade
	16.16.0.0 null masquerade
	16.16.0.1 16.16.0.1/32 masquerade
	16.18.78.183 16.18.78.183/32 masquerade
	16.18.78.185 null masquerade
	16.255.255.255 null masquerade
	17.0.0.0 17.0.0.0/12 cidr
	17.15.255.255 17.0.0.0/12 cidr
	17.16.0.0 null masquerade
	31.15.255.255 31.0.0.0/12 cidr
	31.16.0.0 null masquerade
	203.0.113.6 203.0.113.6/32 cidr
	203.0.113.8 203.0.113.0/24 cidr
END
# The last of a few, and the address behind it; the last of the many is number
# 399,999, 6:1a7f.
expect_deciders "$POD6" <<-END
	2001:db8:7:4f:ffff:ffff:ffff:ffff 2001:db8:7:4f::/64 cidr
	2001:db8:7:50:: null masquerade
	2001:db8:ffff:ffff:ffff:ffff:ffff:ffff null masquerade
	2001:db9:: 2001:db9::/64 cidr
	2001:db9:0:1:: 2001:db9:0:1::/64 masquerade
	2001:db9:0:ffff:ffff:ffff:ffff:ffff 2001:db9:0:ffff::/64 masquerade
	2001:db9:1:: 2001:db9:1::/64 cidr
	2001:db9:6:1a7e::1 2001:db9:6:1a7e::/64 cidr
	2001:db9:6:1a7f:ffff:ffff:ffff:ffff 2001:db9:6:1a7f::/64 masquerade
	2001:db9:6:1a80:: null masquerade
END

note 'it decides traffic'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod udp "$PEER4"
expect_source "$POD6" pod tcp "$INTERNET6"
expect_equal '203.0.113.0/24 0, 203.0.113.6/32 0, 203.0.113.7/32 1' \
	"$(on node ipmasqctl list -j 203.0.113.0/24 | jq -r '.entries |
		map("\(.cidr) \(.connections)") | join(", ")')" 'and each entry counts its own'

note 'a part of it can be listed'
for part in '16.0.0.0/24 128' '16.18.78.0/24 92' '17.0.0.0/12 1' '17.0.0.0/8 1' \
	'2001:db8:7::/48 80' '2001:db9:6::/48 6784' '0.0.0.0/6 0'; do
	expect_equal "${part#* }" "$(on node ipmasqctl list "${part% *}" plain 2>/dev/null | wc -l)" \
		"${part#* } entries are within ${part% *}"
done

note 'one more, one less'
began=$(now)
on node ipmasqctl add 16.0.0.0/24
on node ipmasqctl del 16.0.0.0/24
note "two changes of one entry took $(elapsed "$began") s"
expect_equal 1000000 "$(on node ipmasqctl show -j | jq .entries.static)" 'still a million'

note 'all of it goes with the namespace'
memory_taken=$(kernel_memory)
ip netns del node
expect_soon 'the memory is back' memory_is_back
note "memory of the kernel: $memory_before KiB before, $memory_taken with the table," \
	"$(kernel_memory) now"
