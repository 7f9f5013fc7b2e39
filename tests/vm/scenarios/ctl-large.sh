#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A million entries through ipmasqctl, there and back.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ctl() {
	on one ipmasqctl "$@"
}

namespace one
work=/tmp/scenario

writer prefixes 1.0.0.0/24 1000000 1 skip >$work/million
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
