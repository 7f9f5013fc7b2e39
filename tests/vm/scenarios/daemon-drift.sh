#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What somebody else does to the config entries and settings is put back; what
# is the operator's stays. FLOOD changes come as fast as they can be made.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

: "${FLOOD:=10000}"

namespace node
write_config "$ONE"
start_daemon --http-address "$HTTP"
wait_until serving

static_entries() {
	on node ipmasqctl list origin static plain
}

on node ipmasqctl add 203.0.113.0/24 198.51.100.0/24
expect_equal 2 "$(static_entries | wc -l)" 'two static entries'

on node ipmasqctl del 10.0.0.0/8 origin config
expect_entries "$ONE_ENTRIES" 'a removed entry is put back'
expect_logged 'drift: skip 10.0.0.0/8 was removed' 'and named'
expect_metric 1 ipmasq_drift_repairs_total

on node ipmasqctl add 192.0.2.0/24 origin config
expect_entries "$ONE_ENTRIES" 'an added entry is taken out'
expect_logged 'drift: skip 192.0.2.0/24 was added' 'and named'

on node ipmasqctl add 10.0.0.0/8 masquerade replace origin config
expect_entries "$ONE_ENTRIES" 'a changed action is changed back'
expect_logged 'drift: 10.0.0.0/8 was changed from skip to masquerade' 'and named'

# Of those within a second the log has the first five.
settings() {
	on node ipmasqctl show -j | jq -c '[.enabled, .random_fully, .to_ports]'
}
before=$(settings)
on node ipmasqctl set random-fully off to-ports 1000-2000
expect_metric 4 ipmasq_drift_repairs_total
expect_logged 'randomFully was switched off' 'a changed setting is named'
expect_equal "$before" "$(settings)" 'and changed back'

# Many at once are told in a few lines.
seq 1 200 | sed 's|.*|192.0.2.&/32|' >/tmp/scenario/many
seq 1 200 | sed 's|.*|198.18.0.&/32|' >>/tmp/scenario/many
on node ipmasqctl replace -f /tmp/scenario/many origin config
expect_entries "$ONE_ENTRIES" 'a replaced table is put back'
expect_logged 'and 397 more entries' 'in a few lines'

on node ipmasqctl flush config
expect_entries "$ONE_ENTRIES" 'a flushed table is put back'
expect_metric 6 ipmasq_drift_repairs_total

# The quickest of several, for a machine with other work.
repaired_within() {
	local attempt began ended least=1000
	for attempt in $(seq 5); do
		on node ipmasqctl del 10.0.0.0/8 origin config
		began=$(cut -d ' ' -f 1 /proc/uptime)
		wait_until has_entries "$ONE_ENTRIES"
		ended=$(cut -d ' ' -f 1 /proc/uptime)
		took=$(echo "$began $ended" | awk '{ printf "%d", ($2 - $1) * 100 }')
		[ "$took" -ge "$least" ] || least=$took
	done
	note "the quickest of $attempt repairs was seen after $((least * 10)) ms"
	[ "$least" -lt "$1" ]
}
expect_success 'it takes no half second, unless waits are to be longer' \
	repaired_within $((50 * WAIT_FACTOR))
expect_metric 11 ipmasq_drift_repairs_total
expect_equal 2 "$(static_entries | wc -l)" 'static entries are as they were'

# Switched off by the operator: stays, over a change of the file and a restart.
enabled() {
	on node ipmasqctl show -j | jq -r '.. | .enabled? // empty' | head -n 1
}
on node ipmasqctl set enabled off
write_config "$TWO"
expect_entries "$TWO_ENTRIES" 'a change of the file while the policy is switched off'
expect_metric 0 ipmasq_policy_enabled
expect_metric 11 ipmasq_drift_repairs_total
on node ipmasqctl set enabled on
expect_metric 1 ipmasq_policy_enabled

# Static changes are no drift.
on node ipmasqctl add 100.64.0.0/10
on node ipmasqctl del 203.0.113.0/24
expect_metric 2 'ipmasq_entries{origin="static"}'
expect_metric 11 ipmasq_drift_repairs_total

# The policy as a whole, when the log has room again.
repaired=$(cut -d . -f 1 /proc/uptime)
second_is_over() {
	[ "$(cut -d . -f 1 /proc/uptime)" -gt $((repaired + 1)) ]
}
wait_until second_is_over
on node ipmasqctl flush policy
expect_entries "$TWO_ENTRIES" 'a removed policy is put back'
expect_logged 'the policy was removed' 'and that is told'
expect_metric 12 ipmasq_drift_repairs_total

# Somebody who does not give in: the daemon neither gives up nor spins.
# shellcheck disable=SC2016 # for the inner shell
on node sh -c 'for number in $(seq 1 300); do
	ipmasqctl del 10.0.0.0/8 origin config; done' >/dev/null 2>&1
expect_entries "$TWO_ENTRIES" 'after a fight the file has won'
note "repairs: $(metric ipmasq_drift_repairs_total), log lines: $(wc -l <"$DAEMON_LOG")"
expect_metric 1 ipmasq_policy_in_sync
expect_metric 0 ipmasq_netlink_errors_total

note 'a flood of changes'
ticks() {
	awk '{ print $14 + $15 }' "/proc/$DAEMON/stat"
}
echo '10.0.0.0/8 skip' >/tmp/scenario/flood1
echo '192.0.2.0/24 skip' >/tmp/scenario/flood2
repairs=$(metric ipmasq_drift_repairs_total)
lines=$(wc -l <"$DAEMON_LOG")
used=$(ticks)
on node writer overwrite "$FLOOD" /tmp/scenario/flood1 /tmp/scenario/flood2 >/tmp/scenario/flood
used=$(($(ticks) - used))
note "$(cat /tmp/scenario/flood), $used hundredths of a second of the daemon's CPU time"
flood=$(sed 's/.* //; s/\..*//' /tmp/scenario/flood)
# The two processors take turns on one of this machine, and the time that one waits for the
# other, which floods, is counted as its own. Without its limit the daemon takes all there is.
expect_success "a flood of $flood s takes the daemon less than a third of a CPU, and its waits" \
	[ "$used" -lt $(((flood + 1) * 66)) ]
# The next look comes after a minute at most.
WAIT_SECONDS=70
expect_entries "$TWO_ENTRIES" 'the file wins in the end'
WAIT_SECONDS=10
lines=$(($(wc -l <"$DAEMON_LOG") - lines))
expect_success "the log has $lines lines about it, at most 20" [ "$lines" -le 20 ]
repairs=$(($(metric ipmasq_drift_repairs_total) - repairs))
# A flood that is slow is repaired more often, up to 200 times a second.
expect_success "there were $repairs repairs of $FLOOD changes, at most a quarter" \
	[ "$repairs" -le $((FLOOD / 4)) ]
expect_logged 'another process keeps changing the config entries: they were restored [0-9]* times' \
	'most of them in lines that have the number'
# It returns memory after a second without work, which is work.
sleep 3
used=$(ticks)
sleep 10
expect_success 'and the daemon is at rest: less than 1 % of a CPU' [ $(($(ticks) - used)) -lt 10 ]
