#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ends that nobody planned: of a writer, of a transaction, of the module under it.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

WAIT_SECONDS=60

memory_is_taken() {
	[ "$(kernel_memory)" -gt $((memory_before + 2048)) ]
}

memory_is_back() {
	[ "$(kernel_memory)" -le $((memory_before + 1024)) ]
}

# writer_holds NAME WORD...: a writer in mid-transaction
writer_holds() {
	held=/tmp/scenario/$1
	shift
	inside node writer hold "$@" >"$held" 2>&1 &
	writer=$!
	wait_until grep -q holding "$held"
}

namespace node
echo '10.0.0.0/8 skip' | on node ipmasqctl replace -f - origin config
on node ipmasqctl add 192.0.2.128/25

note 'a writer is killed in mid-transaction'
before=$(on node ipmasqctl list -j)
memory_before=$(kernel_memory)
writer_holds killed 100000
expect_soon 'a transaction of 100,000 entries takes memory' memory_is_taken
expect_equal "$before" "$(on node ipmasqctl list -j)" 'and nothing of it is in force'
kill -KILL $writer
wait $writer 2>/dev/null || :
expect_soon 'with the writer the memory goes' memory_is_back
expect_equal "$before" "$(on node ipmasqctl list -j)" 'the policy has not moved, nor its generation'

note 'two writers know the same generation'
based_on=$(generation)
rm -f /tmp/scenario/go
writer_holds second 1000 generation "$based_on" until /tmp/scenario/go
on node ipmasqctl add 198.51.100.0/24 generation "$based_on"
touch /tmp/scenario/go
wait $writer 2>/dev/null || :
expect_match "*refused: another change came first: generation $((based_on + 1)) is in force*" \
	"$(cat /tmp/scenario/second)" 'the one who comes second is refused'
expect_equal "$((based_on + 1)) 3" \
	"$(on node ipmasqctl list -j | jq -r '"\(.generation) \(.entries | length)"')" \
	'the one who came first is in force'
based_on=$(generation)
for number in 1 2 3 4 5; do
	inside node ipmasqctl add 198.18.0.$number/32 generation "$based_on" \
		>/tmp/scenario/race-$number 2>&1 && echo won >/tmp/scenario/race-$number &
	eval "racer_$number=\$!"
done
for number in 1 2 3 4 5; do
	eval "wait \$racer_$number" || :
done
expect_equal '1 won, 4 refused' \
	"$(cat /tmp/scenario/race-? | grep -c '^won$') won, $(cat /tmp/scenario/race-? |
		grep -c 'another change came first') refused" 'of five at once one wins'
expect_equal $((based_on + 1)) "$(generation)" 'with one change'

note 'the module goes while a transaction is open'
rm -f /tmp/scenario/go
writer_holds orphan 1000 until /tmp/scenario/go
expect_failure 1 '*temporarily unavailable*' 'a policy in force holds it' rmmod ipmasq
expect_success 'without one it can be unloaded' unload_module
touch /tmp/scenario/go
wait $writer 2>/dev/null || :
expect_match '*refused: *has been unloaded*' "$(cat /tmp/scenario/orphan)" 'and the writer is told'
expect_failure 1 '*not loaded*' 'as is whoever comes later' on node writer hold 1000
load_module
