#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# All source ports that there are towards one destination: 64,512 connections, which
# the daemon counts without being scraped, and then some that find none.
#
#	pod ---------- node ---------- fabric ------ internet4
#	10.244.1.2     192.0.2.10                    203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

EVENTS=/tmp/scenario/events
WAIT_SECONDS=60

build_topology
configure 'resyncInterval: 1s'

# As packets of pods would have left them, which would take minutes here.
awk -v pod="$POD4" -v node="$NODE4" -v far="$INTERNET4" 'BEGIN { for (port = 1024; port < 65536; port++)
	printf "-I -p udp -s %s -d %s --sport %d --dport 7000 --src-nat %s:%d -t 600\n",
		pod, far, port, node, port }' >/tmp/scenario/load
on node conntrack --load-file /tmp/scenario/load >/dev/null 2>&1
expect_equal 64512 "$(on node ipmasqctl ports -j | jq '.destinations[0].held')" 'all are held'
# Only now: a count of so many takes a second here, and so there is none for long.
start_daemon --http-address "$HTTP"
on node ipmasqctl monitor -j >$EVENTS &
wait_until test -s $EVENTS
expect_logged 'warning .* run out: 64512 of 64512 are held' 'the daemon warns'
ip -n pod addr add 10.244.1.200/24 dev eth0
on pod flow connect udp "$INTERNET4" from 10.244.1.200 count 100 timeout 20 parallel 4 >/dev/null 2>&1 || :
expect_success 'connections that find none are told from the first that was looked at on' \
	[ "$(counter failed)" -gt 36 ]
expect_soon 'the kernel tells' sh -c "grep ports-exhausted $EVENTS | grep -q 10.244.1.200"
note "the daemon's CPU time: $(metric process_cpu_seconds_total) s"
