#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A million entries through ipmasqctl, there and back.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ctl() {
	on one ipmasqctl "$@"
}

# prefixes COUNT: that many /24, in order, a multiple of 250
prefixes() {
	awk -v count="$1" 'BEGIN {
		for (i = 0; i < count / 250; i++) {
			start = 1 + int(i / 256) "." i % 256 "."
			for (j = 0; j < 250; j++)
				print start j ".0/24 skip"
		}
	}'
}

namespace one
work=/tmp/scenario

prefixes 1000000 >$work/million
expect_success 'a million entries' ctl replace -f $work/million
ctl list plain >$work/listed
expect_success 'come back as they were' cmp $work/million $work/listed
expect_match '*entries *1000000 static*' "$(ctl show)" 'and are counted'
head -n 50000 $work/million >$work/more
expect_failure 1 '*1048576*' 'more than the limit, both origins together, are refused' \
	ctl replace -f $work/more origin config
ctl list 16.66.0.0/16 plain >$work/listed
expect_equal "$(grep -c '^16\.66\.' $work/million)" "$(grep -c . $work/listed)" \
	'and the table is as it was'
