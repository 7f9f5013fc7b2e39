#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ipmasqctl monitor: a line for each change, no line for anybody else's, word of
# events that were lost, and a clean end.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ctl() {
	on one ipmasqctl "$@"
}

lines() {
	wc -l <"$1"
}

has_lines() {
	[ "$(lines "$1")" -ge "$2" ]
}

# A monitor in the background; its process id is $monitor.
start_monitor() {
	output=$1
	shift
	# Here and not in the background: the first line of the one before is not waited for.
	: >"$output"
	inside one ipmasqctl monitor "$@" >>"$output" &
	monitor=$!
	wait_until has_lines "$output" 1
}

expect_clean_end() {
	kill "-$1" "$monitor"
	status=0
	wait "$monitor" || status=$?
	expect_equal 0 "$status" "SIG$1 is a clean end"
}

namespace one
namespace two
seen=/tmp/scenario/seen

start_monitor $seen --json
expect_equal '["start",0]' "$(jq -c '[.event, .generation]' $seen)" 'begins with what is in force'
ctl set enabled on
on two ipmasqctl set enabled on
ctl add 10.0.0.0/8 11.0.0.0/8
ctl add 10.0.0.0/8 && failed=0 || failed=1
ctl add 10.0.0.0/8 origin config
echo 12.0.0.0/8 | ctl replace -f -
ctl flush policy
wait_until has_lines $seen 6
expect_equal 1 "$failed" 'a change that is refused'
expect_equal '["policy-set",null,1,0,0]
["cidr-add","static",2,0,2]
["cidr-add","config",3,1,2]
["transaction-commit","static",4,1,1]
["policy-del",null,0,0,0]' "$(tail -n +2 $seen | jq -c \
	'[.cause, .origin, .generation, .entries.config, .entries.static]')" \
	'is no event; every other one is, in order, and of this namespace only'
expect_clean_end TERM

start_monitor $seen
ctl set enabled on
wait_until has_lines $seen 2
expect_match '*no policy*generation * by policy-set*' "$(cat $seen)" 'in words'
# A shell's background process ignores SIGINT, which the monitor does not.
expect_clean_end INT

note 'a reader that goes'
mkfifo /tmp/scenario/pipe
inside one ipmasqctl monitor >/tmp/scenario/pipe &
monitor=$!
head -n 1 </tmp/scenario/pipe >/tmp/scenario/first
status=0
wait "$monitor" || status=$?
expect_equal 0 "$status" 'a pipe that is closed ends it, without an event'
expect_equal 1 "$(lines /tmp/scenario/first)" 'after its first line'
expect_failure 1 '*standard output*' 'a full disk is an error' \
	on one sh -c 'ipmasqctl monitor >/dev/full'

note 'a reader that is slow'
room=$(cat /proc/sys/net/core/rmem_max)
echo 2304 >/proc/sys/net/core/rmem_max
start_monitor $seen --json
kill -STOP "$monitor"
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
	ctl set random-fully on
done
kill -CONT "$monitor"
expect_soon 'events that were lost are said so' grep -q '"event": "lost"' $seen
ctl flush policy
expect_soon 'and it goes on' grep -q '"cause": "policy-del"' $seen
echo "$room" >/proc/sys/net/core/rmem_max
expect_clean_end TERM
