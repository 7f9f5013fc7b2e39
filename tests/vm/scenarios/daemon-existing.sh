#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# applyToExisting: after a change of the configuration the daemon drops the connections
# that it affects, so that their next packet is decided anew; no others, and none where
# nothing was changed.
#
#	pod ---------- node ---------- fabric ---+--- peer
#	10.244.1.2     192.0.2.10                +--- internet4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

EXISTING='applyToExisting: true'
DROPPED=0

# ask DESTINATION PORT: the source that the far side sees for this source port
ask() {
	source_seen pod udp "$1" source-port "$2"
}

# change TEXT: of the configuration; returns when it is in force
change() {
	local before
	before=$(generation)
	write_config "$1"
	wait_until changed_from "$before"
}

changed_from() {
	[ "$(generation)" -gt "$1" ]
}

# expect_dropped N SENTENCE: so many more than before
expect_dropped() {
	DROPPED=$((DROPPED + $1))
	expect_metric $DROPPED ipmasq_existing_connections_dropped_total
	expect_equal "$1" "$(sed -n 's/.*applyToExisting: \([0-9]*\) present.*/\1/p' "$DAEMON_LOG" | tail -n 1)" "$2"
}

build_topology
on node sh -c 'echo 600 | tee /proc/sys/net/netfilter/nf_conntrack_udp_timeout \
	/proc/sys/net/netfilter/nf_conntrack_icmp_timeout >/dev/null'
write_config "$ONE"
start_daemon --http-address "$HTTP"
expect_soon 'system calls are filtered' grep -q 'Seccomp:.2' "/proc/$DAEMON/status"

note 'off unless it is wanted'
expect_equal "$NODE4" "$(ask "$INTERNET4" 5000)" 'masqueraded'
change "$TWO"
expect_equal "$NODE4" "$(ask "$INTERNET4" 5000)" 'a change leaves what is there as it began'
expect_equal 1 "$(on node ipmasqctl conns -j --stale | jq '.connections | length')" 'which is stale'
change "$ONE"

note 'switched on, a change holds for what is there'
before=$(generation)
write_config "$ONE
$EXISTING"
expect_soon 'the key is known' sh -c "[ \"\$(grep -c 'the policy is the same' $DAEMON_LOG)\" -ge 1 ]"
expect_equal "$before" "$(generation)" 'the key alone changes no policy'
expect_equal 0 "$(metric ipmasq_existing_connections_dropped_total)" 'and drops nothing'

# A connection of each kind. kube-proxy's goes where the change is about too.
add_services "$INTERNET4"
expect_source "$NODE4" pod icmp "$INTERNET4"
expect_equal "$POD4" "$(ask "$PEER4" 5001)" 'another destination'
expect_source "$NODE4" pod udp 10.96.0.11 port 80 source-port 5002
expect_source "$NODE4" node udp "$INTERNET4" source-port 5003
mkfifo /tmp/scenario/questions
on pod flow converse tcp "$INTERNET4" timeout 1000 </tmp/scenario/questions >/tmp/scenario/answers &
exec 4>/tmp/scenario/questions
echo >&4
expect_soon 'a TCP connection that stays' grep -q "^$NODE4" /tmp/scenario/answers
change "$TWO
$EXISTING"
expect_dropped 3 'UDP, ICMP and TCP of the pod to that destination'
expect_equal "$POD4" "$(ask "$INTERNET4" 5000)" 'the next packet is decided anew'
echo >&4
expect_soon 'TCP breaks' grep -qE 'reset|no answer|closed' /tmp/scenario/answers
exec 4>&-
for port in 5001 5002 5003; do
	expect_success "the connection from port $port is left" \
		sh -c "inside node conntrack -L -p udp --orig-port-src $port 2>/dev/null | grep -q ."
done
expect_equal '[]' "$(on node ipmasqctl conns -j --stale | jq -c .connections)" 'and nothing is stale'

note 'and the other way round'
change "$ONE
$EXISTING"
expect_dropped 1 'what had been left alone'
expect_equal "$NODE4" "$(ask "$INTERNET4" 5000)" 'is masqueraded'

note 'what the change is not about'
on node ipmasqctl add 203.0.113.0/24 skip
change "$ONE
masqLinkLocal: true
$EXISTING"
expect_dropped 0 'what somebody else made stale is left'
expect_equal "$NODE4" "$(ask "$INTERNET4" 5000)" 'and goes on'
on node ipmasqctl del 203.0.113.0/24

note 'addresses, ports, interfaces'
ip -n node addr add 192.0.2.21/32 dev eth0
change "$ONE
snatAddresses: [192.0.2.21]
$EXISTING"
expect_dropped 1 'another source address'
expect_equal 192.0.2.21 "$(ask "$INTERNET4" 5000)" 'is used'
change "$ONE
toPorts: 100-199
$EXISTING"
expect_dropped 1 'the address again, and ports'
expect_match "$NODE4 1??" "$(on pod flow connect udp "$INTERNET4" source-port 5000)" 'are used'
change "$ONE
toPorts: 100-299
$EXISTING"
expect_dropped 0 'more ports are no matter'
change "$ONE
toPorts: 300-399
$EXISTING"
expect_dropped 1 'others are'
expect_match "$NODE4 3??" "$(on pod flow connect udp "$INTERNET4" source-port 5000)" 'and are used'
change "$ONE
outputInterfaces: [wan*]
$EXISTING"
expect_dropped 1 'an interface that is on no list'
expect_equal "$POD4" "$(ask "$INTERNET4" 5000)" 'nothing is masqueraded there'
change "$ONE
outputInterfaces: ['*th0']
$EXISTING"
expect_dropped 1 'and one that is'
expect_equal "$NODE4" "$(ask "$INTERNET4" 5000)" 'again'

note 'no change, nothing is dropped'
on node ipmasqctl flush
expect_soon 'drift is put back' sh -c "inside node ipmasqctl list plain origin config | grep -q 10.0.0.0/8"
kill -HUP "$DAEMON"
expect_logged SIGHUP 'read once more'
expect_metric $DROPPED ipmasq_existing_connections_dropped_total
end_daemon TERM
start_daemon --http-address "$HTTP"
expect_logged 'in force already' 'started anew'
expect_soon 'it serves' serving
expect_equal 0 "$(metric ipmasq_existing_connections_dropped_total)" 'nor at a start'
end_daemon TERM
write_config "$TWO
$EXISTING"
DROPPED=0
start_daemon --http-address "$HTTP"
expect_dropped 1 'unless the file was changed meanwhile'
expect_equal "$POD4" "$(ask "$INTERNET4" 5000)" 'by which it is decided'

note 'one change after the other'
# Twenty thousand connections take more than one message.
awk 'BEGIN { for (i = 0; i < 20000; i++)
	printf "-I -p udp -s 10.244.1.2 -d 198.51.100.7 --sport %d --dport 53 --src-nat 192.0.2.10 -t 600\n", 2000 + i }' >/tmp/scenario/load
on node conntrack --load-file /tmp/scenario/load >/dev/null 2>&1
ask "$METADATA4" 5004 >/dev/null
write_config "nonMasqueradeCIDRs: [10.0.0.0/8, 198.51.100.0/24]
masqLinkLocal: true
$EXISTING"
write_config "nonMasqueradeCIDRs: [198.51.100.0/24]
masqLinkLocal: true
$EXISTING"
none_is_left() {
	[ "$(on node ipmasqctl conns -j --stale | grep -c '"protocol"')" = 0 ]
}
WAIT_SECONDS=60
expect_soon 'both hold in the end' none_is_left
expect_equal 0 "$(on node conntrack -L -d 198.51.100.7 2>/dev/null | grep -c .)" 'for each of twenty thousand'
expect_success 'the daemon is still there' kill -0 "$DAEMON"
