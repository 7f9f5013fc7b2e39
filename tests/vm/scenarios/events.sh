#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whoever looks while others write: a dump that is interrupted says so and is
# asked for again, and every change is an event, in order.
#
#	node	writer, writer, ... -> module -> list, monitor
#	other	a namespace with changes of its own

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

EVENTS=/tmp/scenario/events
WAIT_SECONDS=60

# events_are N: so many lines, the first one included, and N more
events_are() {
	[ "$(wc -l <$EVENTS)" -ge "$1" ]
}

hosts() {
	awk -v count="$1" -v second="$2" -v action="$3" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "10.%d.%d.%d/32 %s\n", second, i / 256, i % 256, action }'
}

namespace node
namespace other

note 'a dump that is interrupted'
hosts 5000 1 skip | on node ipmasqctl replace -f -
report_hostile on node hostile interrupted

note 'and one of a generation whose lower half is 0'
on node hostile carry $(((1 << 32) - 1))
hosts 5000 1 skip | on node ipmasqctl replace -f -
expect_equal $((1 << 32)) "$(generation)" 'its generation'
report_hostile on node hostile interrupted

note 'list asks again'
hosts 1500 1 skip >/tmp/scenario/table-a
hosts 2000 2 masquerade >/tmp/scenario/table-b
on node ipmasqctl replace -f /tmp/scenario/table-a
inside node writer swap 400 /tmp/scenario/table-b /tmp/scenario/table-a pause 20000 \
	>/tmp/scenario/writer &
writer=$!
lists=0
generations=
while kill -0 $writer 2>/dev/null && [ $lists -lt 12 ]; do
	on node ipmasqctl list -j >/tmp/scenario/list
	generations="$generations $(jq .generation /tmp/scenario/list)"
	jq -r '.entries | group_by(.action) | map("\(.[0].action) \(length)") | join(" ")' \
		/tmp/scenario/list >>/tmp/scenario/lists
	lists=$((lists + 1))
done
kill $writer 2>/dev/null || :
wait $writer 2>/dev/null || :
note "generations listed:$generations"
expect_success 'lists were made meanwhile' [ $lists -gt 3 ]
expect_equal '' "$(grep -vxE 'skip 1500|masquerade 2000' /tmp/scenario/lists || :)" \
	'each list is one whole table'
expect_success 'of different generations' [ "$(echo "$generations" | tr ' ' '\n' | sort -u |
	wc -l)" -gt 3 ]

note 'events'
on node ipmasqctl flush policy
inside node ipmasqctl monitor -j >$EVENTS &
monitor=$!
wait_until events_are 1
on node ipmasqctl set enabled on
on node ipmasqctl add 10.0.0.0/8 192.0.2.0/24
on other ipmasqctl set enabled on
on node ipmasqctl del 192.0.2.0/24
hosts 3 1 skip | on node ipmasqctl replace -f - origin config
on node ipmasqctl add 10.0.0.0/8 masquerade replace
on node ipmasqctl set enable-ipv6 on to-ports 1024-2047
on node ipmasqctl add 10.0.0.0/8 2>/dev/null || :
on node ipmasqctl flush static
on node ipmasqctl flush policy
on node ipmasqctl set enabled off
wait_until events_are 10
last=$(generation)
kill $monitor
wait $monitor 2>/dev/null || :
first=$((last - 8))
expect_equal "start 0 - - 0 0
policy-changed $((first + 1)) policy-set - 0 0
policy-changed $((first + 2)) cidr-add static 0 2
policy-changed $((first + 3)) cidr-del static 0 1
policy-changed $((first + 4)) transaction-commit config 3 1
policy-changed $((first + 5)) cidr-add static 3 1
policy-changed $((first + 6)) policy-set - 3 1
policy-changed $((first + 7)) transaction-commit static 3 0
policy-changed 0 policy-del - 0 0
policy-changed $((first + 8)) policy-set - 0 0" \
	"$(jq -r '"\(.event) \(.generation) \(.cause // "-") \(.origin // "-") " +
		"\(.entries.config) \(.entries.static)"' $EVENTS)" \
	'an event for each change here, in order, and none for a refused one or elsewhere'
expect_equal 0 "$(jq -r 'select(.event != "start" and .port_id == 0) | .port_id' $EVENTS |
	grep -c . || :)" 'each names the port of its writer'

note 'no event is lost or out of order when they come fast'
: >$EVENTS
inside node ipmasqctl monitor -j >$EVENTS &
monitor=$!
wait_until events_are 1
before=$(generation)
echo '10.0.0.0/8 skip' >/tmp/scenario/table-a
echo '10.0.0.0/9 skip' >/tmp/scenario/table-b
on node writer swap 500 /tmp/scenario/table-a /tmp/scenario/table-b >/dev/null
wait_until events_are 501 || :
kill $monitor
wait $monitor 2>/dev/null || :
expect_equal "$(seq "$before" $((before + 500)))" "$(jq .generation $EVENTS)" \
	'500 changes are 500 events, one generation after the other'
expect_equal 1 "$(jq 'select(.event != "start") | .port_id' $EVENTS | sort -u | wc -l)" \
	'all of the same writer'
