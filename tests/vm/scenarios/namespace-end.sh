#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The node's namespace is deleted under traffic, its table of 500,000 entries with
# it, and nothing of that stays.
#
#	pod ------- node ------- fabric ---+-- internet4
#	  udp, tcp  deleted                +-- internet6

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

END=/tmp/scenario/end
WAIT_SECONDS=60

# The table takes much more than traffic leaves in the kernel's caches.
memory_is_taken() {
	[ "$(kernel_memory)" -gt $((memory_before + 8192)) ]
}

memory_is_back() {
	[ "$(kernel_memory)" -le $((memory_before + 2048)) ]
}

# traffic NAME PROTOCOL DESTINATION SOURCE_PORT [WORD...]
traffic() {
	name=$1
	protocol=$2
	destination=$3
	port=$4
	shift 4
	on pod flow connect "$protocol" "$destination" until $END successive \
		source-port "$port" "$@" >"/tmp/scenario/$name" &
}

# sources NAME: the addresses that were seen, and why there was none
sources() {
	awk '{ print $1 == "failed" ? $0 : $1 }' "/tmp/scenario/$1" | sort | tr '\n' ' '
}

nobody_gets_through() {
	! on pod flow connect udp "$INTERNET4" timeout 300
}

masquerades_many() {
	[ "$(counter masquerade)" -gt 100 ] && [ "$(counter masquerade ipv6)" -gt 100 ]
}

build_topology
: >$END
# The kernel's allocators keep something of the first time for the next one, so the
# first time is not measured.
memory_before=$(kernel_memory)
namespace first
on first ipmasqctl set enabled on
on first writer hold 500000 until $END
memory_is_taken
ip netns del first
memory_before=$((memory_before + 4096))
wait_until memory_is_back
on pod flow connect udp "$INTERNET4" count 200 parallel 4 >/dev/null
memory_before=$(kernel_memory)
on node ipmasqctl set enable-ipv6 on
on node writer hold 500000 until $END
expect_success 'it has a table that takes memory' memory_is_taken
memory_taken=$(kernel_memory)
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE6" pod udp "$INTERNET6"
rm $END
traffic udp-last udp "$INTERNET4" 1024 timeout 300
traffic udp6-last udp "$INTERNET6" 20000 timeout 300
traffic tcp-last tcp "$INTERNET4" 40000 timeout 300
wait_until masquerades_many
ip netns del node
expect_soon 'nobody gets through any more' nobody_gets_through
touch $END
wait
expect_soon 'its table has gone with it' memory_is_back
# NAT goes before the interfaces do, as everybody's NAT in a namespace that ends.
for name in udp-last tcp-last; do
	expect_match "$NODE4 failed *" "$(sources $name | sed "s/^$POD4 //")" \
		"$name: masqueraded until the end, nothing else"
done
expect_match "$NODE6 failed *" "$(sources udp6-last | sed "s/$POD6 //")" \
	'udp6-last: masqueraded until the end, nothing else'
note "memory of the kernel: $memory_before KiB before, $memory_taken with the table," \
	"$(kernel_memory) now"
