#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is not the policy may be missing when the daemon starts. The policy is kept all
# the same, and what was missing is used once it is there.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node
write_config "$ONE"
# An attempt comes 1, 3, 7 and 15 s after the start.
WAIT_SECONDS=20

told() {
	grep -q -- "$1" /tmp/scenario/told
}
manager() {
	rm -f /tmp/scenario/notify
	socat -u UNIX-RECV:/tmp/scenario/notify,type=2 \
		OPEN:/tmp/scenario/told,creat,append,wronly &
	MANAGER=$!
	wait_until test -S /tmp/scenario/notify
}

note 'the port for metrics'
ip netns exec node socat TCP-LISTEN:9600,bind=127.0.0.1,fork,reuseaddr - </dev/null >/dev/null 2>&1 &
squatter=$!
wait_until on node sh -c 'ss -Hltn | grep -q 127.0.0.1:9600'
manager
NOTIFY_SOCKET=/tmp/scenario/notify spawn_daemon --http-address "$HTTP"
expect_entries "$ONE_ENTRIES" 'another program has the port: the policy is in force'
expect_logged "metrics are not served: cannot listen on $HTTP: Address already in use" \
	'which is logged'
expect_soon 'and is in the status' told 'in force; metrics are not served: Address already in use'
write_config "$TWO"
expect_entries "$TWO_ENTRIES" 'a change is applied'
expect_success 'the daemon is there' kill -0 "$DAEMON"
kill "$squatter"
expect_soon 'metrics are served once the port is free' serving
expect_logged "metrics are served on $HTTP now" 'which is logged'
expect_equal 1 "$(grep -c 'metrics are not served' "$DAEMON_LOG")" 'the failure was logged once'

note 'the service manager'
kill "$MANAGER"
rm -f /tmp/scenario/told
manager
write_config "$ONE"
expect_soon 'a service manager that was restarted gets the status' told 'Generation.*2 prefixes'
end_daemon TERM
kill "$MANAGER"
rm -f /tmp/scenario/notify /tmp/scenario/told
NOTIFY_SOCKET=/tmp/scenario/notify spawn_daemon
expect_logged 'the service manager cannot be reached' 'one that is missing is logged'
manager
expect_soon 'READY=1 is sent once it is there' told READY=1
end_daemon TERM
kill "$MANAGER"

note 'the address for metrics'
HTTP=198.51.100.7:9600
spawn_daemon --http-address "$HTTP"
expect_logged 'Cannot assign requested address' 'an address that the node does not have is logged'
on node ip address add 198.51.100.7/32 dev lo
expect_soon 'metrics are served once the node has it' serving
end_daemon TERM

note 'instances of inotify'
instances=$(cat /proc/sys/fs/inotify/max_user_instances)
echo 0 >/proc/sys/fs/inotify/max_user_instances
write_config "$ONE"
spawn_daemon
expect_logged 'fs.inotify.max_user_instances is reached' 'none is left, which is logged'
expect_entries "$ONE_ENTRIES" 'the policy is in force'
echo "$instances" >/proc/sys/fs/inotify/max_user_instances
expect_logged "$CONFIG_FILE is watched now" 'the file is watched once there is one'
write_config "$TWO"
expect_entries "$TWO_ENTRIES" 'and a change is seen before the next resync'
end_daemon TERM
