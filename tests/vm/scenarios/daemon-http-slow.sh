#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A thousand clients that never finish their request, in a pod and on the node itself,
# and the kubelet's probes, which come from the node.
#
#	pod ------- node
#	10.244.1.2  192.0.2.10, the daemon, port 9600
#
# A clock that counts instructions knows of no other work of the machine.
#
# possible: 1

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

build_topology
write_config "$ONE"
HTTP=$NODE4:9600
start_daemon --http-address 0.0.0.0:9600
wait_until serving

# hundredths: of a second since the VM was booted
hundredths() {
	local seconds
	read -r seconds _ </proc/uptime
	echo "${seconds%.*}${seconds#*.}"
}

# slowest_probe: of 10, in hundredths of a second; 9999 for one that failed
slowest_probe() {
	local slowest=0 began took
	for _ in $(seq 10); do
		began=$(hundredths)
		if serving; then
			took=$(($(hundredths) - began))
		else
			took=9999
		fi
		[ "$took" -le "$slowest" ] || slowest=$took
	done
	echo "$slowest"
}

# busy: the clients hold connections
busy() {
	[ "$(on node ss -Htn state established sport = :9600 | wc -l)" -ge 8 ]
}

idle=$(slowest_probe)
note "without them the slowest probe takes ${idle}0 ms"
for where in pod node; do
	ip netns exec "$where" slow "$NODE4" 9600 1000 &
	clients=$!
	wait_until busy
	slowest=$(slowest_probe)
	note "with 1000 slow clients in the $where the slowest probe takes ${slowest}0 ms"
	expect_success "1000 slow clients in the $where: each probe takes less than a second" \
		[ "$slowest" -lt $((100 * WAIT_FACTOR)) ]
	kill "$clients"
done
write_config "$TWO"
expect_entries "$TWO_ENTRIES" 'the daemon does its work'
end_daemon TERM

# A request has 10 s, however slowly it comes.
spawn_daemon --http-address 0.0.0.0:9600
wait_until serving
ip netns exec pod slow "$NODE4" 9600 1 &
clients=$!
connection() {
	on node ss -Htn state established sport = :9600 | awk '{ print $4 }'
}
has_connection() {
	[ -n "$(connection)" ]
}
wait_until has_connection
first=$(connection)
another() {
	[ -n "$(connection)" ] && [ "$(connection)" != "$first" ]
}
WAIT_SECONDS=15
expect_soon 'a request that takes longer than 10 s is ended' another
kill "$clients"
end_daemon TERM
