#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Things in the daemon's way that are none of its business: a log that nobody reads, a
# state directory with a trap in it, a file of another user, a module that does not come.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node
write_config "$ONE"

note 'a log that nobody reads'
mkfifo /tmp/scenario/pipe
exec 8<>/tmp/scenario/pipe
ip netns exec node ipmasqd --config "$CONFIG_FILE" --state-dir '' --http-address "$HTTP" \
	2>/tmp/scenario/pipe 8>&- &
DAEMON=$!
wait_until has_policy
# More lines than a pipe has room for.
printf 'nonMasqueradeCIDRs:\n' >/tmp/scenario/wrong
seq 1 600 | sed 's|.*|- 10.0.0.0/999&|' >>/tmp/scenario/wrong
write_config "$(cat /tmp/scenario/wrong)"
wait_until metric_is 0 ipmasq_config_last_reload_successful
write_config "$TWO"
expect_entries "$TWO_ENTRIES" 'a change is applied though the log is blocked'
expect_equal '200 OK' "$(http_status GET /healthz)" 'probes are answered'
# With each signal there is something to log.
lost() {
	kill -HUP "$DAEMON"
	grep -aq 'lines of the log were lost' /tmp/scenario/read
}
cat <&8 >/tmp/scenario/read &
reader=$!
expect_soon 'once somebody reads again, the number of lost lines is logged' lost
kill "$reader"
head -c 60000 /dev/zero >&8
end_daemon TERM
expect_equal 0 "$ENDED" 'SIGTERM ends it with the log blocked'
exec 8>&-

note 'a state directory with traps'
mkdir -p "$STATE"
mkfifo "$STATE/.policy.new"
spawn_daemon
expect_soon 'a FIFO is replaced and the policy is saved' test -s "$STATE/policy"
write_config "$ONE"
echo precious >/tmp/scenario/precious
ln -s /tmp/scenario/precious "$STATE/.policy.new"
expect_entries "$ONE_ENTRIES" 'a change'
expect_soon 'is saved' sh -c "! grep -q 203.0.113 $STATE/policy"
expect_equal precious "$(cat /tmp/scenario/precious)" 'no symlink is followed'
end_daemon TERM

note 'a file of another user'
rm -rf "$CONFIG_VOLUME"
mkdir "$CONFIG_VOLUME"
echo "$TWO" >"$CONFIG_FILE"
chown 1000:1000 "$CONFIG_FILE"
chmod 640 "$CONFIG_FILE"
spawn_daemon
expect_entries "$TWO_ENTRIES" 'is read'
effective() {
	sed -n 's/^CapEff:[[:space:]]*//p' "/proc/$DAEMON/status"
}
expect_equal 0000000000001000 "$(effective)" 'with a capability that is not in force otherwise'
echo "$ONE" >"$CONFIG_FILE"
expect_entries "$ONE_ENTRIES" 'and read again when it changes'
end_daemon TERM
: >"$DAEMON_LOG"
chown 0:0 "$CONFIG_FILE"
spawn_daemon
wait_until logged 'in force already'
echo "$TWO" >"$CONFIG_FILE"
chown 1000:1000 "$CONFIG_FILE"
kill -HUP "$DAEMON"
expect_logged 'runs as user 0 without CAP_DAC_READ_SEARCH' 'one that changes hands is refused with the reason'
expect_success 'by the same daemon' kill -0 "$DAEMON"
end_daemon TERM
chown 0:0 "$CONFIG_FILE"

note 'a module that does not come'
unload_module
told() {
	grep -q -- "$1" /tmp/scenario/told
}
socat -u UNIX-RECV:/tmp/scenario/notify,type=2 OPEN:/tmp/scenario/told,creat,append,wronly &
wait_until test -S /tmp/scenario/notify
NOTIFY_SOCKET=/tmp/scenario/notify spawn_daemon --start-timeout 3s --http-address "$HTTP"
expect_soon 'the service manager is asked for patience' told EXTEND_TIMEOUT_USEC
expect_soon 'the start is complete after its time' told READY=1
expect_soon 'with the reason in the status' told 'STATUS=Not ready: the kernel module'
expect_logged 'no policy is in force 3 s after the start.*NOTHING IS MASQUERADED' 'and in the log'
expect_metric 1 ipmasq_started_without_policy
expect_equal '503 Service Unavailable' "$(http_status GET /readyz)" 'it is not ready'
load_module
expect_entries "$TWO_ENTRIES" 'a module that comes later gets the policy'
end_daemon TERM
unload_module
: >/tmp/scenario/told
: >"$DAEMON_LOG"
NOTIFY_SOCKET=/tmp/scenario/notify spawn_daemon --start-timeout 0
expect_logged 'is not loaded' 'with --start-timeout 0'
sleep 4
expect_failure 1 '' 'the start is not complete without a policy' told READY=1
load_module
expect_soon 'and is with one' told READY=1
end_daemon TERM
