# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node and its surroundings, each in a network namespace of its own:
#
#	pod ---------- node ---------- fabric ---+--- peer
#	    pod0   eth0    eth0                  +--- metadata
#	                                         +--- internet4
#	                                         +--- internet6
#
#	pod		10.244.1.2	fd00:10:244:1::2	behind the node
#	node		192.0.2.10	2001:db8:2::10		10.244.1.1 to the pod
#	peer		10.0.0.20	fd00:10::20		elsewhere in the cluster
#	metadata	169.254.169.254				the cloud's
#	internet4	203.0.113.7				anybody
#	internet6			2001:db8:7::7		anybody
#
# fabric is a bridge that knows of no addresses. Every far side answers
# whatever reaches it, from a pod's address as well as from the node's, and
# tells which of them it saw: a packet that was not masqueraded is not lost, it
# is known for what it is.

# For the scenarios.
# shellcheck disable=SC2034
{
	POD4=10.244.1.2 POD6=fd00:10:244:1::2
	NODE4=192.0.2.10 SECOND4=192.0.3.10 NODE6=2001:db8:2::10
	PEER4=10.0.0.20 PEER6=fd00:10::20
	METADATA4=169.254.169.254
	INTERNET4=203.0.113.7
	INTERNET6=2001:db8:7::7
}

# on NAMESPACE COMMAND...
on() {
	inside "$@"
}

# has_ipv6: the kernel was not booted with ipv6.disable=1
has_ipv6() {
	[ -e /proc/sys/net/ipv6 ]
}

# batch [WORD...]: commands for ip, those with IPv6 addresses only where there is IPv6
batch() {
	if has_ipv6; then
		ip "$@" -batch -
	else
		grep -v : | ip "$@" -batch -
	fi
}

# namespace NAME: a new one with nothing in it
namespace() {
	ip netns add "$1"
	ip -n "$1" link set lo up
}

# wire NAMESPACE INTERFACE NAMESPACE INTERFACE: a cable between the two, up
wire() {
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# plug NAME...: new namespaces, each with its eth0 on the fabric, not yet up; those that
# there are stay as they are
plug() {
	local name new=
	for name in "$@"; do
		[ -e "/run/netns/$name" ] || new="$new $name"
	done
	[ -n "$new" ] || return 0
	for name in $new; do
		echo "netns add $name"
		echo "link add $name netns fabric type veth peer name eth0 netns $name"
	done | ip -batch -
	for name in $new; do
		echo "link set $name master bridge up"
	done | ip -n fabric -batch -
}

# add_node NODE IPV4 IPV6 POD IPV4 IPV6: a node on the fabric, with a pod.
# The node has 10.244.N.1 where its pod has 10.244.N.2.
add_node() {
	plug "$1"
	ip -batch - <<-END
		netns add $4
		link add pod0 netns $1 type veth peer name eth0 netns $4
	END
	batch -n "$1" <<-END
		link set lo up
		link set eth0 up
		link set pod0 up
		addr add $2/24 dev eth0
		addr add $3/64 dev eth0
		route add default dev eth0
		route add ::/0 dev eth0
		addr add ${5%.*}.1/24 dev pod0
		addr add ${6%::*}::1/64 dev pod0
	END
	batch -n "$4" <<-END
		link set lo up
		link set eth0 up
		addr add $5/24 dev eth0
		addr add $6/64 dev eth0
		route add default via ${5%.*}.1
		route add ::/0 via ${6%::*}::1
	END
	on "$1" sh -c '
		echo 1 >/proc/sys/net/ipv4/ip_forward
		[ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	# Everybody out there knows the way back to this node's pods.
	local way far
	way="route add ${5%.*}.0/24 via $2 dev eth0 onlink
		route add ${6%::*}::/64 via $3 dev eth0 onlink"
	for far in $FAR_SIDES; do
		echo "$way" | batch -n "$far"
	done
	WAYS_BACK="$WAYS_BACK
		$way"
}

# far_side NAME ADDRESS...: a host on the fabric that answers on port 7000, and
# logs who came in /tmp/scenario/NAME.log
far_side() {
	local far=$1 address
	shift
	plug "$far"
	{
		echo 'link set lo up'
		echo 'link set eth0 up'
		for address in "$@"; do
			echo "addr add $address dev eth0"
		done
		echo 'route add default dev eth0'
		echo 'route add ::/0 dev eth0'
		echo "$WAYS_BACK"
	} | batch -n "$far"
	FAR_SIDES="$FAR_SIDES $far"
	on "$far" flow serve log "/tmp/scenario/$far.log"
}

# build_topology: the picture above
build_topology() {
	FAR_SIDES=
	WAYS_BACK=
	ip -batch - <<-END
		netns add fabric
		link add bridge netns fabric up type bridge mcast_snooping 0
	END
	# All at once, since a process takes longer than what it does.
	plug node peer metadata internet4 internet6
	add_node node "$NODE4" "$NODE6" pod "$POD4" "$POD6"
	far_side peer "$PEER4" "$PEER6"
	far_side metadata "$METADATA4"
	far_side internet4 "$INTERNET4"
	far_side internet6 "$INTERNET6"
}

# tear_down: whatever namespaces there are, and all processes in them
tear_down() {
	# shellcheck disable=SC2012 # there is nothing strange in these names
	ls -l /proc/[0-9]*/ns/net 2>/dev/null | awk -v own="$(readlink /proc/self/ns/net)" '
		$NF != own { sub(/.*\/proc\//, ""); sub(/\/.*/, ""); print }
	' | xargs -r kill -KILL 2>/dev/null
	ip -all netns delete
}

# load_module [PARAMETER=VALUE...]: does nothing where none was built
load_module() {
	if [ -f /usr/lib/modules/ipmasq.ko ]; then
		modprobe -a nf_nat nf_conntrack
		# So small a machine tracks 8,000 connections, and then forgets one of
		# those that wait for an answer for each new one.
		echo 262144 >/proc/sys/net/netfilter/nf_conntrack_max
		insmod /usr/lib/modules/ipmasq.ko "$@"
	fi
}

# unload_module: with the policies of all namespaces, and without regard to connections;
# it tries again where other programs use the module meanwhile
unload_module() {
	local namespaces
	namespaces=$(ls /run/netns 2>/dev/null || :)
	# shellcheck disable=SC2086 # a list of names
	wait_until writer unload $namespaces
}

# add_services ADDRESS: port 80/udp of 10.96.0.10 and of 10.96.0.11 leads to that address on
# the node, masqueraded for the second, as kube-proxy's nftables mode does it. Kernels with
# PREEMPT_RT have no DNAT for iptables from 6.18 on.
add_services() {
	on node nft -f - <<-END
		table ip services {
			chain prerouting {
				type nat hook prerouting priority dstnat;
				ip daddr 10.96.0.10 udp dport 80 dnat to $1:7000
				ip daddr 10.96.0.11 udp dport 80 meta mark set 0x4000 dnat to $1:7000
			}
			chain postrouting {
				type nat hook postrouting priority srcnat;
				meta mark 0x4000 masquerade
			}
		}
	END
}

# masquerades_with FLAVOUR: the kernel has what iptables-nft or iptables-legacy
# needs for MASQUERADE. Those with PREEMPT_RT have nothing of it from 6.18 on.
masquerades_with() {
	unshare --net "$1" -t nat -A POSTROUTING -j MASQUERADE 2>/dev/null
}

module_loaded() {
	[ -d /sys/module/ipmasq ]
}

# second_uplink: eth1 of the node, 192.0.3.10, to internet4; no route leads there yet
second_uplink() {
	local ns
	wire node eth1 internet4 eth1
	ip -n node addr add "$SECOND4/24" dev eth1
	ip -n internet4 addr add 192.0.3.1/24 dev eth1
	for ns in node internet4; do
		echo 0 | on $ns tee /proc/sys/net/ipv4/conf/all/rp_filter \
			/proc/sys/net/ipv4/conf/eth0/rp_filter \
			/proc/sys/net/ipv4/conf/eth1/rp_filter >/dev/null
	done
}
