#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stage itself, without ipmasq: the topology of guest/topology.sh carries
# traffic, a far side tells the truth about what it saw, and the kernel's own
# masquerading (an nftables rule) changes that.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology

for protocol in tcp udp icmp sctp; do
	expect_source "$POD4" pod "$protocol" "$PEER4"
	expect_source "$POD4" pod "$protocol" "$INTERNET4"
	expect_source "$POD6" pod "$protocol" "$INTERNET6"
done
expect_source "$POD4" pod tcp "$METADATA4"
expect_source "$NODE4" node tcp "$INTERNET4"
expect_equal refused "$(source_seen pod udp "$INTERNET4" port 9)" \
	'an ICMP error finds its way back'
expect_equal 'no answer' "$(source_seen pod udp 203.0.113.99 timeout 300)" \
	'nobody answers where nobody is'
# With such a timer the first heartbeat to another address, loopback among them, would
# come after a tenth of a second and not after three.
for end in pod peer; do
	on $end sh -c 'cd /proc/sys/net/sctp && echo 10 >rto_min && echo 100 >rto_initial'
done
expect_equal "10 $POD4" "$(for _ in $(seq 10); do
	echo
	usleep 40000
done | on pod flow converse sctp "$PEER4" | cut -d ' ' -f 1 | sort | uniq -c | sed 's/^ *//')" \
	'an SCTP association stays as long as it is wanted'

on node nft -f - <<-END
	table ip smoke {
		chain postrouting {
			type nat hook postrouting priority srcnat;
			ip daddr $INTERNET4 masquerade
		}
	}
END
for protocol in tcp udp icmp sctp; do
	expect_source "$NODE4" pod "$protocol" "$INTERNET4"
done
expect_source "$POD4" pod tcp "$PEER4"
expect_match "intact 8 $NODE4 *" "$(on pod flow transfer "$INTERNET4" megabytes 8)" \
	'8 MiB go there and back unharmed'
expect_equal 'tcp 192.0.2.10' "$(tail -n 1 /tmp/scenario/internet4.log | cut -d ' ' -f 1,2)" \
	'the far side wrote down who came'
