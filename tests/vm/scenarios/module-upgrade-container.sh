#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module is replaced from a container as the DaemonSet's loader is one: sysfs is
# read-only, no other process or network namespace can be seen, and of the capabilities there
# are CAP_SYS_MODULE and CAP_NET_ADMIN.
#
#	pod ------- node ------- fabric ---+-- internet4   records the source of
#	10.244.1.2  192.0.2.10             +-- internet6   each packet

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/conversation.sh
. /guest/conversation.sh
# shellcheck source=tests/vm/guest/soak.sh
. /guest/soak.sh

NEW=/usr/lib/modules/ipmasq.ko
HOLD=/sys/module/ipmasq_hold

# contained COMMAND...: in the node's network
contained() {
	# shellcheck disable=SC2016 # expanded in there
	on node unshare --pid --fork --mount-proc sh -c '
		mount -o remount,bind,ro /sys && mount -t tmpfs none /run/netns &&
		exec setpriv --inh-caps=-all --bounding-set=-all,+net_admin,+sys_module "$@"' sh "$@"
}

kept() {
	on node ipmasqctl list -j | jq -c .
	on node ipmasqctl stats -j | jq -c .
	on node ipmasqctl show -j | jq -c 'del(.memory)'
}

passes() {
	on pod flow connect udp "$INTERNET4" timeout 300 >/dev/null
}

dropped() {
	! passes
}

build_topology
configure '' --enable-ipv6
on node ipmasqctl add 198.51.100.0/24 skip
expect_success 'a copy of the loaded module is kept' ipmasqctl module keep $NEW
converse four tcp "$INTERNET4" 20000
exec 4>/tmp/scenario/four.in
converse six tcp "$INTERNET6" 20000
exec 6>/tmp/scenario/six.in
expect_equal "$NODE4 $NODE6" "$(ask four 4) $(ask six 6)" 'conversations over IPv4 and IPv6'
expect_failure 2 '*Read-only file system*' 'sysfs is read-only' \
	contained sh -c 'echo 5000 >/sys/module/ipmasq/parameters/max_entries'
kept >/tmp/scenario/before

note 'under traffic'
traffic udp pod udp "$INTERNET4" 16000 timeout 1000
expect_success 'the module is replaced' contained ipmasqctl module upgrade $NEW
expect_equal "$NODE4 $NODE6" "$(ask four 4) $(ask six 6)" 'conversations go on'
end_traffic
expect_equal "$NODE4 " "$(addresses udp)" 'no connection came from the pod'
expect_failure 1 '*' 'nothing is held' test -d $HOLD
on node conntrack -D -p udp >/dev/null 2>&1

note 'policies, counters and generation'
kept >/tmp/scenario/before
expect_success 'the module is replaced' contained ipmasqctl module upgrade $NEW
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'all are the same'

note 'held since ipmasq_hold was loaded'
expect_failure 22 '*Invalid argument*' 'a word that is not known is refused' \
	on node insmod /usr/lib/modules/ipmasq_hold.ko at_load=ipv5
expect_failure 1 '*' 'and leaves nothing behind' test -d $HOLD
expect_failure 1 '*' 'the capability is needed' on node setpriv --inh-caps=-all \
	--bounding-set=-all,+sys_module insmod /usr/lib/modules/ipmasq_hold.ko at_load=ipv4
on node insmod /usr/lib/modules/ipmasq_hold.ko at_load=ipv4
expect_success 'a new connection is dropped' dropped
expect_equal "$NODE4" "$(ask four 4)" 'an established one goes on'
rmmod ipmasq_hold
expect_source "$NODE4" pod udp "$INTERNET4"

note 'two namespaces'
namespace other
on other ipmasqctl set enabled on
expect_failure 1 '*in use*' 'one that cannot be seen keeps the module' \
	contained ipmasqctl module upgrade $NEW
expect_source "$NODE4" pod udp "$INTERNET4"
expect_equal "$NODE4 $NODE6" "$(ask four 4) $(ask six 6)" 'conversations go on'
expect_failure 1 '*' 'nothing is held' test -d $HOLD
# shellcheck disable=SC2016 # expanded in there
expect_failure 1 '*more than one network namespace*nothing was changed' \
	'one that can be seen is refused before anything is touched' \
	on node unshare --mount sh -c 'mount -o remount,bind,ro /sys && exec ipmasqctl module upgrade "$1"' sh $NEW
