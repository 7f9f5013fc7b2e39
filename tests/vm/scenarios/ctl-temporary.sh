#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Entries for an incident: they decide like any other, say what is left of their time,
# and are gone by themselves, whatever else happens to the policy meanwhile.
#
#	pod ------- node ------- fabric ---- internet4, peer
#	10.244.1.2  192.0.2.10               203.0.113.7, 10.0.0.20

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

build_topology
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8]'
start_daemon

# static_entries: "CIDR ACTION" a line, without their times
static_entries() {
	on node ipmasqctl list origin static plain | sed 's/ for .*//'
}

# gone CIDR
gone() {
	! static_entries | grep -q "^$1 "
}

# left CIDR: milliseconds that an entry has left
left() {
	on node ipmasqctl list "$1" origin static -j | jq '.entries[0].timeout_milliseconds'
}

on node ipmasqctl monitor -j >/tmp/scenario/events &
MONITOR=$!

note 'an entry for an hour'
expect_source "$NODE4" pod udp "$INTERNET4"
on node ipmasqctl add 203.0.113.0/24 skip for 1h
expect_source "$POD4" pod udp "$INTERNET4"
expect_counter cidr 1
expect_equal 1 "$(on node ipmasqctl list 203.0.113.0/24 -j | jq '.entries[0].connections')" \
	'and it counts'
remaining=$(left 203.0.113.0/24)
expect_success "$remaining ms of an hour are left" \
	[ "$remaining" -gt 3000000 -a "$remaining" -le 3600000 ]
expect_match '*203.0.113.0/24 *skip *static *left*' \
	"$(on node ipmasqctl list 203.0.113.0/24)" 'list says what is left'

note 'what happens meanwhile does not touch it'
on node ipmasqctl add 198.51.100.0/24 skip for 1h
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8, 192.168.0.0/16]'
expect_soon 'the daemon reloads' logged '3 prefixes from file'
expect_equal '198.51.100.0/24 skip
203.0.113.0/24 skip' "$(static_entries)" 'both are there'
later=$(left 203.0.113.0/24)
expect_success "its time goes on, $later ms" [ "$later" -lt "$remaining" ]
expect_equal 1 "$(on node ipmasqctl list 203.0.113.0/24 -j | jq '.entries[0].connections')" \
	'what it counted is kept'

note 'its time is over'
on node ipmasqctl add 203.0.113.0/24 skip for 1s replace
expect_soon 'it is gone by itself' gone 203.0.113.0/24
expect_source "$NODE4" pod udp "$INTERNET4"
expect_equal '198.51.100.0/24 skip' "$(static_entries)" 'the other one is not'
expect_soon 'monitor tells it' grep -q 'cidr-del' /tmp/scenario/events
expect_equal '["cidr-del","static",0]' "$(grep cidr-del /tmp/scenario/events | head -n 1 |
	jq -c '[.cause, .origin, .port_id]')" 'as nobody'\''s doing'
drift=$(grep -c 'put back' "$DAEMON_LOG") || :
expect_equal 0 "$drift" 'the daemon has nothing to put back'

note 'made permanent'
on node ipmasqctl add 203.0.113.0/24 skip for 1h
on node ipmasqctl add 203.0.113.0/24 skip replace
expect_equal null "$(left 203.0.113.0/24)" 'it has no time any more'
on node ipmasqctl add 192.0.2.128/25 skip for 1s
expect_soon 'one that was added after it goes' gone 192.0.2.128/25

note 'saved and restored with what is left'
on node ipmasqctl save >/tmp/scenario/saved
on node ipmasqctl flush
on node ipmasqctl restore -f /tmp/scenario/saved
expect_equal '198.51.100.0/24 skip
203.0.113.0/24 skip' "$(static_entries)" 'both are back'
remaining=$(left 198.51.100.0/24)
expect_success "$remaining ms of an hour are left" \
	[ "$remaining" -gt 3000000 -a "$remaining" -le 3600000 ]
expect_equal null "$(left 203.0.113.0/24)" 'and the permanent one is permanent'

note 'many, one shortly after the other'
# In one second, 5 ms apart. The policy is compiled in a kernel thread each time.
seq 0 199 | awk '{ printf "198.18.0.%d/32 skip for %dms\n", $1, 500 + 5 * $1 }' |
	on node ipmasqctl replace -f -
first=$(generation)
expect_soon 'are all gone by themselves' gone '198.18.*'
changes=$(($(generation) - first))
expect_success "in $changes changes, not in 200" [ "$changes" -le 20 ]

note 'a limit that is lowered below what there is'
limit=/sys/module/ipmasq/parameters/max_entries
most=$(cat $limit)
seq 1 3 | sed 's|.*|192.0.2.&/32 skip for 1s|' | on node ipmasqctl replace -f -
echo 1 >$limit
expect_soon 'keeps none of them' gone '192.0.2.[1-3]/32'
echo "$most" >$limit

note 'mistakes'
expect_failure 2 '*0s*' 'no time at all' on node ipmasqctl add 192.0.2.0/24 skip for 0s
expect_failure 2 '*8761h*' 'more than a year' on node ipmasqctl add 192.0.2.0/24 skip for 8761h
expect_failure 2 '*soon*' 'no duration' on node ipmasqctl add 192.0.2.0/24 skip for soon

kill "$MONITOR"
