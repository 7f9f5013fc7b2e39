#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything at once, for RACE_SECONDS: whoever crashes, hangs, deadlocks or decides
# by half a policy does it here.
#
#	pod ------- node ------- fabric ---+-- internet4   masqueraded or not
#	  udp, tcp  writers, readers       +-- internet6   masqueraded or not
#	            ipmasqd, eth0 flaps    +-- peer        10.0.0.0/8, left alone
#	pod2 ------ node2 ---------+
#	  udp       every setting
#
# Meanwhile the module goes and comes, and namespaces with tables of their own do.
#
# processors: 4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

: "${RACE_SECONDS:=10}"
export END=/tmp/scenario/end PAUSE=/tmp/scenario/pause
WAIT_SECONDS=30
ACTIVITIES=

# activity NAME NAMESPACE COMMANDS: again and again until the end; commands may
# fail, because the module or the interface is just away. Whoever makes policies says
# no_pause before: so many of them would never let the module go.
activity() {
	ACTIVITIES="$ACTIVITIES $1"
	# shellcheck disable=SC2016 # for the shell in the namespace
	inside "$2" sh -c '
		rounds=0
		no_pause() {
			while [ -e "$PAUSE" ]; do
				usleep 20000
			done
		}
		until [ $rounds -gt 0 ] && [ -e "$END" ]; do
			eval "$2"
			rounds=$((rounds + 1))
		done >/dev/null 2>&1
		echo $rounds >"/tmp/scenario/$1.rounds"
	' activity "$1" "$3" &
}

# traffic NAME NAMESPACE PROTOCOL DESTINATION SOURCE_PORT
traffic() {
	on "$2" flow connect "$3" "$4" until $END successive source-port "$5" timeout 200 \
		>"/tmp/scenario/$1" &
}

# strangers NAME ADDRESS...: whom its far side saw besides these
strangers() {
	local name=$1
	shift
	awk -v known="$*" 'BEGIN { split(known, list); for (i in list) expected[list[i]] }
		$1 != "failed" && !($1 in expected)' "/tmp/scenario/$name"
}

uptime_seconds() {
	cut -d . -f 1 /proc/uptime
}

build_topology
add_node node2 192.0.2.11 2001:db8:2::11 pod2 10.244.2.2 fd00:10:244:2::2
awk 'BEGIN {
	print "10.0.0.0/8 skip"
	for (i = 0; i < 500; i++)
		printf "198.18.%d.%d/32 skip\n", i / 256, i % 256
}' >/tmp/scenario/table-a
cat >/tmp/scenario/table-b <<-END
	10.0.0.0/9 skip
	10.0.0.0/8 skip
	203.0.113.0/24 skip
	203.0.113.4/30 masquerade
	2001:db8:7::/64 masquerade
	10.0.0.0/9 skip
	10.0.0.0/8 skip
	203.0.113.0/24 skip
	203.0.113.4/30 masquerade
	2001:db8:7::/64 masquerade
END
write_config "$ONE"
spawn_daemon --enable-ipv6 --http-address "$HTTP"
wait_until has_policy

traffic udp-internet4 pod udp "$INTERNET4" 1024
traffic tcp-internet4 pod tcp "$INTERNET4" 20000
traffic udp-internet6 pod udp "$INTERNET6" 30000
traffic udp-peer pod udp "$PEER4" 40000
traffic udp-pod2 pod2 udp "$INTERNET4" 50000

# In the node all tables, and each of their entries, leave 10.0.0.0/8 alone.
activity swap node 'no_pause
	writer swap 20 /tmp/scenario/table-a /tmp/scenario/table-b'
activity entries node 'no_pause
	ipmasqctl add 10.0.0.0/8 198.51.100.0/24 replace
	ipmasqctl del 198.51.100.0/24'
activity killed-writer node 'no_pause
	timeout -s KILL 0.5 writer hold 2000'
activity list node 'ipmasqctl list -j; ipmasqctl list 198.18.0.0/16 plain'
activity explain node 'ipmasqctl show; ipmasqctl stats
	ipmasqctl explain 10.244.1.2 203.0.113.7'
activity monitor node 'timeout 0.5 ipmasqctl monitor -j'
activity config node 'kubelet /tmp/scenario/config ip-masq-agent -
	kubelet /tmp/scenario/config ip-masq-agent /tmp/scenario/config-text'
activity settings node2 'no_pause
	ipmasqctl set enabled on enable-ipv6 on random-fully off
	ipmasqctl set to-ports 1024-2047,60000-60999
	ipmasqctl flush policy
	ipmasqctl set enabled off enable-ipv6 off'
activity namespaces node2 'no_pause
	ip netns add race
	inside race ipmasqctl replace -f /tmp/scenario/table-a
	inside race ipmasqctl set enable-ipv6 on
	ip netns del race'
activity flaps node 'ip link set eth0 down
	ip link set eth0 up
	ip addr replace 2001:db8:2::10/64 dev eth0
	ip route replace ::/0 dev eth0
	ip addr add 192.0.2.99/24 dev eth0
	ip addr del 192.0.2.99/24 dev eth0
	ip route replace default dev eth0
	flow connect udp 203.0.113.7 timeout 1000'

reloads=0
deadline=$(($(uptime_seconds) + RACE_SECONDS))
until [ $reloads -ge 3 ] && [ "$(uptime_seconds)" -ge $deadline ]; do
	touch $PAUSE
	unload_module
	rm $PAUSE
	load_module
	reloads=$((reloads + 1))
	# The daemon puts it there.
	wait_until has_policy
done
touch $END
for name in $ACTIVITIES; do
	expect_soon "$name came to its end" [ -s "/tmp/scenario/$name.rounds" ]
	note "$(cat "/tmp/scenario/$name.rounds") rounds of $name"
done
note "$reloads times the module was loaded"

for name in udp-internet4 tcp-internet4 udp-internet6 udp-peer udp-pod2; do
	case $name in
	*-peer) expected=$POD4 ;;
	*-pod2) expected='10.244.2.2 192.0.2.11' ;;
	*6) expected="$POD6 $NODE6" ;;
	*) expected="$POD4 $NODE4 192.0.2.99" ;;
	esac
	# shellcheck disable=SC2086 # a list of addresses
	expect_equal '' "$(strangers $name $expected)" "$name: from nobody but $expected"
	note "$name: $(tr '\n' ';' </tmp/scenario/$name)"
done
expect_success 'the daemon outlived it' kill -0 "$DAEMON"
expect_success 'and still serves' serving

note 'and afterwards all is well'
ip -n node -batch - <<-END
	link set eth0 up
	addr replace $NODE6/64 dev eth0
	route replace default dev eth0
	route replace ::/0 dev eth0
END
write_config "$ONE"
on node ipmasqctl flush static
expect_entries "$ONE_ENTRIES
fe80::/10 skip" 'the daemon has its policy in force'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod udp "$PEER4"
end_daemon TERM
