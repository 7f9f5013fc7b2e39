#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Source ports that run out. The daemon warns before it happens, the kernel tells when
# it does, and whose connections were dropped; counters, events, metrics and the tool
# agree. With a hundred ports that the policy allows, and with none set: connections
# from ports above 512 and below 1024 share 424.
#
#	pod ---------- node ---------- fabric ------ internet4, internet6
#	10.244.1.2     192.0.2.10                    203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

EVENTS=/tmp/scenario/events
# Between two counts there are ten seconds, or more on a slow processor.
WAIT_SECONDS=60

# hold COUNT SOURCE_PORT [DESTINATION]: so many connections, each from its own port
hold() {
	on pod flow connect udp "${3:-$INTERNET4}" source-port "$2" count "$1" successive \
		timeout 300 2>&1 || :
}

# ports FILTER [WORD...]: of the JSON
ports() {
	local filter=$1
	shift
	on node ipmasqctl ports -j "$@" | jq -rc ".destinations | $filter"
}

# event FILTER: of the first about ports
event() {
	grep ports-exhausted $EVENTS | head -n 1 | jq -rc "$1"
}

has_event() {
	grep -q ports-exhausted $EVENTS
}

build_topology
on node sh -c 'echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout'
write_config 'resyncInterval: 1s
enableIPv6: true
toPorts: 40000-40099'
start_daemon --http-address "$HTTP"
on node ipmasqctl monitor -j >$EVENTS &
wait_until test -s $EVENTS

note 'a hundred ports'
hold 79 1024 >/dev/null
expect_metric 79 'ipmasq_fullest_destination_source_ports{protocol="udp"}'
expect_metric 100 'ipmasq_fullest_destination_source_ports_limit{protocol="udp"}'
expect_equal "79 100 $POD4 79" "$(ports '.[0] | "\(.held) \(.available) \(.pods[0].address) \(.pods[0].held)"')" \
	'79 are held, all by the pod'
expect_success 'no destination is above 80%' on node ipmasqctl ports above 80%
expect_failure 1 "*udp *$INTERNET4:7000 *$NODE4 *79 *100 *79.0%" 'but one is above 78%' \
	on node ipmasqctl ports above 78
hold 1 2000 >/dev/null
expect_logged "warning source ports towards udp $INTERNET4:7000 as $NODE4 run out: 80 of 100 are held" \
	'the daemon warns of the 80th'
expect_equal 0 "$(grep -c 'no free' "$DAEMON_LOG")" 'before there is none left'
NEAR="{protocol=\"udp\",destination=\"$INTERNET4\",port=\"7000\",source=\"$NODE4\"}"
expect_metric 80 "ipmasq_destination_source_ports$NEAR"
expect_metric 100 "ipmasq_destination_source_ports_limit$NEAR"
expect_counter failed 0

hold 20 2001 >/dev/null
expect_equal 'failed 5 no answer' "$(hold 5 3000)" 'all are held: the next connections get no answer'
expect_counter failed 5
expect_soon 'the kernel tells' has_event
expect_equal "udp $POD4 3000 $INTERNET4 7000 $NODE4 1" \
	"$(event '"\(.protocol) \(.source) \(.source_port) \(.destination) \(.destination_port) \(.source_address) \(.connections)"')" \
	'of which connection'
expect_logged "error no free source port: udp from $POD4:3000 to $INTERNET4:7000 as $NODE4, 1 new connections were dropped" \
	'the daemon logs it'
expect_failure 1 "*udp *$INTERNET4:7000 *$NODE4 *100 *100 *100.0%*" 'ports shows it' \
	on node ipmasqctl ports above 80% pods
# An event is about those that were dropped since the one before.
port=3100
all_are_told() {
	hold 1 $((port += 1)) >/dev/null
	[ "$(grep ports-exhausted $EVENTS | jq -s 'map(.connections) | add')" = "$(counter failed)" ]
}
expect_soon 'the events are about all of them, sooner or later' all_are_told
failed=$(counter failed)
expect_metric "$failed" ipmasq_source_port_exhausted_connections_total
expect_equal "$(grep -c ports-exhausted $EVENTS)" \
	"$(metric ipmasq_source_port_exhaustion_events_total)" 'the metrics count the events too'
expect_equal "$failed" "$(metric 'ipmasq_connections_total{family="ipv4",verdict="failed"}')" \
	'and the connections'
expect_source "$NODE4" pod tcp "$INTERNET4"

note 'many at once'
events=$(grep -c ports-exhausted $EVENTS)
began=$(cut -d . -f 1 /proc/uptime)
on pod flow connect udp "$INTERNET4" source-port 5000 count 300 successive timeout 2 >/dev/null 2>&1 || :
events=$(($(grep -c ports-exhausted $EVENTS) - events))
seconds=$(($(cut -d . -f 1 /proc/uptime) - began + 1))
expect_counter failed $((failed + 300))
expect_success "$events events in $seconds s, one a second at most" [ $events -le $seconds ]
expect_soon 'which are about all of them, sooner or later' all_are_told

note 'once until it is below again'
on node conntrack -D -p udp -d "$INTERNET4" >/dev/null 2>&1
expect_logged "notice source ports towards udp $INTERNET4:7000 as $NODE4 are free again" \
	'the daemon says that they are free again'
expect_equal 1 "$(grep -c 'run out:' "$DAEMON_LOG")" 'having warned once so far'
expect_metric '' "ipmasq_destination_source_ports$NEAR"
hold 90 1024 >/dev/null
expect_logged 'run out: 90 of 100' 'and warns anew'

note 'IPv6'
hold 12 1024 "$INTERNET6" >/dev/null
expect_equal "PROTO  DESTINATION           SEEN AS           HELD     OF     USE
udp    [$INTERNET6]:7000  $NODE6      12    100   12.0%
         $POD6                        12" "$(on node ipmasqctl ports ::/0 pods)" 'as text'
LONG6=2001:db8:7777:7777:7777:7777:7777:7777
ip -n internet6 addr add $LONG6/128 dev eth0
hold 13 1024 $LONG6 >/dev/null
expect_equal "PROTO  DESTINATION, SEEN AS                             HELD     OF     USE
udp    [$LONG6]:7000      13    100   13.0%
         $NODE6
         $POD6                                 13" \
	"$(on node env COLUMNS=80 ipmasqctl ports $LONG6 pods)" 'in two lines where one would be too long'

note 'a pool'
# All of it: the TCP connection from above holds its port for two minutes.
on node conntrack -F >/dev/null 2>&1
ip -n node addr add 192.0.2.21/32 dev eth0
ip -n node addr add 192.0.2.22/32 dev eth0
write_config "toPorts: 40000-40009
snatAddresses: [192.0.2.21-192.0.2.22]"
expect_soon 'the policy has ten ports' sh -c "inside node ipmasqctl show | grep -q 40000-40009"
for pod in 11 12 13 14 15 16; do
	ip -n pod addr add 10.244.1.$pod/24 dev eth0
	on pod flow connect udp "$INTERNET4" from 10.244.1.$pod >/dev/null
done
expect_equal '[["192.0.2.21",10],["192.0.2.22",10]] 6' \
	"$(ports '"\(map([.source_address, .available]) | sort | tojson) \(map(.held) | add)"')" \
	'each of its addresses has ports of its own'

note 'any port, and connections from privileged ones'
on node conntrack -D -p udp >/dev/null 2>&1
write_config 'resyncInterval: 1s'
expect_soon 'the policy allows any port' sh -c "inside node ipmasqctl show | grep -q 'to-ports *any'"
before=$(counter failed)
hold 512 512 >/dev/null
hold 100 2000 >/dev/null
held=$(ports '.[] | select(.privileged) | .held')
expect_success "$held of the 424 are held, nearly all" [ "$held" -ge 400 ]
expect_equal '424 100 64512' "$(ports '[.[] | .available, (select(.privileged | not) | .held)] | "\(.[0]) \(.[2]) \(.[1])"')" \
	'the others have ports of their own'
expect_success 'connections that found none are counted without port ranges too' \
	[ "$(counter failed)" -gt "$before" ]
expect_metric "$held" 'ipmasq_fullest_destination_source_ports{protocol="udp"}'
expect_equal 424 "$(metric 'ipmasq_fullest_destination_source_ports_limit{protocol="udp"}')" \
	'the fullest is the one with the largest share'
expect_logged "warning .* run out: [0-9]* of 424 are held" 'of which the daemon warns as well'
expect_metric "$held" "ipmasq_destination_source_ports${NEAR%\}},privileged=\"600-1023\"}"
