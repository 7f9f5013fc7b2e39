#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A processor is taken away and given back under traffic and while tables are
# swapped: nothing is decided wrongly, and what the one that has gone had counted is
# not lost.
#
#	pod ------- node ------- fabric ---+-- internet4	masqueraded
#	  udp	  writer                   +-- peer		10.0.0.0/8, left alone

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

END=/tmp/scenario/end
ONLINE=/sys/devices/system/cpu/cpu1/online
ROUNDS=3
# Everything here may have to wait for the traffic.
WAIT_SECONDS=60

# traffic NAME DESTINATION SOURCE_PORT
traffic() {
	on pod flow connect udp "$2" until $END successive source-port "$3" \
		>"/tmp/scenario/$1" 2>&1 &
}

connections() {
	awk '{ sum += $1 == "failed" ? 0 : $2 } END { print sum + 0 }' "/tmp/scenario/$1"
}

# There are new connections.
goes_on() {
	[ "$(counter masquerade)" -gt $((masqueraded + 5)) ]
}

build_topology
printf '10.0.0.0/8 skip\n172.16.0.0/12 skip\n' >/tmp/scenario/a
printf '10.0.0.0/8 skip\n192.168.0.0/16 skip\n198.18.0.0/15 skip\n' >/tmp/scenario/b
on node ipmasqctl replace -f /tmp/scenario/a >/dev/null
if [ ! -f $ONLINE ]; then
	skip 'a processor goes and comes back' 'this VM has one, or one that stays'
	exit 0
fi
traffic internet "$INTERNET4" 1024
traffic peer "$PEER4" 30000
inside node writer swap 1000000 /tmp/scenario/a /tmp/scenario/b pause 20000 \
	>/tmp/scenario/writer 2>&1 &
writer=$!
for round in $(seq $ROUNDS); do
	for state in 0 1; do
		echo $state >$ONLINE
		masqueraded=$(counter masquerade)
		wait_until goes_on
	done
done
expect_equal 1 "$(cat $ONLINE)" "a processor went and came back $round times"
# The last connections are counted while it is away.
echo 0 >$ONLINE
touch $END
kill $writer
wait
expect_equal "$NODE4" "$(awk '{ print $1 }' /tmp/scenario/internet | sort -u)" \
	'all connections to internet4 are masqueraded'
expect_equal "$POD4" "$(awk '{ print $1 }' /tmp/scenario/peer | sort -u)" \
	'none to peer is'
expect_counter masquerade "$(connections internet)"
expect_counter cidr "$(connections peer)"
expect_equal "$(connections peer)" "$(on node ipmasqctl list -j |
	jq '.entries[] | select(.cidr == "10.0.0.0/8") | .connections')" \
	'the counter of the entry lost none'
echo 1 >$ONLINE
