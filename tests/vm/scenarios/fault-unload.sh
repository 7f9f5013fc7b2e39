#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module goes in the middle of everything that a program may have begun: a dump
# half read, a listener to its events, tables being compiled. (A transaction that is
# open is in lifecycle.)
#
#	node	a policy of 3,000 entries, and writers		no traffic

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ROUNDS=6
# Two tables of another size, so that half of one would be seen.
A=/tmp/scenario/a B=/tmp/scenario/b

table() {
	awk -v count="$1" -v first="$2" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "%d.%d.%d.0/24 skip\n", first, i / 256, i % 256
	}'
}

writer_has_begun() {
	[ "$(generation)" -gt "$1" ]
}

namespace node
table 3000 30 >$A
table 2000 40 >$B
on node ipmasqctl replace -f $A >/dev/null

note 'a dump is half read'
inside node hostile held-dump >/tmp/scenario/held &
reader=$!
wait_until grep -q holding /tmp/scenario/held
expect_failure 1 '*temporarily unavailable*' 'the module stays while a policy is in force and somebody reads it' rmmod ipmasq
expect_equal 3000 "$(on node ipmasqctl show -j | jq .entries.static)" 'and so does the policy'
on node ipmasqctl flush policy
expect_failure 1 '*temporarily unavailable*' 'the reader holds it without a policy too' rmmod ipmasq
kill -KILL $reader
wait $reader 2>/dev/null || :
expect_soon 'when he has gone it can be unloaded' rmmod ipmasq

note 'a listener to events'
load_module
inside node ipmasqctl monitor >/tmp/scenario/seen 2>&1 &
listener=$!
wait_until test -s /tmp/scenario/seen
expect_success 'holds nothing' rmmod ipmasq
kill $listener 2>/dev/null || :
wait $listener || :
load_module
on node ipmasqctl replace -f $A >/dev/null
expect_equal 1 "$(generation)" 'and loaded again, knowing nothing'

note "tables are being compiled, $ROUNDS times"
memory_is_back() {
	[ "$(kernel_memory)" -le $((memory_before + 1024)) ]
}
unload_module
memory_before=$(kernel_memory)
told=0
for round in $(seq $ROUNDS); do
	load_module
	# It cannot come to its end.
	inside node writer swap 1000000 $A $B >"/tmp/scenario/writer-$round" 2>&1 &
	writer=$!
	wait_until writer_has_begun "$round"
	unload_module
	status=0
	wait $writer || status=$?
	if [ $status = 1 ] && grep -qE 'unloaded|not loaded' "/tmp/scenario/writer-$round"; then
		told=$((told + 1))
	fi
	note "$status: $(tail -n 1 "/tmp/scenario/writer-$round")"
done
expect_equal "$ROUNDS" $told 'it can be unloaded each time, and the writer is told'
expect_soon 'nothing of all those tables is left' memory_is_back
