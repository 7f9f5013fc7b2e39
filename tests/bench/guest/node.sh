# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The node of the benchmarks, and ways to send new connections through it:
#
#	pod (generator) ---- veth ---- node ---- dummy0, which swallows everything
#
#	pod	10.244.1.2, fd00:10:244:1::2
#	node	192.0.2.1, 2001:db8:2::1 on dummy0, the default route

# Where the modules are, for the benchmarks and of ipmasq.
BENCH=${BENCH:-/bench}
MODULE=${MODULE:-/usr/lib/modules/ipmasq.ko}

# More connections than any run makes, and a short chain for each of them.
CONNTRACK_MAX=${CONNTRACK_MAX:-1048576}
CONNTRACK_BUCKETS=${CONNTRACK_BUCKETS:-65536}

# The node's side of the veth.
GATEWAY=02:00:00:00:00:01

build_node() {
	modprobe -a nf_conntrack nf_nat veth dummy nf_conntrack_netlink
	echo "$CONNTRACK_BUCKETS" >/sys/module/nf_conntrack/parameters/hashsize
	echo "$CONNTRACK_MAX" >/proc/sys/net/netfilter/nf_conntrack_max
	insmod "$BENCH/generator.ko"
	add_node node pod
}

# add_node NODE POD: the namespaces of one
add_node() {
	ip netns add "$1"
	ip netns add "$2"
	ip link add pod0 address "$GATEWAY" netns "$1" type veth peer name eth0 netns "$2"
	ip -n "$1" link add dummy0 type dummy
	ip -n "$1" -batch - <<-END
		link set lo up
		link set pod0 up
		link set dummy0 up
		addr add 10.244.1.1/16 dev pod0
		addr add fd00:10:244:1::1/64 dev pod0
		addr add 192.0.2.1/24 dev dummy0
		addr add 2001:db8:2::1/64 dev dummy0
		route add default dev dummy0
		route add ::/0 dev dummy0
	END
	ip -n "$2" link set eth0 up
	# shellcheck disable=SC2016 # the inner shell expands it
	inside "$1" sh -c '
		echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
		for setting in all pod0; do
			echo 0 >/proc/sys/net/ipv4/conf/$setting/rp_filter
		done'
}

on_node() {
	inside node "$@"
}

# generate FILE PASSES same|fresh: a line "packets nanoseconds failed" for each pass
generate() {
	inside pod sh -c '
		exec 3<>/proc/generator
		echo "$*" >&3
		cat <&3' sh "$1" eth0 "$GATEWAY" "$2" "$3"
}

# sent: packets that reached dummy0 so far
sent() {
	# shellcheck disable=SC2016 # they are awk's
	on_node awk '$1 == "dummy0:" { print $11 }' /proc/net/dev
}

forget_connections() {
	on_node conntrack -F >/dev/null 2>&1
}

# check_verdict 4|6 masqueraded|skipped FILE: all connections of FILE get it
check_verdict() {
	local all translated wanted
	forget_connections
	generate "$3" 1 same >/dev/null
	all=$(on_node conntrack -L -p udp -f "ipv$1" 2>/dev/null | wc -l)
	translated=$(on_node conntrack -L -p udp --src-nat -f "ipv$1" 2>/dev/null | wc -l)
	wanted=0
	[ "$2" = skipped ] || wanted=$all
	if [ "$all" = 0 ] || [ "$translated" != "$wanted" ]; then
		echo "wrong $1 $2: $translated of $all translated"
		return 1
	fi
}

# measure LABEL FILE PASSES same|fresh: the passes' lines, if no packet was lost
measure() {
	local before after lines packets
	forget_connections
	before=$(sent)
	lines=$(generate "$2" "$3" "$4")
	after=$(sent)
	packets=$(echo "$lines" | awk '{ sum += $1 } END { print sum }')
	if [ $((after - before)) != "$packets" ]; then
		echo "lost $1 $((after - before)) of $packets"
		return 1
	fi
	echo "$lines" | awk -v label="$1" '{ print "pass", label, NR, $1, $2 }'
}
