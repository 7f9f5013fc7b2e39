#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon is killed KILLS times, each time at another moment of its life, while its
# file changes under traffic: what is in force is always one whole policy.
#
#	pod ------- node ------- fabric ---+-- internet4   masqueraded by both files
#	  udp, tcp  ipmasqd, killed        +-- peer        left alone by both

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh
# shellcheck source=tests/vm/guest/soak.sh
. /guest/soak.sh

: "${KILLS:=10}"
LONG='nonMasqueradeCIDRs: [10.0.0.0/8, 198.51.100.0/24, 198.18.0.0/15]'
LONG_ENTRIES='10.0.0.0/8 skip
169.254.0.0/16 skip
198.18.0.0/15 skip
198.51.100.0/24 skip'
WRONG=/tmp/scenario/wrong

# live: from a start to a kill, when it has done its work or up to 118 ms after the
# start, which is somewhere in it
live() {
	wanted=$LONG_ENTRIES
	if [ $((kills % 2)) = 0 ]; then
		write_config "$LONG"
	else
		wanted=$ONE_ENTRIES
		write_config "$ONE"
	fi
	spawn_daemon
	if [ $((kills % 5)) -lt 2 ]; then
		wait_until has_entries "$wanted"
	else
		usleep $((kills * 7 % 60 * 2000))
	fi
	kill -KILL "$DAEMON"
	wait "$DAEMON" || :
	seen=$(entries)
	case $seen in
	"$ONE_ENTRIES") short=$((short + 1)) ;;
	"$LONG_ENTRIES") long=$((long + 1)) ;;
	*) echo "$kills: $seen" >>$WRONG ;;
	esac
}

# lives N: under traffic
lives() {
	traffic udp-internet4 pod udp "$INTERNET4" 1024 timeout 20000
	traffic tcp-internet4 pod tcp "$INTERNET4" 20000 timeout 20000
	traffic udp-peer pod udp "$PEER4" 40000 timeout 20000
	short=0
	long=0
	kills=0
	while [ $kills -lt "$1" ]; do
		live
		kills=$((kills + 1))
		: >"$DAEMON_LOG"
	done
	end_traffic
}

build_topology
configure "$ONE"
: >$WRONG
lives 2
remember_memory
lives "$KILLS"

expect_equal '' "$(cat $WRONG)" "after each of $KILLS kills one of the two policies is in force"
note "the shorter one $short times, the longer one $long times"
expect_success 'and each of them now and then' [ $((short * long)) -gt 0 ]
for name in udp-internet4 tcp-internet4; do
	expect_equal "$NODE4 " "$(sources $name)" "$name: masqueraded all the time"
done
expect_equal "$POD4 " "$(sources udp-peer)" 'udp-peer: never masqueraded'
for name in udp-internet4 tcp-internet4 udp-peer; do
	note "$(connections $name) connections, $name"
done
write_config "$ONE"
on node ipmasqctl flush config
spawn_daemon
expect_entries "$ONE_ENTRIES" 'the last one does its work'
end_daemon TERM
expect_equal 0 "$ENDED" 'and ends by itself'
expect_memory_back "$KILLS"
