#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node's namespace is made, gets a policy, carries traffic and is deleted under
# it, NAMESPACES times, next to a node that stays.
#
#	pod ------- node ------- fabric ---+-- internet4   masqueraded
#	pod9 ------ life ----------+       +-- peer        10.0.0.0/8, left alone
#	10.244.9.2  192.0.2.19

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/soak.sh
. /guest/soak.sh

: "${NAMESPACES:=8}"
LIFE4=192.0.2.19
POD9=10.244.9.2
WRONG=/tmp/scenario/wrong

# The kernel takes a namespace apart behind the back of who deleted it, and its
# interfaces' far ends with it.
is_gone() {
	! ip -n fabric link show life && ! ip -n pod9 link show eth0
}

# live: one lifetime, and what was not as it should be goes to WRONG
live() {
	wait_until is_gone
	ip -batch - <<-END
		netns add life
		link add life netns fabric type veth peer name eth0 netns life
		link add pod0 netns life type veth peer name eth0 netns pod9
	END
	ip -n fabric link set life master bridge up
	ip -n life -batch - <<-END
		link set lo up
		link set eth0 up
		link set pod0 up
		addr add $LIFE4/24 dev eth0
		addr add 10.244.9.1/24 dev pod0
		route add default dev eth0
	END
	ip -n pod9 -batch - <<-END
		link set eth0 up
		addr add $POD9/24 dev eth0
		route add default via 10.244.9.1
	END
	on life sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		ipmasqctl replace -f /tmp/scenario/table'
	seen="$(on pod9 flow connect tcp "$INTERNET4" || :) $(
		on pod9 flow connect tcp "$PEER4" || :)"
	case $seen in
	"$LIFE4 "[0-9]*" $POD9 "[0-9]*) ;;
	*) echo "$lives: $seen" >>$WRONG ;;
	esac
	ip netns del life
}

build_topology
ip netns add pod9
ip -n pod9 link set lo up
for far in $FAR_SIDES; do
	ip -n "$far" route add 10.244.9.0/24 via $LIFE4 dev eth0 onlink
done
{
	echo '10.0.0.0/8 skip'
	awk 'BEGIN { for (i = 0; i < 200; i++) printf "198.18.0.%d/32 masquerade\n", i }'
} >/tmp/scenario/table
: >$WRONG
on node ipmasqctl replace -f /tmp/scenario/table

# lives N: under traffic
lives() {
	traffic stays-internet4 pod udp "$INTERNET4" 1024 timeout 20000
	traffic stays-peer pod tcp "$PEER4" 20000 timeout 20000
	traffic goes pod9 udp "$INTERNET4" 10000 timeout 100
	lives=0
	while [ $lives -lt "$1" ]; do
		live
		lives=$((lives + 1))
	done
	end_traffic
}

lives 2
remember_memory
lives "$NAMESPACES"

expect_equal '' "$(cat $WRONG)" "each of $NAMESPACES namespaces decided rightly"
expect_equal "$NODE4 " "$(sources stays-internet4)" 'the node that stays masqueraded meanwhile'
expect_equal "$POD4 " "$(sources stays-peer)" 'and left the peer alone'
expect_equal "$POD9 $LIFE4 " "$(echo "$POD9 $(addresses goes)" | tr ' ' '\n' | sort -u |
	grep . | tr '\n' ' ')" 'those that go masquerade or are not there'
for name in stays-internet4 stays-peer goes; do
	note "$name: $(tr '\n' ';' <"/tmp/scenario/$name.traffic")"
done
expect_memory_back "$NAMESPACES"
