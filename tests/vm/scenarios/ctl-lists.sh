#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lists of ipmasqctl are of one generation, however often the table changes
# meanwhile.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ctl() {
	on one ipmasqctl "$@"
}

# prefixes COUNT ACTION: that many /24, in order, a multiple of 250
prefixes() {
	awk -v count="$1" -v action="$2" 'BEGIN {
		for (i = 0; i < count / 250; i++) {
			start = 1 + int(i / 256) "." i % 256 "."
			for (j = 0; j < 250; j++)
				print start j ".0/24 " action
		}
	}'
}

namespace one
work=/tmp/scenario

prefixes 1000 skip >$work/skip
prefixes 1000 masquerade >$work/masquerade
ctl replace -f $work/skip
(
	while [ ! -e $work/enough ]; do
		ctl replace -f $work/masquerade
		ctl replace -f $work/skip
	done
) &
writer=$!
mixed=0
lists=0
refused=0
while [ $lists -lt 15 ] && [ $refused -lt 30 ]; do
	# Where each of its attempts comes into a change, which is for slow kernels, it
	# says so instead.
	if ! ctl list plain >$work/list 2>$work/error; then
		refused=$((refused + 1))
		if [ -s $work/list ] ||
			! grep -q 'the policy changed during each of' $work/error; then
			mixed=$((mixed + 1))
		fi
		continue
	fi
	cut -d ' ' -f 2 $work/list | sort | uniq -c >$work/actions
	case $(tr -s ' ' <$work/actions) in
	' 1000 skip' | ' 1000 masquerade') ;;
	*) mixed=$((mixed + 1)) ;;
	esac
	lists=$((lists + 1))
done
touch $work/enough
wait $writer
note "$lists lists, $refused that never came between two changes"
expect_equal 15 $lists 'lists were made'
expect_equal 0 $mixed 'none is of two tables, or of a part of one'
expect_success 'the table changed meanwhile' \
	[ "$(ctl -j show | jq .generation)" -gt 3 ]
