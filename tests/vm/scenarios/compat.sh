#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel says what the reference agent's rules said: of the measured cases
# (tests/compat/cases.json) 120 accepted ones are brought into the kernel, each
# with its flags, and the addresses at and beside the edges of every prefix of
# the recorded rules are explained.
#
#	node ------ dummy0	a default route, so that every address has a way
#	192.0.2.10, 2001:db8:2::10

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

namespace node
ip -n node link add dummy0 type dummy
ip -n node link set dummy0 up
ip -n node addr add "$NODE4/24" dev dummy0
ip -n node addr add "$NODE6/64" dev dummy0
ip -n node route add default dev dummy0
ip -n node route add ::/0 dev dummy0

on node verdicts /usr/bin/verdicts.cases "$POD4" "$POD6" >/tmp/scenario/verdicts
cases=0 asked=0
while read -r word more; do
	cases=$((cases + 1))
	case $word in
	ok) asked=$((asked + ${more##* })) ;;
	*) report 'not ok' "case ${more#ok }" 'the recorded verdicts' "$more" ;;
	esac
done </tmp/scenario/verdicts
expect_equal yes "$([ "$cases" -ge 100 ] && echo yes)" "at least 100 cases were asked ($cases)"
expect_equal yes "$([ "$asked" -ge 1500 ] && echo yes)" "$asked addresses got the recorded verdict"
on node ipmasqctl flush policy
