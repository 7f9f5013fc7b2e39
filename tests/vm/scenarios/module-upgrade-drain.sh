#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A namespace that drains over an upgrade of the module: without a policy, or with one whose
# IPv6 was switched off. Its connections keep their addresses, and it drains on.
#
#	pod ------- node ------- fabric ---+-- internet4, with another address
#	10.244.1.2  192.0.2.10             +-- internet6

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/conversation.sh
. /guest/conversation.sh
# shellcheck source=tests/vm/guest/soak.sh
. /guest/soak.sh

NEW=/usr/lib/modules/ipmasq.ko
MASQUERADED="$NODE4 $NODE6"
MANY=/tmp/scenario/many

draining() {
	on node ipmasqctl show -j | jq .draining
}

# A query walks the connection table once a second.
drained() {
	[ "$(draining)" = 0 ]
}

ask_all() {
	echo "$(ask four 4) $(ask six 6)"
}

# kept: what an upgrade must not change
kept() {
	on node ipmasqctl list -j | jq -c .
	on node ipmasqctl stats -j | jq -c .
	on node ipmasqctl show -j | jq -c 'del(.memory)'
}

build_topology
configure '' --enable-ipv6
ipmasqctl module keep $NEW
converse four tcp "$INTERNET4" 20000
exec 4>/tmp/scenario/four.in
converse six tcp "$INTERNET6" 20000
exec 6>/tmp/scenario/six.in
expect_equal "$MASQUERADED" "$(ask_all)" 'conversations over IPv4 and IPv6'

note 'IPv6 drains, below a policy of both origins'
on node ipmasqctl add 198.51.100.0/24 skip
on node ipmasqctl set enable-ipv6 off
expect_equal 1 "$(draining)" 'one connection drains'
kept >/tmp/scenario/before
expect_success 'the module is replaced' ipmasqctl module upgrade $NEW
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'policy, counters and generation are the same'
expect_equal "$MASQUERADED" "$(ask_all)" 'conversations go on'
expect_source "$POD6" pod udp "$INTERNET6"
on node conntrack -D -p udp >/dev/null 2>&1

note 'without a policy'
on node ipmasqctl flush policy
expect_equal 2 "$(draining)" 'both connections drain'
expect_match '*1 with a policy or draining*' "$(ipmasqctl module)" 'module shows the namespace'
on node ipmasqctl stats -j | jq -c .connections >/tmp/scenario/before
expect_success 'the module is replaced' ipmasqctl module upgrade $NEW
expect_equal 2 "$(draining)" 'they still drain'
expect_equal 0 "$(generation)" 'no policy has come'
expect_equal "$(cat /tmp/scenario/before)" "$(on node ipmasqctl stats -j | jq -c .connections)" \
	'statistics are the same'
expect_equal "$MASQUERADED" "$(ask_all)" 'conversations go on'
expect_source "$POD4" pod udp "$INTERNET4"

note 'killed in the middle'
for pause in 0 1 2 4; do
	ipmasqctl module upgrade $NEW >/dev/null 2>&1 &
	upgrade=$!
	wait_until test -d /sys/module/ipmasq_hold
	usleep $((pause * 15000))
	kill -KILL $upgrade 2>/dev/null || :
	wait $upgrade || :
	ipmasqctl module recover
	expect_equal '2 0' "$(draining) $(generation)" "after $((pause * 15)) ms: it drains again"
	expect_equal "$MASQUERADED" "$(ask_all)" 'conversations go on'
done

note 'until they end'
exec 4>&- 6>&-
on node conntrack -F >/dev/null 2>&1
expect_soon 'nothing drains' drained
expect_success 'the module can be unloaded' rmmod ipmasq

note 'a table of two origins is in force as a whole or not at all'
load_module
printf 'nonMasqueradeCIDRs: [203.0.113.0/24]\n' >/tmp/scenario/skip
configure "$(cat /tmp/scenario/skip)"
seq 0 19999 | awk '{ printf "100.%d.%d.%d/32 skip\n", 64 + $1 / 65536, $1 / 256 % 256, $1 % 256 }' >$MANY
echo "$INTERNET4/32 masquerade" >>$MANY
on node ipmasqctl replace origin static -f $MANY
expect_source "$NODE4" pod udp "$INTERNET4"
traffic udp pod udp "$INTERNET4" 16000 timeout 1000
expect_success 'the module is replaced' ipmasqctl module upgrade $NEW
expect_source "$NODE4" pod udp "$INTERNET4"
end_traffic
expect_equal "$NODE4 " "$(addresses udp)" 'no connection came from the pod'
