#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# However large a table is and however many processors the machine may have, the kernel
# gives up the processor while it compiles, lists, replaces and frees it.
#
# The VM has one processor whose time is the number of its instructions, so that the
# longest stretch is the same on a busy machine and on an idle one.
#
# possible: 240

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

WAIT_SECONDS=60
: "${ENTRIES:=100000}"
# Microseconds: five times the longest stretch, which is not the module's. Setting the
# counters of as many entries to zero for each processor took 700,000.
LONGEST=15000

# stretch_while SENTENCE COMMAND...: until the memory of what it replaced is back
stretch_while() {
	local sentence=$1 longest
	shift
	rm -f /tmp/scenario/done /tmp/scenario/longest
	stall until /tmp/scenario/done >/tmp/scenario/longest &
	wait_until test -s /tmp/scenario/longest
	"$@" >/tmp/scenario/said
	wait_until memory_is_at_most "$memory_allowed" || :
	touch /tmp/scenario/done
	wait $!
	longest=$(tail -n 1 /tmp/scenario/longest)
	expect_success "$sentence, $longest microseconds at most" test "$longest" -le $LONGEST
}

memory_is_at_most() {
	[ "$(kernel_memory)" -le "$1" ]
}

namespace node
expect_equal 0-239 "$(cat /sys/devices/system/cpu/possible)" '240 processors are possible'
writer prefixes 16.0.0.0/32 "$ENTRIES" 1 skip >/tmp/scenario/table
# Not in order, so that they must be sorted.
sort -r /tmp/scenario/table >/tmp/scenario/reversed
echo '10.0.0.0/8 skip' >/tmp/scenario/one

on node ipmasqctl set enabled on
memory_before=$(kernel_memory)
memory_allowed=$((memory_before + 1048576))
stretch_while 'the processor is given up while a table is compiled' \
	on node ipmasqctl replace -f /tmp/scenario/reversed
taken=$(on node ipmasqctl show -j | jq .memory_bytes)
expect_success "of $((taken / 1024)) KiB, a tenth of what 240 copies of each counter take" \
	test "$taken" -le $((ENTRIES * 240 * 8 / 10))
stretch_while 'while all of it is passed over' on node ipmasqctl list origin config plain
expect_equal 0 "$(wc -l </tmp/scenario/said)" 'since none of it is of that origin'
memory_allowed=$((memory_before + 8192))
stretch_while 'and while all of it is replaced' on node ipmasqctl replace -f /tmp/scenario/one
expect_success 'which gives its memory back' memory_is_at_most $memory_allowed
