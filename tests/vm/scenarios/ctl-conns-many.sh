#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ten thousand connections, half of them between the same two addresses and half of
# them to a destination of their own: judging them takes a question to the module for
# each pair of addresses, and dropping them one socket.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

# load FIRST LAST AWK: a line for conntrack for each number
load() {
	awk -v first="$1" -v last="$2" "BEGIN { for (i = first; i <= last; i++) $3 }" >/tmp/scenario/load
	on node conntrack --load-file /tmp/scenario/load >/tmp/scenario/loaded 2>&1 ||
		{ tail -n 3 /tmp/scenario/loaded; return 1; }
}

# took SENTENCE COMMAND...: prints what it says, notes the time
took() {
	local sentence=$1 began
	shift
	began=$(cut -d ' ' -f 1 /proc/uptime)
	"$@"
	echo "$began $(cut -d ' ' -f 1 /proc/uptime)" | awk '{ printf "%.2f s\n", $2 - $1 }' >/tmp/scenario/took
	note "$sentence: $(cat /tmp/scenario/took)"
}

count() {
	on node ipmasqctl conns -j "$@" | grep -c '"protocol"' || :
}

build_topology
configure ''
# As conntrack would have them after packets of pods.
load 1 5000 'printf "-I -p udp -s 10.244.1.2 -d 203.0.113.7 --sport %d --dport 53 --src-nat 192.0.2.10 -t 600\n", 10000 + i'
load 1 5000 'printf "-I -p udp -s 10.244.1.2 -d 198.18.%d.%d --sport 1000 --dport 53 --src-nat 192.0.2.10 -t 600\n", i / 250, i % 250 + 1'
expect_equal 10000 "$(took 'listing 10,000' count)" 'ten thousand connections'
expect_equal 0 "$(took 'judging 10,000 of 5,001 pairs' count --stale)" 'none of them is stale'
expect_equal 0 "$(took 'judging 5,000 of one pair' count --stale to 203.0.113.7)" \
	'nor of those that share their addresses'
configure 'nonMasqueradeCIDRs: [198.18.0.0/16]'
expect_equal 5000 "$(took 'judging, and half of them are' count --stale)" 'half of them are after a change'
expect_equal 5000 "$(took 'dropping 5,000' on node ipmasqctl conns -j --stale --drop | sed -n 's/.*"dropped": \([0-9]*\).*/\1/p')" \
	'and are dropped'
expect_equal 5000 "$(count)" 'the others are left'
