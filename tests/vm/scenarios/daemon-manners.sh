#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon among its neighbours: the service manager, the log, a container's
# PID 1, and files that nobody should have to read.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node
write_config "$ONE"

# A service manager that writes down what it is told.
told() {
	grep -q -- "$1" /tmp/scenario/told
}
socat -u UNIX-RECV:/tmp/scenario/notify,type=2 \
	OPEN:/tmp/scenario/told,creat,append,wronly &
manager=$!
wait_until test -S /tmp/scenario/notify
NOTIFY_SOCKET=/tmp/scenario/notify WATCHDOG_USEC=200000 spawn_daemon
expect_soon 'READY=1 is told' told '^READY=1'
expect_soon 'with a status' told 'STATUS=Generation [0-9]* with 2 prefixes from file'
expect_equal "$ONE_ENTRIES" "$(entries)" 'once the policy is in force'
expect_soon 'the watchdog is fed' told WATCHDOG=1
kill -HUP "$DAEMON"
expect_soon 'a reload is told' told RELOADING=1
expect_soon 'with its time' told 'MONOTONIC_USEC=[0-9]'
write_config 'nonMasqueradeCIDRs: [1.2.3.4/99]'
expect_soon 'a refused file is in the status' told 'the configuration is refused'
end_daemon TERM
expect_soon 'the end is told' told STOPPING=1
kill "$manager"

# JSON lines, each of them whole.
: >"$DAEMON_LOG"
spawn_daemon --log-format json
expect_logged '"line":1' 'problems have their place in JSON'
expect_equal '' "$(jq -c 'select((.time and .level and .message) | not)' "$DAEMON_LOG")" \
	'every line is an object with time, level and message'
end_daemon TERM

# The journal takes the level from the front of the line.
: >"$DAEMON_LOG"
JOURNAL_STREAM=$(stat -L -c %d:%i "$DAEMON_LOG") spawn_daemon
expect_logged '^<3>.*refused' 'a line for the journal begins with its level'
end_daemon TERM

# As PID 1 of a container.
write_config "$ONE"
: >"$DAEMON_LOG"
ip netns exec node unshare --pid --fork --mount-proc ipmasqd --config "$CONFIG_FILE" \
	--state-dir '' >>"$DAEMON_LOG" 2>&1 &
container=$!
expect_logged 'ipmasqd [0-9]' 'it runs as PID 1'
wait_until has_policy
# Other processes come and go meanwhile, which grep must not take for its end.
first=$(grep -l "^PPid:[[:space:]]*$container\$" /proc/[0-9]*/status 2>/dev/null || :)
first=${first#/proc/}
first=${first%%/*}
on node ipmasqctl flush config
expect_entries "$ONE_ENTRIES" 'and does its work'
# An orphan becomes its child, and nobody waits for that.
on node nsenter -t "$first" -p -- sh -c 'sleep 0.5 & echo' >/dev/null
children() {
	grep -l "^PPid:[[:space:]]*$first\$" /proc/[0-9]*/status 2>/dev/null | wc -l
}
has_children() {
	[ "$(children)" = "$1" ]
}
expect_soon 'an orphan is its child' has_children 1
expect_soon 'and leaves no zombie behind' has_children 0
kill -TERM "$first"
status=0
wait "$container" || status=$?
expect_equal 0 "$status" 'SIGTERM ends it there too'

# Files that are no configuration. Each is answered at once, and the policy
# stays; the policy of before is in force and the daemon small.
rm -rf "$CONFIG_VOLUME"
mkdir "$CONFIG_VOLUME"
echo "$ONE" >"$CONFIG_FILE"
spawn_daemon --state-dir ''
wait_until has_policy
before=$(generation)
times=0
# An emulated processor takes its time over a megabyte.
WAIT_SECONDS=60
refused() {
	times=$((times + 1))
	expect_logged 'is refused, the policy stays as it was' "$1" "$times"
}
: >"$DAEMON_LOG"
head -c 1000000 /dev/zero >"$CONFIG_VOLUME/.new" && mv "$CONFIG_VOLUME/.new" "$CONFIG_FILE"
refused 'a megabyte of NUL bytes'
head -c 1000000 /dev/urandom >"$CONFIG_VOLUME/.new" && mv "$CONFIG_VOLUME/.new" "$CONFIG_FILE"
refused 'a megabyte of noise'
head -c 1000000 /dev/zero | tr '\0' '[' >"$CONFIG_VOLUME/.new" &&
	mv "$CONFIG_VOLUME/.new" "$CONFIG_FILE"
refused 'a megabyte of brackets'
awk 'BEGIN { print "a0: &a0 [x,x,x,x,x,x,x,x,x,x]"
	for (i = 1; i < 12; i++) { printf "a%d: &a%d [", i, i
		for (j = 0; j < 10; j++) printf "%s*a%d", j ? "," : "", i - 1
		print "]" }
	print "nonMasqueradeCIDRs: *a11" }' >"$CONFIG_VOLUME/.new" &&
	mv "$CONFIG_VOLUME/.new" "$CONFIG_FILE"
refused 'a billion laughs'
# The file becomes each of these in one step: a moment without it would mean the
# defaults.
becomes() {
	ln -s "$1" "$CONFIG_VOLUME/.link"
	mv -T "$CONFIG_VOLUME/.link" "$CONFIG_FILE"
}
mkfifo "$CONFIG_VOLUME/fifo" && becomes fifo
refused 'a FIFO that nobody writes'
echo "$TWO" >"$CONFIG_VOLUME/closed" && chmod 0 "$CONFIG_VOLUME/closed" && becomes closed
refused 'a file that may not be read'
mkdir "$CONFIG_VOLUME/directory" && becomes directory
refused 'a directory'
expect_equal "$before" "$(generation)" 'none of them changed the policy'
rm "$CONFIG_FILE" && ln -s ip-masq-agent "$CONFIG_FILE"
refused 'a symlink to itself'
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$DAEMON/status")
expect_success "a peak of $peak KiB is below 64 MiB" test "$peak" -lt 65536
rm "$CONFIG_FILE" && echo "$TWO" >"$CONFIG_FILE"
expect_entries "$TWO_ENTRIES" 'a good file is taken after all that'
end_daemon TERM
