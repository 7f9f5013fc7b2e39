#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two nodes in one kernel: each network namespace has its own policy, table and
# counters, and one without a policy has no hook and no conntrack.
#
#	pod ------- node ---------- fabric ---+-- peer       10.0.0.20
#	10.244.1.2  192.0.2.10       |        +-- internet4  203.0.113.7
#	                             |
#	pod2 ------ node2 -----------+
#	10.244.2.2  192.0.2.11

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# A query walks the connection table once a second.
drained() {
	[ "$(on "$1" ipmasqctl show -j | jq .draining)" = 0 ]
}

# forget NAMESPACE: the connections there, and see that none needs a hook
forget() {
	on "$1" conntrack -F 2>/dev/null
	expect_soon 'nothing drains' drained "$1"
}

tracked() {
	on "$1" cat /proc/sys/net/netfilter/nf_conntrack_count
}

TRACING=/sys/kernel/tracing
PROBED=

# Counts how often the kernel calls what a hook of ours or of conntrack would call. The
# kernel's own list of hooks (nft list hooks) is not in Debian's before 6.6.
probe() {
	[ -d $TRACING/events ] || mount -t tracefs tracefs $TRACING
	[ -f $TRACING/kprobe_events ] || return 0
	cat >$TRACING/kprobe_events <<-END
		p:namespaces/ipv4 ipmasq:hook_ipv4
		p:namespaces/ipv6 ipmasq:hook_ipv6
		p:namespaces/conntrack nf_conntrack:nf_conntrack_in
	END
	echo 1 >$TRACING/events/namespaces/enable
	PROBED=1
}

no_probe() {
	[ -n "$PROBED" ] || return 0
	echo 0 >$TRACING/events/namespaces/enable
	echo >$TRACING/kprobe_events
}

hits() {
	awk -v name="$1" '$1 == name { print $2 }' $TRACING/kprobe_profile
}

# expect_calls WANTED SENTENCE COMMAND...: what COMMAND makes the kernel call, as
# "IPV4 IPV6 CONNTRACK", each "no", or "some"
expect_calls() {
	local wanted=$1 sentence=$2 before4 before6 before_conntrack
	shift 2
	if [ -z "$PROBED" ]; then
		"$@"
		skip "$sentence" 'this kernel has no kprobe events'
		return
	fi
	before4=$(hits ipv4) before6=$(hits ipv6) before_conntrack=$(hits conntrack)
	"$@"
	expect_equal "$wanted" "$(for calls in $(($(hits ipv4) - before4)) \
		$(($(hits ipv6) - before6)) $(($(hits conntrack) - before_conntrack)); do
		[ $calls = 0 ] && echo no || echo some
	done | tr '\n' ' ' | sed 's/ $//')" "$sentence"
}

build_topology
add_node node2 192.0.2.11 2001:db8:2::11 pod2 10.244.2.2 fd00:10:244:2::2
probe

note 'loaded, and nothing of it to be seen'
expect_calls 'no no no' 'no policy: no hook is called, nor conntrack' \
	expect_source "$POD4" pod tcp "$INTERNET4"
expect_calls 'no no no' 'nor for IPv6' expect_source "$POD6" pod tcp "$INTERNET6"
expect_equal 0 "$(tracked node)" 'no policy: no connection tracked'
expect_equal 0 "$(generation node)" 'no policy: generation 0'

note 'a policy in one of them'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
expect_calls 'some no some' 'the policy is asked for each new connection' \
	expect_source "$NODE4" pod tcp "$INTERNET4"
expect_calls 'no no no' 'but not for IPv6' expect_source "$POD6" pod tcp "$INTERNET6"
expect_calls 'no no no' 'the other one still has nothing' \
	expect_source 10.244.2.2 pod2 tcp "$INTERNET4"
expect_equal 0 "$(tracked node2)" 'and tracks nothing'
expect_equal 0 "$(generation node2)" 'and has no policy'
expect_counter masquerade 1

note 'IPv6 as well, and not any more'
on node ipmasqctl set enable-ipv6 on
expect_calls 'no some some' 'the hook for IPv6 is there while it is on' \
	expect_source "$NODE6" pod tcp "$INTERNET6"
on node ipmasqctl set enable-ipv6 off
expect_calls 'no some some' 'and stays for connections when it is off' \
	expect_source "$POD6" pod tcp "$INTERNET6"
forget node
expect_calls 'no no no' 'and is gone when none is left' expect_source "$POD6" pod tcp "$INTERNET6"
expect_counter masquerade 1 ipv6

note 'different policies'
NODE=node2 configure 'nonMasqueradeCIDRs: [203.0.113.0/24]'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod tcp "$PEER4"
expect_source 10.244.2.2 pod2 tcp "$INTERNET4"
expect_source 192.0.2.11 pod2 tcp "$PEER4"
expect_counter masquerade 2
expect_counter cidr 1
expect_counter masquerade 1 ipv4 node2
expect_counter cidr 1 ipv4 node2

note 'a change in one is no change in the other'
before=$(generation node)
on node2 ipmasqctl add 198.51.100.0/24
expect_equal "$before" "$(generation node)" "the first one's generation stays"
expect_equal 0 "$(on node ipmasqctl list -j | jq '[.entries[] | select(.cidr == "198.51.100.0/24")] | length')" \
	'and its table'

note 'a policy that is taken away leaves nothing'
on node ipmasqctl flush policy
expect_equal 0 "$(generation node)" 'the policy is gone'
forget node
expect_calls 'no no no' 'its hooks and its conntrack too' \
	expect_source "$POD4" pod udp "$INTERNET4"
expect_calls 'some no some' "not the other one's" expect_source 192.0.2.11 pod2 tcp "$PEER4"
no_probe
