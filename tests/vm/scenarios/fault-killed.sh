#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writers that signals rain on, and writers that are killed at any moment, also while
# they wait for each other: a table is replaced as a whole or not at all.
#
#	node	one of two tables, of 3,000 and of 2,000 entries; writers	no traffic

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

KILLS=24
A=/tmp/scenario/a B=/tmp/scenario/b

table() {
	awk -v count="$1" -v first="$2" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "%d.%d.%d.0/24 skip\n", first, i / 256, i % 256
	}'
}

content() {
	on node ipmasqctl list | awk '{ print $1, $2 }' | sha256sum
}

memory_is_back() {
	[ "$(kernel_memory)" -le $((memory_before + 2048)) ]
}

killed_writer() {
	timeout -s KILL "0.$1" inside node ipmasqctl replace -f "$2" \
		>/dev/null 2>&1 || killed=$((killed + 1))
}

namespace node
on node ipmasqctl set enabled on

note 'signals, which are no reason to give up'
report_hostile on node hostile signals 10
on node ipmasqctl flush policy

note "writers are killed, $KILLS of them at different moments"
table 3000 30 >$A
table 2000 40 >$B
on node ipmasqctl replace -f $B >/dev/null
content_b=$(content)
on node ipmasqctl replace -f $A >/dev/null
content_a=$(content)
memory_before=$(kernel_memory)
killed=0
neither=0
for number in $(seq $KILLS); do
	# 10 ms to 250 ms; a replacement takes a part of that.
	hundredths=$(printf %03d $((number * 10)))
	if [ $((number % 2)) = 0 ]; then
		killed_writer "$hundredths" $A
	else
		killed_writer "$hundredths" $B
	fi
	case $(content) in
	"$content_a" | "$content_b") ;;
	*) neither=$((neither + 1)) ;;
	esac
done
note "$killed of $KILLS were killed before their end"
expect_success 'some were killed in the middle' test $killed -gt 0
expect_equal 0 $neither 'the table is one or the other, whole'

note 'killed while they wait for another writer'
inside node writer swap 1000000 $A $B >/tmp/scenario/writer 2>&1 &
writer=$!
killed=0
for number in 1 2 3 4 5 6; do
	killed_writer "0$number" $A
done
kill $writer
wait $writer 2>/dev/null || :
case $(content) in
"$content_a" | "$content_b") report ok 'they leave a table that is whole' ;;
*) report 'not ok' 'they leave a table that is whole' "$A or $B" 'something else' ;;
esac
on node ipmasqctl replace -f $A >/dev/null
expect_equal "$content_a" "$(content)" 'and the next writer has his way'
expect_soon 'nothing of theirs is left in memory' memory_is_back
